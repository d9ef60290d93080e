"""Cases: the list, and one case whole, with its place on the diagram."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.errors import NotFound
from engine.model import (
    Actor,
    Incident,
    Job,
    ProcessInstance,
    Subscription,
    Task,
)  # fmt: skip
from engine.model.access import expect_visible

PAGE_SIZE = 50


@dataclass(frozen=True)
class OpenTask:
    """A task of a case that waits for somebody."""

    key: int
    name: str
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due: dt.datetime | None
    created_at: dt.datetime


@dataclass(frozen=True)
class Waiting:
    """Something else that a case waits for: a time, a message, a service."""

    kind: str
    """timer, service, message or signal."""
    element_id: str
    label: str
    name: str
    due: dt.datetime | None


@dataclass(frozen=True)
class CustomerWord:
    """Something that the customer can tell now on the status page, and staff in the customer's name."""

    key: int
    label: str


@dataclass(frozen=True)
class CaseIncident:
    """A failure in a case that waits for a person."""

    key: int
    element_id: str
    label: str
    template: str
    values: dict[str, Any]
    raised_at: dt.datetime


@dataclass(frozen=True)
class PartOfCase:
    """One instance of a case: the case itself, or a process that it called."""

    key: int
    process_id: str
    process_name: str
    version: int
    definition_key: int
    status: str
    depth: int


@dataclass(frozen=True)
class CaseView:
    """One case, whole."""

    key: int
    reference: str
    subject: str
    process_id: str
    process_name: str
    version: int
    version_tag: str | None
    definition_key: int
    status: str
    initiator: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    stage: str | None
    promised: dt.datetime | None
    variables: dict[str, Any]
    tasks: tuple[OpenTask, ...]
    waiting: tuple[Waiting, ...]
    incidents: tuple[CaseIncident, ...]
    parts: tuple[PartOfCase, ...]
    customer_words: tuple[CustomerWord, ...]


def case(session: Session, actor: Actor, key: int) -> CaseView:
    """One case. `key` may be that of a called instance: the case is the root's. Raises NotFound."""
    root_key = session.scalar(select(ProcessInstance.root_key).where(ProcessInstance.key == key))
    if root_key is None:
        raise NotFound("Expected to find case '{case}', but there is none that you may see.", case=key)
    expect_visible(session, actor, root_key)
    root = session.get_one(ProcessInstance, root_key, options=[joinedload(ProcessInstance.definition)])
    return CaseView(
        key=root.key,
        reference=root.reference,
        subject=root.subject,
        process_id=root.process_id,
        process_name=root.definition.name,
        version=root.definition.version,
        version_tag=root.definition.version_tag,
        definition_key=root.definition_key,
        status=root.status,
        initiator=root.initiator,
        started_at=root.started_at,
        ended_at=root.ended_at,
        stage=root.stage,
        promised=root.promised,
        variables=root.variables,
        tasks=_open_tasks(session, root_key),
        waiting=_waiting(session, root_key),
        incidents=_incidents(session, root_key),
        parts=_parts(session, root_key),
        customer_words=_customer_words(session, root_key),
    )


def _open_tasks(session: Session, root_key: int) -> tuple[OpenTask, ...]:
    tasks = session.scalars(
        select(Task).where(Task.root_key == root_key, Task.status == "open")
        .options(joinedload(Task.candidates)).order_by(Task.key)
    ).unique()  # fmt: skip
    return tuple(
        OpenTask(
            key=task.key,
            name=task.name,
            assignee=task.assignee,
            candidate_users=tuple(candidate.name for candidate in task.candidates if candidate.kind == "user"),
            candidate_groups=tuple(candidate.name for candidate in task.candidates if candidate.kind == "group"),
            due=task.due,
            created_at=task.created_at,
        )
        for task in tasks
    )


def _waiting(session: Session, root_key: int) -> tuple[Waiting, ...]:
    jobs = session.scalars(select(Job).where(Job.root_key == root_key, Job.kind != "batch").order_by(Job.due))
    found = [
        Waiting(job.kind, job.element_id, job.label, job.service or "", job.due if job.kind == "timer" else None)
        for job in jobs
    ]
    subscriptions = session.scalars(
        select(Subscription).where(Subscription.root_key == root_key).order_by(Subscription.key)
    )
    found += [Waiting(row.kind, row.element_id, row.label, row.name, None) for row in subscriptions]
    return tuple(found)


def _customer_words(session: Session, root_key: int) -> tuple[CustomerWord, ...]:
    rows = session.execute(
        select(Subscription.key, Subscription.label)
        .where(Subscription.root_key == root_key, Subscription.form_id.is_not(None))
        .order_by(Subscription.key)
    )
    return tuple(CustomerWord(key, label) for key, label in rows)


def _incidents(session: Session, root_key: int) -> tuple[CaseIncident, ...]:
    rows = session.scalars(
        select(Incident).where(Incident.root_key == root_key, Incident.resolved_at.is_(None)).order_by(Incident.key)
    )
    return tuple(
        CaseIncident(row.key, row.element_id, row.label, row.template, row.values, row.raised_at) for row in rows
    )


def _parts(session: Session, root_key: int) -> tuple[PartOfCase, ...]:
    rows = session.scalars(
        select(ProcessInstance).where(ProcessInstance.root_key == root_key)
        .options(joinedload(ProcessInstance.definition)).order_by(ProcessInstance.key)
    ).all()  # fmt: skip
    depths: dict[int, int] = {}
    for row in rows:
        depths[row.key] = depths[row.parent_key] + 1 if row.parent_key in depths else 0
    return tuple(
        PartOfCase(
            key=row.key,
            process_id=row.process_id,
            process_name=row.definition.name,
            version=row.definition.version,
            definition_key=row.definition_key,
            status=row.status,
            depth=depths[row.key],
        )
        for row in rows
    )


