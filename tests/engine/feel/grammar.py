"""Random FEEL expressions and data, for the tests that hold for all of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine import feel

NAMES = ("a", "b", "count", "long name", "items", "x")

numbers = st.one_of(
    st.integers(-(10**6), 10**6),
    st.decimals(-1000, 1000, places=2, allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 10**40, Decimal("1E-30")]),
)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=6), st.floats()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)),
    max_leaves=8,
)
scopes = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)

literals = st.one_of(
    st.sampled_from(
        "null true false 0 1 -1 2.5 1e3 10 'x'".replace("'", '"').split()
        + ['""', '"abc"', '@"2024-02-29"', '@"10:00:00"', '@"2024-02-29T10:00:00@Europe/Berlin"']
        + ['@"P1D"', '@"P1Y"', "[]", "{}", "[1..3]", "(< 5)", '@"nonsense"', "?", "item", "partial"]
    ),
    st.sampled_from(NAMES),
)
_OPERATORS = ("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in")
_FORMS = (
    "({0})",
    "-{0}",
    "[{0}, {1}]",
    "{{a: {0}, long name: {1}, x: a}}",
    "{0}.a",
    "{0}.long name",
    "({0})[{1}]",
    "({0})[item > {1}]",
    "(if {0} then {1} else {2})",
    "(for x in {0} return {1})",
    "(for x in {0}..{1} return {2})",
    "(for x in {0}, long name in x return {1})",
    "(some x in {0} satisfies {1})",
    "(every x in {0} satisfies {1})",
    "({0} between {1} and {2})",
    "({0} in ({1}, < {2}))",
    "({0} in [{1}..{2}])",
    "[{0}..{1})",
    "(function(x, long name) {0})({1}, {2})",
    "(function(x: number) {0})(x: {1})",
    "({0} instance of number)",
    "({0} instance of list<context<a: string>>)",
    "({0})({1})",
)
_CALLS = tuple(
    entry.name for entry in feel.BUILTINS if entry.name not in ("now", "today", "uuid", "random number", "repeat")
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operation = st.builds(lambda a, o, b: f"({a} {o} {b})", inner, st.sampled_from(_OPERATORS), inner)
    form = st.builds(lambda f, *parts: f.format(*parts), st.sampled_from(_FORMS), inner, inner, inner)
    call = st.builds(
        lambda name, parts: f"{name}({', '.join(parts)})", st.sampled_from(_CALLS), st.lists(inner, max_size=3)
    )
    return st.one_of(operation, form, call)


expressions = st.recursive(literals, _grown, max_leaves=10)

_PIECES = (
    [entry.name for entry in feel.BUILTINS]
    + list("()[]{}<>=,.:?+-*/'\"@")
    + ["..", "**", "!=", "->", "//", "/*", "*/", "\\", "\n", " "]
    + "if then else for in return some every satisfies function external instance of and or between not".split()
    + ["true", "null", "list<number>", "date and time", "1", "2.5", '"x"', "a", "long name", "é", "🐎", "ß1"]
)
soups = st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join)
