"""What customers may know: the processes they can start, and how their own case stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import forms
from engine.errors import NotFound
from engine.model import Actor, Definition, LogEntry, ProcessInstance, Subscription
from engine.model.access import expect_visible
from engine.model.trials import is_for, is_seen_from
from engine.queries.tasks import FormView
from engine.references import is_status_secret


@dataclass(frozen=True)
class PublicProcess:
    """A process that customers may start."""

    process_id: str
    name: str
    documentation: str
    form_id: str
    deployment_key: int


@dataclass(frozen=True)
class PublicForm:
    """A form for a customer, ready for the browser."""

    title: str
    documentation: str
    schema: dict[str, Any]
    data: dict[str, Any]

    @property
    def form(self) -> FormView:
        """Without its title, as staff get forms."""
        return FormView(self.schema, self.data)


@dataclass(frozen=True)
class StageView:
    """A stage of the customer's progress line."""

    name: str
    reached_at: dt.datetime | None
    is_current: bool


@dataclass(frozen=True)
class Question:
    """Something that the customer may tell now."""

    key: int
    label: str
    form_id: str


@dataclass(frozen=True)
class StatusView:
    """How a case stands, in the customer's words."""

    reference: str
    subject: str
    process_name: str
    status: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    promised: dt.datetime | None
    stages: tuple[StageView, ...]
    questions: tuple[Question, ...]


def status(session: Session, actor: Actor, *, secret: bytes, reference: str, given: str) -> StatusView:
    """How the case stands. Raises NotFound for a wrong reference and a wrong secret alike."""
    reference = reference.strip().upper()
    root = session.scalar(
        select(ProcessInstance).where(ProcessInstance.reference == reference, ProcessInstance.parent_key.is_(None))
    )
    if not is_status_secret(secret, reference, given) or root is None:
        raise NotFound("Expected a case number and its access code that belong together, but these do not.")
    questions = session.execute(
        select(Subscription.key, Subscription.label, Subscription.form_id)
        .join(ProcessInstance, ProcessInstance.key == Subscription.instance_key)
        .where(Subscription.root_key == root.key, Subscription.form_id.is_not(None), ProcessInstance.status == "active")
        .order_by(Subscription.key.desc())
    )
    return StatusView(
        reference=root.reference,
        subject=root.subject,
        process_name=root.definition.name,
        status=root.status,
        started_at=root.started_at,
        ended_at=root.ended_at,
        promised=None if root.has_ended else root.promised,
        stages=_stages(session, root),
        questions=tuple(Question(key, label, form or "") for key, label, form in questions),
    )


def public_processes(session: Session, actor: Actor, ticket: int | None = None) -> tuple[PublicProcess, ...]:
    """What customers can start: the newest version of each process that its owner made public.

    The ticket decides whether a version that is tried out on a share of the cases is the one.
    """
    rows = session.scalars(
        select(Definition)
        .where(Definition.kind == "process", Definition.is_retired.is_(False), is_for((), ticket))
        .order_by(Definition.definition_id, Definition.version.desc())
    )
    newest: dict[str, Definition] = {}
    for row in rows:
        newest.setdefault(row.definition_id, row)
    return tuple(
        PublicProcess(
            row.definition_id, row.name, row.outline["documentation"], row.outline["start_form"], row.deployment_key
        )
        for row in newest.values()
        if row.outline["properties"].get("publicStart") == "true" and row.outline["start_form"]
    )


def start_form(
    session: Session,
    actor: Actor,
    *,
    process_id: str,
    language: str,
    now: dt.datetime,
    words: Mapping[str, str],
    ticket: int | None = None,
) -> PublicForm:
    """The form by which a customer starts a process; it begins with the language that the customer reads.

    Raises NotFound unless the process is public.
    """
    for process in public_processes(session, actor, ticket):
        if process.process_id == process_id:
            known = {"initiator": None, "language": language}
            schema, data = _form(session, process.form_id, process.deployment_key, known, now, words)
            return PublicForm(process.name, process.documentation, schema, data)
    raise NotFound("Expected to find a public form '{form}', but there is none.", form=process_id)


def question_form(
    session: Session, actor: Actor, *, key: int, reference: str, now: dt.datetime, words: Mapping[str, str]
) -> PublicForm:
    """The form of something that the customer may tell now; the caller has checked the case's secret.

    Raises NotFound when it is no longer asked.
    """
    row = session.execute(
        select(Subscription, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.key == Subscription.instance_key)
        .where(Subscription.key == key, ProcessInstance.reference == reference, Subscription.form_id.is_not(None))
    ).first()
    if row is None:
        raise NotFound("Expected an open question, but it has been answered or is no longer asked.")
    subscription, instance = row
    return _question(session, subscription, instance, now, words)


def customer_form(
    session: Session, actor: Actor, *, key: int, now: dt.datetime, words: Mapping[str, str]
) -> tuple[int, PublicForm]:
    """The same form for staff who write down what a customer told: (key of the case, form). Raises NotFound."""
    row = session.execute(
        select(Subscription, ProcessInstance)
        .join(ProcessInstance, ProcessInstance.key == Subscription.instance_key)
        .where(Subscription.key == key, Subscription.form_id.is_not(None))
    ).first()
    if row is None:
        raise NotFound("Expected an open question, but it has been answered or is no longer asked.")
    subscription, instance = row
    expect_visible(session, actor, instance.root_key)
    return instance.root_key, _question(session, subscription, instance, now, words)


def _question(
    session: Session, subscription: Subscription, instance: ProcessInstance, now: dt.datetime, words: Mapping[str, str]
) -> PublicForm:
    deployment_key = instance.definition.deployment_key
    schema, data = _form(session, subscription.form_id or "", deployment_key, instance.variables, now, words)
    element = instance.definition.outline["elements"].get(subscription.element_id, {})
    return PublicForm(subscription.label, element.get("documentation", ""), schema, data)


def _form(
    session: Session,
    form_id: str,
    deployment_key: int,
    variables: Mapping[str, Any],
    now: dt.datetime,
    words: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    row = session.scalar(
        select(Definition)
        .where(Definition.kind == "form", Definition.definition_id == form_id, is_seen_from(deployment_key))
        .order_by(Definition.version.desc())
        .limit(1)
    )
    if row is None:
        raise NotFound("Expected to find a public form '{form}', but there is none.", form=form_id)
    form = forms.parse(row.resource.content, row.resource.name)
    return form.translated(words), form.initial(variables, now)


def _stages(session: Session, root: ProcessInstance) -> tuple[StageView, ...]:
    """The owner's stages in the owner's order; without such an order, those reached in the order of time."""
    reached: dict[str, dt.datetime] = {}
    for at, data in session.execute(
        select(LogEntry.at, LogEntry.data)
        .where(LogEntry.stream_key == root.key, LogEntry.event == "StageReached")
        .order_by(LogEntry.position)
    ):
        reached.setdefault(data["stage"], at)
    ordered = [name.strip() for name in root.definition.outline["properties"].get("stages", "").split(",")]
    names = dict.fromkeys([name for name in ordered if name] + list(reached))
    return tuple(StageView(name, reached.get(name), name == root.stage) for name in names)
