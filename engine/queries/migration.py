"""Versions with the cases that run in them, and batches: how far they are and what came of each case."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound, Problem
from engine.model import Actor, Batch, BatchCase, Definition, Permission, ProcessInstance

OPEN = ("active", "suspended")


@dataclass(frozen=True)
class RunningVersion:
    """A version of a process, with how many instances run or rest in it."""

    definition_key: int
    version: int
    version_tag: str | None
    is_suspended: bool
    open: int


@dataclass(frozen=True)
class BatchCaseRow:
    """What came of one case of a batch."""

    instance_key: int
    reference: str
    status: str
    refusal: Problem | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class BatchRow:
    """A batch in a list."""

    key: int
    kind: str
    process_id: str
    version: int | None
    created_by: str
    created_at: dt.datetime
    total: int
    waiting: int


@dataclass(frozen=True)
class BatchView:
    """A batch whole, with what came of each of its cases so far."""

    key: int
    kind: str
    process_id: str
    version: int | None
    to_process_id: str
    to_version: int | None
    mapping: dict[str, str]
    reason: str
    created_by: str
    created_at: dt.datetime
    total: int
    done: int
    refused: int
    cases: tuple[BatchCaseRow, ...]

    @property
    def waiting(self) -> int:
        return self.total - self.done - self.refused


def running_versions(session: Session, actor: Actor, process_id: str) -> tuple[RunningVersion, ...]:
    """All versions of a process, the newest first. Raises Forbidden."""
    _expect_reader(actor)
    counts: dict[int, int] = {
        key: count
        for key, count in session.execute(
            select(ProcessInstance.definition_key, func.count())
            .where(ProcessInstance.process_id == process_id, ProcessInstance.status.in_(OPEN))
            .group_by(ProcessInstance.definition_key)
        )
    }
    rows = session.execute(
        select(Definition.key, Definition.version, Definition.version_tag, Definition.is_suspended)
        .where(Definition.kind == "process", Definition.definition_id == process_id)
        .order_by(Definition.version.desc())
    )
    return tuple(
        RunningVersion(key, version, tag, is_suspended, counts.get(key, 0)) for key, version, tag, is_suspended in rows
    )


def batches(session: Session, actor: Actor, process_id: str, limit: int = 10) -> tuple[BatchRow, ...]:
    """The latest batches of a process. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.scalars(
        select(Batch).where(Batch.process_id == process_id).order_by(Batch.key.desc()).limit(limit)
    ).all()
    waiting = Counter(
        session.scalars(
            select(BatchCase.batch_key).where(
                BatchCase.batch_key.in_([row.key for row in rows]), BatchCase.status == "waiting"
            )
        )
    )
    return tuple(
        BatchRow(
            row.key, row.kind, row.process_id, row.version, row.created_by, row.created_at, row.total, waiting[row.key]
        )
        for row in rows
    )


def batch(session: Session, actor: Actor, key: int, limit: int | None = None) -> BatchView:
    """A batch; refused cases first, at most so many. Raises Forbidden, NotFound."""
    _expect_reader(actor)
    found = session.get(Batch, key)
    if found is None:
        raise NotFound("Expected to find batch '{batch}', but there is none.", batch=key)
    counts: dict[str, int] = {
        status: count
        for status, count in session.execute(
            select(BatchCase.status, func.count()).where(BatchCase.batch_key == key).group_by(BatchCase.status)
        )
    }
    rows = session.execute(
        select(BatchCase, ProcessInstance.reference)
        .join(ProcessInstance, ProcessInstance.key == BatchCase.instance_key)
        .where(BatchCase.batch_key == key)
        .order_by((BatchCase.status == "refused").desc(), BatchCase.instance_key)
        .limit(limit)
    )
    return BatchView(
        key=found.key,
        kind=found.kind,
        process_id=found.process_id,
        version=found.version,
        to_process_id=found.plan.get("process_id", ""),
        to_version=found.plan.get("version"),
        mapping=found.plan.get("mapping", {}),
        reason=found.reason,
        created_by=found.created_by,
        created_at=found.created_at,
        total=found.total,
        done=counts.get("done", 0),
        refused=counts.get("refused", 0),
        cases=tuple(_case(row, reference) for row, reference in rows),
    )


def _case(row: BatchCase, reference: str) -> BatchCaseRow:
    refusal = Problem(row.template, row.values) if row.template else None
    problems = tuple(_problem(problem) for problem in row.problems)
    return BatchCaseRow(row.instance_key, reference, row.status, refusal, problems)


def _problem(told: dict[str, Any]) -> Problem:
    template = told["template"]
    return Problem(template, told["values"], element_id=told["element_id"])


def _expect_reader(actor: Actor) -> None:
    if not (actor.may(Permission.CASE_READ_ALL) and actor.may(Permission.DEFINITION_READ)):
        raise Forbidden("Expected the permission '{permission}', but you do not have it.",
                        permission=Permission.CASE_READ_ALL.value)  # fmt: skip
