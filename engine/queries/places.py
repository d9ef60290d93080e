"""The place of a case on its diagram: the drawing, the path through it, and what its elements are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from engine.errors import NotFound
from engine.model import (
    Actor,
    Definition,
    Incident,
    Job,
    LogEntry,
    Permission,
    ProcessInstance,
    Resource,
    Subscription,
)  # fmt: skip
from engine.model.access import expect_visible, visible_to


@dataclass(frozen=True)
class Path:
    """Where an instance went on its diagram, for drawing."""

    passed: dict[str, int]
    """Element or flow id → how often."""
    current: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]


def diagram(session: Session, actor: Actor, definition_key: int) -> bytes:
    """The diagram of a process definition, as it was deployed.

    Whoever may read definitions sees all; others those of the cases that they may see. Raises NotFound.
    """
    content = session.scalar(
        select(Resource.content)
        .join(Definition, Definition.resource_key == Resource.key)
        .where(Definition.key == definition_key, Definition.kind == "process")
    )
    if content is None or not (actor.may(Permission.DEFINITION_READ) or _runs_visibly(session, actor, definition_key)):
        raise NotFound("Expected to find the diagram '{key}', but there is none that you may see.", key=definition_key)
    return content


def path(session: Session, actor: Actor, instance_key: int) -> Path:
    """Where an instance went on its diagram. Raises NotFound."""
    root_key = session.scalar(select(ProcessInstance.root_key).where(ProcessInstance.key == instance_key))
    if root_key is None:
        raise NotFound("Expected to find case '{case}', but there is none that you may see.", case=instance_key)
    expect_visible(session, actor, root_key)
    counts: dict[str, Counter[str]] = {}
    for event, element, count in session.execute(
        select(LogEntry.event, LogEntry.element_id, func.count())
        .where(
            LogEntry.stream_key == root_key, LogEntry.instance_key == instance_key, LogEntry.element_id.is_not(None)
        )
        .group_by(LogEntry.event, LogEntry.element_id)
    ):
        assert element is not None
        counts.setdefault(event, Counter())[element] = count
    flows, started = counts.get("FlowTaken", Counter()), counts.get("ActivityStarted", Counter())
    occurred = counts.get("EventOccurred", Counter())
    ended = counts.get("ActivityCompleted", Counter()) + counts.get("ActivityCancelled", Counter())
    failed = tuple(
        session.scalars(
            select(Incident.element_id).where(Incident.instance_key == instance_key, Incident.resolved_at.is_(None))
        )
    )
    begun = started + _brought(session, root_key, instance_key, counts, ended)
    current = {element for element in begun if begun[element] > ended[element]}
    for waits in (Subscription, Job):
        current.update(
            session.scalars(
                select(waits.element_id).where(waits.instance_key == instance_key, waits.element_id != "")
            )
        )
    return Path(
        passed=dict(flows + started + occurred),
        current=tuple(sorted(current)),
        failed=failed,
        cancelled=tuple(sorted(counts.get("ActivityCancelled", Counter()))),
    )


def _brought(
    session: Session, root_key: int, instance_key: int, counts: dict[str, Counter[str]], ended: Counter[str]
) -> Counter[str]:
    """Elements at which something runs that began elsewhere, in another version; there it counts as ended."""
    brought: Counter[str] = Counter()
    if "ActivityMigrated" in counts:
        told = session.execute(
            select(LogEntry.element_id, LogEntry.data).where(
                LogEntry.stream_key == root_key,
                LogEntry.instance_key == instance_key,
                LogEntry.event == "ActivityMigrated",
            )
        )
        for element, data in told:
            if data and not data["kind"].endswith("Event"):
                brought[element or ""] += 1
                ended[data["from_element"]] += 1
    return brought


def outlines(session: Session, actor: Actor, key: int) -> dict[int, dict[str, Any]]:
    """The outlines of the definitions that a case runs on: instance key → outline. Raises NotFound."""
    root_key = session.scalar(select(ProcessInstance.root_key).where(ProcessInstance.key == key))
    expect_visible(session, actor, root_key or key)
    keys = session.scalars(select(ProcessInstance.key).where(ProcessInstance.root_key == root_key)).all()
    return _outlines(session, keys)


def outlines_seen(session: Session, actor: Actor, instance_keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The same for instances of any case, for who may see all cases; nothing for others."""
    return _outlines(session, instance_keys) if actor.may(Permission.CASE_READ_ALL) else {}


def _outlines(session: Session, instance_keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    definition_of: dict[int, int] = {
        key: definition
        for key, definition in session.execute(
            select(ProcessInstance.key, ProcessInstance.definition_key).where(ProcessInstance.key.in_(instance_keys))
        )
    }
    outline_of: dict[int, dict[str, Any]] = {
        key: outline
        for key, outline in session.execute(
            select(Definition.key, Definition.outline).where(Definition.key.in_(set(definition_of.values())))
        )
    }
    return {key: outline_of[definition] for key, definition in definition_of.items()}


def _runs_visibly(session: Session, actor: Actor, definition_key: int) -> bool:
    part = aliased(ProcessInstance)
    return bool(
        session.scalar(
            select(
                exists().where(
                    part.definition_key == definition_key,
                    part.root_key == ProcessInstance.key,
                    ProcessInstance.parent_key.is_(None),
                    visible_to(actor),
                )
            )
        )
    )
