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
class PublicProcess:
    """A process that customers may start."""

    process_id: str
    name: str
    documentation: str
    form_id: str


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
        .join(ProcessInstance, ProcessInstance.key == Subscription.instance_key)
        .where(
            Subscription.root_key == root.key, Subscription.form_id.is_not(None), ProcessInstance.status == "active"
        )
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
        questions=tuple(Question(key, label, form or "") for key, label, form in questions),
    )


def public_processes(session: Session, actor: Actor) -> tuple[PublicProcess, ...]:
    """What customers can start: the newest version of each process that its owner made public."""
    rows = session.scalars(
        select(Definition)
        .where(Definition.kind == "process", Definition.is_retired.is_(False))
        .order_by(Definition.definition_id, Definition.version.desc())
    )
    newest: dict[str, Definition] = {}
    for row in rows:
        newest.setdefault(row.definition_id, row)
    return tuple(
        PublicProcess(row.definition_id, row.name, row.outline["documentation"], row.outline["start_form"])
        for row in newest.values()
        if row.outline["properties"].get("publicStart") == "true" and row.outline["start_form"]
    )


def _stages(session: Session, root: ProcessInstance) -> tuple[StageView, ...]:
    """The owner's stages in the owner's order; without such an order, those reached in the order of time."""
    reached: dict[str, dt.datetime] = {}
    for at, data in session.execute(
        select(LogEntry.at, LogPayload.data)
        .join(LogPayload, LogPayload.entry_key == LogEntry.key)
        .where(LogEntry.stream_key == root.key, LogEntry.event == "StageReached")
        .order_by(LogEntry.position)
    ):
        reached.setdefault(data["stage"], at)
    ordered = [name.strip() for name in root.definition.outline["properties"].get("stages", "").split(",")]
    names = dict.fromkeys([name for name in ordered if name] + list(reached))
    return tuple(StageView(name, reached.get(name), name == root.stage) for name in names)
