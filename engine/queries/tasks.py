"""One task whole: what is to be done, what is known of its case, what was done before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from engine import forms, plain
from engine.errors import NotFound
from engine.model import Actor, Definition, Permission, ProcessInstance, Resource, Task, TaskDraft
from engine.model.trials import is_seen_from
from engine.queries.trace import Fact, timeline
from engine.queries.work import TaskRow, is_visible, rows

TOLD = frozenset(
    {
        "InstanceStarted", "InstanceSuspended", "InstanceResumed", "TaskCompleted", "TaskAssigned", "CommentAdded",
        "DecisionEvaluated", "MessageReceived", "EscalationThrown", "ErrorThrown", "StageReached", "JobCompleted",
        "IncidentRaised", "IncidentResolved",
    }
)  # fmt: skip
"""The events that somebody who works on a task wants to know of."""


@dataclass(frozen=True)
class CaseFact:
    """Something known of a case, as the form that asked for it calls it."""

    label: str
    value: Any
    kind: str
    """The kind of field: textfield, textarea, select, datetime …"""
    options: Mapping[str, str] = field(default_factory=dict)
    """What a chosen value is called."""


@dataclass(frozen=True)
class Draft:
    """What the actor has typed into the task's form so far."""

    data: dict[str, Any]
    saved_at: dt.datetime


@dataclass(frozen=True)
class FormView:
    """A form, ready for the browser."""

    schema: dict[str, Any]
    data: dict[str, Any]


@dataclass(frozen=True)
class TaskView:
    """One task whole."""

    row: TaskRow
    status: str
    element_id: str
    instance_key: int
    definition_key: int
    instructions: str
    """The documentation that the diagram has for the activity."""
    action: str
    """What the button that completes the task says; empty for the usual word."""
    form_key: int | None
    draft: Draft | None
    completed_by: str | None
    ended_at: dt.datetime | None
    is_excluded: bool
    """The actor did the step that this one checks, so somebody else must do it."""
    may_work: bool
    """The actor has it, or may take it by working on it."""
    may_assign: bool
    may_comment: bool
    case_status: str
    stage: str | None
    promised: dt.datetime | None
    started_at: dt.datetime
    facts: tuple[CaseFact, ...]
    happened: tuple[Fact, ...]
    """What happened in the case that matters to whoever works on it, newest first."""


def task(session: Session, actor: Actor, key: int) -> TaskView:
    """One task. Raises NotFound when there is none that the actor may see."""
    row = session.scalar(
        select(Task).where(Task.key == key, is_visible(actor))
        .options(selectinload(Task.candidates), joinedload(Task.instance).joinedload(ProcessInstance.definition))
    )  # fmt: skip
    if row is None:
        raise NotFound("Expected to find a task here, but there is none that you may see.")
    root = session.get_one(ProcessInstance, row.root_key)
    shown = rows(session, actor, [row])[0]
    is_excluded = actor.username in row.excluded_users
    return TaskView(
        row=shown,
        status=row.status,
        element_id=row.element_id,
        instance_key=row.instance_key,
        definition_key=row.instance.definition_key,
        instructions=_instructions(row.instance.definition, row.element_id),
        action=row.action,
        form_key=row.form_key,
        draft=_draft(session, actor, key),
        completed_by=row.completed_by,
        ended_at=row.ended_at,
        is_excluded=is_excluded,
        may_work=row.status == "open" and not shown.is_paused and (shown.may_claim or shown.is_mine),
        may_assign=row.status == "open" and not shown.is_paused and actor.may(Permission.TASK_ASSIGN),
        may_comment=actor.may(Permission.CASE_COMMENT),
        case_status=root.status,
        stage=root.stage,
        promised=root.promised,
        started_at=root.started_at,
        facts=case_facts(session, root),
        happened=_happened(session, actor, row.root_key),
    )


def form(
    session: Session,
    actor: Actor,
    key: int,
    *,
    now: dt.datetime,
    words: Mapping[str, str],
    variables: Mapping[str, Any] | None = None,
) -> FormView | None:
    """The form of a task with what the case says now; none when the task has no form. Raises NotFound.

    `variables` are those that the task sees, as opening its form tells; without them the case's own are shown.
    """
    row = session.scalar(select(Task).where(Task.key == key, is_visible(actor)).options(joinedload(Task.instance)))
    if row is None:
        raise NotFound("Expected to find a task here, but there is none that you may see.")
    definition = session.get(Definition, row.form_key) if row.form_key else None
    known = row.instance.variables if variables is None else variables
    return form_view(definition, known, now=now, words=words) if definition else None


def form_view(
    definition: Definition, variables: Mapping[str, Any], *, now: dt.datetime, words: Mapping[str, str]
) -> FormView:
    """The form of a definition, translated, with the data that it shows."""
    parsed = forms.parse(definition.resource.content, definition.resource.name)
    return FormView(parsed.translated(words), parsed.initial(variables, now))


def case_facts(session: Session, root: ProcessInstance) -> tuple[CaseFact, ...]:
    """What the start form of the case asked for and its data now says, in the order of the form."""
    form_id = root.definition.outline.get("start_form")
    content = session.scalars(
        select(Resource.content)
        .join(Definition, Definition.resource_key == Resource.key)
        .where(
            Definition.kind == "form", Definition.definition_id == form_id,
            is_seen_from(root.definition.deployment_key),
        )
        .order_by(Definition.version.desc())
        .limit(1)
    ).first()
    if content is None:
        return ()
    return tuple(
        fact for fact in _facts(plain.loads(content).get("components", ()), root.variables) if fact.value not in _NONE
    )


_NONE: tuple[Any, ...] = (None, "", [], {})


def _facts(components: list[dict[str, Any]], variables: Mapping[str, Any]) -> Iterator[CaseFact]:
    for component in components:
        if component.get("type") == "group":
            path = component.get("path")
            inner = variables.get(path, {}) if path else variables
            yield from _facts(component.get("components", []), inner if isinstance(inner, dict) else {})
        elif key := component.get("key"):
            options = {str(each.get("value")): str(each.get("label")) for each in component.get("values") or ()}
            label = component.get("label") or component.get("dateLabel") or key
            yield CaseFact(label, _at(variables, key), component["type"], options)


def _at(variables: Mapping[str, Any], dotted: str) -> Any:
    value: Any = variables
    for part in dotted.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _instructions(definition: Definition, element_id: str) -> str:
    element = definition.outline.get("elements", {}).get(element_id, {})
    return str(element.get("documentation") or "")


def _draft(session: Session, actor: Actor, key: int) -> Draft | None:
    draft = session.get(TaskDraft, (key, actor.username))
    return Draft(draft.data, draft.saved_at) if draft else None


def _happened(session: Session, actor: Actor, root_key: int, limit: int = 12) -> tuple[Fact, ...]:
    told = [fact for fact in timeline(session, actor, root_key) if fact.event in TOLD]
    return tuple(reversed(told[-limit:]))
