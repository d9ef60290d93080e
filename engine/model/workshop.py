"""How processes are changed in this organisation: reviews of changes, settings of owners, templates of elements."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, Digest, Key, Moment, Plain
from engine.errors import Refused
from engine.events import ReviewAsked, ReviewGiven
from engine.model.projects import Project


class WorkshopSetting(Base):
    """What owners have set for changes of one process, or of all."""

    __tablename__ = "workshop_setting"

    process_id: Mapped[str] = mapped_column(primary_key=True)
    """Empty: for all processes."""
    name: Mapped[str] = mapped_column(primary_key=True)
    """`review`, or `house-rule:` and the name of the rule."""
    value: Mapped[str]
    """`wanted` or `not-wanted`; `error`, `warning` or `off`."""
    changed_by: Mapped[str]
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)


class Review(Base):
    """Somebody else is asked to look at a change under way, and what came of it."""

    __tablename__ = "review"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    project_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("project.key"), index=True)
    digest: Mapped[str] = mapped_column(Digest)
    """Of all files as they were when the review was asked for; what differs since is not approved."""
    status: Mapped[str]
    """asked, approved or sent-back."""
    asked_by: Mapped[str]
    asked_at: Mapped[dt.datetime] = mapped_column(Moment)
    question: Mapped[str]
    given_by: Mapped[str | None]
    given_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(server_default="")

    @classmethod
    def ask(cls, key: int, project_key: int, digest: str, asked_by: str, question: str, now: dt.datetime) -> Review:
        return cls(
            key=key, project_key=project_key, digest=digest, status="asked", asked_by=asked_by, asked_at=now,
            question=question, answer="",
        )  # fmt: skip

    def told(self, project: str) -> ReviewAsked:
        return ReviewAsked(project, self.digest, self.question)

    def give(self, project: str, is_approved: bool, given_by: str, answer: str, now: dt.datetime) -> ReviewGiven:
        if self.status != "asked":
            raise Refused("Expected to review project '{project}', but that is done.", project=project)
        self.status = "approved" if is_approved else "sent-back"
        self.given_by, self.given_at, self.answer = given_by, now, answer
        return ReviewGiven(project, self.digest, is_approved, answer)


class ElementTemplate(Base):
    """A prepared element of a diagram, such as a service task with its service filled in, that editors offer."""

    __tablename__ = "element_template"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(Plain)
    """As bpmn.io's element templates are written."""
    changed_by: Mapped[str]
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)


REVIEW = "review"
HOUSE_RULE = "house-rule:"
SEVERITIES = ("error", "warning", "off")


def settings_of(session: Session, process_id: str) -> dict[str, str]:
    """What holds for changes of a process: what is set for it, else what is set for all."""
    rows = session.execute(
        select(WorkshopSetting.name, WorkshopSetting.value)
        .where(WorkshopSetting.process_id.in_(("", process_id)))
        .order_by(WorkshopSetting.process_id)
    )
    return {name: value for name, value in rows}


def house_rules_of(session: Session, process_id: str) -> dict[str, str]:
    """House rules that are switched on, with what they count as: error or warning."""
    found = settings_of(session, process_id).items()
    return {
        name.removeprefix(HOUSE_RULE): value for name, value in found if name.startswith(HOUSE_RULE) and value != "off"
    }


def latest_review(session: Session, project_key: int) -> Review | None:
    return session.scalars(
        select(Review).where(Review.project_key == project_key).order_by(Review.key.desc()).limit(1)
    ).first()


def review_state(session: Session, project: Project) -> str:
    """not-wanted, missing, asked, sent-back, outdated (changed since) or approved."""
    wanted = settings_of(session, project.process_id).get(REVIEW) == "wanted"
    review = latest_review(session, project.key)
    if review is None:
        return "missing" if wanted else "not-wanted"
    if review.status == "approved" and review.digest != project.content_digest:
        return "outdated" if wanted else "not-wanted"
    return review.status
