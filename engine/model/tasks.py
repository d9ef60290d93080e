"""Human work: created, assigned, completed or cancelled."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, exists, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from engine.database import Base, Key, Moment, Plain
from engine.errors import Refused
from engine.events import (
    TaskAssigned,
    TaskClaimed,
    TaskCompleted,
    TaskCreated,
    TaskOffered,
    TaskReleased,
    TaskRescheduled,
)  # fmt: skip
from engine.model.identity import Actor
from engine.model.instances import ProcessInstance

_IS_OPEN = text("status = 'open'")
_IS_BARRING = text("status = 'open' AND assignee IS NULL AND excluded_users <> '[]'")


def _of_open(name: str, *columns: Any) -> Index:
    return Index(name, *columns, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN)


def names(actor: Actor, kind: str, name: str) -> bool:
    """Whether a candidate, a user or a group, is this actor or holds them."""
    return name == actor.username if kind == "user" else name in actor.groups


class TaskDraft(Base):
    """What a person has typed into a task's form so far."""

    __tablename__ = "task_draft"

    task_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("task.key", ondelete="CASCADE"), primary_key=True)
    username: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(Plain)
    saved_at: Mapped[dt.datetime] = mapped_column(Moment)


class Task(Base):
    """Human work on a user-task activity; its key is the activity's key."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_assignee", "assignee", "status", "due"),
        # Candidates refer to both, so that the database itself tells them when their task has ended.
        Index("ix_task_key_status", "key", "status", unique=True),
        # One for each order of the inbox. All end with the key, and hold open tasks alone, so they stay small.
        _of_open("ix_task_open_due", text("(due IS NULL)"), "due", text("priority DESC"), "key"),
        _of_open("ix_task_open_priority", text("priority DESC"), text("(due IS NULL)"), "due", "key"),
        _of_open("ix_task_open_case", "root_key", "key", "name", "assignee"),
        _of_open("ix_task_open_created", "created_at", "key"),
        Index(
            "ix_task_open_excluded", "excluded_users", "key", sqlite_where=_IS_BARRING, postgresql_where=_IS_BARRING
        ),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("process_instance.key"), index=True)
    root_key: Mapped[int] = mapped_column(BigInteger, index=True)
    element_id: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    """open, completed or cancelled."""
    assignee: Mapped[str | None]
    due: Mapped[dt.datetime | None] = mapped_column(Moment)
    follow_up: Mapped[dt.datetime | None] = mapped_column(Moment)
    priority: Mapped[int]
    form_key: Mapped[int | None] = mapped_column(BigInteger)
    """Key of the form's definition, resolved when the task was created."""
    action: Mapped[str]
    excluded_users: Mapped[list[str]] = mapped_column(Plain)
    """Who may not do it, since they did a step that must be done by somebody else."""
    separate_from: Mapped[list[str]] = mapped_column(Plain)
    """Ids of the user tasks whose doers may not do this one."""
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    completed_by: Mapped[str | None]
    candidates: Mapped[list[TaskCandidate]] = relationship(
        cascade="all, delete-orphan",
        primaryjoin="Task.key == foreign(TaskCandidate.task_key)",
        passive_deletes=True,
    )
    instance: Mapped[ProcessInstance] = relationship()
    has_drafts: Mapped[bool] = column_property(exists().where(TaskDraft.task_key == key), deferred=True)
    """Whether anybody has typed something into its form."""

    @classmethod
    def create(
        cls,
        instance: ProcessInstance,
        event: TaskCreated,
        *,
        form_key: int | None,
        excluded_users: list[str],
        now: dt.datetime,
    ) -> Task:
        candidates = [
            TaskCandidate(task_key=event.activity_key, kind="user", name=user)
            for user in dict.fromkeys(event.candidate_users)
        ]
        candidates += [
            TaskCandidate(task_key=event.activity_key, kind="group", name=group)
            for group in dict.fromkeys(event.candidate_groups)
        ]
        return cls(
            key=event.activity_key,
            instance_key=instance.key,
            root_key=instance.root_key,
            element_id=event.element_id,
            name=event.label,
            status="open",
            assignee=event.assignee,
            due=event.due,
            follow_up=event.follow_up,
            priority=event.priority,
            form_key=form_key,
            action=event.action,
            excluded_users=excluded_users,
            separate_from=event.separate_from,
            created_at=now,
            candidates=candidates,
        )

    def is_offered_to(self, actor: Actor) -> bool:
        return any(names(actor, candidate.kind, candidate.name) for candidate in self.candidates)

    def expect_open(self, verb: str) -> None:
        if self.status == "completed":
            raise Refused(
                "Expected to {verb} task '{task}', but {user} completed it at {time}.",
                verb=verb, task=self.name, user=self.completed_by, time=self.ended_at,
            )  # fmt: skip
        if self.status == "cancelled":
            raise Refused("Expected to {verb} task '{task}', but it is no longer needed.", verb=verb, task=self.name)

    def expect_allowed(self, username: str | None, verb: str) -> None:
        if username in self.excluded_users:
            raise Refused(
                "Expected to {verb} task '{task}', but {user} did the step it checks; somebody else must do it.",
                verb=verb, task=self.name, user=username,
            )  # fmt: skip

    def claim(self, username: str) -> TaskClaimed:
        self.expect_open("claim")
        self.expect_allowed(username, "claim")
        if self.assignee not in (None, username):
            raise Refused(
                "Expected to claim task '{task}', but {user} is already working on it.",
                task=self.name, user=self.assignee,
            )  # fmt: skip
        self.assignee = username
        return TaskClaimed(self.element_id, self.key, assignee=username)

    def release(self) -> TaskReleased:
        self.expect_open("release")
        if self.assignee is None:
            raise Refused("Expected to release task '{task}', but nobody has it.", task=self.name)
        previous, self.assignee = self.assignee, None
        return TaskReleased(self.element_id, self.key, previous=previous)

    def assign(self, username: str) -> TaskAssigned:
        self.expect_open("assign")
        self.expect_allowed(username, "assign")
        previous, self.assignee = self.assignee, username
        return TaskAssigned(self.element_id, self.key, assignee=username, previous=previous)

    def complete(
        self, by: str, variables: dict[str, Any], *, form_id: str | None, form_version: int | None, now: dt.datetime
    ) -> TaskCompleted:
        self.expect_open("complete")
        self.expect_allowed(by, "complete")
        if self.assignee not in (None, by):
            raise Refused(
                "Expected to complete task '{task}', but {user} is working on it.", task=self.name, user=self.assignee
            )
        self.status, self.ended_at, self.completed_by = "completed", now, by
        self.assignee = self.assignee or by
        return TaskCompleted(self.element_id, self.key, self.assignee, form_id, form_version, variables)

    def reschedule(self, due: dt.datetime | None, follow_up: dt.datetime | None, priority: int) -> TaskRescheduled:
        self.expect_open("reschedule")
        self.due, self.follow_up, self.priority = due, follow_up, priority
        return TaskRescheduled(self.element_id, self.key, due=due, follow_up=follow_up, priority=priority)

    def relocate(self, element_id: str, name: str, action: str, separate_from: list[str]) -> None:
        """Its case goes on in another version of its process, in which the task stands at this element."""
        self.element_id, self.name, self.action, self.separate_from = element_id, name, action, separate_from

    def offer(self, users: list[str], groups: list[str]) -> TaskOffered:
        """Offer it to others than before."""
        wanted = {("user", name) for name in users} | {("group", name) for name in groups}
        kept = [candidate for candidate in self.candidates if (candidate.kind, candidate.name) in wanted]
        known = {(candidate.kind, candidate.name) for candidate in kept}
        self.candidates = kept + [TaskCandidate(kind=kind, name=name) for kind, name in sorted(wanted - known)]
        return TaskOffered(self.element_id, self.key, users, groups)

    def exclude(self, username: str) -> TaskReleased | None:
        """Somebody has just done a step that this open task checks: they may not do it, and it is taken from them."""
        self.excluded_users = [*self.excluded_users, username]
        return self.release() if self.assignee == username else None

    def cancel(self, now: dt.datetime) -> None:
        """The activity was cancelled; `ActivityCancelled` tells it."""
        if self.status == "open":
            self.status, self.ended_at = "cancelled", now


class TaskCandidate(Base):
    """A person or group that a task is offered to."""

    __tablename__ = "task_candidate"
    __table_args__ = (
        ForeignKeyConstraint(
            ["task_key", "task_status"], ["task.key", "task.status"], ondelete="CASCADE", onupdate="CASCADE"
        ),
        Index("ix_task_candidate_name", "task_status", "kind", "name", "task_key"),
    )

    task_key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """user or group."""
    name: Mapped[str] = mapped_column(primary_key=True)
    task_status: Mapped[str] = mapped_column(default="open")
    """That of the task; the database keeps it, so that what is open is found without looking at what has ended."""
