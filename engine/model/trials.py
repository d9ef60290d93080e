"""Which versions are for everybody, and whom a version that is only tried out is for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_

from engine.model.definitions import Definition

WITHDRAWN = "withdrawn"


def bucket_of(ticket: int) -> int:
    """0 to 99, always the same for a ticket; the key of a case is one, and neighbours fall far apart."""
    return int.from_bytes(hashlib.sha256(str(ticket).encode()).digest()[:8]) % 100


def trials_for(groups: Iterable[str], ticket: int | None) -> tuple[str, ...]:
    """The trials that take a case which somebody in these groups starts; its ticket decides about shares."""
    shares = () if ticket is None else tuple(f"percent:{share}" for share in range(bucket_of(ticket) + 1, 101))
    return (*(f"group:{group}" for group in sorted(groups)), *shares)


def is_for_everybody() -> ColumnElement[bool]:
    return Definition.trial.is_(None)


def is_seen_from(deployment_key: int) -> ColumnElement[bool]:
    """What a case sees whose process came with this deployment: what is for everybody, and its own."""
    return or_(Definition.trial.is_(None), Definition.deployment_key == deployment_key)


def is_for(groups: Iterable[str], ticket: int | None) -> ColumnElement[bool]:
    """What a new case may begin with: what is for everybody, and trials that take it and are not at rest."""
    wanted = trials_for(groups, ticket)
    return or_(Definition.trial.is_(None), and_(Definition.trial.in_(wanted), Definition.is_suspended.is_(False)))
