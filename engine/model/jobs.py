"""Jobs: commands to be executed later, with lease, retries and the last error."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Moment, Plain


class Job(Base):
    """A command to be executed later. Timers and service tasks share the key of their activity."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "status", "due"),)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    """timer, service, message (one that a case sent to others) or signal (one on its way to one receiver)."""
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
