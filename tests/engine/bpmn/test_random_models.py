"""Random processes along random paths: in one go, with reloading, and against a player that knows no tokens.

`CASEWRIGHT_SEEDS=5000 pytest tests/engine/bpmn/test_random_models.py` tries more; a failing seed is named by the test.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random

import pytest

from engine import bpmn
from engine.bpmn.elements import Reference
from engine.events import ActivityCancelled, ActivityCompleted, ActivityStarted, Event
from tests.engine.bpmn.random_models import Block, Decisions, Drawing, Generator, Player

SEEDS = int(os.environ.get("CASEWRIGHT_SEEDS", "200"))
PATHS_OF_EACH = 2
STIMULI = 60
DECIDING = ("xor", "or", "loop", "try")
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def _no_decision(reference: Reference, variables: dict[str, object]) -> bpmn.Decided:
    raise AssertionError


class Runner:
    """Runs the drawn process, perhaps reloading it after every stimulus."""

    def __init__(self, process: bpmn.CompiledProcess, decisions: Decisions, reloads: bool) -> None:
        keys = itertools.count(1)
        self._environment = bpmn.Environment(NOW, lambda: next(keys), _no_decision)
        self._reloads = reloads
        self._process = process
        self.execution, self.events = bpmn.Execution.start(process, decisions, self._environment)
        self._reload()

    @property
    def waits(self) -> list[str]:
        return sorted(self.execution.waits().values())

    def happen(self, element_id: str, decisions: Decisions) -> list[str]:
        events = self.execution.set_variables(decisions)
        key = next(key for key, place in self.execution.waits().items() if place == element_id)
        node = self._process.node(element_id)
        if node.kind == "userTask":
            events += self.execution.complete(key, {})
        elif node.event is not None and node.event.trigger == "timer":
            events += self.execution.trigger(key)
        else:
            events += self.execution.deliver(key, {})
        self._reload()
        self.events += events
        return sorted(filter(None, map(_told, events)))

    def stumble(self, element_id: str) -> None:
        """A task fails and is tried again, which must change nothing."""
        key = next(key for key, place in self.execution.waits().items() if place == element_id)
        self.events += self.execution.fail(key, "Something is wrong.", {})
        assert key not in self.execution.waits()
        self._reload()
        self.events += self.execution.retry(key, {})
        self._reload()

    def is_task(self, element_id: str) -> bool:
        return self._process.node(element_id).kind == "userTask"

    def _reload(self) -> None:
        if self._reloads:
            self.execution = bpmn.Execution.load(self._process, self.execution.dump(), self._environment)


def _told(event: Event) -> str | None:
    match event:
        case ActivityStarted():
            return f"{event.element_id} started"
        case ActivityCompleted():
            return f"{event.element_id} completed"
        case ActivityCancelled():
            return f"{event.element_id} cancelled"
    return None


def _decide(tree: Block, chance: random.Random) -> Decisions:
    return {block.id: chance.randrange(4) for block in tree.all() if block.kind in DECIDING}


def _possible(tree: Block, waits: list[str]) -> list[str]:
    """What may come next; what runs beside the flow is not started a second time while it runs.

    Two of the same would mix their tokens at joins, which is right for a diagram and unknown to the player.
    """
    waiting = set(waits)
    beside: dict[str, Block] = {}
    for block in tree.all():
        if not block.interrupting and block.kind in ("guard", "esp"):
            beside[block.id if block.kind == "guard" else f"{block.id}-event"] = block.parts[1]
    return [wait for wait in waits if wait not in beside or waiting.isdisjoint(_places(beside[wait]))]


def _places(block: Block) -> set[str]:
    return {
        place
        for inner in block.all()
        for place in (inner.id, f"{inner.id}-event", *(f"{inner.id}-{n}" for n in range(3)))
    }


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_process(seed: int) -> None:
    tree = Generator(seed).process()
    process = bpmn.compile(Drawing(tree).model())
    for path in range(PATHS_OF_EACH):
        chance = random.Random(seed * 1000 + path)
        decisions = _decide(tree, chance)
        player = Player(tree, decisions)
        in_one_go, reloading = Runner(process, decisions, False), Runner(process, decisions, True)
        for _ in range(STIMULI):
            assert in_one_go.waits == reloading.waits == player.waits
            assert in_one_go.execution.is_completed == player.is_done
            assert not in_one_go.execution.failures()
            possible = _possible(tree, player.waits)
            if not possible:
                break
            element_id = chance.choice(possible)
            if chance.random() < 0.1 and in_one_go.is_task(element_id):
                in_one_go.stumble(element_id)
                reloading.stumble(element_id)
            decisions = player.decisions = _decide(tree, chance)
            told = player.happen(element_id)
            assert in_one_go.happen(element_id, decisions) == told
            assert reloading.happen(element_id, decisions) == told
        assert in_one_go.events == reloading.events
