"""How processes are changed here: what owners have set, which reviews wait, which prepared elements there are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound
from engine.model import Actor, ElementTemplate, Permission, Project, Review, WorkshopSetting
from engine.model.workshop import REVIEW, house_rules_of, latest_review, review_state, settings_of


@dataclass(frozen=True)
class SettingRow:
    """Something that an owner has set."""

    process_id: str
    """Empty: for all processes."""
    name: str
    value: str
    changed_by: str
    changed_at: dt.datetime


@dataclass(frozen=True)
class ReviewRow:
    """A review that was asked for, and what came of it."""

    key: int
    project_key: int
    project: str
    process_id: str
    status: str
    asked_by: str
    asked_at: dt.datetime
    question: str
    given_by: str | None
    given_at: dt.datetime | None
    answer: str
    may_be_given: bool
    """Whether whoever asks may give it: it waits, and he has changed nothing in the project."""


@dataclass(frozen=True)
class ReviewView:
    """How the review of a project stands."""

    state: str
    """not-wanted, missing, asked, sent-back, outdated (changed since) or approved."""
    is_wanted: bool
    digest: str
    """Of all that would be published now."""
    latest: ReviewRow | None
    is_author: bool


@dataclass(frozen=True)
class TemplateRow:
    """A prepared element."""

    id: str
    name: str
    content: dict[str, Any]
    changed_by: str
    changed_at: dt.datetime


def settings(session: Session, actor: Actor, process_id: str = "") -> dict[str, str]:
    """Name → value of what holds for a process (or of what holds for all). Raises Forbidden."""
    _expect_reader(actor)
    return settings_of(session, process_id)


def own_settings(session: Session, actor: Actor) -> tuple[SettingRow, ...]:
    """All that owners have set, that for all processes first. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.scalars(select(WorkshopSetting).order_by(WorkshopSetting.process_id, WorkshopSetting.name))
    return tuple(SettingRow(row.process_id, row.name, row.value, row.changed_by, row.changed_at) for row in rows)


def house_rules(session: Session, actor: Actor, process_id: str) -> dict[str, str]:
    """House rules that are switched on for a process → error or warning. Raises Forbidden."""
    _expect_reader(actor)
    return house_rules_of(session, process_id)


def review(session: Session, actor: Actor, project_key: int) -> ReviewView:
    """How the review of a project stands. Raises NotFound, Forbidden."""
    _expect_reader(actor)
    project = session.get(Project, project_key)
    if project is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="project", key=project_key)
    latest = latest_review(session, project_key)
    return ReviewView(
        state=review_state(session, project),
        is_wanted=settings_of(session, project.process_id).get(REVIEW) == "wanted",
        digest=project.content_digest,
        latest=_row(latest, project, actor) if latest else None,
        is_author=actor.username in project.authors,
    )


def waiting_reviews(session: Session, actor: Actor) -> tuple[ReviewRow, ...]:
    """Reviews that are asked for and not given, the oldest first. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.execute(
        select(Review, Project)
        .join(Project, Project.key == Review.project_key)
        .where(Review.status == "asked", Project.status == "open")
        .order_by(Review.key)
    )
    return tuple(_row(row, project, actor) for row, project in rows)


def element_templates(session: Session, actor: Actor) -> tuple[TemplateRow, ...]:
    """Prepared elements, by name. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.scalars(select(ElementTemplate).order_by(ElementTemplate.name, ElementTemplate.id))
    return tuple(TemplateRow(row.id, row.name, row.content, row.changed_by, row.changed_at) for row in rows)


def _row(row: Review, project: Project, actor: Actor) -> ReviewRow:
    may = actor.may(Permission.DEFINITION_DRAFT) and row.status == "asked" and actor.username not in project.authors
    return ReviewRow(
        key=row.key,
        project_key=project.key,
        project=project.name,
        process_id=project.process_id,
        status=row.status,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        question=row.question,
        given_by=row.given_by,
        given_at=row.given_at,
        answer=row.answer,
        may_be_given=may,
    )


def _expect_reader(actor: Actor) -> None:
    if not actor.may(Permission.DEFINITION_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.",
            permission=Permission.DEFINITION_READ.value,
        )
