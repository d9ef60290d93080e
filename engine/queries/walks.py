"""What somebody plays through in a project."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.errors import Forbidden
from engine.model import Actor, Permission, ProjectWalk


@dataclass(frozen=True)
class KeptWalk:
    """The steps of a walk, as scenario files write them, and what the sandbox's clock said at first."""

    began_at: dt.datetime
    steps: tuple[dict[str, Any], ...]


def walk(session: Session, actor: Actor, project_key: int) -> KeptWalk | None:
    """The actor's own walk in a project; none when there is none. Raises Forbidden."""
    if not actor.may(Permission.DEFINITION_DRAFT):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.",
            permission=Permission.DEFINITION_DRAFT.value,
        )
    row = session.get(ProjectWalk, (project_key, actor.username))
    return KeptWalk(row.began_at, tuple(row.steps)) if row is not None and row.steps else None
