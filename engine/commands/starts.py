"""How a case, or a process that a case calls, begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from engine import references
from engine.bpmn import Execution
from engine.command import Transaction
from engine.commands.definitions import environment, process_of
from engine.events import Event, InstanceStarted
from engine.model import Definition, ProcessInstance

DEFAULT_PREFIX = "CASE"
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Begun:
    """An instance that has just begun: its row is in the session, its events are not yet kept."""

    instance: ProcessInstance
    execution: Execution
    events: list[Event]


def begin(
    tx: Transaction,
    definition: Definition,
    variables: dict[str, Any],
    *,
    initiator: str | None = None,
    parent: ProcessInstance | None = None,
    parent_activity_key: int | None = None,
    parent_variables: Mapping[str, Any] = NOTHING,
    start_element_id: str | None = None,
    key: int | None = None,
) -> Begun:
    """Make the instance, tell that it started and run it to its first wait states."""
    key = key or tx.new_key()
    reference = parent.reference if parent else _new_reference(tx, definition)
    initiator = parent.initiator if parent else initiator
    variables = {**variables, "reference": reference, "initiator": initiator}
    # Only the very same object is sure to be the same value: 1 equals true.
    inherited = {name for name, value in variables.items() if parent_variables.get(name, variables) is value}
    process = process_of(tx, definition.key)
    instance = ProcessInstance(
        key=key,
        root_key=parent.root_key if parent else key,
        parent_key=parent.key if parent else None,
        parent_activity_key=parent_activity_key,
        definition_key=definition.key,
        definition=definition,
        process_id=definition.definition_id,
        reference=reference,
        subject=parent.subject if parent else "",
        status=parent.status if parent else "active",
        initiator=initiator,
        started_at=tx.now,
        ended_at=None,
        stage=None,
        promised=None,
        variables=variables,
        state=b"",
    )
    tx.add(instance)
    tx.tell(
        instance,
        InstanceStarted(
            definition_key=definition.key,
            process_id=definition.definition_id,
            version=definition.version,
            reference=reference,
            initiator=initiator,
            variables={name: value for name, value in variables.items() if name not in inherited},
            parent_activity_key=parent_activity_key,
            inherited=sorted(inherited),
        ),
    )
    execution, events = Execution.start(
        process.compiled, variables, environment(tx, process.deployment_key), start_element_id
    )
    return Begun(instance, execution, events)


def _new_reference(tx: Transaction, definition: Definition) -> str:
    """A reference that no case has yet; chance alone would give one twice within some ten thousand cases a month."""
    prefix = definition.properties.get("referencePrefix", "").strip() or DEFAULT_PREFIX
    while True:
        reference = references.new_reference(prefix, tx.now)
        known = select(ProcessInstance.key).where(ProcessInstance.reference == reference).limit(1)
        if tx.session.scalar(known) is None:
            return reference
