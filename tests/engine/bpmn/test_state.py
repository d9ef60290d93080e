"""The state as bytes: small, versioned, exact, and loud when it does not fit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine import bpmn, plain
from engine.bpmn.elements import Node
from engine.errors import Invalid
from tests.engine.bpmn.models import environment, key_of, model

PROCESS = bpmn.compile(
    model(
        [Node("start", "startEvent"), Node("work", "userTask"), Node("end", "endEvent")],
        [("start", "work"), ("work", "end")],
    )
)


def test_state_holds_what_is_alive_and_nothing_else() -> None:
    execution, _ = bpmn.Execution.start(PROCESS, {"n": 1}, environment())

    assert plain.loads(execution.dump()) == {
        "v": 1,
        "process": "process",
        "last": 2,
        "cancelled": False,
        "scopes": [
            {
                "of": 0,
                "id": "process",
                "data": {"n": 1},
                "i": False,
                "undo": [],
                "done": False,
                "tokens": [[2, "work", 32, 0, {"key": 2, "ready": True}, {}]],
            }
        ],
    }


def test_values_keep_their_exact_type() -> None:
    values = {
        "money": Decimal("12.50"),
        "whole": 10**30,
        "truth": [True, 1, None, ""],
        "typename": {"typename": "x", "__builtins__": 1},
        "name": "投诉 \u2028 é",
    }
    execution, _ = bpmn.Execution.start(PROCESS, values, environment())
    loaded = bpmn.Execution.load(PROCESS, execution.dump(), environment())

    assert loaded.variables == values
    assert str(loaded.variables["money"]) == "12.50"
    assert loaded.variables["truth"][0] is True
    assert loaded.dump() == execution.dump()


def test_long_states_are_packed() -> None:
    execution, _ = bpmn.Execution.start(PROCESS, {"text": "complaint " * 10_000}, environment())
    state = execution.dump()

    assert len(state) < 1_000
    loaded = bpmn.Execution.load(PROCESS, state, environment())
    assert loaded.variables == execution.variables
    assert loaded.dump() == state
    loaded.complete(key_of(loaded, "work"), {})
    assert loaded.is_completed


def test_state_that_stands_at_an_element_the_process_lacks() -> None:
    execution, _ = bpmn.Execution.start(PROCESS, {}, environment())
    other = bpmn.compile(model([Node("start", "startEvent"), Node("toil", "userTask")], [("start", "toil")]))

    with pytest.raises(Invalid, match="stands at 'work', which this version of process 'process' does not have"):
        bpmn.Execution.load(other, execution.dump(), environment())


def test_state_of_a_later_format_is_refused() -> None:
    execution, _ = bpmn.Execution.start(PROCESS, {}, environment())
    state = execution.dump().replace(b'"v":1', b'"v":2')

    with pytest.raises(Invalid, match="has format 2"):
        bpmn.Execution.load(PROCESS, state, environment())


@pytest.mark.parametrize("state", [b"", b"z", b"zgarbage", b"{", b"[]", b'{"process":"p"}', b"\xff\xfe"])
def test_damaged_state_is_refused(state: bytes) -> None:
    with pytest.raises(Invalid, match="damaged"):
        bpmn.Execution.load(PROCESS, state, environment())


def test_completed_case_can_still_be_looked_at() -> None:
    execution, _ = bpmn.Execution.start(PROCESS, {"n": 1}, environment())
    execution.complete(key_of(execution, "work"), {"n": 2})
    loaded = bpmn.Execution.load(PROCESS, execution.dump(), environment())

    assert loaded.is_completed
    assert loaded.variables == {"n": 2}
    assert loaded.waits() == {}


def test_cancelled_case_is_not_completed() -> None:
    execution, _ = bpmn.Execution.start(PROCESS, {}, environment())
    execution.cancel()
    loaded = bpmn.Execution.load(PROCESS, execution.dump(), environment())

    assert not loaded.is_completed
    assert loaded.waits() == {}
