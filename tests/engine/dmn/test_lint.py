"""What is told of tables: gaps, overlaps, unreachable rules, wrong types, unknown inputs."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import Problem

from .making import data, decision, literal, model, table


def findings(*arguments: Any, **options: Any) -> list[Problem]:
    return model(decision("d", table(*arguments, **options))).check()


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ((("< 5", "1"), ("> 5", "2")), "No rule of 'd' applies for a: 5."),
        ((("< 5", "1"), ("[5..9)", "2")), "No rule of 'd' applies for a: 9, > 9."),
        ((("[1..2]", "1"), (">= 3", "1")), "No rule of 'd' applies for a: < 1, (2..3)."),
    ],
)
def test_gaps_between_numbers(rules: Any, message: str) -> None:
    assert [each.message for each in findings(["a:number"], ["x"], *rules)] == [message]


def test_gaps_of_two_columns() -> None:
    rules = (('"a"', "true", "1"), ('"b"', "-", "2"), ('"a", "c"', "false", "3"))
    logic = table(["t:string", "b:boolean"], ["x"], *rules).replace(
        "</inputExpression>",
        "</inputExpression><inputValues><text>&quot;a&quot;, &quot;b&quot;, &quot;c&quot;</text></inputValues>",
        1,
    )
    assert [each.message for each in model(decision("d", logic)).check()] == [
        "No rule of 'd' applies for t: \"c\"; b: true."
    ]


@pytest.mark.parametrize(("policy", "options"), [("COLLECT", {}), ("RULE ORDER", {}), ("UNIQUE", {"defaults": ["0"]})])
def test_where_gaps_do_not_matter(policy: str, options: dict[str, Any]) -> None:
    assert findings(["a:number"], ["x"], ("5", "1"), policy=policy, **options) == []


def test_overlaps() -> None:
    (found,) = findings(["a:number"], ["x"], ("< 5", "1"), (">= 4", "2"), ("> 100", "3"))[:1]
    assert found.message == "Rules 1 and 2 of 'd' can apply together: a: 4, (4..5)."
    assert found.values["row"] == 2 and found.values["other"] == 1 and found.element_id == "r2"
    assert found.rule == "overlap" and found.severity == "warning"


def test_overlaps_that_say_the_same_are_what_any_is_for() -> None:
    rules = (("< 5", "1"), (">= 4", "1"))
    assert findings(["a:number"], ["x"], *rules, policy="ANY") == []
    assert [each.rule for each in findings(["a:number"], ["x"], rules[0], (">= 4", "2"), policy="ANY")] == ["overlap"]
    assert findings(["a:number"], ["x"], rules[0], (">= 4", "2"), policy="FIRST") == []


def test_unreachable_rules() -> None:
    first = findings(["a:number"], ["x"], ("< 5", "1"), (">= 5", "2"), ("7", "3"), policy="FIRST")
    assert [each.message for each in first] == [
        "Rule 3 of 'd' can never apply: the rules above it cover all its cases."
    ]
    empty = findings(["a:number"], ["x"], ("-", "1"), ("[5..3]", "2"))
    assert empty[0].message == "Rule 2 of 'd' can never apply: no value fits [5..3] in column 'a'."
    assert (empty[0].values["row"], empty[0].values["column"]) == (2, "a")


def test_wrong_types() -> None:
    found = findings(["a:number"], ["x:string"], ('"many"', '"t"'), ("-", "5"))
    assert [(each.rule, each.values["row"], each.values["column"]) for each in found[:2]] == [
        ("wrong-type", 1, "a"),
        ("wrong-output", 2, "x"),
    ]
    assert found[0].message == "Rule 1 of 'd', column 'a': \"many\" is a string, but the column is number."
    assert found[1].message == "Rule 2 of 'd', column 'x': 5 is a number, not string."


def test_outputs_that_are_not_among_the_values() -> None:
    (found,) = findings(["a"], ["x"], ("-", '"z"'), values='"a", "b"')
    assert found.message == "Rule 1 of 'd', column 'x': \"z\" is none of the values it may have."


def test_cells_that_only_feel_understands_raise_no_false_alarm() -> None:
    assert findings(["a:number"], ["x"], ("< limit", "1"), (">= limit", "2")) == []
    assert findings(["a:date"], ["x"], ('< date("2026-01-01")', "1"), ('>= date("2026-01-01")', "2")) == []


def test_unknown_inputs() -> None:
    made = model(
        data("a"),
        data("b"),
        decision("y", literal("1")),
        decision("d", table(["a + b"], ["x"], ("> c", "y")), "?a"),
    )
    assert [each.message for each in made.check() if each.rule == "unknown-input"] == [
        "'d' reads 'b', but no arrow leads from it; it is null there.",
        "'d' reads 'c', which is no input data of the model.",
        "'d' reads 'y', but no arrow leads from it; it is null there.",
    ]


def test_names_that_a_box_defines_itself_are_known() -> None:
    logic = (
        '<context><contextEntry><variable name="p"/>' + literal("a") + "</contextEntry><contextEntry>"
        f'<for iteratorVariable="i"><in>{literal("[p]")}</in><return>{literal("i + p")}</return></for>'
        "</contextEntry></context>"
    )
    assert model(data("a"), decision("d", logic, "?a")).check() == []


def test_a_list_where_one_value_is_wanted() -> None:
    made = model(decision("d", table(["a"], ["x"], ("-", "1"), ("-", "2"), policy="COLLECT"), type_ref="number"))
    assert [each.message for each in made.check()] == [
        "'d' answers with a list, but is to be number; with several rules it is null."
    ]


@pytest.mark.parametrize("seed", range(60))
def test_gaps_and_overlaps_are_those_found_by_trying(seed: int) -> None:
    chance = random.Random(seed)
    numbers = ["-", "< 2", ">= 2", "[1..3)", "(1..3]", "2", "1, 3", "> 3"]
    texts = ["-", '"a"', '"b"', '"a", "b"']
    rules = [(chance.choice(numbers), chance.choice(texts), str(n)) for n in range(chance.randint(1, 5))]
    made = model(decision("d", table(["n:number", "t:string"], ["x"], *rules)))
    found = {each.rule for each in made.check()}
    hits = [
        [rule.index for rule in made.evaluate("d", {"n": n, "t": t}).trace[0].rules]
        for n in (0, 1, Decimal("1.5"), 2, Decimal("2.5"), 3, 4)
        for t in ("a", "b", "c")
    ]
    assert ("gap" in found) is ([] in hits)
    assert ("overlap" in found) is any(len(rows) > 1 for rows in hits)


@pytest.mark.parametrize("seed", range(40))
def test_unreachable_rules_are_those_that_never_come_first(seed: int) -> None:
    chance = random.Random(seed)
    cells = ["-", "< 2", ">= 2", "[1..3)", "2", "> 3", "<= 3"]
    rules = [(chance.choice(cells), chance.choice(["-", "true", "false"]), str(n)) for n in range(6)]
    made = model(decision("d", table(["n:number", "b:boolean"], ["x"], *rules, policy="FIRST", defaults=["9"])))
    told = {each.values["row"] for each in made.check() if each.rule == "unreachable"}
    first = {
        made.evaluate("d", {"n": n, "b": b}).trace[0].rules[0].index
        for n in (0, 1, Decimal("1.5"), 2, Decimal("2.5"), 3, 4)
        for b in (True, False)
        if made.evaluate("d", {"n": n, "b": b}).trace[0].rules
    }
    assert told == set(range(1, 7)) - first


def test_a_table_without_rules() -> None:
    assert [each.message for each in findings(["a"], ["x"])] == ["'d' has no rules."]


@pytest.mark.parametrize("policy", ["UNIQUE", "FIRST"])
def test_large_tables_take_no_time(policy: str) -> None:
    many = [(f"[{n}..{n + 3}]", f"> {n % 7}", f'"t{n % 5}"', "-", str(n)) for n in range(400)]
    started = time.process_time()
    findings(["a", "b", "c", "e"], ["x"], *many, policy=policy)
    huge = [(f"< {n}", str(n)) for n in range(5_000)]
    assert [each.rule for each in findings(["a"], ["x"], *huge, policy=policy)] == ["too-large"]
    assert time.process_time() - started < 5
