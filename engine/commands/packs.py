"""Jobs of many cases done in one transaction, since most of what a short step costs is its transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import delete, select

from engine.command import ALOOF, Command, Transaction
from engine.commands import step
from engine.commands.jobs import receiver_of
from engine.commands.waits import Waits
from engine.errors import EngineError
from engine.model import Job, Permission, ProcessInstance, Subscription

PACKED = frozenset({"timer", "signal"})
"""Kinds of jobs that can be done together with those of other cases."""


@dataclass(frozen=True)
class Pack:
    """What became of jobs that were to be done together."""

    done: frozenset[int]
    """Keys of the jobs that are done; the others were left as they were, to be done one by one."""
    seconds: float
    """So long the cases were locked before the commit."""


class PackSpoilt(Exception):
    """A job failed that was to be done together with others, so that none of them is done yet."""


@dataclass(frozen=True)
class DoJobs(Command):
    """Let timers fire and signals arrive in many cases at once.

    Whatever is not as usual is left out: a case that somebody else is at just now, or that rests; a job that is no
    longer held. A job that fails leaves all undone.
    """

    permission = Permission.JOB_RUN
    held: tuple[tuple[int, str], ...]
    """Key and token of each."""

    def execute(self, tx: Transaction) -> Pack:
        tokens = dict(self.held)
        locked = tx.lock_cases(Job, tokens)
        begun = time.perf_counter()
        ready = [
            (instance, job)
            for instance, job in locked
            if job.kind in PACKED and job.lease_token == tokens[job.key] and instance.status == "active"
        ]
        done = frozenset(job.key for _, job in ready)
        receivers = _receivers(tx, [job for _, job in ready])
        if done:
            tx.session.execute(delete(Job).where(Job.key.in_(done)), execution_options=_UNSEEN)
        waits = Waits(tx)
        for _, job in ready:
            # Another with its key may take its place in the same step.
            tx.session.expunge(job)
        for instance, job in ready:
            try:
                _do(tx, instance, job, receivers, waits)
            except EngineError as error:
                raise PackSpoilt(f"job {job.key}") from error
        waits.close()
        return Pack(done, time.perf_counter() - begun)


_UNSEEN = {**ALOOF, "synchronize_session": False}


def _receivers(tx: Transaction, jobs: list[Job]) -> dict[int, Subscription | None]:
    """For each signal among the jobs, who waits for it."""
    signals = [job for job in jobs if job.kind == "signal"]
    if not signals:
        return {}
    meant = {int(job.headers["subscription"]) for job in signals}
    # Held on to, so that each is found without another look.
    read = tx.session.scalars(select(Subscription).where(Subscription.key.in_(meant))).all()
    found = {job.key: receiver_of(tx, job) for job in signals}
    del read
    return found


def _do(
    tx: Transaction, instance: ProcessInstance, job: Job, receivers: dict[int, Subscription | None], waits: Waits
) -> None:
    if job.kind == "timer":
        execution = step.load(tx, instance)
        step.keep(tx, instance, execution, execution.trigger(job.key), waits)
    elif (receiver := receivers[job.key]) is not None:
        step.deliver(tx, receiver, job.variables, waits)
