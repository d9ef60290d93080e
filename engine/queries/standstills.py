"""What stands still without having failed: jobs that nobody takes, cases that rest for long, cases that only wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.errors import Forbidden
from engine.model import Actor, Incident, Job, LogEntry, Permission, ProcessInstance, Subscription, Task
from engine.queries.narrowing import is_case

PAGE_SIZE = 100
MOST_RESTING = 2_000
"""So many cases at rest are looked at, the oldest first."""
UNTAKEN_AFTER = dt.timedelta(minutes=5)
"""A job that is due for so long has nobody who takes it: executors look every second."""
RESTING_AFTER = dt.timedelta(days=7)


@dataclass(frozen=True)
class UntakenJob:
    """A job that is due and that nobody takes, such as one of a service that no worker asks for."""

    key: int
    kind: str
    label: str
    service: str
    case_key: int | None
    reference: str
    since: dt.datetime


@dataclass(frozen=True)
class StandingCase:
    """A case in which nothing happens by itself, and since when."""

    key: int
    reference: str
    subject: str
    since: dt.datetime
    awaits: tuple[str, ...] = ()
    """Labels, or names, of the messages and signals that it waits for; none: it waits for a condition."""


def untaken_jobs(session: Session, actor: Actor, now: dt.datetime) -> tuple[UntakenJob, ...]:
    """The jobs that nobody takes, those that wait longest first. Raises Forbidden."""
    _expect(actor)
    rows = session.execute(
        select(Job, ProcessInstance.reference)
        .outerjoin(ProcessInstance, ProcessInstance.key == Job.instance_key)
        .where(
            Job.status == "waiting",
            Job.due <= now - UNTAKEN_AFTER,
            or_(Job.lease_until.is_(None), Job.lease_until <= now - UNTAKEN_AFTER),
            ~_is_behind_another(now),
        )
        .order_by(Job.due, Job.key)
        .limit(PAGE_SIZE)
    )
    return tuple(
        UntakenJob(job.key, job.kind, job.label, job.service or "", job.root_key, reference or "", job.due)
        for job, reference in rows
    )


def long_resting(session: Session, actor: Actor, now: dt.datetime) -> tuple[StandingCase, ...]:
    """The cases that rest for long, those that rest longest first. Raises Forbidden."""
    _expect(actor)
    resting = (
        select(ProcessInstance.key, ProcessInstance.reference, ProcessInstance.subject, ProcessInstance.started_at)
        .where(is_case(), ProcessInstance.status == "suspended")
        .order_by(ProcessInstance.key)
        .limit(MOST_RESTING)
    )
    rows = session.execute(resting).all()
    suspensions = (
        select(LogEntry.stream_key, func.max(LogEntry.at))
        .where(LogEntry.stream_key.in_([row.key for row in rows]), LogEntry.event == "InstanceSuspended")
        .group_by(LogEntry.stream_key)
    )
    since = {stream: at for stream, at in session.execute(suspensions)}
    found = [
        StandingCase(row.key, row.reference, row.subject, since.get(row.key, row.started_at))
        for row in rows
        if since.get(row.key, row.started_at) <= now - RESTING_AFTER
    ]
    return tuple(sorted(found, key=lambda case: case.since)[:PAGE_SIZE])


def only_waiting(session: Session, actor: Actor) -> tuple[StandingCase, ...]:
    """The oldest running cases that only a message, a signal or a condition moves on, which may never come.

    It looks at every running case until it has a page of them, so it is asked for, and no part of a page that is
    opened all the time. Raises Forbidden.
    """
    _expect(actor)
    case = ProcessInstance
    rows = session.execute(
        select(case.key, case.reference, case.subject, case.started_at)
        .where(
            is_case(),
            case.status == "active",
            ~exists().where(Task.root_key == case.key, Task.status == "open"),
            ~exists().where(Job.root_key == case.key),
            ~exists().where(Incident.root_key == case.key, Incident.resolved_at.is_(None)),
        )
        .order_by(case.key)
        .limit(PAGE_SIZE)
    ).all()
    waits: dict[int, list[Subscription]] = {}
    wanted = select(Subscription).where(Subscription.root_key.in_([row.key for row in rows]))
    for each in session.scalars(wanted.order_by(Subscription.key)):
        waits.setdefault(each.root_key or 0, []).append(each)
    return tuple(
        StandingCase(
            row.key,
            row.reference,
            row.subject,
            max((each.created_at for each in waits.get(row.key, ())), default=row.started_at),
            tuple(dict.fromkeys(each.label or each.name for each in waits.get(row.key, ()))),
        )
        for row in rows
    )


def _is_behind_another(now: dt.datetime) -> ColumnElement[bool]:
    """Whether its case is at another job just now: of a case one job is in hand at a time."""
    other = aliased(Job)
    return exists().where(and_(other.root_key == Job.root_key, other.key != Job.key, other.lease_until > now))


def _expect(actor: Actor) -> None:
    if not actor.may(Permission.JOB_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.", permission=Permission.JOB_READ.value
        )
