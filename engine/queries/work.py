"""Human work: the inbox and one task whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, Text, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased, defer, joinedload, selectinload

from engine import plain
from engine.errors import Forbidden
from engine.model import Actor, Definition, Group, Permission, ProcessInstance, Task, TaskCandidate, User

PAGE_SIZE = 50

View = Literal["mine", "groups", "later", "all"]
"""The actor's own tasks; those offered to him; those he put off; everybody's."""
Sort = Literal["due", "priority", "newest", "oldest", "case"]
VIEWS: tuple[View, ...] = get_args(View)
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True)
class TaskRow:
    """A task in a list."""

    key: int
    name: str
    reference: str
    subject: str
    case_key: int
    process_name: str
    assignee: str | None
    assignee_name: str
    offered_to: tuple[str, ...]
    """Names of the groups and people it is offered to."""
    due: dt.datetime | None
    due_soon: dt.datetime | None
    """When the deadline begins to press: three quarters of the time are gone."""
    follow_up: dt.datetime | None
    priority: int
    created_at: dt.datetime
    is_mine: bool
    is_paused: bool
    """Its case rests; nothing can be done until somebody resumes it."""
    may_claim: bool
    may_release: bool


@dataclass(frozen=True)
class Counts:
    """How many tasks each view of the inbox holds; `everybody` is none for who may not see it."""

    mine: int
    groups: int
    later: int
    everybody: int | None
    overdue: int
    """Of the actor's own."""


@dataclass(frozen=True)
class Inbox:
    """One page of a view of the inbox."""

    view: View
    rows: tuple[TaskRow, ...]
    total: int
    page: int
    pages: int
    counts: Counts
    processes: tuple[tuple[str, str], ...]
    """What the view can be narrowed to: (process id, name)."""


def inbox(
    session: Session,
    actor: Actor,
    *,
    now: dt.datetime,
    view: View = "mine",
    search: str = "",
    process_id: str = "",
    only_overdue: bool = False,
    sort: Sort = "due",
    page: int = 1,
    size: int = PAGE_SIZE,
) -> Inbox:
    """The tasks of one view, the most pressing first, `size` on a page. Raises Forbidden."""
    wanted = _tasks().where(_in_view(actor, view, now))
    processes = _processes(session, wanted)
    wanted = _narrowed(wanted, search, process_id, now if only_overdue else None)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    tasks = session.scalars(_loaded(wanted).order_by(*_order(sort)).limit(size).offset((page - 1) * size)).all()
    return Inbox(view, rows(session, actor, tasks), total, page, pages, counts(session, actor, now=now), processes)


def counts(session: Session, actor: Actor, *, now: dt.datetime) -> Counts:
    """How many tasks each view holds."""

    def count(*conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(_tasks().where(*conditions).subquery())) or 0

    return Counts(
        mine=count(_in_view(actor, "mine", now)),
        groups=count(_in_view(actor, "groups", now)),
        later=count(_in_view(actor, "later", now)),
        everybody=count() if actor.may(Permission.TASK_READ_ALL) else None,
        overdue=count(_in_view(actor, "mine", now), Task.due <= now),
    )


def next_task(session: Session, actor: Actor, *, now: dt.datetime, after: int) -> int | None:
    """The key of the most pressing task of the actor's own, but for the one he just did."""
    return session.scalar(
        _tasks().with_only_columns(Task.key)
        .where(_in_view(actor, "mine", now), Task.key != after)
        .order_by(*_order("due")).limit(1)
    )  # fmt: skip


def rows(session: Session, actor: Actor, tasks: Sequence[Task]) -> tuple[TaskRow, ...]:
    """Tasks as lists show them, with the names of the people and groups in them."""
    users = {task.assignee for task in tasks if task.assignee}
    users |= {each.name for task in tasks for each in task.candidates if each.kind == "user"}
    groups = {each.name for task in tasks for each in task.candidates if each.kind == "group"}
    names = {("user", name): text for name, text in _names(session, User.username, User.name, users)}
    names |= {("group", name): text for name, text in _names(session, Group.group_id, Group.name, groups)}
    return tuple(_row(task, actor, names) for task in tasks)


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """The condition on tasks that the actor may see: his own, those offered to him, those he did, or all."""
    if actor.may(Permission.TASK_READ_ALL):
        return Task.key.is_not(None)
    if not actor.may(Permission.TASK_WORK):
        return Task.key.is_(None)
    return or_(Task.assignee == actor.username, Task.completed_by == actor.username, is_offered_to(actor))


def is_offered_to(actor: Actor) -> ColumnElement[bool]:
    return exists().where(
        TaskCandidate.task_key == Task.key,
        or_(
            and_(TaskCandidate.kind == "user", TaskCandidate.name == actor.username),
            and_(TaskCandidate.kind == "group", TaskCandidate.name.in_(actor.groups)),
        ),
    )


def _tasks() -> Select[Task]:
    return select(Task).join(Task.instance).where(Task.status == "open")


def _loaded(wanted: Select[Task]) -> Select[Task]:
    """With what `rows` reads, and without the large columns, which it does not."""
    return wanted.options(
        selectinload(Task.candidates),
        joinedload(Task.instance).options(
            defer(ProcessInstance.variables),
            joinedload(ProcessInstance.definition).defer(Definition.outline),
        ),
    )


def _in_view(actor: Actor, view: View, now: dt.datetime) -> ColumnElement[bool]:
    is_now = or_(Task.follow_up.is_(None), Task.follow_up <= now)
    if view == "all":
        if not actor.may(Permission.TASK_READ_ALL):
            raise Forbidden(
                "Expected the permission '{permission}', but you do not have it.",
                permission=Permission.TASK_READ_ALL.value,
            )
        return Task.key.is_not(None)
    if view == "mine":
        return and_(Task.assignee == actor.username, is_now)
    if view == "later":
        return and_(Task.assignee == actor.username, Task.follow_up > now)
    name = plain.dumps(actor.username)
    is_excluded = type_coerce(Task.excluded_users, Text).contains(name, autoescape=True)
    return and_(Task.assignee.is_(None), is_offered_to(actor), ~is_excluded)


def _narrowed(wanted: Select[Task], search: str, process_id: str, overdue_at: dt.datetime | None) -> Select[Task]:
    if words := search.strip():
        assignee = aliased(User)
        wanted = wanted.outerjoin(assignee, assignee.username == Task.assignee).where(
            or_(
                ProcessInstance.reference.icontains(words, autoescape=True),
                ProcessInstance.subject.icontains(words, autoescape=True),
                Task.name.icontains(words, autoescape=True),
                assignee.name.icontains(words, autoescape=True),
            )
        )
    if process_id:
        wanted = wanted.where(ProcessInstance.process_id == process_id)
    if overdue_at is not None:
        wanted = wanted.where(Task.due <= overdue_at)
    return wanted


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    pressing: tuple[Any, ...] = (Task.due.is_(None), Task.due, Task.priority.desc(), Task.key)
    if sort == "priority":
        return (Task.priority.desc(), *pressing)
    if sort == "newest":
        return (Task.key.desc(),)
    if sort == "oldest":
        return (Task.key.asc(),)
    if sort == "case":
        return (ProcessInstance.reference.asc(), Task.key.asc())
    return pressing


def _processes(session: Session, wanted: Select[Task]) -> tuple[tuple[str, str], ...]:
    found = session.execute(
        wanted.join(ProcessInstance.definition)
        .with_only_columns(ProcessInstance.process_id, func.max(Definition.name))
        .group_by(ProcessInstance.process_id)
    )
    return tuple(sorted(found, key=lambda each: each[1]))


def _names(session: Session, column: Any, name: Any, wanted: set[str]) -> Sequence[tuple[str, str]]:
    return session.execute(select(column, name).where(column.in_(wanted))).all() if wanted else ()


def _row(task: Task, actor: Actor, names: dict[tuple[str, str], str]) -> TaskRow:
    instance = task.instance
    is_active = instance.status == "active"
    is_allowed = actor.may(Permission.TASK_WORK) and actor.username not in task.excluded_users
    return TaskRow(
        key=task.key,
        name=task.name,
        reference=instance.reference,
        subject=instance.subject,
        case_key=task.root_key,
        process_name=instance.definition.name,
        assignee=task.assignee,
        assignee_name=names.get(("user", task.assignee), task.assignee) if task.assignee else "",
        offered_to=tuple(names.get((each.kind, each.name), each.name) for each in task.candidates),
        due=task.due,
        due_soon=pressing_from(task.created_at, task.due),
        follow_up=task.follow_up,
        priority=task.priority,
        created_at=task.created_at,
        is_mine=task.assignee == actor.username,
        is_paused=not is_active,
        may_claim=is_active and is_allowed and task.assignee is None and task.is_offered_to(actor),
        may_release=is_active and task.assignee == actor.username and bool(task.candidates),
    )


def pressing_from(begin: dt.datetime, due: dt.datetime | None) -> dt.datetime | None:
    """When a deadline begins to press: three quarters of the time are gone."""
    return begin + (due - begin) * 0.75 if due else None
