"""Open tasks that nobody may do: all whom they are offered to are excluded, have left, or never were."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from engine.errors import Forbidden
from engine.model import Actor, Membership, Permission, ProcessInstance, Task, TaskCandidate, User

PAGE_SIZE = 100


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
    has_workers = select(Membership.group_id).join(User, User.key == Membership.user_key).where(User.is_active)
    offered_in_vain = exists().where(
        TaskCandidate.task_key == Task.key, TaskCandidate.kind == "group", TaskCandidate.name.not_in(has_workers)
    )
    suspects = session.execute(
        select(Task, ProcessInstance.reference)
        .join(ProcessInstance, ProcessInstance.key == Task.root_key)
        .where(
            Task.status == "open",
            Task.assignee.is_(None),
            ProcessInstance.status == "active",
            or_(Task.excluded_users != [], offered_in_vain),
        )
        .options(joinedload(Task.candidates))
        .order_by(Task.key)
    ).unique()
    found = [
        StrandedTask(
            task.key, task.name, task.root_key, reference, tuple(each.name for each in task.candidates), task.created_at
        )
        for task, reference in suspects
        if not _doers(task, members) - set(task.excluded_users)
    ]
    return tuple(found[:PAGE_SIZE])


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
        doers |= members.get(candidate.name if candidate.kind == "group" else f"={candidate.name}", set())
    return doers
