"""All rows of some cases, read in one snapshot, and what the interpreter makes of their states."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NoReturn

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from engine import bpmn
from engine.bpmn import CompiledProcess, Environment, Execution
from engine.checks.tales import TOLD, Entry, Tale, told
from engine.errors import EngineError
from engine.model import Definition, Incident, Job, LogEntry, ProcessInstance, Resource, Subscription, Task
from engine.model.log import Verdict, verify

Rows = dict[int, list[Any]]


@dataclass(frozen=True)
class Running:
    """An instance that runs, with its state as the interpreter reads it."""

    instance: ProcessInstance
    execution: Execution | None
    """None when the state cannot be read."""
    trouble: str = ""
    """Why it cannot be read."""


@dataclass(frozen=True)
class Case:
    """A case with everything that belongs to it."""

    root: ProcessInstance
    instances: dict[int, ProcessInstance]
    running: dict[int, Running]
    tasks: list[Task]
    jobs: list[Job]
    subscriptions: list[Subscription]
    incidents: list[Incident]
    """The open ones."""
    tale: Tale
    verdict: Verdict


@dataclass
class Processes:
    """Versions of processes, each read once."""

    known: dict[int, CompiledProcess] = field(default_factory=dict)

    def of(self, session: Session, definition: Definition) -> CompiledProcess:
        if definition.key not in self.known:
            content = session.scalars(select(Resource.content).where(Resource.key == definition.resource_key)).one()
            diagram = bpmn.parse(content, definition.definition_id)
            model = next(each for each in diagram.processes if each.id == definition.definition_id)
            self.known[definition.key] = bpmn.compile(model)
        return self.known[definition.key]


def read_cases(session: Session, processes: Processes, after: int, size: int, now: dt.datetime) -> list[Case]:
    """The next cases behind the one with this key."""
    roots = select(ProcessInstance.key).where(ProcessInstance.parent_key.is_(None), ProcessInstance.key > after)
    keys = list(session.scalars(roots.order_by(ProcessInstance.key).limit(size)))
    if not keys:
        return []
    instances = _by_root(
        session.scalars(
            select(ProcessInstance)
            .where(ProcessInstance.root_key.in_(keys))
            .options(undefer(ProcessInstance.state), joinedload(ProcessInstance.definition).defer(Definition.outline))
            .order_by(ProcessInstance.key)
        )
    )
    tasks, jobs, subscriptions, incidents = (
        _by_root(session.scalars(select(kind).where(kind.root_key.in_(keys)).order_by(kind.key)))
        for kind in (Task, Job, Subscription, Incident)
    )
    return [
        Case(
            root=next(each for each in instances[key] if each.key == key),
            instances={each.key: each for each in instances[key]},
            running={
                each.key: _running(session, processes, each, now) for each in instances[key] if not each.has_ended
            },
            tasks=tasks[key],
            jobs=jobs[key],
            subscriptions=subscriptions[key],
            incidents=[each for each in incidents[key] if each.resolved_at is None],
            tale=told(_entries(session, key)),
            verdict=verify(session, key),
        )
        for key in keys
    ]


def _by_root(rows: Iterable[Any]) -> Rows:
    found: Rows = defaultdict(list)
    for row in rows:
        found[row.root_key].append(row)
    return found


def _running(session: Session, processes: Processes, instance: ProcessInstance, now: dt.datetime) -> Running:
    try:
        compiled = processes.of(session, instance.definition)
        return Running(instance, Execution.load(compiled, instance.state, Environment(now, _no_key, _no_decision)))
    except (EngineError, LookupError, TypeError, ValueError) as error:
        # Bytes that are no state at all can break the reading anywhere; that is what is to be told.
        return Running(instance, None, f"{type(error).__name__}: {error}")


def _entries(session: Session, stream_key: int) -> Iterable[Entry]:
    rows = session.execute(
        select(LogEntry.event, LogEntry.instance_key, LogEntry.element_id, LogEntry.data)
        .where(LogEntry.stream_key == stream_key, LogEntry.event.in_(TOLD))
        .order_by(LogEntry.position)
    )
    try:
        return [Entry(*row) for row in rows]
    except ValueError:
        # Data that cannot be read any more was altered: the chain tells which, the rest cannot be compared.
        return [Entry("TaskCompleted", None, None, None)]


def _no_key() -> NoReturn:
    raise ValueError("a state that is only read needs no key")


def _no_decision(*_: Any) -> NoReturn:
    raise ValueError("a state that is only read takes no decision")
