"""What is in force, made ready for use once per version, and which version a diagram means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import defer, joinedload

from engine import bpmn, forms
from engine.bpmn import CompiledProcess, Decided, Environment
from engine.bpmn.elements import Node, ProcessModel, Reference
from engine.command import ALOOF, Transaction
from engine.commands.imports import stored_model
from engine.errors import NotFound
from engine.model import Definition, Resource, trials


@dataclass(frozen=True)
class Process:
    """One version of a process, ready to run."""

    definition_key: int
    deployment_key: int
    model: ProcessModel
    compiled: CompiledProcess

    @property
    def start_form(self) -> Reference | None:
        """The form of the plain start event."""
        return start_form_of(self.model)

    def node(self, element_id: str) -> Node | None:
        return self.model.nodes.get(element_id)


@dataclass(frozen=True)
class StoredForm:
    """One version of a form, ready to check what is submitted."""

    definition_key: int
    id: str
    version: int
    form: forms.Form


def start_form_of(model: ProcessModel) -> Reference | None:
    """The form of the plain start event of a process."""
    plain_starts = (node for node in model.start_events() if node.event is None or node.event.trigger == "none")
    return next((node.form for node in plain_starts if node.form), None)


@dataclass(frozen=True)
class Meant:
    """The version of something that a diagram means."""

    key: int
    version: int
    resource_key: int


def resolve(tx: Transaction, kind: str, definition_id: str, binding: str, deployment_key: int) -> Meant | None:
    """The version that a diagram means: the latest, the one it was deployed with, or one with a version tag.

    Deployed with it means in force at that moment, since a file that has not changed makes no new version.
    Asked at nearly every step; what was found holds until something is deployed.
    """
    asked = (kind, definition_id, binding, deployment_key)
    return tx.memory.recall(("meant", *asked, tx.newest_deployment), partial(_resolve, tx, *asked))


def startable(tx: Transaction, process_id: str, version: int | None = None, ticket: int | None = None) -> Definition:
    """The newest version of a process (or the one asked for), expected to take new cases. Raises NotFound, Refused.

    One that is tried out is taken when the actor's groups or the ticket say so.
    """
    wanted = select(Definition).where(Definition.kind == "process", Definition.definition_id == process_id)
    if version is not None:
        wanted = wanted.where(Definition.version == version)
    else:
        wanted = wanted.where(trials.is_for(tx.actor.groups, ticket))
    newest_first = wanted.order_by(Definition.version.desc()).options(joinedload(Definition.resource))
    definition = tx.session.scalars(newest_first.limit(1)).first()
    if definition is None:
        raise NotFound("Expected to find process '{process}', but none is deployed.", process=process_id)
    definition.expect_in_force()
    return definition


def begun_by_event(tx: Transaction, definition: Definition, element_id: str, ticket: int) -> tuple[Definition, str]:
    """The version and start event of a case that begins by what the version in force waits for.

    A version that is tried out on a share of the cases has no timers and subscriptions of its own.
    """
    asked = ("trial", definition.definition_id, tx.newest_deployment)
    trial_key, trial = tx.memory.recall(asked, partial(_trial, tx, definition.definition_id))
    if trial not in trials.trials_for((), ticket):
        return definition, element_id
    tried = tx.get(Definition, trial_key)
    begins = next(each for each in process_of(tx, definition.key).model.beginnings() if each.element_id == element_id)
    alike = [
        each.element_id
        for each in process_of(tx, tried.key).model.beginnings()
        if (each.event.trigger, each.event.name) == (begins.event.trigger, begins.event.name)
    ]
    if tried.is_suspended or tried.is_retired or not alike:
        return definition, element_id
    return tried, element_id if element_id in alike else alike[0]


def process_of(tx: Transaction, definition_key: int) -> Process:
    """A process version, parsed and compiled once. Raises NotFound."""
    return tx.memory.recall(("process", definition_key), partial(_read_process, tx, definition_key))


def form_of(tx: Transaction, definition_key: int) -> StoredForm:
    """A form version, parsed once. Raises NotFound."""
    return tx.memory.recall(("form", definition_key), partial(_read_form, tx, definition_key))


def environment(tx: Transaction, deployment_key: int) -> Environment:
    """What an execution may ask of the world: the time, new keys, and decisions."""
    return Environment(now=tx.now, new_key=tx.new_key, decide=partial(_decide, tx, deployment_key))


def binding_of(reference: Reference) -> str:
    """How events spell which version of something is meant."""
    return f"versionTag:{reference.version_tag}" if reference.binding == "versionTag" else reference.binding


def _decide(tx: Transaction, deployment_key: int, reference: Reference, variables: Mapping[str, Any]) -> Decided:
    meant = resolve(tx, "decision", reference.id, binding_of(reference), deployment_key)
    if meant is None:
        raise NotFound("Expected to find decision '{decision}', but none is deployed.", decision=reference.id)
    content_key = meant.resource_key
    model = tx.memory.recall(("decisions", content_key), partial(stored_model, tx.session, content_key))
    return Decided(meant.version, model.evaluate(reference.id, variables, tx.now))


def _resolve(tx: Transaction, kind: str, definition_id: str, binding: str, deployment_key: int) -> Meant | None:
    means, _, tag = binding.partition(":")
    given = {"kind": kind, "id": definition_id, "deployment": deployment_key, "tag": tag}
    found = tx.session.scalars(_newest(means), given).first()
    return Meant(found.key, found.version, found.resource_key) if found else None


def _trial(tx: Transaction, process_id: str) -> tuple[int, str]:
    """Key and trial of the version of a process that is tried out on a share of its cases; no key without one."""
    wanted = select(Definition.key, Definition.trial).where(
        Definition.kind == "process", Definition.definition_id == process_id, Definition.trial.startswith("percent:")
    )
    found = tx.session.execute(wanted.order_by(Definition.version.desc()).limit(1)).first()
    return (found.key, found.trial) if found else (0, "")


def _read_process(tx: Transaction, definition_key: int) -> Process:
    definition = tx.get(Definition, definition_key)
    diagram = bpmn.parse(_content(tx, definition.resource_key), definition.resource.name)
    model = next(each for each in diagram.processes if each.id == definition.definition_id)
    return Process(definition.key, definition.deployment_key, model, bpmn.compile(model))


def _read_form(tx: Transaction, definition_key: int) -> StoredForm:
    definition = tx.get(Definition, definition_key)
    form = forms.parse(_content(tx, definition.resource_key), definition.resource.name)
    return StoredForm(definition.key, definition.definition_id, definition.version, form)


def _content(tx: Transaction, resource_key: int) -> bytes:
    return tx.session.scalars(select(Resource.content).where(Resource.key == resource_key)).one()


@cache
def _newest(means: str) -> Select[Definition]:
    """The newest of the versions that a binding means, without its outline."""
    wanted = select(Definition).where(
        Definition.kind == bindparam("kind"),
        Definition.definition_id == bindparam("id"),
        or_(Definition.trial.is_(None), Definition.deployment_key == bindparam("deployment")),
    )
    if means == "deployment":
        wanted = wanted.where(Definition.deployment_key <= bindparam("deployment"))
    elif means == "versionTag":
        wanted = wanted.where(Definition.version_tag == bindparam("tag"))
    return (
        wanted.order_by(Definition.version.desc())
        .limit(1)
        .options(joinedload(Definition.resource), defer(Definition.outline))
        .execution_options(**ALOOF)
    )
