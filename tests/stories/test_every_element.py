"""Every element that is run, in each position: a small process with it is accepted and walked to its end."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

import pytest

from engine import events
from engine.bpmn import CompiledProcess, Environment, Execution, check, compile, support
from engine.bpmn.support import ACTIVITIES, Key
from engine.errors import Refused
from engine.events import Event
from tests.stories.samples import sample

VARIABLES = {"key": "k", "go": False}
Stimulus = Callable[[Execution, int], list[Event]]


def environment() -> Environment:
    keys = itertools.count(1)
    return Environment(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), lambda: next(keys), lambda *_: pytest.fail())


def stimulus(key: Key, is_first: bool) -> tuple[Stimulus, ...]:
    """What may move a case on from a wait; the first time, what makes the element happen that it is about."""
    _, trigger, _ = key
    usual: tuple[Stimulus, ...] = (
        lambda case, at: case.deliver(at, {}),
        lambda case, at: case.trigger(at),
        lambda case, at: case.complete(at, {}),
    )
    special: dict[str, Stimulus] = {
        "error": lambda case, at: case.throw_error(at, "E", "broken", {}),
        "escalation": lambda case, at: case.escalate(at, "C", {}),
        "conditional": lambda case, _: case.set_variables({"go": True}),
    }
    return (special[trigger],) if is_first and trigger in special else usual


def walk(key: Key, process: CompiledProcess) -> tuple[Execution, list[Event]]:
    """Run a case to its end, or as far as it comes, loading it anew before each stimulus."""
    beginnings = [beginning.element_id for beginning in process.model.beginnings()]
    kept = environment()
    case, told = Execution.start(process, VARIABLES, kept, next(iter(beginnings), None))
    for turn in range(20):
        case = Execution.load(process, case.dump(), kept)
        waits = case.waits()
        if not waits and not (turn == 0 and key[1] == "conditional" and not case.is_completed):
            break
        # What does not interrupt could happen for ever; once is enough.
        wanted = turn < (2 if key[1] == "parallelMultiple" else 1) or key[2] != "nonInterrupting"
        about = next((at for at, element in waits.items() if (element == "n") == wanted), next(iter(waits), 0))
        told += _first_that_fits(case, about, stimulus(key, turn == 0))
    return case, told


def _first_that_fits(case: Execution, at: int, stimuli: tuple[Stimulus, ...]) -> list[Event]:
    for each in stimuli[:-1]:
        try:
            return each(case, at)
        except Refused:
            continue
    return stimuli[-1](case, at)


def passed(told: list[Event]) -> int:
    """How often a case went through the element `n`."""
    return sum(
        1
        for event in told
        if getattr(event, "element_id", None) == "n"
        and isinstance(event, (events.EventOccurred, events.ActivityCompleted))
    )


@pytest.mark.parametrize("key", sorted(support.SUPPORTED), ids="-".join)
def test_element_is_run(key: Key) -> None:
    kind, trigger, position = key
    drawn = sample(key)
    assert [problem.message for problem in check(drawn) if problem.severity == "error"] == []
    if kind != "sequenceFlow":
        assert support.support_key(drawn.processes[0], drawn.processes[0].nodes["n"]) == key

    case, told = walk(key, compile(drawn.processes[0]))

    if key == ("endEvent", "error", "once"):
        assert list(case.failures().values()) == ["n"]  # nobody catches it, so a person must look
        return
    assert case.is_completed and not case.failures()
    if kind.endswith("Gateway"):
        assert any(isinstance(event, events.FlowTaken) and "n" in (event.source, event.target) for event in told)
    else:
        rounds = 2 if kind in ACTIVITIES.split() and position in ("parallel", "sequential", "standard") else 1
        assert passed(told) == rounds
