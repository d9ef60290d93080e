"""Batches: the same done to many cases, one by one, with what came of each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Key, Moment, Plain
from engine.errors import EngineError


class Batch(Base):
    """Something that is done to many cases, each in a transaction of its own."""

    __tablename__ = "batch"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str]
    """migrate, suspend or resume."""
    process_id: Mapped[str]
    version: Mapped[int | None]
    """The version whose cases are meant; none: all versions."""
    plan: Mapped[dict[str, Any]] = mapped_column(Plain)
    """For migrations: definition_key, process_id and version of the target, mapping, renew."""
    reason: Mapped[str]
    total: Mapped[int]
    created_by: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


class BatchCase(Base):
    """What a batch did to one case."""

    __tablename__ = "batch_case"
    __table_args__ = (Index("ix_batch_case_status", "batch_key", "status"),)

    batch_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("batch.key"), primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    status: Mapped[str]
    """waiting, done or refused; a refused case is as it was."""
    template: Mapped[str | None]
    values: Mapped[dict[str, Any]] = mapped_column(Plain)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(Plain)
    """Why it was refused: each template, values, element_id."""
    done_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    def succeed(self, now: dt.datetime) -> None:
        self.status, self.done_at = "done", now

    def refuse(self, error: EngineError, now: dt.datetime) -> None:
        self.status, self.done_at = "refused", now
        self.template, self.values = error.template, dict(error.values)
        self.problems = [
            {"template": problem.template, "values": dict(problem.values), "element_id": problem.element_id}
            for problem in error.problems
        ]
