"""What the editor of diagrams saves: all that was in the file, also what it does not know, and few lines changed."""

from __future__ import annotations

import difflib
import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.node import NODE

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "webui" / "frontend"
OTHERS = Path(os.environ.get("CASEWRIGHT_DIAGRAMS", ROOT.parent / "shared" / "diagrams-by-others"))
DIAGRAMS = sorted(
    [*(ROOT / "processes").glob("*.bpmn"), *(ROOT / "tests" / "stories").glob("*.bpmn"), *OTHERS.rglob("*.bpmn")]
)

pytestmark = pytest.mark.skipif(
    NODE is None or not (FRONTEND / "node_modules").exists(), reason="the editor's packages are not installed"
)


@pytest.fixture(scope="module")
def saved() -> list[dict[str, Any]]:
    run = subprocess.run(
        [str(NODE), str(Path(__file__).with_name("round_trip.mjs")), str(FRONTEND)],
        input=json.dumps([str(path) for path in DIAGRAMS]), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found: list[dict[str, Any]] = json.loads(run.stdout)
    assert len(found) == len(DIAGRAMS)
    return found


def test_nearly_all_diagrams_can_be_read(saved: list[dict[str, Any]]) -> None:
    read = [each for each in saved if "unreadable" not in each]
    assert len(read) >= 0.95 * len(saved), [each["path"] for each in saved if "unreadable" in each]


def test_what_is_not_changed_is_saved_letter_by_letter(saved: list[dict[str, Any]]) -> None:
    assert [each["path"] for each in saved if each.get("kept") != each.get("original")] == []


def test_a_new_name_changes_one_line(saved: list[dict[str, Any]]) -> None:
    changes = {each["path"]: _changed(each["original"], each["renamed"]) for each in saved if "renamed" in each}
    assert changes
    assert {path: count for path, count in changes.items() if count > 2} == {}


def test_a_new_element_adds_lines_and_changes_none(saved: list[dict[str, Any]]) -> None:
    wrong = {}
    for each in saved:
        if "extended" not in each:
            continue
        lines = [line for line in difflib.ndiff(each["renamed"].splitlines(), each["extended"].splitlines())]
        # one that was written in a single line is opened; a vocabulary that was not there is declared
        gone = [line for line in lines if line.startswith("- ")]
        if len(gone) > 2:
            wrong[each["path"]] = gone[:3]
    assert wrong == {}


def test_nothing_is_dropped_that_the_editor_does_not_know(saved: list[dict[str, Any]]) -> None:
    wrong = {}
    for each in saved:
        if "renamed" not in each:
            continue
        before, after = _contents(each["original"]), _contents(each["renamed"])
        lost, won = before - after, after - before
        # the name of one element, which is what was changed
        if sum(lost.values()) > 1 or sum(won.values()) > 1 or any(key[1] != "name" for key in [*lost, *won]):
            wrong[each["path"]] = (list(lost)[:3], list(won)[:3])
    assert wrong == {}


def test_what_is_saved_means_what_was_drawn(saved: list[dict[str, Any]]) -> None:
    assert [each["path"] for each in saved if each.get("means") is False] == []


def _changed(old: str, new: str) -> int:
    """How many lines a reader of the difference sees."""
    matcher = difflib.SequenceMatcher(a=old.splitlines(), b=new.splitlines(), autojunk=False)
    return sum(to - since for kind, since, to, *_ in matcher.get_opcodes() if kind != "equal")


def _contents(text: str) -> Counter[tuple[str, str, str]]:
    """Every element, attribute, text and comment of a file, with how often it is there."""
    found: Counter[tuple[str, str, str]] = Counter()
    for node in etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False)).iter():
        if not isinstance(node.tag, str):
            found["comment", "", str(node.text)] += 1
            continue
        found[node.tag, "", (node.text or "").strip()] += 1
        for name, value in node.attrib.items():
            found[node.tag, str(name), str(value)] += 1
    return found
