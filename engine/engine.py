"""The one door: every change is a command given to `execute`, every question goes through `query`."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.command import Command, Memory, Transaction, require
from engine.database import Database, is_conflict
from engine.errors import EngineError, Forbidden, Refused
from engine.events import AttemptRefused
from engine.model.identity import Actor

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
Parameters = ParamSpec("Parameters")

CONFLICT_TRIES = 3


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Engine:
    """Casewright without its pages: give it commands and ask it questions.

    `secret` is the installation's own, of which the secrets of public pages are made. `clock` says what time it is;
    tests turn it by hand.
    """

    def __init__(self, url: str, *, secret: bytes, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self.database = Database(url)
        self.secret = secret
        self.clock = clock
        self.memory = Memory()
        self.on_due: list[Callable[[], None]] = []
        """Told after a commit that left a job due at once, so that it need not wait for the executor's next look."""

    def open(self) -> Engine:
        """Bring the tables up to date. Returns itself."""
        self.database.migrate()
        return self

    def close(self) -> None:
        self.database.close()

    def execute(self, command: Command, actor: Actor) -> Any:
        """Carry out a command in one transaction; what conflicts with another writer is tried again.

        Raises an EngineError when it is refused: then nothing was changed, and the attempt is told in the actor's log.
        """
        try:
            result, refusal = self._try(command, actor)
        except (Refused, Forbidden) as error:
            self._tell_refusal(command, actor, error)
            raise
        if refusal is not None:
            raise refusal
        return result

    def query(
        self,
        question: Callable[Concatenate[Session, Actor, Parameters], Answer],
        actor: Actor,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Answer a question of `engine.queries` as the actor may see it."""
        with self.database.reading() as session:
            return question(session, actor, *args, **kwargs)

    def _try(self, command: Command, actor: Actor) -> tuple[Any, EngineError | None]:
        if command.permission is not None:
            require(actor, command.permission)
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                return self._attempt(command, actor)
            except (StaleDataError, DBAPIError) as error:
                if attempt == CONFLICT_TRIES or not (isinstance(error, StaleDataError) or is_conflict(error)):
                    raise
                logger.info("conflict", extra={"command": type(command).__name__, "attempt": attempt})
        raise AssertionError("unreachable")

    def _attempt(self, command: Command, actor: Actor) -> tuple[Any, EngineError | None]:
        prepared = None
        if type(command).prepare is not Command.prepare:
            with self.database.reading() as session:
                prepared = command.prepare(session)
        opened = self.database.reading() if command.reads_only else self.database.writing()
        with opened as session:
            tx = Transaction(session, actor, self.clock(), self.secret, self.memory, prepared)
            result = command.execute(tx)
            if not command.reads_only:
                tx.write()
        if tx.has_due_job:
            for wake in self.on_due:
                wake()
        return result, tx.refusal

    def _tell_refusal(self, command: Command, actor: Actor, refusal: EngineError) -> None:
        try:
            with self.database.writing() as session:
                tx = Transaction(session, actor, self.clock(), self.secret)
                told = AttemptRefused(type(command).__name__, command.subject, refusal.template, refusal.values)
                tx.record(actor.key, told)
                tx.write()
        except DBAPIError:
            # The refusal itself must reach the asker even when the database cannot take a line about it.
            logger.exception("refused attempt could not be told")
