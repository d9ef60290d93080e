"""Open tasks that nobody may do: all whom they are offered to are excluded, have left, or never were."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, literal_column, select
from sqlalchemy.orm import Session, selectinload

from engine.errors import Forbidden
from engine.model import Actor, Permission, ProcessInstance, Task, TaskCandidate, User
from engine.queries.work import is_open

PAGE_SIZE = 100
MOST_SUSPECTS = 2_000


@dataclass(frozen=True)
class StrandedTask:
    """A task that waits, although nobody can take it until a team lead gives it to somebody."""

    key: int
    name: str
    case_key: int
    reference: str
    offered_to: tuple[str, ...]
    """Ids of the groups and user names."""
    since: dt.datetime


def stranded(session: Session, actor: Actor) -> tuple[StrandedTask, ...]:
    """The tasks that nobody may do, oldest first. Raises Forbidden."""
    if not (actor.may(Permission.TASK_ASSIGN) or actor.may(Permission.JOB_READ)):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.", permission=Permission.TASK_ASSIGN.value
        )
    members = _members(session)
    keys = _suspects(session, members)
    suspects = session.execute(
        select(Task, ProcessInstance.reference)
        .join(ProcessInstance, ProcessInstance.key == Task.root_key)
        .where(Task.key.in_(keys), _is_free(), ProcessInstance.status == "active")
        .options(selectinload(Task.candidates))
        .order_by(Task.key)
    )
    found = [
        StrandedTask(
            task.key, task.name, task.root_key, reference, tuple(each.name for each in task.candidates), task.created_at
        )
        for task, reference in suspects
        if not _doers(task, members) - set(task.excluded_users)
    ]
    return tuple(found[:PAGE_SIZE])


def _suspects(session: Session, members: dict[str, set[str]]) -> set[int]:
    """Tasks that may be stranded: with a place that nobody is left in; which places those are, few rows tell."""
    offered = session.execute(
        select(TaskCandidate.kind, TaskCandidate.name).where(TaskCandidate.task_status == "open").distinct()
    )
    empty = [(kind, name) for kind, name in offered if not members.get(_place(kind, name))]
    found: set[int] = set()
    for kind, name in empty:
        found |= set(
            session.scalars(
                select(TaskCandidate.task_key)
                .where(TaskCandidate.task_status == "open", TaskCandidate.kind == kind, TaskCandidate.name == name)
                .order_by(TaskCandidate.task_key).limit(MOST_SUSPECTS)
            )
        )  # fmt: skip
    is_barring = and_(_is_free(), literal_column("task.excluded_users <> '[]'"))
    excluding = session.execute(
        select(Task.excluded_users, TaskCandidate.kind, TaskCandidate.name)
        .outerjoin(TaskCandidate, TaskCandidate.task_key == Task.key)
        .where(is_barring)
        .distinct()
    )
    barred = {
        tuple(excluded)
        for excluded, kind, name in excluding
        if kind is None or not members.get(_place(kind, name), set()) - set(excluded)
    }
    if barred:
        of_barred = Task.excluded_users.in_([list(excluded) for excluded in barred])
        found |= set(session.scalars(select(Task.key).where(is_barring, of_barred).limit(MOST_SUSPECTS)))
    return found


def _is_free() -> ColumnElement[bool]:
    return and_(is_open(), Task.assignee.is_(None))


def _place(kind: str, name: str) -> str:
    return name if kind == "group" else f"={name}"


def _members(session: Session) -> dict[str, set[str]]:
    """Group id, or user name behind `=`, → the active people who may work on tasks."""
    members: dict[str, set[str]] = {}
    users = session.scalars(
        select(User).where(User.is_active).options(selectinload(User.roles), selectinload(User.memberships))
    )
    for user in users:
        if user.actor().may(Permission.TASK_WORK):
            for place in (f"={user.username}", *(membership.group_id for membership in user.memberships)):
                members.setdefault(place, set()).add(user.username)
    return members


def _doers(task: Task, members: dict[str, set[str]]) -> set[str]:
    doers: set[str] = set()
    for candidate in task.candidates:
        doers |= members.get(_place(candidate.kind, candidate.name), set())
    return doers
