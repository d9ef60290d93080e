"""Who holds a job: taking those that are due, and holding on to them or giving them back.

A lease is for a time. Whoever slept over it holds an old token, with which nothing can be changed any more.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from engine.command import Command, Transaction
from engine.database import Moment
from engine.model import Actor, Job, Permission, ProcessInstance

LEASE_SECONDS = 60


@dataclass(frozen=True)
class TakenJob:
    """A job that the taker now holds for as long as the lease lasts."""

    key: int
    kind: str
    service: str
    headers: dict[str, str]
    variables: dict[str, Any]
    token: str
    attempts: int
    retries_left: int
    element_id: str
    label: str
    root_key: int | None
    reference: str
    process_id: str


@dataclass(frozen=True)
class TakeJobs(Command):
    """Take jobs that are due; of one case no more than one at a time."""

    permission = Permission.JOB_RUN
    limit: int = 1
    lease_seconds: int = LEASE_SECONDS
    services: tuple[str, ...] | None = None
    """Only jobs of these services; none: jobs of every kind, for the engine's own executor."""

    hand_on: Callable[[Session, tuple[TakenJob, ...]], None] | None = None
    """Told in the same transaction what was taken, to pass it on to others."""

    def execute(self, tx: Transaction) -> tuple[TakenJob, ...]:
        found = [
            row
            for of_cases in (True, False)
            for row in tx.session.execute(_due(of_cases, self.services), {"now": tx.now, "limit": self.limit})
        ]
        found.sort(key=lambda row: (row.Job.due, row.Job.key))
        busy = _busy(tx, {row.Job.root_key for row in found} - {None})
        until = tx.now + dt.timedelta(seconds=self.lease_seconds)
        taken: list[TakenJob] = []
        for job, reference, process_id in found:
            if len(taken) == self.limit or job.root_key in busy:
                continue
            if job.root_key is not None:
                busy.add(job.root_key)
            job.take(secrets.token_urlsafe(12), until)
            taken.append(_taken(job, reference, process_id))
        if self.hand_on is not None and taken:
            tx.session.flush()
            self.hand_on(tx.session, tuple(taken))
        return tuple(taken)


@dataclass(frozen=True)
class RenewLeases(Command):
    """Hold jobs that somebody took under new tokens, which makes the old ones worthless; or, for no time, give back."""

    permission = Permission.JOB_RUN
    held: tuple[tuple[int, str | None], ...]
    """Key and token of each; without a token, one that nobody has taken yet."""
    lease_seconds: int = LEASE_SECONDS

    def execute(self, tx: Transaction) -> tuple[TakenJob, ...]:
        """Those that were still held under the given tokens."""
        tokens = dict(self.held)
        rows = tx.session.execute(_WITH_CASE.where(Job.key.in_(tokens)).order_by(Job.key).with_for_update(of=Job)).all()
        until = tx.now + dt.timedelta(seconds=self.lease_seconds)
        renewed: list[TakenJob] = []
        for job, reference, process_id in rows:
            if job.lease_token != tokens[job.key]:
                continue
            job.hold(secrets.token_urlsafe(12) if self.lease_seconds else None, until if self.lease_seconds else None)
            renewed.append(_taken(job, reference, process_id))
        tx.has_due_job = not self.lease_seconds and bool(renewed)
        return tuple(renewed)


def held_jobs(session: Session, actor: Actor, held: tuple[tuple[int, str], ...]) -> tuple[TakenJob, ...]:
    """Of jobs that somebody took, by key and token, those that are still held so."""
    tokens = dict(held)
    rows = session.execute(_WITH_CASE.where(Job.key.in_(tokens)).order_by(Job.due, Job.key))
    return tuple(_taken(*row) for row in rows if row.Job.lease_token == tokens[row.Job.key])


_WITH_CASE = select(Job, ProcessInstance.reference, ProcessInstance.process_id).outerjoin(
    ProcessInstance, ProcessInstance.key == Job.instance_key
)


@lru_cache(maxsize=64)
def _due(of_cases: bool, services: tuple[str, ...] | None) -> Select[Job, str, str]:
    """What can be taken `now`, of cases or of none; made once for each kind of asker, since executors ask all the time.

    Of cases, it locks the case too: who takes a job is alone with its case meanwhile.
    """
    other, root, now = aliased(Job), aliased(ProcessInstance), bindparam("now", type_=Moment)
    wanted = _WITH_CASE.where(
        Job.status == "waiting", Job.due <= now, or_(Job.lease_until.is_(None), Job.lease_until <= now)
    )
    if of_cases:
        wanted = wanted.join(root, root.key == Job.root_key).where(
            ~exists().where(other.root_key == Job.root_key, other.lease_until > now)
        )
    else:
        wanted = wanted.where(Job.root_key.is_(None))
    if services is not None:
        wanted = wanted.where(Job.kind == "service", Job.service.in_(services))
    locked = (Job, root) if of_cases else (Job,)
    limit = bindparam("limit", type_=Integer)
    return wanted.order_by(Job.due, Job.key).limit(limit).with_for_update(of=locked, skip_locked=True)


def _busy(tx: Transaction, root_keys: set[int]) -> set[int]:
    """Cases of which somebody else took a job before we had their lock."""
    if not root_keys:
        return set()
    held = select(Job.root_key).where(Job.root_key.in_(root_keys), Job.lease_until > tx.now)
    return {key for key in tx.session.scalars(held) if key is not None}


def _taken(job: Job, reference: str | None, process_id: str | None) -> TakenJob:
    return TakenJob(
        key=job.key,
        kind=job.kind,
        service=job.service or "",
        headers=job.headers,
        variables=job.variables,
        token=job.lease_token or "",
        attempts=job.attempts,
        retries_left=job.retries_left,
        element_id=job.element_id,
        label=job.label,
        root_key=job.root_key,
        reference=reference or "",
        process_id=process_id or "",
    )
