"""Every built-in function: one line a use, its value written as FEEL too."""

from __future__ import annotations

import re

import pytest

from engine import feel
from engine.feel.builtins import Builtin

USES = [
    # conversion
    ("string(1.50)", '"1.50"'),
    ('string([1, "a", {b: null}])', '"[1, \\"a\\", {b: null}]"'),
    ("string(null)", "null"),
    ('string(@"P1D")', '"P1D"'),
    ('number("1 234,5", " ", ",")', "1234.5"),
    ('number("1,234.5", ",", ".")', "1234.5"),
    ('number("abc")', "null"),
    ('number(from: "5", grouping separator: null, decimal separator: null)', "5"),
    ('date("2024-02-29")', '@"2024-02-29"'),
    ("date(2024, 2, 29)", '@"2024-02-29"'),
    ("date(2023, 2, 29)", "null"),
    ("date(year: 2024, month: 1, day: 2)", '@"2024-01-02"'),
    ('date(@"2024-02-29T10:00:00")', '@"2024-02-29"'),
    ('time("10:20:30.5+01:00")', '@"10:20:30.5+01:00"'),
    ('time("10:20")', '@"10:20:00"'),
    ('time(10, 20, 30.25, @"PT1H")', '@"10:20:30.25+01:00"'),
    ('date and time("2024-01-01T24:00:00")', '@"2024-01-02T00:00:00"'),
    ('date and time(@"2024-01-01", @"10:00:00")', '@"2024-01-01T10:00:00"'),
    ('date and time(@"2024-01-01T10:00:00Z", "Asia/Shanghai")', '@"2024-01-01T18:00:00@Asia/Shanghai"'),
    ('date and time("nonsense")', "null"),
    ('duration("P2DT3H")', '@"P2DT3H"'),
    ('duration("P1W")', '@"P7D"'),
    ('duration("P1Y1D")', "null"),
    ('years and months duration(@"2011-12-22", @"2013-08-24")', '@"P1Y8M"'),
    ('to json({a: [1, 2.5, null], b: @"2024-01-01"})', '"{\\"a\\":[1,2.5,null],\\"b\\":\\"2024-01-01\\"}"'),
    ('from json("{\\"a\\": [1, 2.5, null]}")', "{a: [1, 2.5, null]}"),
    ('from json("{a: 1}")', "null"),
    ('from json("NaN")', "null"),
    ("not(false)", "true"),
    ('is(@"10:00:00Z", @"10:00:00@Etc/UTC")', "false"),
    ("is defined(null)", "false"),
    ("get or else(null, 1)", "1"),
    ("assert(5, true)", "5"),
    ('assert(5, false, "no")', "null"),
    # numbers
    ("decimal(2.5, 0)", "2"),
    ("decimal(1.115, 2)", "1.12"),
    ("floor(-1.56, 1)", "-1.6"),
    ("ceiling(1.5)", "2"),
    ("round up(5.5)", "6"),
    ("round down(-5.5, 0)", "-5"),
    ("round half up(5.5, 0)", "6"),
    ("round half down(5.5, 0)", "5"),
    ("abs(-5)", "5"),
    ('abs(@"-P1D")', '@"P1D"'),
    ("modulo(-10.1, 4.5)", "3.4"),
    ("modulo(10, 0)", "null"),
    ("sqrt(16)", "4"),
    ("sqrt(-1)", "null"),
    ("decimal(log(10), 8)", "2.30258509"),
    ("log(0)", "null"),
    ("decimal(exp(5), 6)", "148.413159"),
    ("even(2)", "true"),
    ("odd(5)", "true"),
    ("odd(2.5)", "false"),
    ("random number() < 1", "true"),
    # texts
    ('substring("foobar", 3)', '"obar"'),
    ('substring("foobar", -2, 1)', '"a"'),
    ('substring("foobar", 0)', "null"),
    ('substring("\\U01F40Eab", 2)', '"ab"'),
    ('string length("tes\\U01F40E")', "4"),
    ('upper case("aB4")', '"AB4"'),
    ('lower case("aB4")', '"ab4"'),
    ('substring before("foobar", "bar")', '"foo"'),
    ('substring before("foobar", "xyz")', '""'),
    ('substring after("foobar", "ob")', '"ar"'),
    ('substring after("foobar", "")', '"foobar"'),
    ('contains("foobar", "of")', "false"),
    ('starts with("foobar", "fo")', "true"),
    ('ends with("foobar", "r")', "true"),
    ('matches("foobar", "^fo*b")', "true"),
    ('matches("FOO", "foo", "i")', "true"),
    ('matches("x", "(")', "null"),
    ('matches("größe 投诉", "^\\\\w+ [\\\\w]+$")', "true"),
    ('matches("a b", "a b", "x")', "false"),
    ('matches("a[b", "^a[\\\\[c]b$")', "true"),
    ('matches("a", "(?i)A")', "null"),
    ('matches("aa", "(a)\\\\1")', "null"),
    ('matches("b", "[a-z-[aeiou]]")', "true"),
    ('matches("e", "[a-z-[aeiou]]")', "false"),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', '"[1=ab][2=]cd"'),
    ('replace("a.b", ".", "x", "q")', '"axb"'),
    ('replace("abc", "x*", "-")', "null"),
    ('split("a;b;;c", ";")', '["a", "b", "", "c"]'),
    ('extract("references are 1234, 1256", "12[0-9]*")', '["1234", "1256"]'),
    ('string join(["a", null, "c"], ", ")', '"a, c"'),
    ('string join(["a", "b"], ",", "[", "]")', '"[a,b]"'),
    ('string join(["a", 1])', "null"),
    ('trim("  a ")', '"a"'),
    ('is blank(" ")', "true"),
    ('is empty("")', "true"),
    ("is empty([1])", "false"),
    ("string length(uuid())", "36"),
    ('from base64(to base64("\\u00e4"))', '"\\u00e4"'),
    ('from base64("?")', "null"),
    ('repeat("ab", 2)', '"abab"'),
    # lists
    ("list contains([1, null], null)", "true"),
    ("count([1, 2])", "2"),
    ("min(3, 1, 2)", "1"),
    ('max(["a", "c", "b"])', '"c"'),
    ("max([])", "null"),
    ('min(1, "a")', "null"),
    ("sum([1, 2.5])", "3.5"),
    ('sum([@"P1D", @"PT12H"])', '@"P1DT12H"'),
    ("sum([])", "null"),
    ("mean(1, 2, 6)", "3"),
    ("product(2, 3, 4)", "24"),
    ("median(8, 2, 5, 3, 4)", "4"),
    ("median([6, 1, 2, 3])", "2.5"),
    ("decimal(stddev(2, 4, 7, 5), 4)", "2.0817"),
    ("mode([6, 1, 9, 6, 1])", "[1, 6]"),
    ("all([true, null, false])", "false"),
    ("all([])", "true"),
    ("any([false, null])", "null"),
    ("sublist([4, 5, 6], 1, 2)", "[4, 5]"),
    ("sublist([4, 5, 6], -1)", "[6]"),
    ("append([1], 2, 3)", "[1, 2, 3]"),
    ("concatenate([1], [2, 3])", "[1, 2, 3]"),
    ("insert before([1, 3], 2, 2)", "[1, 2, 3]"),
    ("remove([1, 2, 3], 2)", "[1, 3]"),
    ("remove([1], 5)", "null"),
    ("list replace([2, 4, 7], 3, 6)", "[2, 4, 6]"),
    ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", "[5, 5, 7, 8]"),
    ("reverse([1, 2])", "[2, 1]"),
    ("index of([1, 2, 3, 2], 2)", "[2, 4]"),
    ("union([1, 2], [2, 3])", "[1, 2, 3]"),
    ("distinct values([1, 2, 1.0, true, {a: 1}, {a: 1}])", "[1, 2, true, {a: 1}]"),
    ("duplicate values([1, 2, 1, 1, [3], [3]])", "[1, [3]]"),
    ("flatten([[1, [2]], 3])", "[1, 2, 3]"),
    ("sort([3, 1, 2], function(x, y) x > y)", "[3, 2, 1]"),
    ("sort([3, 1, 2])", "[1, 2, 3]"),
    ("partition([1, 2, 3], 2)", "[[1, 2], [3]]"),
    # contexts
    ('get value({a: 1}, "a")', "1"),
    ('get value({a: {b: 1}}, ["a", "b"])', "1"),
    ('get value({a: 1}, "b")', "null"),
    ("get entries({a: 1})", '[{key: "a", value: 1}]'),
    ('context([{key: "a", value: 1}])', "{a: 1}"),
    ('context([{key: "a", value: 1}, {key: "a", value: 2}])', "null"),
    ('context put({a: 1}, "b", 2)', "{a: 1, b: 2}"),
    ('context put({a: {b: 1}}, ["a", "b"], 2)', "{a: {b: 2}}"),
    ("context merge([{a: 1}, {a: 2, b: 3}])", "{a: 2, b: 3}"),
    ('put({a: 1}, "b", 2)', "{a: 1, b: 2}"),
    ("put all({a: 1}, {b: 2})", "{a: 1, b: 2}"),
    # dates
    ('day of year(@"2019-09-17")', "260"),
    ('day of week(@"2019-09-17")', '"Tuesday"'),
    ('month of year(@"2019-09-17")', '"September"'),
    ('week of year(@"2005-01-01")', "53"),
    ('last day of month(@"2024-02-01")', '@"2024-02-29"'),
    ('to unix timestamp(@"1970-01-01T00:00:01Z")', "1000"),
    ("from unix timestamp(1000)", '@"1970-01-01T00:00:01Z"'),
    ('to epoch milliseconds(@"1970-01-01T01:00:01+01:00")', "1000"),
    ('duration in seconds(@"PT2M")', "120"),
    ('now() > @"2020-01-01T00:00:00Z"', "true"),
    ("today() instance of date", "true"),
    # ranges
    ('range("[1..3)")', "[1..3)"),
    ('range("[date(\\"2024-01-01\\")..@\\"2024-02-01\\"]")', '[@"2024-01-01"..@"2024-02-01"]'),
    ('range("[3..1]")', "null"),
    ("before(1, 10)", "true"),
    ("before([1..10), 10)", "true"),
    ("after(12, [1..10])", "true"),
    ("meets([1..5], [5..10])", "true"),
    ("met by([5..10], [1..5])", "true"),
    ("overlaps([1..5], [5..8])", "true"),
    ("overlaps before([1..5], [3..8])", "true"),
    ("overlaps after([3..8], [1..5])", "true"),
    ("finishes(10, [1..10])", "true"),
    ("finished by([1..10], [5..10])", "true"),
    ("includes([1..10], 5)", "true"),
    ("includes([1..10], 12)", "false"),
    ("during([4..6], [1..10])", "true"),
    ("during(5, (< 10))", "true"),
    ("starts(1, [1..10])", "true"),
    ("started by([1..10], [1..5])", "true"),
    ("coincides([1..5], [1..5])", "true"),
    ('before(1, "a")', "null"),
]


@pytest.mark.parametrize(("text", "value"), USES)
def test_use(text: str, value: str) -> None:
    expected = feel.compile(value).value({})
    assert feel.compile(text).value({}) == expected
    assert feel.compile(text).evaluate({}).value == expected


def test_every_function_is_used_above() -> None:
    used = " ".join(text for text, _ in USES)
    missing = [entry.name for entry in feel.BUILTINS if not re.search(rf"\b{entry.name}\(", used)]
    assert missing == []


def test_every_function_has_help_and_named_parameters() -> None:
    for entry in feel.BUILTINS:
        assert entry.help.endswith("."), entry.name
        names = [parameter.name for parameter in entry.parameters]
        assert len(set(names)) == len(names) and all(names), entry.name
        assert all(parameter.type for parameter in entry.parameters)


@pytest.mark.parametrize("entry", feel.BUILTINS, ids=lambda entry: entry.name)
def test_wrong_values_give_null_and_a_reason(entry: Builtin) -> None:
    too_many = ", ".join(["1"] * 9)
    if not any(parameter.variadic or parameter.gathers for parameter in entry.parameters):
        evaluation = feel.compile(f"{entry.name}({too_many})").evaluate({})
        assert evaluation.value is None
        assert "takes" in evaluation.warnings[0].message
    evaluation = feel.compile(f"{entry.name}(no such parameter: 1)").evaluate({})
    assert evaluation.value is None and evaluation.warnings


def test_named_values_go_to_their_parameters() -> None:
    assert feel.compile('substring(length: 2, string: "abcd", start position: 2)').value({}) == "bc"
    assert feel.compile('substring(string: "abcd", length: 2)').value({}) is None
    assert feel.compile("sublist(list: [1, 2, 3], start position: 2)").value({}) == [2, 3]
    assert feel.compile("before(point: 1, range: [2..3])").value({}) is True


def test_a_list_of_one_stands_for_its_item_and_an_item_for_its_list() -> None:
    assert feel.compile('upper case(["a"])').value({}) == "A"
    assert feel.compile("count(5)").value({}) == 1
    assert feel.compile("sum(5)").value({}) == 5
