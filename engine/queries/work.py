"""Human work: the inbox and one task whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union,
)  # fmt: skip
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from engine import plain
from engine.errors import Forbidden
from engine.model import Actor, Definition, Group, Permission, ProcessInstance, Task, TaskCandidate, User
from engine.queries.narrowing import FEW, counted, few, holds, is_of, mentioning, mentions, read_page

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
    """How many tasks each view of the inbox holds, at most one more than `FEW`; `everybody` is none for who may not
    see it."""

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
    is_at_least: bool
    """There are more than `total`; nobody counts them all."""
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
    whole = few(session, _keys_in_view(actor, view))
    processes = _processes(session, None if whole is None else wanted.where(Task.key.in_(whole)))
    wanted, narrower = _narrowed(
        session, wanted, search, process_id, now if only_overdue else None, is_of_few=whole is not None
    )
    keys = few(session, *narrower) if whole is None else whole
    if keys is not None:
        wanted = wanted.where(Task.key.in_(keys))
    found, where = read_page(session, wanted.with_only_columns(Task.key).order_by(*_order(sort)), keys, size, page)
    tasks = {task.key: task for task in session.scalars(_loaded(_tasks().where(Task.key.in_(found))))}
    listed = rows(session, actor, [tasks[key] for key in found])
    return Inbox(
        view, listed, where.total, where.page, where.pages, where.is_at_least,
        counts(session, actor, now=now), processes,
    )  # fmt: skip


def counts(session: Session, actor: Actor, *, now: dt.datetime) -> Counts:
    """How many tasks each view holds, as far as one more than `FEW`."""

    def own(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
        return counted(select(Task.key).where(is_open(), *conditions))

    mine = _in_view(actor, "mine", now)
    sees_all = actor.may(Permission.TASK_READ_ALL)
    found = session.execute(
        select(
            own(mine),
            counted(_keys_in_view(actor, "groups")),
            own(_in_view(actor, "later", now)),
            counted(_keys_in_view(actor, "all")) if sees_all else literal_column("NULL"),
            own(mine, Task.due <= now),
        )
    ).one()
    return Counts(*found)


def next_task(session: Session, actor: Actor, *, now: dt.datetime, after: int) -> int | None:
    """The key of the most pressing task of the actor's own, but for the one he just did."""
    return session.scalar(
        select(Task.key)
        .where(is_open(), _in_view(actor, "mine", now), Task.key != after)
        .order_by(*_order("due")).limit(1)
    )  # fmt: skip


def title(session: Session, actor: Actor, key: int) -> tuple[str, str] | None:
    """The name of a task and the reference of its case, for saying what was done; none when it is not visible."""
    row = session.execute(
        select(Task.name, ProcessInstance.reference).join(Task.instance).where(Task.key == key, is_visible(actor))
    ).first()
    return (row[0], row[1]) if row else None


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


def is_open() -> ColumnElement[bool]:
    # Spelled out, since a parameter would hide from SQLite that the indexes of open tasks are meant.
    return Task.status == literal_column("'open'")


def _tasks() -> Select[Task]:
    return select(Task).join(Task.instance).where(is_open())


def _keys_in_view(actor: Actor, view: View) -> Select[Any]:
    """The open tasks of a view by its index: all, one's own, or those offered to one that nobody has."""
    if view == "all":
        return select(Task.key).where(is_open()).order_by(Task.created_at)
    if view != "groups":
        return select(Task.key).where(is_open(), Task.assignee == actor.username)
    places = [("user", actor.username), *(("group", group) for group in sorted(actor.groups))]
    offered = [
        select(Task.key)
        .join(TaskCandidate, TaskCandidate.task_key == Task.key)
        .where(TaskCandidate.task_status == "open", TaskCandidate.kind == kind, TaskCandidate.name == name)
        .where(Task.assignee.is_(None), ~_is_excluded(actor))
        .limit(FEW + 1)
        .subquery()
        for kind, name in places
    ]
    return select(literal_column("*")).select_from(union(*(select(part) for part in offered)).subquery())


def _is_excluded(actor: Actor) -> ColumnElement[bool]:
    return type_coerce(Task.excluded_users, Text).contains(plain.dumps(actor.username), autoescape=True)


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
    # The joined text keeps SQLite from gathering and sorting all free tasks by an index of assignees.
    is_free = Task.assignee.concat("").is_(None)
    return and_(is_free, is_offered_to(actor), ~_is_excluded(actor))


def _narrowed(
    session: Session,
    wanted: Select[Task],
    search: str,
    process_id: str,
    overdue_at: dt.datetime | None,
    *,
    is_of_few: bool,
) -> tuple[Select[Task], list[Select[Any]]]:
    """The tasks that fit, and the selections by index of which the rarest is worth looking up."""
    narrower: list[Select[Any]] = []
    if process_id:
        wanted = wanted.where(is_of(process_id))
        runs = ProcessInstance.status.in_(("active", "suspended"))
        narrower.append(
            select(Task.key).join(Task.instance).where(is_open(), ProcessInstance.process_id == process_id, runs)
        )
    if words := search.strip():
        roots = None if is_of_few else few(session, mentioning(session, words))
        people = session.scalars(
            select(User.username).where(User.name.icontains(words, autoescape=True)).limit(FEW)
        ).all()
        of_task = or_(Task.name.icontains(words, autoescape=True), Task.assignee.in_(people))
        if roots is None:
            wanted = wanted.where(or_(holds(words) if is_of_few else mentions(session, words), of_task))
        else:
            fits = or_(Task.root_key.in_(roots), of_task)
            wanted = wanted.where(fits)
            # In the order of an index that holds all that is asked, so that no task itself is read.
            narrower.append(select(Task.key).where(is_open(), fits).order_by(Task.root_key, Task.key))
    if overdue_at is not None:
        wanted = wanted.where(Task.due <= overdue_at)
    return wanted, narrower


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    pressing: tuple[Any, ...] = (Task.due.is_(None), Task.due, Task.priority.desc(), Task.key)
    if sort == "priority":
        return (Task.priority.desc(), *pressing)
    if sort == "newest":
        return (Task.created_at.desc(), Task.key.desc())
    if sort == "oldest":
        return (Task.created_at.asc(), Task.key.asc())
    if sort == "case":
        return (Task.root_key.asc(), Task.key.asc())
    return pressing


def _processes(session: Session, wanted: Select[Task] | None) -> tuple[tuple[str, str], ...]:
    """The processes of the tasks that are wanted; those that have open cases when the tasks are too many to look at."""
    if wanted is None:
        is_running = exists().where(
            ProcessInstance.process_id == Definition.definition_id,
            ProcessInstance.status.in_(("active", "suspended")),
        )
        statement = select(Definition.definition_id, func.max(Definition.name)).where(
            Definition.kind == "process", is_running
        )
        found = session.execute(statement.group_by(Definition.definition_id))
    else:
        found = session.execute(
            wanted.join(ProcessInstance.definition)
            .with_only_columns(ProcessInstance.process_id, func.max(Definition.name))
            .group_by(ProcessInstance.process_id)
        )
    return tuple(sorted(((id, name) for id, name in found), key=lambda each: each[1]))


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
