"""Jobs: commands to be executed later, with lease, retries and the last error."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Key, Moment, Plain
from engine.errors import Refused
from engine.events import JobCompleted, JobFailed

BACK_OFF = dt.timedelta(seconds=10)
BACK_OFF_FACTOR = 6
LONGEST_BACK_OFF = dt.timedelta(hours=1)

_IS_MESSAGE = text("kind = 'message'")


class Job(Base):
    """A command to be executed later. Timers and service tasks share the key of their activity."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_due", "status", "due"),
        Index("ix_job_message", "service", sqlite_where=_IS_MESSAGE, postgresql_where=_IS_MESSAGE),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str]
    """timer, service, message (one that a case sent to others), signal (one on its way to one receiver), answer (of a
    service, while its case rested), reply (of a customer, while the case rested), call (of a process that rests) or
    batch (something that is done to many cases)."""
    status: Mapped[str]
    """waiting, suspended, or failed (no tries left; an incident tells it). Done jobs are gone: the log has them."""
    instance_key: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """None for what starts a case or looks for its receiver."""
    root_key: Mapped[int | None] = mapped_column(BigInteger, index=True)
    definition_key: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Set on what starts a case of this definition: a start timer, or a signal on its way to a start event."""
    element_id: Mapped[str]
    label: Mapped[str]
    service: Mapped[str | None]
    """Type of the service; the name of a message or signal."""
    headers: Mapped[dict[str, str]] = mapped_column(Plain)
    variables: Mapped[dict[str, Any]] = mapped_column(Plain)
    due: Mapped[dt.datetime] = mapped_column(Moment)
    retries_left: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    lease_token: Mapped[str | None]
    """Who holds the lease; an answer with another token is refused, so a worker that slept too long changes nothing."""
    last_error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(Moment)

    @classmethod
    def create(cls, key: int, kind: str, *, due: dt.datetime, retries: int, now: dt.datetime) -> Job:
        return cls(
            key=key,
            kind=kind,
            status="waiting",
            element_id="",
            label="",
            service=None,
            headers={},
            variables={},
            due=due,
            retries_left=retries,
            attempts=0,
            lease_until=None,
            lease_token=None,
            last_error=None,
            created_at=now,
        )

    def take(self, token: str, until: dt.datetime) -> None:
        """Somebody begins to do it and has until then; afterwards it may be taken by others."""
        self.lease_token, self.lease_until = token, until
        self.attempts += 1

    def hold(self, token: str | None, until: dt.datetime | None) -> None:
        """Whoever took it holds it for longer or, without a token, gives it back."""
        self.lease_token, self.lease_until = token, until
        if token is None:
            self.attempts -= 1

    def expect_held(self, token: str) -> None:
        if self.lease_token != token:
            raise Refused(
                "Expected to answer job '{job}', but somebody else has taken it meanwhile.", job=self.label or self.key
            )

    def complete(self, variables: dict[str, Any], note: str) -> JobCompleted:
        """The event that tells it; the row itself goes, since the log keeps what was done."""
        return JobCompleted(self.element_id, self.key, self.service or self.kind, variables, note)

    def fail(self, message: str, retries_left: int | None, now: dt.datetime) -> JobFailed:
        """It did not work; it is tried again later, each time after a longer rest, until no tries are left."""
        self.retries_left = max(0, self.retries_left - 1 if retries_left is None else retries_left)
        self.last_error = message
        self.lease_token = self.lease_until = None
        if self.retries_left:
            self.due = now + self._back_off()
        else:
            self.status = "failed"
        next_try = self.due if self.retries_left else None
        return JobFailed(self.element_id, self.key, self.service or self.kind, message, self.retries_left, next_try)

    def rest(self, now: dt.datetime, until: dt.datetime) -> None:
        """It cannot be done yet, and that is no failure: it is looked at again after a rest, the last time then."""
        self.due = min(now + self._back_off(), until)
        self.lease_token = self.lease_until = None

    def suspend(self) -> None:
        """What it is for rests: so does it, and loses no try."""
        self.status, self.lease_token, self.lease_until = "suspended", None, None

    def become_answer(self, variables: dict[str, Any], headers: dict[str, str], now: dt.datetime) -> None:
        """Its service has answered, and the case rests: the answer is kept until the case goes on."""
        self.kind, self.variables, self.headers, self.due = "answer", variables, headers, now
        self.suspend()

    def _back_off(self) -> dt.timedelta:
        factor: int = BACK_OFF_FACTOR ** max(0, min(self.attempts, 9) - 1)
        return min(BACK_OFF * factor, LONGEST_BACK_OFF)

    def retry(self, now: dt.datetime, retries: int = 1) -> None:
        """It is tried again at once."""
        self.status, self.due = "waiting", now
        self.retries_left = max(self.retries_left, retries)
        self.lease_token = self.lease_until = None
