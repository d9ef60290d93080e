"""Hostile expressions end soon, stay small, and reach nothing."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from typing import Any

import pytest

from engine import feel
from tests.engine.feel.hostile import HOSTILE

SECONDS = 1.0
MEGABYTES = 100
REACHES_FOR_PYTHON = [name for name in HOSTILE if name.startswith(("internals", "globals"))]


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    """Every hostile expression, each evaluated in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.engine.feel.hostile"], capture_output=True, text=True, check=True, timeout=600
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {line["name"]: line for line in lines}


@pytest.mark.parametrize("name", HOSTILE)
def test_ends_soon_and_stays_small(name: str, measured: dict[str, dict[str, Any]]) -> None:
    assert name in measured, "the process died"
    assert measured[name]["seconds"] < SECONDS
    assert measured[name]["megabytes"] < MEGABYTES


@pytest.mark.parametrize("name", REACHES_FOR_PYTHON)
def test_nothing_of_python_is_in_reach(name: str) -> None:
    try:
        value = feel.compile(HOSTILE[name]).value({})
    except feel.FeelSyntaxError:
        return
    assert value is None or value == [None] * 7


def test_exceeding_is_told_and_value_gives_null() -> None:
    text = "sum(for i in 1..100000000 return i)"
    evaluation = feel.compile(text).evaluate({})
    assert evaluation.exceeded and evaluation.value is None
    assert "too many steps" in evaluation.warnings[-1].message
    assert feel.compile(text).value({}) is None


def test_a_smaller_budget_stops_sooner() -> None:
    expression = feel.compile("count(for i in 1..1000 return i)")
    assert expression.evaluate({}).value == 1000
    assert expression.evaluate({}, budget=feel.Budget(steps=500)).exceeded
    assert feel.compile('repeat("a", 50)').evaluate({}, budget=feel.Budget(text=20)).exceeded
    assert feel.compile("append([1, 2], 3)").evaluate({}, budget=feel.Budget(items=2)).exceeded


def test_expressions_in_one_runtime_share_its_budget() -> None:
    runtime = feel.Runtime(dt.datetime(2024, 1, 1, tzinfo=dt.UTC), feel.Budget(steps=1500), collect=True)
    expression = feel.compile("count(for i in 1..1000 return i)")
    assert expression.run({}, runtime) == 1000
    with pytest.raises(feel.BudgetExceeded):
        expression.run({}, runtime)


def test_ordinary_work_is_far_within_the_budget() -> None:
    text = "sum(for i in 1..50000 return i)"
    assert feel.compile(text).evaluate({}).value == 1250025000
