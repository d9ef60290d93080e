"""Decision tables: every hit policy, cells of every kind, and what is told of an evaluation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine import dmn, feel
from engine.dmn.columns import Cell, Column, pieces_of, read_cell

from .making import decision, model, table

BANDS = (("< 100", '"small"'), ("[100..1000)", '"middle"'), (">= 1000", '"large"'))


def made(*arguments: Any, **options: Any) -> dmn.DecisionModel:
    return model(decision("d", table(*arguments, **options)))


@pytest.mark.parametrize(
    ("amount", "band"), [(0, "small"), (100, "middle"), (Decimal("999.99"), "middle"), (1000, "large"), (None, None)]
)
def test_unique(amount: Any, band: Any) -> None:
    assert made(["amount:number"], ["band"], *BANDS).evaluate("d", {"amount": amount}).value == band


def test_unique_with_two_rules_is_null_and_says_why() -> None:
    result = made(["a"], ["x"], ("> 1", "1"), ("> 2", "2")).evaluate("d", {"a": 5})
    assert result.value is None
    assert [warning.message for warning in result.warnings] == [
        "Rules 1, 2 of 'd' apply, but only one may; the result is null."
    ]
    assert [rule.index for rule in result.trace[0].rules] == [1, 2]


RULES = (("> 1", '"b"', "1"), ("> 2", '"a"', "2"), ("> 3", '"b"', "1"))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("FIRST", {"x": "b", "y": 1}),
        ("ANY", None),
        ("RULE ORDER", [{"x": "b", "y": 1}, {"x": "a", "y": 2}, {"x": "b", "y": 1}]),
        ("COLLECT", [{"x": "b", "y": 1}, {"x": "a", "y": 2}, {"x": "b", "y": 1}]),
    ],
)
def test_policies_with_two_outputs(policy: str, expected: Any) -> None:
    assert made(["a"], ["x", "y"], *RULES, policy=policy).evaluate("d", {"a": 9}).value == expected


def test_ranked_policies() -> None:
    rules = (("> 1", '"low"'), ("> 2", '"high"'), ("> 3", '"low"'))
    for policy, expected in (("PRIORITY", "high"), ("OUTPUT ORDER", ["high", "low", "low"])):
        ranked = made(["a"], ["x"], *rules, policy=policy, values='"high", "low"')
        assert ranked.evaluate("d", {"a": 9}).value == expected


def test_the_rank_may_come_from_the_type() -> None:
    kind = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef>'
        "<allowedValues><text>&quot;high&quot;, &quot;low&quot;</text></allowedValues></itemDefinition>"
    )
    logic = table(["a"], ["x:tLevel"], ("-", '"low"'), ("-", '"high"'), policy="PRIORITY")
    assert model(kind, decision("d", logic)).evaluate("d", {}).value == "high"


def test_any_with_one_answer() -> None:
    assert made(["a"], ["x"], ("> 1", "7"), ("> 2", "7"), policy="ANY").evaluate("d", {"a": 9}).value == 7


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 6), ("MIN", 1), ("MAX", 3), ("COUNT", 3)])
def test_aggregations(aggregation: str, expected: int) -> None:
    rules = (("> 1", "1"), ("> 2", "2"), ("> 3", "3"), ("> 99", "4"))
    collected = made(["a"], ["x"], *rules, policy="COLLECT", aggregation=aggregation)
    assert collected.evaluate("d", {"a": 9}).value == expected
    assert collected.evaluate("d", {"a": 0}).value == (0 if aggregation == "COUNT" else None)


def test_aggregation_of_what_cannot_be_added() -> None:
    result = made(["a"], ["x"], ("-", '"t"'), ("-", "1"), policy="COLLECT", aggregation="SUM").evaluate("d", {})
    assert result.value is None
    assert "cannot make a sum" in result.warnings[-1].message


def test_no_rule_applies() -> None:
    assert made(["a"], ["x"], ("1", "1"), policy="COLLECT").evaluate("d", {"a": 2}).value == []
    assert made(["a"], ["x"], ("1", "1"), defaults=["0"]).evaluate("d", {"a": 2}).value == 0
    result = made(["a"], ["x"], ("1", "1")).evaluate("d", {"a": 2})
    assert result.value is None
    assert result.warnings[-1].message == "No rule of 'd' applies."


def test_what_is_told() -> None:
    told = made(["amount", "tier"], ["x"], ("> 1", "-", "1"), ("> 9", '"gold"', "2"), policy="FIRST", notes=("A", "B"))
    result = told.evaluate("d", {"amount": Decimal("2.5"), "tier": "gold", "other": 1})
    (trace,) = result.trace
    assert (trace.decision_id, trace.name, trace.value) == ("d", "d", 1)
    assert trace.inputs == {"amount": Decimal("2.5"), "tier": "gold"}
    assert trace.rules == (dmn.RuleFired("d", 1, "r1", ("A",), {"x": 1}),)


def test_outputs_are_fresh_each_time() -> None:
    collected = made(["a"], ["x", "y"], ("-", "1", "2"))
    first = collected.evaluate("d", {}).value
    first["x"] = 99
    assert collected.evaluate("d", {}).value == {"x": 1, "y": 2}


def test_outputs_are_of_the_columns_type() -> None:
    result = made(["a"], ["x:number"], ("-", '"t"')).evaluate("d", {})
    assert result.value is None
    assert "is to be number, not string" in result.warnings[-1].message


@pytest.mark.parametrize(
    ("cell", "fitting", "other"),
    [
        ('"a"', "a", "b"),
        ('"a", "b"', "b", "c"),
        ('"a,b"', "a,b", "a"),
        ("true", True, False),
        ("false", False, None),
        ("null", None, False),
        ("5", 5, "5"),
        ("5, 7", Decimal("7.0"), 6),
        ("-3", -3, 3),
        ("< 5", 4, 5),
        ("<= 5", 5, Decimal("5.1")),
        ("(1..5)", 2, 1),
        ("]1..5[", 4, 5),
        ("[1..5], > 9", 10, 9),
        ('not("a")', "b", "a"),
        ("> limit", 4, 3),
        ("? > 1 and ? < limit", 2, 3),
        ('starts with(?, "a")', "ab", "ba"),
        ('< date("2026-01-01")', feel.compile('@"2025-12-31"').value({}), feel.compile('@"2026-01-01"').value({})),
        ("1", True, 2),
        ("-", None, ...),
        ("[1, 2]", [1, 2], [1]),
        ("1", [1], [2]),
    ],
)
def test_cells(cell: str, fitting: Any, other: Any) -> None:
    tests = feel.compile_unary_tests(cell)
    for given in (fitting, other):
        if given is ...:
            continue
        result = made(["a"], ["x"], (cell, "1")).evaluate("d", {"a": given, "limit": 3})
        by_feel = tests.is_irrelevant or tests.matches(given, {"limit": 3}) is True
        assert (result.value == 1) is by_feel
    if cell not in ("1", "-"):
        assert made(["a"], ["x"], (cell, "1")).evaluate("d", {"a": fitting, "limit": 3}).value == 1


def test_a_column_agrees_with_its_cells_one_by_one() -> None:
    texts = ["-", '"a"', "5", "< 5", "[3..7]", "(3..7)", "true", "null", ">= 7", '"b", 3, false', "5, 9", "<= -1"]
    column = Column([read_cell(text, ()) for text in texts])
    values = [None, True, False, "a", "b", "", -1, 0, 3, Decimal("3.5"), 5, Decimal("6.99"), 7, 8, 9, 10**30, [5]]
    for given in values:
        sure, open_ = column.fits(given)
        for row, text in enumerate(texts):
            tests = feel.compile_unary_tests(text)
            expected = tests.is_irrelevant or tests.matches(given, {}) is True
            if not open_ >> row & 1:
                assert bool(sure >> row & 1) is expected, (given, text)


@pytest.mark.parametrize("text", ["a", "< a", "1..5", '"a', '"a\\n"', "1, a", "5 + 1", "true or x", "trueish", "1a"])
def test_what_is_left_to_feel(text: str) -> None:
    assert pieces_of(text) == ()


def test_long_tables_are_searched_block_by_block() -> None:
    rules = [(f'"k{number}"', str(number)) for number in range(2_000)]
    long = made(["a"], ["x"], *rules)
    assert [long.evaluate("d", {"a": f"k{number}"}).value for number in (0, 511, 512, 1_999)] == [0, 511, 512, 1_999]
    assert long.evaluate("d", {"a": "k1999"}).trace[0].rules[0].index == 2_000


def test_values_a_column_may_not_have_are_told() -> None:
    logic = table(["a"], ["x"], ("-", "1")).replace(
        "</inputExpression>", "</inputExpression><inputValues><text>&quot;a&quot;</text></inputValues>"
    )
    result = model(decision("d", logic)).evaluate("d", {"a": "z"})
    assert result.value == 1
    assert result.warnings[0].message == "'a' of 'd' is none of the values it may have."


def test_an_empty_cell_is_any() -> None:
    assert Cell("").is_any and read_cell("-").is_any
