"""JavaScript's regular expressions, run by RE2."""

from __future__ import annotations

import time

import pytest

from engine.forms.patterns import Pattern, PatternRefused


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("^[A-Z]{2}-\\d+$", "AB-12", "AB-x"),
        ("b", "abc", "ac"),
        ("^\\u4e2d[\\u4e00-\\u9fff]$", "中文", "中a"),
        ("^\\x41$", "A", "B"),
        ("^a.c$", "abc", "a\u2028c"),
        ("^[^]$", "\n", ""),
        ("^\\s+$", " \u3000\u00a0", "x"),
        ("^[\\s,]+$", " ,\u2003", "x"),
        ("^\\/\\-\\:$", "/-:", "x"),
        ("^[[:x]$", "[", "]"),
        ("^(?<year>\\d{4})$", "2026", "26"),
        ("^(?:a|b)$", "b", "c"),
        ("^\\q$", "q", "x"),
        ("x$", "ax", "xb"),
        ("\\bcat\\b", "a cat.", "concat"),
    ],
)
def test_it_reads_as_the_browser_does(pattern: str, yes: str, no: str) -> None:
    assert Pattern(pattern).matches(yes)
    assert not Pattern(pattern).matches(no)


@pytest.mark.parametrize(
    "pattern", ["(?=a)b", "(?<!a)b", "(a)\\1", "(?i)a", "[", "a{2000}", "(", "\\p{L}", "\\k<a>", "x" * 2001, "a\\"]
)
def test_what_cannot_be_run_is_refused(pattern: str) -> None:
    with pytest.raises(PatternRefused) as refused:
        Pattern(pattern)
    assert str(refused.value).startswith("The pattern")


def test_no_text_takes_long() -> None:
    started = time.process_time()
    assert not Pattern("^(a+)+$").matches("a" * 50_000 + "!")
    assert time.process_time() - started < 1
