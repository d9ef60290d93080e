"""What the world was told is done: it must be there, whatever happened since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.checks.findings import Finding
from engine.model import Actor, ProcessInstance, Task

BATCH = 500
Each = TypeVar("Each", int, str)


@dataclass(frozen=True)
class Acknowledged:
    """Tasks that somebody was told are completed, and cases that somebody was given the number of."""

    tasks: frozenset[int] = frozenset()
    cases: frozenset[str] = frozenset()


def missing(session: Session, actor: Actor, acknowledged: Acknowledged) -> tuple[Finding, ...]:
    """What was acknowledged and is not there."""
    return (*_missing_tasks(session, acknowledged.tasks), *_missing_cases(session, acknowledged.cases))


def _missing_tasks(session: Session, keys: frozenset[int]) -> Iterator[Finding]:
    for batch in _batches(keys):
        asked = select(Task.key).where(Task.key.in_(batch), Task.status == "completed")
        for key in set(batch) - set(session.scalars(asked)):
            yield Finding("accepted", "somebody was told that this task is completed, but it is not", key=key)


def _missing_cases(session: Session, references: frozenset[str]) -> Iterator[Finding]:
    for batch in _batches(references):
        asked = select(ProcessInstance.reference).where(
            ProcessInstance.reference.in_(batch), ProcessInstance.parent_key.is_(None)
        )
        for reference in set(batch) - set(session.scalars(asked)):
            yield Finding("accepted", "somebody was given this number, but there is no such case", reference)


def _batches(wanted: Iterable[Each]) -> Iterator[list[Each]]:
    rest = iter(sorted(wanted))
    while batch := list(islice(rest, BATCH)):
        yield batch
