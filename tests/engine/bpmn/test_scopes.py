"""Variables in scopes: which one a value goes to, and what is told of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn.elements import Mapping, Node
from engine.bpmn.scopes import same
from engine.events import VariablesChanged
from tests.engine.bpmn.models import environment, key_of, model


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (1, Decimal("1.0"), True),
        ("1", 1, False),
        (None, None, True),
        (None, False, False),
        ([1, {"a": [True]}], [1, {"a": [True]}], True),
        ([1, {"a": [True]}], [1, {"a": [1]}], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([], {}, False),
    ],
)
def test_same(left: Any, right: Any, expected: bool) -> None:
    assert same(left, right) is expected
    assert same(right, left) is expected


def nested(*inputs: Mapping) -> bpmn.Execution:
    """A user task in a sub-process in a sub-process."""
    process = bpmn.compile(
        model(
            [
                Node("outer", "subProcess", inputs=(Mapping("=1", "shared"), Mapping("=2", "mine"))),
                Node("inner", "subProcess", scope="outer", inputs=(Mapping("=3", "shared"),)),
                Node("work", "userTask", scope="inner", inputs=inputs),
            ],
            [],
        )
    )
    return bpmn.Execution.start(process, {"top": 0, "shared": 0}, environment())[0]


def test_a_value_goes_to_the_innermost_scope_that_has_the_variable() -> None:
    execution = nested()
    events = execution.complete(key_of(execution, "work"), {"shared": 9, "mine": 8, "top": 7, "fresh": 6})

    assert [(event.scope, event.changes) for event in events if isinstance(event, VariablesChanged)] == [
        ("inner", {"shared": {"old": 3, "new": 9}}),
        ("outer", {"mine": {"old": 2, "new": 8}}),
        ("process", {"top": {"old": 0, "new": 7}, "fresh": {"new": 6}}),
    ]
    assert execution.variables == {"top": 7, "shared": 0, "fresh": 6}


def test_local_variables_of_a_task_are_not_told_and_go_with_it() -> None:
    execution = nested(Mapping("=top + 1", "local"))
    assert execution.variables_at(key_of(execution, "work"))["local"] == 1

    events = execution.complete(key_of(execution, "work"), {"local": 5})

    assert not any(isinstance(event, VariablesChanged) for event in events)
    assert execution.variables == {"top": 0, "shared": 0}


def test_events_keep_the_values_they_told() -> None:
    process = bpmn.compile(
        model(
            [Node("first", "userTask"), Node("second", "userTask", outputs=(Mapping("=x", "order.total"),))],
            [("first", "second")],
        )
    )
    execution, _ = bpmn.Execution.start(process, {}, environment())
    told = execution.complete(key_of(execution, "first"), {"order": {"total": 1}})
    execution.complete(key_of(execution, "second"), {"x": 2})

    (changed,) = (event for event in told if isinstance(event, VariablesChanged))
    assert changed.changes == {"order": {"new": {"total": 1}}}
    assert execution.variables == {"order": {"total": 2}}
