"""What customers may know: the processes they can start, and how their own case stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.model import Actor, Definition, LogEntry, LogPayload, ProcessInstance, Subscription
from engine.references import is_status_secret


@dataclass(frozen=True)
class StageView:
    """A stage of the customer's progress line."""

    name: str
    reached_at: dt.datetime | None
    is_current: bool


@dataclass(frozen=True)
class Question:
    """Something that the customer may tell now."""

    key: int
    label: str
    form_id: str


@dataclass(frozen=True)
class StatusView:
    """How a case stands, in the customer's words."""

    reference: str
    subject: str
    process_name: str
    status: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    promised: dt.datetime | None
    stages: tuple[StageView, ...]
    questions: tuple[Question, ...]


def status(session: Session, actor: Actor, *, secret: bytes, reference: str, given: str) -> StatusView:
    """How the case stands. Raises NotFound for a wrong reference and a wrong secret alike."""
    reference = reference.strip().upper()
    root = session.scalar(
        select(ProcessInstance).where(ProcessInstance.reference == reference, ProcessInstance.parent_key.is_(None))
    )
    if not is_status_secret(secret, reference, given) or root is None:
        raise NotFound("Expected a case number and its access code that belong together, but these do not.")
    questions = session.execute(
        select(Subscription.key, Subscription.label, Subscription.form_id)
        .where(Subscription.root_key == root.key, Subscription.form_id.is_not(None))
        .order_by(Subscription.key.desc())
    )
    return StatusView(
        reference=root.reference,
        subject=root.subject,
        process_name=root.definition.name,
        status=root.status,
        started_at=root.started_at,
        ended_at=root.ended_at,
        promised=None if root.has_ended else root.promised,
        stages=_stages(session, root),
        questions=() if root.status != "active" else tuple(Question(*row) for row in questions),
    )


def public_processes(session: Session, actor: Actor) -> tuple[tuple[str, str], ...]:
    """The newest versions of processes that are not retired: (process id, name); the caller knows which are public."""
    rows = session.scalars(
        select(Definition)
        .where(Definition.kind == "process", Definition.is_retired.is_(False))
        .order_by(Definition.definition_id, Definition.version.desc())
    )
    newest: dict[str, str] = {}
    for row in rows:
        newest.setdefault(row.definition_id, row.name)
    return tuple(newest.items())


def _stages(session: Session, root: ProcessInstance) -> tuple[StageView, ...]:
    reached: dict[str, dt.datetime] = {}
    for at, data in session.execute(
        select(LogEntry.at, LogPayload.data)
        .join(LogPayload, LogPayload.entry_key == LogEntry.key)
        .where(LogEntry.stream_key == root.key, LogEntry.event == "StageReached")
        .order_by(LogEntry.position)
    ):
        reached.setdefault(data["stage"], at)
    return tuple(StageView(name, at, name == root.stage) for name, at in reached.items())
