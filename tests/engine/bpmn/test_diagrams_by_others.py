"""Real diagrams that other people drew with other tools: each loads, or is refused with reasons that are all.

They lie in a folder beside this repository, or where `CASEWRIGHT_DIAGRAMS` says, and are no part
of it. `python -m tests.engine.bpmn.test_diagrams_by_others` writes anew what is expected of each.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from engine import bpmn
from tests.engine.bpmn.curing import cured, errors
from tests.engine.bpmn.test_any_stimulus import environment

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("CASEWRIGHT_DIAGRAMS", ROOT.parent / "shared" / "diagrams-by-others"))
EXPECTED = Path(__file__).with_name("diagrams_by_others.json")
ENDINGS = ("*.bpmn", "*.bpmn2", "*.bpmn20.xml")

expected: dict[str, dict[str, int]] = json.loads(EXPECTED.read_text())
"""File → rule → how often it refuses the file; empty for one that loads."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the diagrams by others are not at {FOLDER}")


def found_in(file: str) -> dict[str, int]:
    return dict(sorted(Counter(str(problem.rule) for problem in errors((FOLDER / file).read_bytes())).items()))


@pytest.mark.parametrize("file", expected)
def test_loads_or_is_refused(file: str) -> None:
    assert found_in(file) == expected[file], [str(problem) for problem in errors((FOLDER / file).read_bytes())]


@pytest.mark.parametrize("file", [file for file, rules in expected.items() if "nothing-executable" not in rules])
def test_runs_when_what_is_named_is_mended(file: str) -> None:
    xml = (FOLDER / file).read_bytes()
    if expected[file]:
        xml = cured(xml)
    assert [str(problem) for problem in errors(xml)] == []
    for model in bpmn.parse(xml, file).executable():
        process = bpmn.compile(model)
        starts = [node.id for node in model.start_events()]
        execution, events = bpmn.Execution.start(process, {"reference": "C-1"}, environment(), starts[0])
        assert events
        assert execution.is_completed or execution.waits() or execution.failures()


def test_every_diagram_of_the_folder_is_known() -> None:
    assert set(expected) == set(_files())


def _files() -> list[str]:
    return sorted(str(path.relative_to(FOLDER)) for ending in ENDINGS for path in FOLDER.rglob(ending))


if __name__ == "__main__":
    EXPECTED.write_text(json.dumps({file: found_in(file) for file in _files()}, indent=1) + "\n")
