"""What belongs to no case: rows whose case is gone, messages, start timers, and the other chains of the log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.checks.findings import MESSAGE_GRACE, Finding
from engine.checks.rules import lease_is_within_its_limits
from engine.model import Actor, Incident, Job, LogEntry, OutboxMail, ProcessInstance, Subscription, Task
from engine.model.log import verify

MOST_NAMED = 100
"""Of each kind; more is not read."""
STREAMS_A_PAGE = 200


def orphans(session: Session, actor: Actor, now: dt.datetime) -> tuple[Finding, ...]:
    """Rows whose case, or instance, is not there; messages and leases of no case that are over their time."""
    return (*_lost_rows(session), *_lost_instances(session), *_jobs_of_no_case(session, now))


def verdicts(session: Session, actor: Actor, after: int) -> tuple[int, tuple[Finding, ...]] | None:
    """The next chains that are no case's: the last one's key, and those that do not hold. None: there are no more."""
    is_case = exists().where(ProcessInstance.key == LogEntry.stream_key, ProcessInstance.parent_key.is_(None))
    streams = session.scalars(
        select(LogEntry.stream_key)
        .where(LogEntry.stream_key > after, ~is_case)
        .group_by(LogEntry.stream_key)
        .order_by(LogEntry.stream_key)
        .limit(STREAMS_A_PAGE)
    ).all()
    if not streams:
        return None
    found = [
        Finding("chain", f"entry {verdict.first_bad} of this stream of the log: {verdict.reason}", key=stream)
        for stream in streams
        if not (verdict := verify(session, stream)).holds
    ]
    return streams[-1], tuple(found)


def number_of_cases(session: Session, actor: Actor) -> int:
    return session.scalar(select(func.count()).where(ProcessInstance.parent_key.is_(None))) or 0


def _lost_rows(session: Session) -> Iterator[Finding]:
    for noun, kind in (("task", Task), ("job", Job), ("wait", Subscription), ("incident", Incident)):
        root, own = aliased(ProcessInstance), aliased(ProcessInstance)
        has_root = exists().where(root.key == kind.root_key)
        has_own = exists().where(own.key == kind.instance_key, own.root_key == kind.root_key)
        asked = select(kind.key, kind.element_id).where(
            or_(kind.root_key.is_not(None), kind.instance_key.is_not(None)), or_(~has_root, ~has_own)
        )
        for key, element_id in session.execute(asked.limit(MOST_NAMED)):
            yield Finding("orphan", f"this {noun} belongs to a case that is not there", "", None, element_id, key)
    has_case = exists().where(ProcessInstance.key == OutboxMail.root_key)
    for key in session.scalars(select(OutboxMail.key).where(~has_case).limit(MOST_NAMED)):
        yield Finding("orphan", "this mail belongs to a case that is not there", key=key)


def _lost_instances(session: Session) -> Iterator[Finding]:
    root = aliased(ProcessInstance)
    has_root = exists().where(root.key == ProcessInstance.root_key, root.parent_key.is_(None))
    asked = select(ProcessInstance.key, ProcessInstance.reference).where(~has_root).limit(MOST_NAMED)
    for key, reference in session.execute(asked):
        yield Finding("call", "this called process belongs to a case that is not there", reference, key, key=key)


def _jobs_of_no_case(session: Session, now: dt.datetime) -> Iterator[Finding]:
    for job in session.scalars(select(Job).where(Job.root_key.is_(None)).order_by(Job.key)):
        yield from lease_is_within_its_limits(job, now)
        if job.kind == "message" and job.status == "waiting":
            until = dt.datetime.fromisoformat(job.headers["until"])
            if until < now - MESSAGE_GRACE:
                fact = f"the message '{job.service}' was to be kept until {until:%Y-%m-%d %H:%M} UTC and is still there"
                yield Finding("message", fact, element_id=job.element_id or None, key=job.key)
