"""Whatever is done with a case, in whatever order: it tells the same with and without reloading, and tells all.

What the events announce and take back must at every moment be exactly what the case waits for; that is what the tables
of tasks, timers, jobs, subscriptions and incidents are made of.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn.elements import Reference
from engine.events import (
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    ActivityRetried,
    ElementEvent,
    Event,
    EventOccurred,
    EventPartOccurred,
    EventWithdrawn,
    MessageAwaited,
    ProcessCalled,
    ServiceRequested,
    SignalAwaited,
    TaskCreated,
    TimerSet,
)

SEEDS = int(os.environ.get("CASEWRIGHT_SEEDS", "5"))
STIMULI = 40
ROOT = Path(__file__).parents[3]
DIAGRAMS = sorted([*ROOT.glob("tests/stories/*.bpmn"), *ROOT.glob("processes/*.bpmn")])
ANNOUNCED = (TaskCreated, TimerSet, MessageAwaited, SignalAwaited, ServiceRequested, ProcessCalled)
OVER = (ActivityCompleted, ActivityCancelled, EventOccurred, EventPartOccurred, EventWithdrawn)


class Ledger:
    """What is open as the events tell it."""

    def __init__(self) -> None:
        self.waits: dict[int, str] = {}
        self.failures: dict[int, str] = {}

    def read(self, events: list[Event]) -> None:
        for event in events:
            if not isinstance(event, ElementEvent):
                continue
            key = event.activity_key
            if isinstance(event, ANNOUNCED):
                self.waits[key] = event.element_id
            elif isinstance(event, OVER):
                self.waits.pop(key, None)
            if isinstance(event, ActivityFailed):
                self.failures[key] = event.element_id
            elif isinstance(event, (ActivityRetried, *OVER)):
                self.failures.pop(key, None)

    def expect(self, execution: bpmn.Execution) -> None:
        assert execution.failures() == self.failures
        assert execution.waits() == {key: place for key, place in self.waits.items() if key not in self.failures}


def environment() -> bpmn.Environment:
    keys = itertools.count(1)

    def decide(reference: Reference, variables: dict[str, Any]) -> bpmn.Decided:
        return bpmn.Decided(1, SimpleNamespace(value="x", trace=(), warnings=()))  # type: ignore[arg-type]

    return bpmn.Environment(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), lambda: next(keys), decide)


Stimulus = Callable[[bpmn.Execution], list[Event]]


def any_stimulus(process: bpmn.CompiledProcess, execution: bpmn.Execution, chance: random.Random) -> Stimulus:
    """Something that may be done with the case as it stands."""
    waits, failures = execution.waits(), execution.failures()
    values = {chance.choice("abx"): chance.choice([1, "x", True, [1, 2], None])}
    dice = chance.random()
    if failures and (not waits or dice < 0.2):
        failed = chance.choice(list(failures))
        return lambda case: case.retry(failed, {**values, "reference": "C-1", "items": [1], "people": ["p"]})
    key = chance.choice(list(waits))
    node = process.node(waits[key])
    if dice < 0.35 and not node.kind.endswith("Event"):
        thrown = [each.event.name for each in process.model.nodes.values() if each.event and each.event.name]
        code = chance.choice([*thrown, "ANY"])
        if chance.random() < 0.5:
            return lambda case: case.throw_error(key, code, "", values)
        return lambda case: case.escalate(key, code, values)
    if dice < 0.42:
        return lambda case: case.fail(key, "Something is wrong.", {})
    if dice < 0.5:
        return lambda case: case.set_variables(values)
    if dice < 0.505:
        return lambda case: case.cancel()
    spec = execution._case.by_key[key].task_spec
    if spec.triggers:
        return lambda case: case.trigger(key)
    if spec.delivers:
        return lambda case: case.deliver(key, values)
    return lambda case: case.complete(key, values)


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_any_order(path: Path) -> None:
    process = bpmn.compile(bpmn.parse(path.read_bytes(), path.name).processes[0])
    for seed in range(SEEDS):
        chance = random.Random(seed)
        given = {"reference": "C-1"} if chance.random() < 0.8 else {}
        kept, reloaded = environment(), environment()
        straight, told = bpmn.Execution.start(process, given, kept)
        loaded, told_again = bpmn.Execution.start(process, given, reloaded)
        ledger = Ledger()
        for _ in range(STIMULI):
            assert told == told_again, f"seed {seed}"
            loaded = bpmn.Execution.load(process, loaded.dump(), reloaded)
            assert straight.dump() == loaded.dump()
            ledger.read(told)
            ledger.expect(straight)
            ledger.expect(loaded)
            if straight.is_completed or not (ledger.waits or ledger.failures):
                break
            stimulus = any_stimulus(process, straight, chance)
            told, told_again = stimulus(straight), stimulus(loaded)
