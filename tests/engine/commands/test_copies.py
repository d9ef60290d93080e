"""A new process begins with a copy of one in force: with ids of its own, and else byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.commands import CheckProject, CopyProcess, PublishProject
from engine.commands.projects import files_of
from engine.errors import Forbidden, Invalid, NotFound, Refused
from tests.world import ANNA, OWNER, World, diagram, flow, form, task

LIBRARY = Path(__file__).parents[3]
MAIN = diagram(
    "main",
    "<start/>" + task("letter", form="letter") + task("main_work") + '<bpmn:callActivity id="called">'
    '<bpmn:extensionElements><zeebe:calledElement processId="called"/></bpmn:extensionElements></bpmn:callActivity>'
    "<end/>" + flow("start", "letter", "main_work", "called", "end"),
)  # fmt: skip
CALLED = diagram("called", "<start/><end/>" + flow("start", "end"))
LETTER = form("letter", {"key": "a", "type": "textfield", "label": "A", "id": "letter"})


@pytest.fixture
def started(world: World) -> World:
    world.deploy(("main.bpmn", MAIN), ("called.bpmn", CALLED), ("letter.form", LETTER))
    return world


def copied(world: World, key: int) -> dict[str, str]:
    with world.engine.database.reading() as session:
        return {name: content.decode() for name, content in files_of(session, key)}


def test_a_copy_has_ids_of_its_own_and_is_else_the_same(started: World) -> None:
    key = started.do(CopyProcess("main", "second", 'Second "one" & more'), OWNER)
    files = copied(started, key)
    assert files["second.bpmn"] == (
        MAIN.replace('<bpmn:process id="main" name="main"',
                     '<bpmn:process id="second" name="Second &quot;one&quot; &amp; more"')
        .replace('processId="called"', 'processId="second-called"').replace('formId="letter"', 'formId="second-letter"')
    )  # fmt: skip
    assert files["second-called.bpmn"] == CALLED.replace('process id="called"', 'process id="second-called"')
    assert files["second-letter.form"].count('"letter"') == 1
    deployed = started.do(PublishProject(key, "A second one."), OWNER)
    assert {each.id: each.version for each in deployed.definitions} == {
        "second": 1, "second-called": 1, "second-letter": 1,
    }  # fmt: skip
    started.start("second")
    started.complete("letter", a="x")


def test_a_copy_may_share_forms_and_tables_with_its_original(started: World) -> None:
    key = started.do(CopyProcess("main", "second", "Second", with_all=False), OWNER)
    assert list(copied(started, key)) == ["second.bpmn"]
    assert 'formId="letter"' in copied(started, key)["second.bpmn"]
    assert started.do(CheckProject(key), OWNER) == ()


def test_every_process_of_the_library_can_be_copied(world: World) -> None:
    paths = [*(LIBRARY / "processes").iterdir(), *(LIBRARY / "forms").iterdir()]
    files = [path for path in paths if path.suffix in (".bpmn", ".dmn", ".form", ".po")]
    world.deploy(*((path.name, path.read_bytes()) for path in files))
    for path in paths:
        if path.suffix == ".bpmn":
            key = world.do(CopyProcess(path.stem, f"copy-of-{path.stem}", "Copy"), OWNER)
            problems = world.do(CheckProject(key), OWNER)
            assert [str(problem) for problem in problems if problem.severity == "error"] == []


def test_ids_must_be_free_and_sound(started: World) -> None:
    with pytest.raises(Refused, match="'called' is there already"):
        started.do(CopyProcess("main", "called", "x"), OWNER)
    for id in ("", "1a", 'a"b', "售后"):
        with pytest.raises(Invalid, match="begins with a letter"):
            started.do(CopyProcess("main", id, "x"), OWNER)
    with pytest.raises(NotFound):
        started.do(CopyProcess("nowhere", "second", "x"), OWNER)
    with pytest.raises(Forbidden):
        started.do(CopyProcess("main", "second", "x"), ANNA)
