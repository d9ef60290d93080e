"""Every example in the guides for process owners is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine import feel

GUIDES = [Path(__file__).parents[3] / "docs" / name for name in ("feel.md", "feel.zh-Hans.md")]


def examples(guide: Path) -> list[tuple[str, str]]:
    """The lines `expression // → value` of the guide's code blocks."""
    blocks = re.findall(r"```feel\n(.*?)```", guide.read_text("utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.strip()]
    return [(left.strip(), right.strip()) for left, _, right in (line.partition("// →") for line in lines)]


def scope(guide: Path) -> dict[str, object]:
    found = re.search(r"```feel-scope\n(.*?)```", guide.read_text("utf-8"), re.DOTALL)
    assert found
    value: dict[str, object] = feel.compile(found.group(1)).value({})
    return value


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_examples_are_true(guide: Path) -> None:
    given = scope(guide)
    pairs = examples(guide)
    assert len(pairs) > 40
    for text, value in pairs:
        assert value, text
        assert feel.compile(text).value(given) == feel.compile(value).value({}), text


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_cells_can_be_read(guide: Path) -> None:
    table = re.findall(r"^\| `(.+?)` \|", guide.read_text("utf-8"), re.MULTILINE)
    assert len(table) >= 9
    for cell in table:
        feel.compile_unary_tests(cell)


def test_both_guides_show_the_same() -> None:
    english, chinese = (len(examples(guide)) for guide in GUIDES)
    assert english == chinese
