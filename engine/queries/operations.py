"""What operators watch: incidents, jobs, and mails that were not sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from engine.errors import Forbidden
from engine.model import Actor, Incident, Job, OutboxMail, Permission, ProcessInstance
from engine.queries.narrowing import counted, is_case, with_incidents

PAGE_SIZE = 100
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class IncidentRow:
    """A failure that waits for a person."""

    key: int
    case_key: int
    reference: str
    process_id: str
    element_id: str
    label: str
    template: str
    values: dict[str, Any]
    raised_at: dt.datetime
    variables: dict[str, Any]
    """The data of the instance, for mending it before the retry."""


@dataclass(frozen=True)
class JobRow:
    """Something the engine will do, or failed to do."""

    key: int
    kind: str
    status: str
    case_key: int | None
    """None for a timer that starts cases."""
    reference: str
    label: str
    service: str | None
    due: dt.datetime
    retries_left: int
    attempts: int
    last_error: str | None
    is_leased: bool


@dataclass(frozen=True)
class OutboxRow:
    """A mail that was written but not sent."""

    key: int
    case_key: int
    reference: str
    recipient: str
    subject: str
    body: str
    written_at: dt.datetime


@dataclass(frozen=True)
class Standing:
    """How the whole stands, in figures; one more than `MOST_COUNTED` is more than anybody counts."""

    active: int
    suspended: int
    ended: int
    incidents: int
    jobs_waiting: int
    jobs_overdue: int
    jobs_failed: int


def standing(session: Session, actor: Actor, now: dt.datetime) -> Standing:
    """How the whole stands now. Raises Forbidden."""
    _expect(actor, Permission.JOB_READ)

    def cases(status: str) -> Select[Any]:
        return select(ProcessInstance.key).where(is_case(), ProcessInstance.status == status)

    def jobs(*conditions: ColumnElement[bool]) -> Select[Any]:
        return select(Job.key).where(*conditions)

    waits = Job.status == "waiting"
    found = session.execute(
        select(
            counted(cases("active"), MOST_COUNTED),
            counted(cases("suspended"), MOST_COUNTED),
            counted(cases("completed"), MOST_COUNTED) + counted(cases("cancelled"), MOST_COUNTED),
            counted(with_incidents(), MOST_COUNTED),
            counted(jobs(waits), MOST_COUNTED),
            counted(jobs(waits, Job.due < now), MOST_COUNTED),
            counted(jobs(Job.status == "failed"), MOST_COUNTED),
        )
    ).one()
    return Standing(*(min(number, MOST_COUNTED + 1) for number in found))


def incidents(session: Session, actor: Actor) -> tuple[IncidentRow, ...]:
    """The open incidents, oldest first. Raises Forbidden."""
    _expect(actor, Permission.JOB_READ)
    rows = session.execute(
        select(Incident, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.key == Incident.instance_key)
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.key)
        .limit(PAGE_SIZE)
    )
    return tuple(
        IncidentRow(
            key=incident.key,
            case_key=incident.root_key,
            reference=instance.reference,
            process_id=instance.process_id,
            element_id=incident.element_id,
            label=incident.label,
            template=incident.template,
            values=incident.values,
            raised_at=incident.raised_at,
            variables=instance.variables,
        )
        for incident, instance in rows
    )


def jobs(session: Session, actor: Actor) -> tuple[JobRow, ...]:
    """The jobs that come next. Raises Forbidden."""
    _expect(actor, Permission.JOB_READ)
    rows = session.execute(
        select(Job, ProcessInstance.reference)
        .outerjoin(ProcessInstance, ProcessInstance.key == Job.instance_key)
        .order_by(Job.status, Job.due)
        .limit(PAGE_SIZE)
    )
    return tuple(
        JobRow(
            key=job.key,
            kind=job.kind,
            status=job.status,
            case_key=job.root_key,
            reference=reference or "",
            label=job.label,
            service=job.service,
            due=job.due,
            retries_left=job.retries_left,
            attempts=job.attempts,
            last_error=job.last_error,
            is_leased=job.lease_token is not None,
        )
        for job, reference in rows
    )


def outbox(session: Session, actor: Actor) -> tuple[OutboxRow, ...]:
    """The newest mails that were written but not sent. Raises Forbidden."""
    _expect(actor, Permission.OUTBOX_READ)
    rows = session.execute(
        select(OutboxMail, ProcessInstance.reference)
        .join(ProcessInstance, ProcessInstance.key == OutboxMail.root_key)
        .order_by(OutboxMail.written_at.desc(), OutboxMail.key.desc())
        .limit(PAGE_SIZE)
    )
    return tuple(
        OutboxRow(mail.key, mail.root_key, reference, mail.recipient, mail.subject, mail.body, mail.written_at)
        for mail, reference in rows
    )


def _expect(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise Forbidden("Expected the permission '{permission}', but you do not have it.", permission=permission.value)
