"""Which cases an actor may see: one rule, for questions and commands alike."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.model.identity import Actor, Permission
from engine.model.instances import ProcessInstance
from engine.model.tasks import Task, TaskCandidate


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition on root instances that the actor may see."""
    if actor.may(Permission.CASE_READ_ALL):
        return true()
    if not actor.may(Permission.CASE_READ):
        return ~true()
    worked_on = exists().where(
        Task.root_key == ProcessInstance.root_key,
        or_(
            Task.assignee == actor.username,
            Task.completed_by == actor.username,
            exists().where(
                TaskCandidate.task_key == Task.key,
                or_(
                    (TaskCandidate.kind == "user") & (TaskCandidate.name == actor.username),
                    (TaskCandidate.kind == "group") & TaskCandidate.name.in_(actor.groups),
                ),
            ),
        ),
    )
    return or_(ProcessInstance.initiator == actor.username, worked_on)


def expect_visible(session: Session, actor: Actor, root_key: int) -> None:
    """Raises NotFound unless the case exists and the actor may see it."""
    seen = session.scalar(
        select(ProcessInstance.key).where(
            ProcessInstance.key == root_key, ProcessInstance.parent_key.is_(None), visible_to(actor)
        )
    )
    if seen is None:
        raise NotFound("Expected to find case '{case}', but there is none that you may see.", case=root_key)
