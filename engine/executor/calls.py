"""One job from its taking to its answer: which command it becomes, or which service is called in between."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from engine.command import Command
from engine.commands.batches import DoBatchCase
from engine.commands.jobs import (
    BeginCall,
    CompleteJob,
    DeliverMessage,
    DeliverReply,
    DeliverSignal,
    FailJob,
    TakeOverAnswer,
    ThrowJobError,
    TriggerTimer,
)  # fmt: skip
from engine.commands.leases import TakenJob
from engine.connectors import Call, Connectors, ServiceError, ServiceFailed
from engine.engine import Engine
from engine.errors import EngineError, NotFound, Refused, Unavailable
from engine.model.identity import ENGINE

logger = logging.getLogger(__name__)
StatusLink = Callable[[str], str]
"""Reference of a case → address of its public status page."""


class Executor(Protocol):
    """Does what is due, in threads of its own: inside this process, or together with a fleet of others."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Finish the jobs in hand and take no more."""


_AT_ONCE: dict[str, Callable[[int, str], Command]] = {
    "timer": TriggerTimer,
    "message": DeliverMessage,
    "signal": DeliverSignal,
    "answer": TakeOverAnswer,
    "reply": DeliverReply,
    "call": BeginCall,
    "batch": DoBatchCase,
}


def run(engine: Engine, connectors: Connectors, job: TakenJob, status_link: StatusLink) -> None:
    """Do a job that was taken and answer it. Whatever goes wrong is booked on the job, never raised."""
    try:
        command = _done(connectors, job, status_link)
        engine.execute(command, ENGINE)
    except Exception as error:
        _book(engine, job, error)


def _done(connectors: Connectors, job: TakenJob, status_link: StatusLink) -> Command:
    """The command that answers the job; for a service, after it was called, with no transaction open."""
    if job.kind in _AT_ONCE:
        return _AT_ONCE[job.kind](job.key, job.token)
    call = Call(
        key=job.key,
        service=job.service,
        variables=job.variables,
        headers=job.headers,
        root_key=job.root_key or 0,
        reference=job.reference,
        status_link=status_link(job.reference),
    )
    try:
        outcome = connectors.call(call)
    except ServiceError as error:
        return ThrowJobError(job.key, job.token, error.code, str(error), error.variables)
    return CompleteJob(job.key, job.token, dict(outcome.variables), outcome.note)


def _book(engine: Engine, job: TakenJob, error: Exception) -> None:
    """Tell on the job that it did not work."""
    if isinstance(error, (ServiceFailed, EngineError)):
        message = str(error)
    else:
        logger.exception("job failed", extra={"job": job.key, "service": job.service}, exc_info=error)
        message = f"{type(error).__name__}: {error}"
    retries: int | None = None
    if isinstance(error, ServiceFailed) and error.is_final:
        retries = 0
    elif isinstance(error, (Refused, Unavailable)):
        # The case rests, or the database does: no failure of the job, which comes again without losing a try.
        retries = job.retries_left
    try:
        engine.execute(FailJob(job.key, job.token, message, retries), ENGINE)
    except (NotFound, Refused):
        # The case went on without it, or somebody else holds the job since our lease ran out: nothing to book.
        logger.info("job no longer held", extra={"job": job.key})
