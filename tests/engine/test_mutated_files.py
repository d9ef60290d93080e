"""Files that were right and are not quite any more: read and run, or refused with the place of what is wrong.

`CASEWRIGHT_MUTATIONS=2000 pytest tests/engine/test_mutated_files.py` tries more; a failing seed is named by the test.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path

import pytest

from engine import bpmn, dmn, forms
from engine.errors import Invalid, Problem
from tests.engine.bpmn.test_any_stimulus import any_stimulus
from tests.engine.bpmn.test_any_stimulus import environment as making_environment
from tests.engine.mutations import mutate_json, mutate_xml

MUTATIONS = int(os.environ.get("CASEWRIGHT_MUTATIONS", "60"))
ROOT = Path(__file__).parents[2]
STIMULI = 10
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DIAGRAMS = sorted(
    [*ROOT.glob("tests/stories/*.bpmn"), *ROOT.glob("processes/*.bpmn"), *ROOT.glob("tests/engine/commands/*.bpmn")]
)
DECISIONS = sorted(ROOT.glob("processes/*.dmn"))
FORMS = sorted(ROOT.glob("forms/*.form"))


def _expect_place(problem: Problem) -> None:
    """A problem of a part says which part and where; one of the whole file says it of the file."""
    assert problem.message
    assert problem.resource
    if problem.rule not in ("document", "nothing-executable", "missing-id"):
        assert problem.line
        assert problem.element_id


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_diagram(seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(DIAGRAMS)
    xml = mutate_xml(path.read_bytes(), chance)
    try:
        diagram = bpmn.parse(xml, path.name)
    except Invalid as invalid:
        assert invalid.problems
        return
    problems = bpmn.check(diagram)
    for problem in problems:
        _expect_place(problem)
    if any(problem.severity == "error" for problem in problems):
        return
    for model in diagram.executable():
        process = bpmn.compile(model)
        _expect_to_run(process, chance)


def _expect_to_run(process: bpmn.CompiledProcess, chance: random.Random) -> None:
    """What was accepted runs to an end, to a wait or to an incident, and can be kept at every moment."""
    environment = making_environment()
    execution, _ = bpmn.Execution.start(process, {"reference": "C-1"}, environment)
    for _ in range(STIMULI):
        execution = bpmn.Execution.load(process, execution.dump(), environment)
        if not (execution.waits() or execution.failures()):
            case = execution._case
            assert execution.is_completed or case.is_cancelled or case.watched
            break
        any_stimulus(process, execution, chance)(execution)


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_decisions(seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(DECISIONS)
    xml = mutate_xml(path.read_bytes(), chance)
    try:
        model = dmn.parse(xml, path.name)
        problems = model.check()
    except Invalid as invalid:
        assert invalid.problems
        for problem in invalid.problems:
            assert problem.message
            assert problem.resource
            assert problem.line or problem.rule == "document"
        return
    for problem in problems:
        assert problem.message
        assert problem.line


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_form(seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(FORMS)
    try:
        form = forms.parse(mutate_json(path.read_bytes(), chance), path.name)
    except Invalid as invalid:
        assert invalid.problems
        for problem in invalid.problems:
            assert problem.message
        return
    form.check()
    variables = form.initial({}, NOW)
    try:
        form.validate(variables, {}, NOW)
    except Invalid as invalid:
        assert invalid.problems
