"""Random diagrams along random paths: in one go, reloaded after every step, and as a plain token game plays them.

`CASEWRIGHT_SEEDS=5000 pytest tests/engine/bpmn/test_random_diagrams.py` tries more; a failing seed is printed with its
diagram.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
from collections.abc import Iterator

import pytest

from engine import bpmn
from engine.bpmn.elements import Reference
from engine.events import ActivityCancelled, ActivityCompleted, ActivityStarted, Event, EventOccurred, FlowTaken
from tests.engine.bpmn.random_diagrams import RandomDiagram
from tests.engine.bpmn.token_game import Decisions, Game

SEEDS = int(os.environ.get("CASEWRIGHT_SEEDS", "150"))
PATHS_OF_EACH = 2
STIMULI = 60
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def _no_decision(reference: Reference, variables: dict[str, object]) -> bpmn.Decided:
    raise AssertionError


class Runner:
    """Runs a diagram, perhaps reloading it after every stimulus."""

    def __init__(self, process: bpmn.CompiledProcess, decisions: Decisions, reloads: bool) -> None:
        keys = itertools.count(1)
        self._environment = bpmn.Environment(NOW, lambda: next(keys), _no_decision)
        self._reloads = reloads
        self._process = process
        self.execution, self.events = bpmn.Execution.start(process, decisions, self._environment)
        self.told = _told(self.events)
        self._reload()

    @property
    def waits(self) -> list[str]:
        return sorted(self.execution.waits().values())

    def happen(self, element_id: str, number: int, decisions: Decisions) -> None:
        """The given one of the waits at an element, the oldest first, is over."""
        events = self.execution.set_variables(decisions)
        key = sorted(key for key, place in self.execution.waits().items() if place == element_id)[number]
        node = self._process.node(element_id)
        if node.kind in ("userTask", "callActivity"):
            events += self.execution.complete(key, {})
        elif node.event is not None and node.event.trigger == "timer":
            events += self.execution.trigger(key)
        else:
            events += self.execution.deliver(key, {})
        self._reload()
        self.events += events
        self.told = _told(events)

    def _reload(self) -> None:
        if self._reloads:
            self.execution = bpmn.Execution.load(self._process, self.execution.dump(), self._environment)


def _told(events: list[Event]) -> list[str]:
    return sorted(_words(events))


def _words(events: list[Event]) -> Iterator[str]:
    for event in events:
        match event:
            case ActivityStarted():
                yield f"{event.element_id} started"
            case ActivityCompleted():
                yield f"{event.element_id} completed"
            # An incident of a join is taken back in these words too, and the token game has no incidents.
            case ActivityCancelled() if "Gateway" not in event.element_id:
                yield f"{event.element_id} cancelled"
            case FlowTaken():
                yield f"{event.element_id} taken"
            case EventOccurred():
                yield f"{event.element_id} happened"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_diagram(seed: int) -> None:
    _try(RandomDiagram(seed), seed)


@pytest.mark.parametrize("seed", [10130, *range(20000, 20000 + SEEDS // 10)])
def test_large_random_diagram(seed: int) -> None:
    _try(RandomDiagram(seed, depth=6, most_elements=160), seed)


def _try(drawn: RandomDiagram, seed: int) -> None:
    diagram = bpmn.parse(drawn.xml, f"seed-{seed}.bpmn")
    problems = [str(problem) for problem in bpmn.check(diagram) if problem.severity == "error"]
    shown = f"seed {seed}:\n{drawn.xml.decode()}"
    assert not problems, shown
    process = bpmn.compile(diagram.processes[0])
    for path in range(PATHS_OF_EACH):
        _walk(drawn, process, random.Random(seed * 1000 + path), f"path {path} of {shown}")


def _walk(drawn: RandomDiagram, process: bpmn.CompiledProcess, chance: random.Random, shown: str) -> None:
    decisions = drawn.decide(chance)
    game = Game(drawn.xml, decisions)
    in_one_go, reloading = Runner(process, decisions, False), Runner(process, decisions, True)
    told, steps = sorted(game.log), ["start"]
    for _ in range(STIMULI):
        at = f"after {steps} on {shown}"
        assert in_one_go.told == told, at
        assert in_one_go.waits == reloading.waits == game.waits, at
        assert in_one_go.execution.is_completed == reloading.execution.is_completed == game.is_done, at
        assert _stuck(process, in_one_go) <= {"parallelGateway"}, at
        if not game.waits:
            break
        element_id = chance.choice(game.waits)
        number = chance.randrange(game.waits.count(element_id))
        steps.append(f"{element_id}[{number}]")
        decisions = game.decisions = drawn.decide(chance)
        told = game.happen(element_id, number)
        in_one_go.happen(element_id, number, decisions)
        reloading.happen(element_id, number, decisions)
    assert in_one_go.events == reloading.events, shown


def _stuck(process: bpmn.CompiledProcess, runner: Runner) -> set[str]:
    """What kinds of elements have an incident: only joins for which no token can come any more."""
    return {process.node(element_id).kind for element_id in runner.execution.failures().values()}
