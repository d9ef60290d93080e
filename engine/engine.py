"""The one door: every change is a command given to `execute`, every question goes through `query`."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.command import Command, Memory, Transaction, require
from engine.database import Database, is_conflict, is_full, is_out_of_reach
from engine.errors import EngineError, Forbidden, Refused, Unavailable
from engine.events import AttemptRefused
from engine.model.identity import Actor

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
Parameters = ParamSpec("Parameters")

CONFLICT_TRIES = 3
REFUSAL_TRIES = 10
OUT_OF_REACH = (
    "Expected to reach the database, but that is not possible just now. Nothing was changed; try again in a minute."
)
UNCONFIRMED = (
    "Expected the database to confirm what was done, but the connection broke at that very moment. Look whether it was"
    " done before you try again."
)
FULL = "Expected to save this, but the disk of the database is full. Nothing was changed; tell your operator."
CROWDED = "Expected to change this, but others do so all the time just now. Nothing was changed; try again in a minute."


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def why_out_of_reach(error: Exception) -> str | None:
    """What the driver says, in one line without what was asked of it; none: the database is not the reason."""
    if not is_out_of_reach(error):
        return None
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return said[0].rstrip(".") if said else type(error).__name__


class Reader:
    """Answers several questions from one look at the database; nobody else's changes come between them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open = ExitStack()
        self._session: Session | None = None

    def query(
        self,
        question: Callable[Concatenate[Session, Actor, Parameters], Answer],
        actor: Actor,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Answer a question of `engine.queries` as the actor may see it."""
        if self._session is None:
            self._session = self._open.enter_context(self._database.reading())
        try:
            return question(self._session, actor, *args, **kwargs)
        except DBAPIError:
            # A statement that failed spoils the transaction; what is asked next, for the page that says so, must not.
            self.close()
            raise

    def close(self) -> None:
        """Look no longer; the next question looks anew."""
        self._session = None
        self._open.close()


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

    def reader(self) -> Reader:
        """For several questions that belong together, such as those of a page; to be closed."""
        return Reader(self.database)

    def query(
        self,
        question: Callable[Concatenate[Session, Actor, Parameters], Answer],
        actor: Actor,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Answer a question of `engine.queries` as the actor may see it."""
        try:
            with self.database.reading() as session:
                return question(session, actor, *args, **kwargs)
        except SQLAlchemyError as error:
            if not is_out_of_reach(error):
                raise
            logger.exception("the database is out of reach")
            raise Unavailable(OUT_OF_REACH) from error

    def _try(self, command: Command, actor: Actor) -> tuple[Any, EngineError | None]:
        if command.permission is not None:
            require(actor, command.permission)
        conflict: Exception | None = None
        for attempt in range(1, CONFLICT_TRIES + 1):
            try:
                return self._attempt(command, actor)
            except (StaleDataError, DBAPIError) as error:
                if not (isinstance(error, StaleDataError) or is_conflict(error)):
                    raise
                logger.info("conflict", extra={"command": type(command).__name__, "attempt": attempt})
                conflict = error
        if isinstance(conflict, IntegrityError):
            raise conflict
        raise Unavailable(CROWDED) from conflict

    def _attempt(self, command: Command, actor: Actor) -> tuple[Any, EngineError | None]:
        prepared, is_written = None, False
        try:
            if type(command).prepare is not Command.prepare:
                with self.database.reading() as session:
                    prepared = command.prepare(session)
            with self.database.reading() if command.reads_only else self.database.writing() as session:
                tx = Transaction(session, actor, self.clock(), self.secret, self.memory, prepared)
                result = command.execute(tx)
                if not command.reads_only:
                    tx.write()
                    is_written = True
        except SQLAlchemyError as error:
            if is_conflict(error) or not is_out_of_reach(error):
                raise
            # When it is lost at the commit, nobody here can know whether that came to pass: no second try by itself.
            logger.exception("the database is out of reach", extra={"command": type(command).__name__})
            if is_full(error):
                raise Unavailable(FULL) from error
            raise Unavailable(UNCONFIRMED if is_written else OUT_OF_REACH) from error
        if tx.has_due_job:
            for wake in self.on_due:
                wake()
        return result, tx.refusal

    def _tell_refusal(self, command: Command, actor: Actor, refusal: EngineError) -> None:
        told = AttemptRefused(type(command).__name__, command.subject, refusal.template, refusal.values)
        for attempt in range(1, REFUSAL_TRIES + 1):
            try:
                with self.database.writing() as session:
                    tx = Transaction(session, actor, self.clock(), self.secret)
                    tx.record(actor.key, told)
                    tx.write()
                return
            except SQLAlchemyError as error:
                if attempt < REFUSAL_TRIES and is_conflict(error):
                    continue  # somebody else in the same name was refused at the same moment
                # The refusal itself must reach the asker even when the database cannot take a line about it.
                logger.exception("refused attempt could not be told")
                return
