"""Texts of the diagram: FEEL or literal, and what is said when there is no value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from engine.bpmn.scripting import Attribute, Failure, as_text, attribute
from engine.errors import Invalid

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_text_with_an_equals_sign_is_feel_and_other_text_itself() -> None:
    assert Attribute("=1 + 1", "x").value({}, NOW) == 2
    assert Attribute("1 + 1", "x").value({}, NOW) == "1 + 1"
    assert Attribute("  = a ", "x").formula == "a"
    assert attribute(" ", "x") is None and attribute(None, "x") is None


def test_values_are_plain_data() -> None:
    assert Attribute('=date("2026-05-01")', "x").value({}, NOW) == "2026-05-01"
    assert Attribute("=now()", "x").value({}, NOW) == "2026-01-01T00:00:00Z"
    assert Attribute("=0.1 + 0.2", "x").value({}, NOW) == Decimal("0.3")


@pytest.mark.parametrize(("text", "expected"), [("=true", True), ("=1", False), ("=null", False), ("true", True)])
def test_only_true_is_true(text: str, expected: bool) -> None:
    assert Attribute(text, "condition").is_true({}, NOW) is expected


def test_a_missing_value_is_named() -> None:
    with pytest.raises(Failure, match=r"The timer 'a\.b' has no value, because the case has no a\.b\."):
        Attribute("=a.b", "timer").required({"a": {}}, NOW)
    with pytest.raises(Failure, match="The timer 'null' has no value."):
        Attribute("=null", "timer").required({}, NOW)


@pytest.mark.parametrize(("value", "expected"), [(3, 3), (Decimal("3.0"), 3), ("3", 3), (Decimal("1E+2"), 100)])
def test_whole_numbers(value: Any, expected: int) -> None:
    assert Attribute("=n", "number").whole_number({"n": value}, NOW) == expected


@pytest.mark.parametrize("value", [Decimal("3.5"), "three", True, [3], {"n": 3}])
def test_no_whole_number(value: Any) -> None:
    with pytest.raises(Failure, match="must give a whole number"):
        Attribute("=n", "number").whole_number({"n": value}, NOW)


def test_keys_are_text() -> None:
    assert [as_text(value) for value in (None, "a", 7, Decimal("7.50"), True)] == [None, "a", "7", "7.50", "true"]
    with pytest.raises(Failure, match="must give a text"):
        Attribute("=k", "correlation key").required_text({"k": [1]}, NOW)


def test_an_expression_that_costs_too_much_is_stopped() -> None:
    with pytest.raises(Failure, match="took too many steps"):
        Attribute("=count(for a in 1..3000, b in 1..3000 return a * b)", "expression").value({}, NOW)


def test_text_that_is_no_feel_is_refused() -> None:
    with pytest.raises(Invalid, match=r"The condition 'a \+' cannot be read: "):
        Attribute("=a +", "condition")
