"""What is no FEEL, and what is said about it."""

from __future__ import annotations

import pytest

from engine import feel

WRONG = [
    ("", 1, "empty"),
    ("1 +", 4, "too early"),
    ("(1 + 2", 7, "Expected ')'"),
    ("1 + 2)", 6, "too many"),
    ("a == b", 4, "one '='"),
    ("a && b", 3, "'and' or 'or'"),
    ("if a then b", 12, "Expected 'else'"),
    ("if a b else c", 6, "Expected 'then'"),
    ("for x in list", 14, "Expected 'return'"),
    ("some x in list return x", 16, "Expected 'satisfies'"),
    ("x between 1", 12, "Expected 'and'"),
    ('"abc', 1, "not closed"),
    ("“abc”", 1, "straight quotation marks"),
    ("1 /* oh", 3, "not closed"),
    ("loan amount > 5", 1, "no name 'loan amount'"),
    ("{a 1}", 5, "Expected ':'"),
    ("[1, 2", 6, "Expected ','"),
    ("f(1 2)", 5, "Expected ',' or ')'"),
    ("f(a: 1, 2)", 2, "or none"),
    ("a.", 3, "too early"),
    ("a.5", 2, "should end here"),
    ("1 instance of", 14, "too early"),
    ("1e99999", 1, "too large"),
    ("a # b", 3, "no meaning"),
    ("and 1", 1, "the word 'and'"),
    ("1\n+\n* 2", 1, "Expected a value"),
]


@pytest.mark.parametrize(("text", "column", "part"), WRONG)
def test_mistake_is_found_and_named(text: str, column: int, part: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text)
    assert part in caught.value.message
    assert caught.value.column == column
    assert caught.value.template.format(**caught.value.values) == str(caught.value)


def test_line_is_told() -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile("1\n+\n* 2")
    assert (caught.value.line, caught.value.column) == (3, 1)


def test_names_of_several_words_are_known_by_the_scope() -> None:
    names = ("loan amount", "loan", "Pre-bureau Risk", "rate/year", "in stock")
    scope = {"loan amount": 5, "loan": 1, "Pre-bureau Risk": "low", "rate/year": 3, "in stock": True}
    assert feel.compile("loan amount + loan", names).value(scope) == 6
    assert feel.compile("loan   amount", names).value(scope) == 5
    assert feel.compile('Pre-bureau Risk = "low"', names).value(scope) is True
    assert feel.compile("rate/year * 2", names).value(scope) == 6
    assert feel.compile("not(in stock)", names).value(scope) is False


def test_unicode_names_and_texts() -> None:
    scope = {"投诉金额": 7, "größe": 2, "🐎": 1}
    assert feel.compile("投诉金额 + größe + 🐎").value(scope) == 10
    assert feel.compile(r'"é\u00e9\U01F40E\uD83D\uDC0E"').value({}) == "éé🐎🐎"
    assert feel.compile(r'"a\nb\t\"\\\d"').value({}) == 'a\nb\t"\\\\d'.replace("\\\\d", "\\\\d")


def test_brackets_that_open_outwards() -> None:
    assert feel.compile("[1..5[ = [1..5)").value({}) is True
    assert feel.compile("]1..5] = (1..5]").value({}) is True
    assert feel.compile("3 in [1..x[1]]").value({"x": [4]}) is True
    assert feel.compile("[[1..5[, [2..3]]").value({}) is not None


def test_long_texts_and_deep_nesting_are_refused() -> None:
    with pytest.raises(feel.FeelSyntaxError, match="longer than 10000"):
        feel.compile("1" * 10_001)
    with pytest.raises(feel.FeelSyntaxError, match="nested"):
        feel.compile("(" * 100 + "1" + ")" * 100)
    assert feel.compile("(" * 50 + "1" + ")" * 50).value({}) == 1
    assert feel.compile("+".join(["1"] * 2000)).value({}) == 2000
    assert feel.compile(" and ".join(["true"] * 1000)).value({}) is True
