"""Replays of recorded cases through changes under way: whether one is up to date, and what it said."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from engine.errors import Forbidden
from engine.model import Actor, Definition, Permission, Project, ProjectReplay
from engine.model.replays import digest_of

ReplayStatus = Literal["none", "outdated", "clean", "blocked"]


@dataclass(frozen=True)
class ReplayView:
    """The last replay of a project."""

    status: ReplayStatus
    cases: int
    replayed_by: str
    replayed_at: dt.datetime
    report: dict[str, Any]


def replay_status(session: Session, project_key: int) -> ReplayStatus:
    """Whether recorded cases were replayed through the project as it stands now, and whether any got stuck."""
    replay = session.get(ProjectReplay, project_key)
    return "none" if replay is None else _status(session, replay)


def replay(session: Session, actor: Actor, project_key: int) -> ReplayView | None:
    """The last replay of a project; none when there was none. Raises Forbidden."""
    for permission in (Permission.DEFINITION_READ, Permission.CASE_READ_ALL):
        if not actor.may(permission):
            raise Forbidden(
                "Expected the permission '{permission}', but you do not have it.", permission=permission.value
            )
    found = session.get(ProjectReplay, project_key, options=[undefer(ProjectReplay.report)])
    if found is None:
        return None
    return ReplayView(_status(session, found), found.cases, found.replayed_by, found.replayed_at, found.report)


def project_digest(session: Session, project_key: int) -> str:
    """What a replay of the project would depend on now."""
    project = session.get_one(Project, project_key)
    replaced = session.scalar(
        select(func.max(Definition.key)).where(
            Definition.kind == "process", Definition.definition_id == project.process_id, Definition.trial.is_(None)
        )
    )
    return digest_of(project.files, replaced)


def _status(session: Session, replay: ProjectReplay) -> ReplayStatus:
    if replay.digest != project_digest(session, replay.project_key):
        return "outdated"
    return "blocked" if replay.is_blocked else "clean"
