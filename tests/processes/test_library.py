"""The process library is whole: everything named exists, every text is translated, every drawing is tidy."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from engine import bpmn, dmn, forms
from tests.processes import drawings, texts
from tests.processes.texts import FORMS, LIBRARY

DIAGRAMS = sorted(LIBRARY.glob("*.bpmn"))
TABLES = sorted(LIBRARY.glob("*.dmn"))
FORM_FILES = sorted(FORMS.glob("*.form"))

diagrams = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
tables = pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
form_files = pytest.mark.parametrize("path", FORM_FILES, ids=lambda path: path.stem)


@diagrams
def test_diagram_has_no_problems(path: Path) -> None:
    diagram = bpmn.parse(path.read_bytes(), path.name)

    assert [str(problem) for problem in bpmn.check(diagram)] == []
    assert [process.id for process in diagram.processes] == [path.stem]


@tables
def test_decision_table_has_no_problems(path: Path) -> None:
    model = dmn.parse(path.read_bytes(), path.name)

    assert [str(problem) for problem in model.check()] == []
    assert path.stem in model.decisions


@form_files
def test_form_has_no_problems(path: Path) -> None:
    form = forms.parse(path.read_bytes(), path.name)

    assert [str(problem) for problem in form.check()] == []
    assert form.id == path.stem


def test_everything_named_exists() -> None:
    known_forms = {path.stem for path in FORM_FILES}
    known_processes = {path.stem for path in DIAGRAMS}
    known_decisions = {name for path in TABLES for name in dmn.parse(path.read_bytes(), path.name).decisions}
    missing = []
    for node in _nodes():
        if node.form and node.form.id not in known_forms:
            missing.append(f"{node.id}: form {node.form.id}")
        if (form := node.properties.get("publicForm")) and form not in known_forms:
            missing.append(f"{node.id}: public form {form}")
        if node.decision and node.decision.decision.id not in known_decisions:
            missing.append(f"{node.id}: decision {node.decision.decision.id}")
        if node.call and node.call.process.id not in known_processes:
            missing.append(f"{node.id}: process {node.call.process.id}")
    assert missing == []


def test_every_form_is_used() -> None:
    used = {node.form.id for node in _nodes() if node.form} | {node.properties.get("publicForm") for node in _nodes()}
    assert {path.stem for path in FORM_FILES} - used == set()


def test_separated_tasks_exist() -> None:
    ids = {node.id for node in _nodes() if node.kind == "userTask"}
    named = {name.strip() for node in _nodes() for name in node.properties.get("separateFrom", "").split(",") if name}
    assert named - ids == set()


@diagrams
def test_every_activity_has_working_instructions(path: Path) -> None:
    (process,) = bpmn.parse(path.read_bytes(), path.name).processes
    activities = [node for node in process.nodes.values() if node.kind.endswith(("Task", "Activity", "subProcess"))]

    assert process.documentation
    assert [node.id for node in activities if not node.documentation] == []
    assert [node.id for node in activities if node.kind == "userTask" and not node.properties.get("action")] == []


@diagrams
def test_stages_are_those_of_the_progress_line(path: Path) -> None:
    (process,) = bpmn.parse(path.read_bytes(), path.name).processes
    line = [stage.strip() for stage in process.properties.get("stages", "").split(",") if stage]
    reached = {node.properties["stage"] for node in process.nodes.values() if "stage" in node.properties}

    assert reached <= set(line)
    assert set(line) <= reached


def test_every_text_is_translated_and_no_translation_is_stale() -> None:
    with (LIBRARY / "zh_Hans.po").open("rb") as file:
        catalogue = {str(message.id): message for message in read_po(file) if message.id}
    written = texts.all_texts()

    assert sorted(text for text in written if text not in catalogue) == []
    assert sorted(text for text in catalogue if text not in written) == []
    assert [text for text, message in catalogue.items() if not message.string or message.fuzzy] == []


def test_translations_keep_the_places_of_values() -> None:
    with (LIBRARY / "zh_Hans.po").open("rb") as file:
        catalogue = [message for message in read_po(file) if message.id]
    broken = [m.id for m in catalogue if sorted(texts.places(str(m.id))) != sorted(texts.places(str(m.string)))]
    assert broken == []


@diagrams
def test_everything_is_drawn(path: Path) -> None:
    (process,) = bpmn.parse(path.read_bytes(), path.name).processes
    drawing = drawings.read(path)

    assert set(drawing.shapes) == set(process.nodes)
    assert set(drawing.routes) == set(process.flows)


@diagrams
def test_flows_run_along_the_grid(path: Path) -> None:
    slanted = [
        flow
        for flow, points in drawings.read(path).routes.items()
        for (x1, y1), (x2, y2) in itertools.pairwise(points)
        if x1 != x2 and y1 != y2
    ]
    assert slanted == []


@diagrams
def test_nothing_overlaps(path: Path) -> None:
    assert drawings.overlaps(drawings.read(path)) == []


def _nodes() -> list[bpmn.Node]:
    return [
        node
        for path in DIAGRAMS
        for process in bpmn.parse(path.read_bytes(), path.name).processes
        for node in process.nodes.values()
    ]
