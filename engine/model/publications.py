"""What was published when: the versions that go back together when an earlier one is returned to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from engine.model.definitions import Definition, Deployment
from engine.model.trials import is_for_everybody


@dataclass(frozen=True)
class Return:
    """A definition that goes back with another one."""

    now: Definition
    then: Definition


def newest_for_everybody(session: Session, kind: str, definition_id: str) -> Definition | None:
    return session.scalars(
        select(Definition)
        .where(Definition.kind == kind, Definition.definition_id == definition_id, is_for_everybody())
        .order_by(Definition.version.desc())
        .limit(1)
    ).first()


def returns(session: Session, definition: Definition) -> tuple[Return, ...]:
    """What goes back when a version is returned to: all that was published together with the versions after it.

    Each goes to what it was just before the first of them. What is new since stays, and so do translations: they are
    shared by all processes. Empty when nothing came after the version.
    """
    same = (Definition.kind == definition.kind, Definition.definition_id == definition.definition_id)
    later = list(
        session.scalars(
            select(Definition.deployment_key).where(
                *same, Definition.version > definition.version, is_for_everybody()
            )
        )
    )
    if not later:
        return ()
    first = min(later)
    rows = session.execute(
        select(Definition.kind, Definition.definition_id)
        .where(Definition.deployment_key.in_(later), Definition.kind != "catalogue", is_for_everybody())
        .distinct()
    )
    found = []
    for kind, definition_id in {*((kind, id) for kind, id in rows), (definition.kind, definition.definition_id)}:
        now = newest_for_everybody(session, kind, definition_id)
        if (kind, definition_id) == (definition.kind, definition.definition_id):
            then: Definition | None = definition
        else:
            then = _just_before(session, kind, definition_id, first)
        if now is not None and then is not None and now.key != then.key:
            found.append(Return(now, then))
    return tuple(sorted(found, key=lambda each: (each.now.kind, each.now.definition_id)))


def proposed_label(session: Session, now: dt.datetime) -> str:
    """Year, month and how many were named so before, such as 2026.11.3."""
    month = f"{now.year}.{now.month}."
    labels = session.scalars(select(Deployment.label).where(Deployment.label.startswith(month, autoescape=True)))
    numbers = [int(rest) for label in labels if (rest := label.removeprefix(month)).isdecimal() and len(rest) < 9]
    return f"{month}{max(numbers, default=0) + 1}"


def numbers_after_all(session: Session, definition_ids: set[str]) -> dict[tuple[str, str], int]:
    """Kind and id → the highest version there ever was, also of those that were withdrawn."""
    rows = session.execute(
        select(Definition.kind, Definition.definition_id, func.max(Definition.version))
        .where(Definition.definition_id.in_(definition_ids))
        .group_by(Definition.kind, Definition.definition_id)
        .execution_options(autoflush=False)
    )
    return {(kind, id): version for kind, id, version in rows}


def _just_before(session: Session, kind: str, definition_id: str, deployment_key: int) -> Definition | None:
    return session.scalars(
        select(Definition)
        .where(
            Definition.kind == kind, Definition.definition_id == definition_id,
            Definition.deployment_key < deployment_key, is_for_everybody(),
        )
        .order_by(Definition.version.desc())
        .limit(1)
        .options(joinedload(Definition.resource))
    ).first()  # fmt: skip
