"""What expressions are worth: one line an expression, its value written as FEEL too."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from engine import feel

SCOPE: dict[str, Any] = {
    "severity": "high",
    "amount": 1500,
    "price": Decimal("19.90"),
    "customer": {"tier": "gold", "address": {"city": "Aachen"}},
    "items": [{"name": "a", "price": 5}, {"name": "b", "price": 15}, {"name": "c", "price": 25}],
    "empty": [],
    "nothing": None,
    "loan amount": 700,
    "a-b": 9,
    "a": 10,
    "b": 4,
}

SAME = [
    # arithmetic
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("2 ** 3 ** 2", "64"),
    ("-2 ** 2", "4"),
    ("10 - 2 - 3", "5"),
    ("7 / 2", "3.5"),
    ("0.1 + 0.2", "0.3"),
    ("1 / 3 * 3", "0.9999999999999999999999999999999999"),
    ("--5", "5"),
    ("1e3", "1000"),
    (".5 + 1", "1.5"),
    ("amount * 1.19", "1785"),
    ("5 / 0", "null"),
    ('"a" + 1', "null"),
    ('"ab" + "cd"', '"abcd"'),
    # truth
    ("true and null", "null"),
    ("false and null", "false"),
    ("null or true", "true"),
    ("false or null", "null"),
    ('true and "x"', "null"),
    ('false and "x"', "false"),
    ("not(true)", "false"),
    ("not(null)", "null"),
    # comparison
    ("1 < 2", "true"),
    ('1 < "2"', "null"),
    ('1 = "1"', "null"),
    ("null = null", "true"),
    ("nothing = 5", "false"),
    ("[1, 2] = [1, 2]", "true"),
    ("{a: 1, b: 2} = {b: 2, a: 1}", "true"),
    ("1.0 = 1", "true"),
    ("3 between 1 and 5", "true"),
    ("null between 1 and 5", "null"),
    # membership
    ("5 in [1..10]", "true"),
    ("10 in [1..10)", "false"),
    ("10 in ]1..10]", "true"),
    ("5 in (< 3, > 4)", "true"),
    ('"b" in ("a", "b")', "true"),
    ("1 in [1, 2, 3]", "true"),
    ("5 in != 4", "true"),
    ("5 in (? > 3)", "true"),
    ("null in [1..2]", "null"),
    # if
    ('if amount > 1000 then "much" else "little"', '"much"'),
    ('if nothing then "much" else "little"', '"little"'),
    ('if "x" then 1 else 2', "null"),
    ("if false then 1 else if false then 2 else if true then 3 else 4", "3"),
    ("1 + if true then 2 else 3", "3"),
    # names and paths
    ("customer.tier", '"gold"'),
    ("customer.address.city", '"Aachen"'),
    ("customer.phone", "null"),
    ("nothing.at.all", "null"),
    ("loan amount + 1", "701"),
    ("a-b", "9"),
    ("a - b", "9"),
    ("a -(b)", "6"),
    ('{"first name": "Ann"}.first name', '"Ann"'),
    ("items.name", '["a", "b", "c"]'),
    # filters
    ("items[price > 10].name", '["b", "c"]'),
    ("items[1].name", '"a"'),
    ("items[-1].name", '"c"'),
    ("items[4]", "null"),
    ("[1, 2, 3][item >= 2]", "[2, 3]"),
    ("5[1]", "5"),
    ("5[item > 7]", "[]"),
    ("null[1]", "null"),
    ("empty[item > 1]", "[]"),
    ("items[name = severity]", "[]"),
    ('[1, 2]["x"]', "null"),
    ("[1, 2, 3, 4][b - 1]", "3"),
    # loops
    ("for i in 1..3 return i * i", "[1, 4, 9]"),
    ("for i in 3..1 return i", "[3, 2, 1]"),
    ("for i in [1, 2], j in [10, 20] return i + j", "[11, 21, 12, 22]"),
    ("for i in 1..3, j in 1..i return j", "[1, 1, 2, 1, 2, 3]"),
    ("for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]", "[1, 1, 2, 3, 5]"),
    ('for day in @"2024-02-28"..@"2024-03-01" return day.day', "[28, 29, 1]"),
    ("for i in (1..4) return i", "[2, 3]"),
    ("for i in nothing return i", "null"),
    ("for i in 5 return i", "[5]"),
    ("for my item in [1, 2] return my item + 1", "[2, 3]"),
    ("some x in [1, 2] satisfies x > 1", "true"),
    ("every x in [1, 2] satisfies x > 1", "false"),
    ("every x in [] satisfies x > 1", "true"),
    ("some x in [1, null] satisfies x > 1", "null"),
    ("some x in [1, 2], y in [2, 3] satisfies x = y", "true"),
    # functions
    ("(function(x, y) x + y)(1, 2)", "3"),
    ("(function(x, y) x - y)(y: 1, x: 5)", "4"),
    ("(function(x) x)(1, 2)", "null"),
    ('(function(x: number) x)("a")', "null"),
    ("(function(x: number) x)([5])", "5"),
    ("{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(5)}.r", "120"),
    ("(for i in 1..3 return function() i)[1]()", "1"),
    ("{twice: function(f, x) f(f(x)), r: twice(function(x) x * 3, 2)}.r", "18"),
    ("no such function(1)", None),
    # contexts
    ("{a: 1, b: a + 1}.b", "2"),
    ('{a: 1, "b c": 2}.b c', "2"),
    ("{a: 1, a: 2}", "null"),
    # types
    ("1 instance of number", "true"),
    ("null instance of number", "false"),
    ("[1, 2] instance of list<number>", "true"),
    ('[1, "x"] instance of list<number>', "false"),
    ("{a: 1} instance of context<a: number>", "true"),
    ("(function(a: number) a + 1) instance of function<number> -> number", "true"),
    ('@"P1D" instance of days and time duration', "true"),
    ("1 instance of tNumber", "null"),
    ("[1..5] instance of range<number>", "true"),
    # temporal
    ('@"2024-02-28" + @"P2D"', '@"2024-03-01"'),
    ('@"2024-01-31" + @"P1M"', '@"2024-02-29"'),
    ('@"2024-03-30T12:00:00@Europe/Berlin" + @"P1D"', '@"2024-03-31T13:00:00@Europe/Berlin"'),
    ('@"2024-01-02" - @"2024-01-01"', '@"P1D"'),
    ('@"2024-01-01T10:00:00" - @"2024-01-01T10:00:00Z"', "null"),
    ('@"2024-06-01T12:00:00@Europe/Berlin" = @"2024-06-01T10:00:00Z"', "true"),
    ('@"-5000-01-01" + @"P1D"', '@"-5000-01-02"'),
    ('@"99999-12-31" + @"P1D"', '@"100000-01-01"'),
    ('@"23:30:00" + @"PT1H"', '@"00:30:00"'),
    ('@"P1D" * 1.5', '@"P1DT12H"'),
    ('@"P1Y" / @"P1M"', "12"),
    ('-@"P1D"', '@"-P1D"'),
    ('@"P1Y" + @"P1D"', "null"),
    ('@"2024-05-06".weekday', "1"),
    ('@"2024-05-06T10:20:30@Asia/Shanghai".timezone', '"Asia/Shanghai"'),
    ('@"2024-05-06T10:20:30@Asia/Shanghai".time offset', '@"PT8H"'),
    ('@"-PT90M".hours', "-1"),
    ("[1..5).end included", "false"),
    ('@"2024-02-30"', "null"),
    # comments
    ("1 /* one */ + // two\n 2", "3"),
]


@pytest.mark.parametrize(("text", "value"), [pair for pair in SAME if pair[1] is not None])
def test_value(text: str, value: str) -> None:
    expected = feel.compile(value).value({})
    got = feel.compile(text, SCOPE).value(SCOPE)
    assert got == expected
    assert feel.to_plain(got) == feel.to_plain(expected)
    assert feel.compile(text, SCOPE).evaluate(SCOPE).value == expected


def test_now_and_today_are_the_moment_given() -> None:
    now = dt.datetime(2026, 11, 24, 23, 30, tzinfo=dt.UTC)
    assert feel.to_plain(feel.compile("now()").value({}, now)) == "2026-11-24T23:30:00Z"
    assert feel.to_plain(feel.compile("today()").value({}, now)) == "2026-11-24"
    assert feel.to_plain(feel.compile('now() + duration("PT1H")').evaluate({}, now).value) == "2026-11-25T00:30:00Z"


def test_a_name_hides_a_built_in_function_only_where_it_is_read() -> None:
    scope = {"count": 3, "items": [1, 2]}
    assert feel.compile("count + 1").value(scope) == 4
    assert feel.compile("count(items)").value(scope) == 2
    assert feel.compile("sort([3, 1], function(x, y) x < y)").value(scope) == [1, 3]


def test_a_function_of_the_scope_replaces_the_built_in_one_when_named() -> None:
    scope = {"max": feel.Function(("a", "b"), lambda a, b: "mine")}
    assert feel.compile("max(1, 2)", scope).value(scope) == "mine"
    assert feel.compile("max(1, 2)").value({}) == 2


def test_names_and_paths_tell_what_is_read() -> None:
    expression = feel.compile('customer.tier = "gold" and count(items[price > limit]) > 0 and {x: 1}.x = 1')
    assert expression.names == {"customer", "items", "price", "limit"}
    assert expression.required == {"customer", "items"}
    assert ("customer", "tier") in expression.paths
    assert feel.compile('customer.tier = "gold"').reads({"customer": {"tier": "gold"}}) == {"customer.tier": "gold"}
    assert feel.compile("amount > 5").reads({}) == {"amount": None}


def test_warnings_say_why_a_value_is_null() -> None:
    evaluation = feel.compile('amuont > 1000 and "a" + 1 > 2').evaluate({"amount": 5})
    messages = [warning.message for warning in evaluation.warnings]
    assert "There is no value named 'amuont'." in messages
    assert "string and number cannot be added." in messages
    assert evaluation.value is None and not evaluation.exceeded


def test_asking_whether_a_value_is_there_is_no_reason_to_warn() -> None:
    assert feel.compile("is defined(missing)").evaluate({}) == feel.Evaluation(False)
    assert feel.compile("get or else(missing, 5)").evaluate({}) == feel.Evaluation(5)


def test_floats_count_as_the_decimals_they_are_written_as() -> None:
    assert feel.compile("x + 0.2 = 0.3").value({"x": 0.1}) is True
    assert feel.compile("x > 0.05 and round up(x, 0) = 1").value({"x": 0.1}) is True


def test_data_that_cannot_be_calculated_with_gives_null() -> None:
    assert feel.compile("x > 5").value({"x": Decimal("sNaN")}) is None
    evaluation = feel.compile("x > 5").evaluate({"x": Decimal("sNaN")})
    assert evaluation.value is None and evaluation.warnings


def test_one_expression_serves_many_scopes() -> None:
    expression = feel.compile("amount > limit")
    assert [expression.value({"amount": amount, "limit": 5}) for amount in (1, 9)] == [False, True]
    assert feel.compile("amount > limit") is expression


def test_the_quiet_way_never_runs_out_of_budget() -> None:
    expression = feel.compile("left = right")
    data = {"left": [1] * 5000, "right": [1] * 5000}
    assert all(expression.value(data) is True for _ in range(300))
