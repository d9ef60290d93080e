"""One job from its taking to its answer: which command it becomes, or which service is called in between."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import replace
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
from engine.commands.leases import LEASE_SECONDS, RenewLeases, TakenJob
from engine.connectors import Call, Connectors, Outcome, ServiceError, ServiceFailed
from engine.engine import Engine
from engine.errors import EngineError, NotFound, Refused, Unavailable
from engine.model.identity import ENGINE

logger = logging.getLogger(__name__)
RENEWALS_A_LEASE = 3
"""So often a lease is renewed in its time: one try may fail, and it still is in time."""
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


class Holder:
    """Holds a job for as long as a call takes, under new tokens, each time before the lease is over.

    When its process dies or stands still, nobody renews the lease, and others begin the job again.
    """

    def __init__(self, engine: Engine, job: TakenJob, lease_seconds: float) -> None:
        self.token = job.token
        self._engine = engine
        self._key = job.key
        self._lease_seconds = lease_seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._hold, name="lease", daemon=True)

    def __enter__(self) -> Holder:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _hold(self) -> None:
        while not self._is_over.wait(self._lease_seconds / RENEWALS_A_LEASE):
            try:
                renew = RenewLeases(((self._key, self.token),), math.ceil(self._lease_seconds))
                held: tuple[TakenJob, ...] = self._engine.execute(renew, ENGINE)
            except EngineError:
                # The database is away for a while; the next try may be in time.
                logger.warning("a lease could not be renewed", extra={"job": self._key})
                continue
            if not held:
                return  # it was withdrawn, or others have taken it: our answer will be refused
            self.token = held[0].token


def run(
    engine: Engine,
    connectors: Connectors,
    job: TakenJob,
    status_link: StatusLink,
    lease_seconds: float = LEASE_SECONDS,
) -> None:
    """Do a job that was taken and answer it. Whatever goes wrong is booked on the job, never raised."""
    if job.kind in _AT_ONCE:
        _answer(engine, job, lambda: _AT_ONCE[job.kind](job.key, job.token))
        return
    with Holder(engine, job, lease_seconds) as holder:
        try:
            outcome: Outcome | Exception = connectors.call(_call(job, status_link))
        except Exception as error:
            outcome = error
    _answer(engine, replace(job, token=holder.token), lambda: _answered(job.key, holder.token, outcome))


def _answer(engine: Engine, job: TakenJob, command: Callable[[], Command]) -> None:
    try:
        engine.execute(command(), ENGINE)
    except Exception as error:
        _book(engine, job, error)


def _call(job: TakenJob, status_link: StatusLink) -> Call:
    return Call(
        key=job.key,
        service=job.service,
        variables=job.variables,
        headers=job.headers,
        root_key=job.root_key or 0,
        reference=job.reference,
        status_link=status_link(job.reference),
    )


def _answered(key: int, token: str, outcome: Outcome | Exception) -> Command:
    """The command that tells what came of a call. Raises what the call raised, unless that is a modelled error."""
    match outcome:
        case ServiceError():
            return ThrowJobError(key, token, outcome.code, str(outcome), outcome.variables)
        case Exception():
            raise outcome
        case _:
            return CompleteJob(key, token, dict(outcome.variables), outcome.note)


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
