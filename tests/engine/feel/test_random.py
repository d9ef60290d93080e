"""What holds for every expression and all data, tried on random ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import feel, plain
from tests.engine.feel.grammar import NAMES, expressions, scopes, soups, values

NOW = dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.UTC)


@settings(max_examples=400, deadline=None)
@given(expressions, scopes)
@example("count(a) in (< [a])", {"a": float("nan")})
def test_evaluation_never_raises_and_both_ways_agree(text: str, scope: dict[str, Any]) -> None:
    expression = feel.compile(text, NAMES)
    evaluation = expression.evaluate(scope, NOW)
    quick = expression.value(scope, NOW)
    assert feel.to_plain(quick) == feel.to_plain(evaluation.value)
    for warning in evaluation.warnings:
        assert warning.message
    plain.dumps(feel.to_plain(quick))
    expression.reads(scope)


@settings(max_examples=300, deadline=None)
@given(st.one_of(soups, st.text(max_size=30)), scopes)
def test_other_texts_are_refused_with_a_place(text: str, scope: dict[str, Any]) -> None:
    try:
        expression = feel.compile(text, NAMES)
    except feel.FeelSyntaxError as error:
        assert error.message and error.line >= 1 and error.column >= 1
        return
    expression.evaluate(scope, NOW)


@settings(max_examples=200, deadline=None)
@given(st.one_of(expressions, soups), values, scopes)
def test_cells_never_raise(text: str, value: Any, scope: dict[str, Any]) -> None:
    try:
        tests = feel.compile_unary_tests(text, NAMES)
    except feel.FeelSyntaxError:
        return
    answer = tests.matches(value, scope, NOW)
    assert answer in (True, False, None)
    assert tests.evaluate(value, scope, NOW).value is answer


@settings(max_examples=200, deadline=None)
@given(values)
def test_data_passes_through_unchanged(value: Any) -> None:
    plain_value = feel.to_plain(value)
    assert feel.to_plain(feel.compile("a").value({"a": feel.from_plain(value)})) == plain_value
    assert feel.compile("a = a").value({"a": plain_value}) in (True, None)
