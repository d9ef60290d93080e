"""Every example on the pages about FEEL is true, in both languages, and the table of built-in functions is current.

A block ```feel holds expressions, each with its value behind `// →`, or behind `// ✗` why it cannot be read;
`// because` tells the warning of a null, and `// with {…}` the data of what follows. A block ```cell holds cells of
decision tables, each with inputs and what the cell says to them. A block ```python is a Python session or, without
prompts, a piece of the engine's source.
"""

from __future__ import annotations

import datetime as dt
import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from docs.feel_functions import page
from engine import feel
from engine.feel.types import kind_of

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
CATALOGUES = ROOT / "webui/translations/zh_Hans/LC_MESSAGES"
PAGES = ("feel-in-ten-minutes.md", "feel-in-ten-minutes.zh_Hans.md", "feel-for-developers.md")
NOW = dt.datetime(2026, 11, 24, 10, 30, tzinfo=dt.UTC)
_BLOCK = re.compile(r"^```(feel|cell|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOTE = re.compile(r"^(?P<text>.*?)\s*// (?P<mark>→|✗|because|with) ?(?P<told>.*)$")


@dataclass
class Example:
    """An expression as a page shows it."""

    line: int
    text: str = ""
    scope: str = "{}"
    value: str | None = None
    refusal: str | None = None
    reasons: list[str] = field(default_factory=list)


def blocks(name: str, kind: str) -> Iterator[tuple[int, str]]:
    """The fenced blocks of a page, with the line before their first."""
    text = (DOCS / name).read_text("utf-8")
    for found in _BLOCK.finditer(text):
        if found[1] == kind:
            yield text.count("\n", 0, found.start(2)), found[2]


def examples(name: str) -> Iterator[Example]:
    for start, block in blocks(name, "feel"):
        scope, pending, last = "{}", "", Example(start)
        for number, line in enumerate(block.splitlines(), start + 1):
            note = _NOTE.match(line)
            if note is None:
                pending += line + "\n"
            elif note["mark"] == "with":
                scope = note["told"]
            elif note["mark"] == "because":
                last.reasons.append(note["told"])
            else:
                last = Example(number, pending + note["text"], scope)
                last.value, last.refusal = (note["told"], None) if note["mark"] == "→" else (None, note["told"])
                pending = ""
                yield last
        assert not pending.strip(), f"{name}, line {start}: no result is told of {pending!r}"


def told(template: str, values: Any, name: str) -> str:
    """A sentence in the language of the page."""
    return (CHINESE.get(template, template) if "zh_Hans" in name else template).format(**values)


def _chinese() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in ("engine.po", "messages.po"):
        with (CATALOGUES / file).open("rb") as content:
            found |= {str(entry.id): str(entry.string) for entry in read_po(content) if entry.string}
    return found


CHINESE = _chinese()
EXAMPLES = [(name, each) for name in PAGES for each in list(examples(name))]


@pytest.mark.parametrize(
    ("name", "example"), [pytest.param(*each, id=f"{each[0].removesuffix('.md')}:{each[1].line}") for each in EXAMPLES]
)
def test_expression_gives_what_the_page_says(name: str, example: Example) -> None:
    scope = feel.compile(example.scope).value({}, NOW)
    if example.refusal is not None:
        with pytest.raises(feel.FeelSyntaxError) as caught:
            feel.compile(example.text, tuple(scope))
        assert told(caught.value.template, caught.value.values, name) == example.refusal
        return
    found = feel.compile(example.text, tuple(scope)).evaluate(scope, NOW)
    assert example.value is not None
    expected = feel.compile(example.value).evaluate({}, NOW)
    assert expected.warnings == (), "the result is to be a value"
    assert feel.to_plain(found.value) == feel.to_plain(expected.value)
    assert kind_of(found.value) == kind_of(expected.value)
    reasons = [told(warning.template, warning.values, name) for warning in found.warnings]
    assert example.reasons == (reasons if found.value is None or example.reasons else [])


@pytest.mark.parametrize("name", PAGES)
def test_cells_say_what_the_page_says(name: str) -> None:
    for start, block in blocks(name, "cell"):
        for number, line in enumerate(block.splitlines(), start + 1):
            cell, _, answers = line.partition("//")
            for answer in answers.split(";"):
                value, _, expected = answer.partition("→")
                found = feel.compile_unary_tests(cell.strip()).matches(feel.compile(value).value({}, NOW), {}, NOW)
                assert found is {"true": True, "false": False, "null": None}[expected.strip()], f"{name}, line {number}"


@pytest.mark.parametrize("name", PAGES)
def test_python_session_goes_as_the_page_says(name: str) -> None:
    session: dict[str, Any] = {}
    for start, block in blocks(name, "python"):
        if ">>>" not in block:
            assert any(block in path.read_text("utf-8") for path in (ROOT / "engine").rglob("*.py")), block
            continue
        test = doctest.DocTestParser().get_doctest(block, session, name, name, start)
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
        report: list[str] = []
        runner.run(test, out=report.append, clear_globs=False)
        session = test.globs
        assert not report, "".join(report)


def test_both_languages_show_the_same_expressions() -> None:
    """The Chinese page has examples of its own words, but as many of them."""
    english, chinese = (len(list(examples(name))) for name in PAGES[:2])
    assert english > 60
    assert abs(english - chinese) <= 3


def test_table_of_functions_is_current() -> None:
    assert (DOCS / "feel-functions.md").read_text("utf-8") == page(), "python docs/feel_functions.py writes it"
