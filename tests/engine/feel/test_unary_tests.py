"""The cells of decision tables."""

from __future__ import annotations

from typing import Any

import pytest

from engine import feel

CELLS: list[tuple[str, Any, bool | None]] = [
    ("-", 5, True),
    ("", None, True),
    ("5", 5, True),
    ("5", 6, False),
    ("5", "5", None),
    ('"high"', "high", True),
    ('"high", "low"', "low", True),
    ('"high", "low"', "mid", False),
    ("< 10", 5, True),
    (">= 10", 5, False),
    ("= 5", 5, True),
    ("!= 5", 5, False),
    ("[1..5]", 5, True),
    ("(1..5)", 5, False),
    ("]1..5[", 3, True),
    ("[1..5], > 100", 101, True),
    ("not(5)", 5, False),
    ("not(5, 6)", 7, True),
    ('not("a")', 5, None),
    ("true", True, True),
    ("false", True, False),
    ("null", None, True),
    ("null", 5, False),
    ("5", None, False),
    ("> 5", None, None),
    ("? > 4", 5, True),
    ("? > 4 and ? < 5", 5, False),
    ('contains(?, "x")', "axb", True),
    ("limit", 7, True),
    ("< limit", 3, True),
    ("limit * 2", 14, True),
    ("limits", 3, True),
    ("limits", 4, False),
    ("limit > 5", 1, True),
    ("limit > 5", True, True),
    ("limit > 5", False, False),
    ("[1, 2]", [1, 2], True),
    ('@"2024-01-01"', feel.compile('@"2024-01-01"').value({}), True),
    ("every x in ? satisfies x > 1", [2, 3], True),
    ("-5", -5, True),
    ("not(true)", False, True),
]


@pytest.mark.parametrize(("text", "value", "expected"), CELLS)
def test_cell(text: str, value: Any, expected: bool | None) -> None:
    scope = {"limit": 7, "limits": [1, 2, 3]}
    tests = feel.compile_unary_tests(text)
    assert tests.matches(value, scope) is expected
    assert tests.evaluate(value, scope).value is expected


def test_names_leave_out_the_input() -> None:
    assert feel.compile_unary_tests("? > limit, other.part").names == {"limit", "other"}


def test_mistakes_are_syntax_errors() -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile_unary_tests("< ")
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile_unary_tests("not(1")
