"""What publishing a project would mean for the cases that run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from engine import bpmn
from engine.bpmn import CompiledProcess, Execution, Plan
from engine.bpmn.elements import ProcessModel
from engine.bpmn.migration import CANNOT
from engine.command import Command, Transaction
from engine.commands.definitions import environment, process_of
from engine.commands.projects import files_of
from engine.errors import EngineError, Invalid
from engine.model import Definition, LogEntry, Permission, ProcessInstance, Resource
from engine.model.publications import newest_for_everybody

MOST_CHECKED = 500
"""So many cases of a process are looked at; what they tell holds for the others alike."""


@dataclass(frozen=True)
class ProcessImpact:
    """What a change would mean for the cases of one process."""

    process_id: str
    name: str
    open: int
    checked: int
    as_it_is: int
    needs_mapping: int
    cannot: int
    passed_removed: int
    """Cases that have completed a step which the change takes away."""
    removed: tuple[str, ...]
    """What these steps are called."""


@dataclass(frozen=True)
class CheckImpact(Command):
    """Say which running cases could go on in a project once it is published."""

    permission = Permission.DEFINITION_READ
    reads_only = True
    project_key: int

    def execute(self, tx: Transaction) -> tuple[ProcessImpact, ...]:
        """Without diagrams that cannot be read or run: publishing complains about those."""
        found = []
        for name, content in files_of(tx.session, self.project_key):
            if not name.lower().endswith(".bpmn"):
                continue
            try:
                diagram = bpmn.parse(content, name)
            except Invalid:
                continue
            if any(problem.severity == "error" for problem in bpmn.check(diagram)):
                continue
            for model in diagram.executable():
                definition = newest_for_everybody(tx.session, "process", model.id)
                if definition is not None and _is_changed(tx, definition, content):
                    found.append(_impact(tx, definition, model))
        return tuple(found)


def _is_changed(tx: Transaction, definition: Definition, content: bytes) -> bool:
    wanted = select(Resource.content).where(Resource.key == definition.resource_key)
    return tx.session.scalars(wanted).one() != content


def _impact(tx: Transaction, definition: Definition, model: ProcessModel) -> ProcessImpact:
    is_open = (
        ProcessInstance.process_id == definition.definition_id, ProcessInstance.status.in_(("active", "suspended"))
    )  # fmt: skip
    total = tx.session.scalar(select(func.count()).where(*is_open)) or 0
    keys = list(tx.session.scalars(select(ProcessInstance.key).where(*is_open).limit(MOST_CHECKED)))
    compiled = bpmn.compile(model)
    verdicts = Counter(_verdict(tx, key, compiled) for key in keys)
    old = process_of(tx, definition.key).model
    removed = [node for node in old.nodes.values() if node.id not in model.nodes and node.kind.endswith("Task")]
    passed = select(func.count(LogEntry.instance_key.distinct())).where(
        LogEntry.event == "ActivityCompleted", LogEntry.instance_key.in_(keys),
        LogEntry.element_id.in_([node.id for node in removed]),
    )  # fmt: skip
    return ProcessImpact(
        process_id=definition.definition_id,
        name=definition.name or definition.definition_id,
        open=total,
        checked=len(keys),
        as_it_is=verdicts["as-it-is"],
        needs_mapping=verdicts["needs-mapping"],
        cannot=verdicts["cannot"],
        passed_removed=(tx.session.scalar(passed) or 0) if removed and keys else 0,
        removed=tuple(node.label for node in removed),
    )


def _verdict(tx: Transaction, key: int, compiled: CompiledProcess) -> str:
    instance = tx.instance(key)
    old = process_of(tx, instance.definition_key)
    try:
        Execution.migrate(
            old.compiled, compiled, instance.state, environment(tx, old.deployment_key), Plan({}, ())
        )
    except EngineError as error:
        is_hopeless = not error.problems or any(problem.rule == CANNOT for problem in error.problems)
        return "cannot" if is_hopeless else "needs-mapping"
    finally:
        tx.session.expunge(instance)
    return "as-it-is"
