"""Random processes migrated at random points: to a copy, or to one in which everything has another id, nothing changes.

`CASEWRIGHT_SEEDS=5000 pytest tests/engine/bpmn/test_migration_of_random_models.py` tries more.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import os
import random
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn.elements import Node, ProcessModel, Reference
from engine.events import Event
from tests.engine.bpmn.random_models import Decisions, Drawing, Generator

SEEDS = int(os.environ.get("CASEWRIGHT_SEEDS", "200"))
STIMULI = 40
NAMING = ("element", "element_id", "source", "target", "caught_by", "cause", "scope")
"""What of an event names an element."""
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def _no_decision(reference: Reference, variables: dict[str, object]) -> bpmn.Decided:
    raise AssertionError


class Run:
    """A case of a process that can be moved to another."""

    def __init__(self, process: bpmn.CompiledProcess, decisions: Decisions) -> None:
        keys = itertools.count(1)
        self._environment = bpmn.Environment(NOW, lambda: next(keys), _no_decision)
        self.process = process
        self.execution, self.events = bpmn.Execution.start(process, decisions, self._environment)

    def happen(self, key: int, decisions: Decisions) -> None:
        events = self.execution.set_variables(decisions)
        node = self.process.node(self.execution.waits()[key])
        if node.kind == "userTask":
            events += self.execution.complete(key, {})
        elif node.event is not None and node.event.trigger == "timer":
            events += self.execution.trigger(key)
        else:
            events += self.execution.deliver(key, {})
        self.events += events

    def stumble(self, key: int) -> None:
        self.events += self.execution.fail(key, "Something is wrong.", {})

    def recover(self, key: int) -> None:
        self.events += self.execution.retry(key, {})

    def migrate(self, process: bpmn.CompiledProcess, plan: bpmn.Plan) -> bpmn.Migrated:
        self.execution, migrated = bpmn.Execution.migrate(
            self.process, process, self.execution.dump(), self._environment, plan
        )
        self.process = process
        return migrated


def renamed(model: ProcessModel) -> tuple[ProcessModel, dict[str, str]]:
    """The same process in which every element and flow has another id, and which became which."""
    other = {id: f"other-{id}" for id in (*model.nodes, *model.flows)}

    def name(id: str | None) -> Any:
        return other.get(id, id) if id else id

    def node(old: Node) -> Node:
        return dataclasses.replace(
            old, id=name(old.id), scope=name(old.scope), default=name(old.default), attached_to=name(old.attached_to),
            incoming=tuple(map(name, old.incoming)), outgoing=tuple(map(name, old.outgoing)),
            compensated_by=name(old.compensated_by),
        )  # fmt: skip

    nodes = {name(id): node(old) for id, old in model.nodes.items()}
    flows = {
        name(id): dataclasses.replace(
            old, id=name(id), source=name(old.source), target=name(old.target), scope=name(old.scope)
        )
        for id, old in model.flows.items()
    }
    return dataclasses.replace(model, nodes=nodes, flows=flows), other


def _told(event: Event, other: dict[str, str]) -> dict[str, Any]:
    """An event as it would be told with other ids."""
    told = {"name": event.name, "element": getattr(event, "element_id", None), **event.payload()}
    return {
        name: other.get(value, value) if isinstance(value, str) and name in NAMING else value
        for name, value in told.items()
    }


def _decisions(tree: Any, chance: random.Random) -> Decisions:
    return {block.id: chance.randrange(4) for block in tree.all() if block.kind in ("xor", "or", "loop", "try")}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_migrating_changes_nothing_of_the_rest(seed: int) -> None:
    tree = Generator(seed).process()
    model = Drawing(tree).model()
    chance = random.Random(seed)
    copies = seed % 2 == 0
    target, other = (model, {}) if copies else renamed(model)
    process, goal = bpmn.compile(model), bpmn.compile(target)
    decisions = _decisions(tree, chance)
    stays, moves = Run(process, decisions), Run(process, decisions)
    has_moved, moving_at = False, chance.randrange(STIMULI // 2)
    failed: int | None = None
    for step in range(STIMULI):
        names = other if has_moved else {}
        assert {key: names.get(id, id) for key, id in stays.execution.waits().items()} == moves.execution.waits()
        assert stays.execution.is_completed == moves.execution.is_completed
        waits = sorted(stays.execution.waits())
        if not waits or (step >= moving_at and not has_moved):
            if not has_moved and not stays.execution.is_completed:
                tasks = [key for key in waits if process.node(stays.execution.waits()[key]).kind == "userTask"]
                if tasks and chance.random() < 0.3:
                    failed = chance.choice(tasks)
                    stays.stumble(failed)
                    moves.stumble(failed)
                migrated = moves.migrate(goal, bpmn.Plan(other))
                assert migrated.withdrawn == migrated.events == []
                has_moved = True
                if failed is not None:
                    stays.recover(failed)
                    moves.recover(failed)
                waits = sorted(stays.execution.waits())
        if not waits:
            break
        key = chance.choice(waits)
        decisions = _decisions(tree, chance)
        before = len(stays.events), len(moves.events)
        stays.happen(key, decisions)
        moves.happen(key, decisions)
        names = other if has_moved else {}
        told = [_told(event, names) for event in stays.events[before[0] :]]
        assert told == [_told(event, {}) for event in moves.events[before[1] :]]
