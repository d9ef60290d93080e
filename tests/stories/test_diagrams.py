"""The diagrams of the stories are ones that an owner could deploy."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import bpmn

DIAGRAMS = sorted(Path(__file__).parent.glob("*.bpmn"))


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_diagram_has_no_error(path: Path) -> None:
    problems = bpmn.check(bpmn.parse(path.read_bytes(), path.name))

    assert [problem.message for problem in problems if problem.severity == "error"] == []
