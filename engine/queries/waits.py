"""What all cases of a small database wait for, such as a sandbox's, and what can begin one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from engine.errors import Forbidden
from engine.model import (
    Actor,
    Definition,
    Incident,
    Job,
    LogEntry,
    OutboxMail,
    Permission,
    ProcessInstance,
    Subscription,
    Task,
)  # fmt: skip


@dataclass(frozen=True)
class Wait:
    """Something that a case waits for, or that would begin one."""

    kind: str
    """task, service, message, signal, conditional, timer or incident."""
    key: int
    element_id: str
    label: str
    name: str = ""
    """Type of the service; name of the message or signal."""
    due: dt.datetime | None = None
    root_key: int | None = None
    process_id: str = ""
    reference: str = ""
    definition_key: int | None = None
    """The process in which it is or, for what would begin a case, which it would begin."""
    correlation_key: str = ""
    form_id: str | None = None
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    assignee: str | None = None
    excluded: tuple[str, ...] = ()
    """Who may not do the task, since they did what it checks."""
    variables: dict[str, Any] = field(default_factory=dict)
    """What a service is asked with."""
    template: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    """What an incident says."""


@dataclass(frozen=True)
class Due:
    """A job that goes on by itself when its time comes."""

    key: int
    kind: str
    due: dt.datetime
    starts: bool
    """It begins a case."""
    service: str


@dataclass(frozen=True)
class Part:
    """One instance: a case, or a process that a case called."""

    key: int
    root_key: int
    process_id: str
    definition_key: int
    status: str
    reference: str
    variables: dict[str, Any]
    outline: dict[str, Any]
    name: str

    @property
    def is_root(self) -> bool:
        return self.key == self.root_key


@dataclass(frozen=True)
class KeptMail:
    """A mail that was written and not sent."""

    recipient: str
    subject: str
    body: str
    written_at: dt.datetime


@dataclass(frozen=True)
class Beginning:
    """A way in which cases of a process begin."""

    process_id: str
    name: str
    element_id: str
    """The start event; empty for the plain one."""
    kind: str
    """none, message, signal, timer or conditional."""
    label: str
    form_id: str | None


def waits(session: Session, actor: Actor) -> tuple[Wait, ...]:
    """Everything that running cases wait for, in the order in which it came. Raises Forbidden."""
    _expect_reader(actor)
    parts = {
        key: (process_id, reference, definition_key)
        for key, process_id, reference, definition_key in session.execute(
            select(
                ProcessInstance.key, ProcessInstance.process_id, ProcessInstance.reference,
                ProcessInstance.definition_key,
            )
        )
    }  # fmt: skip
    found = [*_tasks(session, parts), *_jobs(session, parts), *_subscriptions(session, parts)]
    for row in session.scalars(select(Incident).where(Incident.resolved_at.is_(None))):
        place = _place(parts, row.instance_key, row.root_key)
        found.append(
            Wait("incident", row.key, row.element_id, row.label, template=row.template, values=row.values, **place)
        )
    return tuple(sorted(found, key=lambda wait: wait.key))


def dues(session: Session, actor: Actor) -> tuple[Due, ...]:
    """What goes on by itself, in the order in which it is done. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.execute(
        select(Job.key, Job.kind, Job.due, Job.root_key, Job.definition_key, Job.service)
        .where(Job.status == "waiting")
        .order_by(Job.due, Job.key)
    )
    return tuple(
        Due(key, kind, due, kind == "timer" and root is None, service or "")
        for key, kind, due, root, _, service in rows
    )


def parts(session: Session, actor: Actor) -> tuple[Part, ...]:
    """All instances, in the order in which they began. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.scalars(
        select(ProcessInstance).options(joinedload(ProcessInstance.definition)).order_by(ProcessInstance.key)
    )
    return tuple(
        Part(row.key, row.root_key, row.process_id, row.definition_key, row.status, row.reference, row.variables,
             row.definition.outline, row.definition.name)
        for row in rows
    )  # fmt: skip


def told(session: Session, actor: Actor) -> int:
    """How much the log tells of all cases. Raises Forbidden."""
    _expect_reader(actor)
    roots = select(ProcessInstance.key).where(ProcessInstance.parent_key.is_(None))
    return session.scalar(select(func.count()).where(LogEntry.stream_key.in_(roots))) or 0


def mails(session: Session, actor: Actor) -> tuple[KeptMail, ...]:
    """The mails in the outbox, oldest first. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.scalars(select(OutboxMail).order_by(OutboxMail.key))
    return tuple(KeptMail(row.recipient, row.subject, row.body, row.written_at) for row in rows)


def beginnings(session: Session, actor: Actor) -> tuple[Beginning, ...]:
    """The ways in which cases begin, by process. Raises Forbidden."""
    _expect_reader(actor)
    definitions = _newest(session)
    special = [
        (row.definition_key, row.element_id, row.kind, row.label or row.name)
        for row in session.scalars(select(Subscription).where(Subscription.definition_key.is_not(None)))
    ]
    special += [
        (row.definition_key, row.element_id, "timer", row.label)
        for row in session.scalars(select(Job).where(Job.kind == "timer", Job.root_key.is_(None)))
    ]
    found: list[Beginning] = []
    for row in definitions:
        own = [each for each in special if each[0] == row.key]
        starts = {id for id, element in row.outline["elements"].items() if element["kind"] == "startEvent"}
        if starts - {each[1] for each in own}:
            found.append(Beginning(row.definition_id, row.name, "", "none", "", row.outline.get("start_form")))
        found += [
            Beginning(row.definition_id, row.name, element, kind, label or element, None)
            for _, element, kind, label in own
        ]
    return tuple(found)


def beginning(session: Session, actor: Actor, process_id: str, element_id: str) -> Wait | None:
    """What begins cases of a process at an element; none when nothing does. Raises Forbidden."""
    _expect_reader(actor)
    definition = next((row for row in _newest(session) if row.definition_id == process_id), None)
    if definition is None:
        return None
    row = session.scalars(
        select(Subscription).where(
            Subscription.definition_key == definition.key, Subscription.element_id == element_id
        )
    ).first()
    if row is not None:
        return Wait(row.kind, row.key, element_id, row.label, name=row.name, definition_key=definition.key)
    job = session.scalars(
        select(Job).where(
            Job.definition_key == definition.key, Job.element_id == element_id, Job.kind == "timer",
            Job.root_key.is_(None),
        )
    ).first()  # fmt: skip
    if job is None:
        return None
    return Wait("timer", job.key, element_id, job.label, due=job.due, definition_key=definition.key)


def process_outlines(session: Session, actor: Actor) -> dict[str, dict[str, Any]]:
    """The outline of the newest version of each process, by its id. Raises Forbidden."""
    _expect_reader(actor)
    return {row.definition_id: {**row.outline, "name": row.name, "key": row.key} for row in _newest(session)}


def _newest(session: Session) -> list[Definition]:
    newest: dict[str, Definition] = {}
    rows = session.scalars(
        select(Definition).where(Definition.kind == "process").order_by(Definition.version, Definition.name)
    )
    for row in rows:
        newest[row.definition_id] = row
    return sorted(newest.values(), key=lambda row: row.name)


_Places = dict[int, tuple[str, str, int]]


def _place(parts: _Places, instance_key: int | None, root_key: int | None) -> dict[str, Any]:
    process_id, reference, definition_key = parts.get(instance_key or 0, ("", "", None))
    return {
        "root_key": root_key, "process_id": process_id, "reference": reference, "definition_key": definition_key
    }  # fmt: skip


def _tasks(session: Session, parts: _Places) -> list[Wait]:
    rows = session.scalars(
        select(Task).where(Task.status == "open").options(joinedload(Task.candidates)).order_by(Task.key)
    ).unique()
    return [
        Wait(
            "task", row.key, row.element_id, row.name, due=row.due, assignee=row.assignee,
            groups=tuple(sorted(each.name for each in row.candidates if each.kind == "group")),
            users=tuple(sorted(each.name for each in row.candidates if each.kind == "user")),
            excluded=tuple(row.excluded_users), name=row.action, **_place(parts, row.instance_key, row.root_key),
        )
        for row in rows
    ]  # fmt: skip


def _jobs(session: Session, parts: _Places) -> list[Wait]:
    rows = session.scalars(
        select(Job).where(Job.kind.in_(("timer", "service")), Job.root_key.is_not(None), Job.status == "waiting")
    )
    return [
        Wait(row.kind, row.key, row.element_id, row.label, name=row.service or "", due=row.due,
             variables=row.variables, **_place(parts, row.instance_key, row.root_key))
        for row in rows
    ]  # fmt: skip


def _subscriptions(session: Session, parts: _Places) -> list[Wait]:
    rows = session.scalars(select(Subscription).where(Subscription.instance_key.is_not(None)))
    return [
        Wait(row.kind, row.key, row.element_id, row.label, name=row.name, correlation_key=row.correlation_key,
             form_id=row.form_id, **_place(parts, row.instance_key, row.root_key))
        for row in rows
    ]  # fmt: skip


def _expect_reader(actor: Actor) -> None:
    if not actor.may(Permission.CASE_READ_ALL):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.",
            permission=Permission.CASE_READ_ALL.value,
        )
