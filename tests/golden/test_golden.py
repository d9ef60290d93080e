"""Every state that a released version dumped loads today, waits for the same, and comes to the same end."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import bpmn
from tests.golden import environment, files, make, read, unpacked
from tests.stories.story import line


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_states_of_a_version_load_and_finish(path: Path) -> None:
    diagrams, states = read(path)
    assert len(states) > 100

    for number, golden in enumerate(states):
        process = diagrams[golden.diagram]
        kept = environment(10_000)
        case = bpmn.Execution.load(process, unpacked(golden.state), kept)
        assert sorted(case.waits().values()) == sorted(golden.waits), (number, golden.diagram)
        assert sorted(case.failures().values()) == sorted(golden.failures), (number, golden.diagram)
        for move in golden.moves:
            told = [line(event) for event in make(case, move.verb, move.element_id, move.variables)]
            assert told == move.told, (number, golden.diagram)
            case = bpmn.Execution.load(process, case.dump(), kept)
        assert case.is_completed
        assert case.variables == golden.variables


def test_there_are_states_of_every_kind_of_wait() -> None:
    """In the newest file: work of people and services, messages, signals, times, conditions, joins, failures."""
    diagrams, states = read(files()[-1])

    kinds = {
        (diagrams[golden.diagram].node(element).kind, event.trigger if event else "")
        for golden in states
        for element in golden.waits
        for event in (diagrams[golden.diagram].node(element).event,)
    }
    assert kinds >= {
        ("userTask", ""), ("serviceTask", ""), ("callActivity", ""), ("receiveTask", "message"),
        ("intermediateCatchEvent", "message"), ("intermediateCatchEvent", "timer"),
        ("intermediateCatchEvent", "signal"), ("intermediateCatchEvent", "parallelMultiple"),
        ("boundaryEvent", "message"), ("boundaryEvent", "timer"), ("boundaryEvent", "signal"),
        ("boundaryEvent", "parallelMultiple"), ("startEvent", "message"), ("startEvent", "timer"),
        ("startEvent", "parallelMultiple"),
    }  # fmt: skip
    assert any(golden.failures for golden in states)
