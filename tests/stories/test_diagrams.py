"""The diagrams of the stories are ones that an owner could deploy."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import bpmn

DIAGRAMS = sorted(Path(__file__).parent.glob("*.bpmn"))
NOT_OFFERED_YET = {"ad-hoc", "compensation", "compensation-of-one", "transaction"}
"""What the interpreter runs and the rules of deployment still refuse."""


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
def test_diagram_has_no_error(path: Path) -> None:
    problems = bpmn.check(bpmn.parse(path.read_bytes(), path.name))
    errors = {problem.rule for problem in problems if problem.severity == "error"}

    assert errors == ({"not-run"} if path.stem in NOT_OFFERED_YET else set())
