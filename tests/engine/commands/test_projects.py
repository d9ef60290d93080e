"""Projects: a change is made apart from what is in force, overwrites nobody's work, and is published whole."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import (
    AddProjectFile,
    CheckProject,
    DiscardProject,
    KeepProjectFile,
    NoteEditor,
    OpenProject,
    PublishProject,
    RemoveProjectFile,
    RevertProjectFile,
    SaveProjectFile,
    StartProject,
)
from engine.errors import Forbidden, Invalid, NotFound, Overtaken, Refused
from engine.model import Definition, Deployment, Role
from engine.queries import projects
from tests.world import ANNA, OWNER, World, diagram, flow, form, somebody, task

ROSA = somebody("rosa", Role.PROCESS_OWNER, key=21)
CALLED = diagram("called", "<start/><end/>" + flow("start", "end"))
MAIN = diagram(
    "main",
    "<start/>" + task("work", form="letter") + '<bpmn:callActivity id="call"><bpmn:extensionElements>'
    '<zeebe:calledElement processId="called"/></bpmn:extensionElements></bpmn:callActivity><end/>'
    + flow("start", "work", "call", "end"),
)  # fmt: skip
LETTER = form("letter", ("text", "textfield"))
OTHER = form("other", ("text", "textfield"))
CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "work"\nmsgstr "工作"\n'


@pytest.fixture
def project(world: World) -> int:
    world.deploy(
        ("main.bpmn", MAIN), ("called.bpmn", CALLED), ("letter.form", LETTER), ("other.form", OTHER),
        ("zh_Hans.po", CATALOGUE),
    )  # fmt: skip
    key: int = world.do(OpenProject("main"), OWNER)
    return key


def files(world: World, key: int) -> dict[str, str]:
    view = world.engine.query(projects.project, OWNER, key)
    return {file.name: file.state for file in view.files}


def save(world: World, key: int, name: str, text: str, revision: int, actor: Any = OWNER) -> int:
    new: int = world.do(SaveProjectFile(key, name, text.encode(), revision), actor)
    return new


def versions(world: World, definition_id: str) -> list[int]:
    wanted = select(Definition.version).where(Definition.definition_id == definition_id).order_by(Definition.version)
    return world.rows(wanted)


def test_a_project_holds_all_that_the_process_uses_and_nothing_else(world: World, project: int) -> None:
    assert files(world, project) == dict.fromkeys(["called.bpmn", "letter.form", "main.bpmn", "zh_Hans.po"], "same")
    assert world.story(project) == ["ProjectOpened"]


def test_what_is_saved_changes_nothing_in_force_until_it_is_published(world: World, project: int) -> None:
    assert save(world, project, "main.bpmn", MAIN.replace('name="work"', 'name="labour"'), 1) == 2
    assert files(world, project)["main.bpmn"] == "changed"
    assert versions(world, "main") == [1]
    deployed = world.do(PublishProject(project, "It is hard work.", "2026 autumn"), OWNER)
    assert [(each.id, each.version) for each in deployed.definitions] == [("main", 2)]
    (deployment,) = world.rows(select(Deployment).where(Deployment.project_key == project))
    assert (deployment.label, deployment.note) == ("2026 autumn", "It is hard work.")
    assert world.story(project) == ["ProjectOpened", "ProjectPublished"]
    with pytest.raises(Refused, match="it is closed"):
        save(world, project, "main.bpmn", MAIN, 2)


def test_who_saves_upon_an_older_revision_overwrites_nothing_and_is_told_who_was_first(
    world: World, project: int
) -> None:
    save(world, project, "main.bpmn", MAIN + "<!-- hers -->", 1, ROSA)
    with pytest.raises(Overtaken) as caught:
        save(world, project, "main.bpmn", MAIN + "<!-- mine -->", 1)
    assert caught.value.values["user"] == "rosa"
    assert caught.value.values["revision"] == 2
    view = world.engine.query(projects.project_file, OWNER, project, "main.bpmn")
    assert view.content.endswith(b"<!-- hers -->")
    assert view.base == MAIN.encode()


def test_the_same_save_sent_twice_is_no_conflict(world: World, project: int) -> None:
    assert save(world, project, "main.bpmn", MAIN + "<!-- a -->", 1) == 2
    assert save(world, project, "main.bpmn", MAIN + "<!-- a -->", 1) == 2


def test_the_second_editor_of_a_file_is_told_of_the_first_until_that_one_leaves(world: World, project: int) -> None:
    assert world.do(NoteEditor(project, "main.bpmn"), OWNER) is None
    assert world.do(NoteEditor(project, "main.bpmn"), ROSA) == "olga"
    world.clock.turn(minutes=3)
    assert world.do(NoteEditor(project, "main.bpmn"), ROSA) is None
    assert world.do(NoteEditor(project, "main.bpmn"), OWNER) == "rosa"


def test_a_draft_may_be_broken_and_publishing_it_tells_every_problem(world: World, project: int) -> None:
    save(world, project, "main.bpmn", MAIN.replace('formId="letter"', 'formId="nowhere"'), 1)
    save(world, project, "letter.form", "{", 1)
    problems = world.do(CheckProject(project), OWNER)
    assert {problem.resource for problem in problems} == {"main.bpmn", "letter.form"}
    with pytest.raises(Invalid):
        world.do(PublishProject(project, "no"), OWNER)
    assert versions(world, "main") == [1]
    unsaved = (("main.bpmn", MAIN.encode()), ("letter.form", LETTER.encode()))
    assert world.do(CheckProject(project, unsaved), OWNER) == ()


def test_publishing_needs_a_note_and_a_change(world: World, project: int) -> None:
    with pytest.raises(Refused, match="nothing in it has changed"):
        world.do(PublishProject(project, "why"), OWNER)
    save(world, project, "main.bpmn", MAIN + "<!-- a -->", 1)
    with pytest.raises(Invalid, match="a note"):
        world.do(PublishProject(project, "  "), OWNER)


def test_publishing_upon_a_version_that_is_no_longer_in_force_is_refused_until_somebody_has_looked(
    world: World, project: int
) -> None:
    save(world, project, "main.bpmn", MAIN + "<!-- mine -->", 1)
    world.deploy(("main.bpmn", MAIN + "<!-- theirs -->"))
    view = world.engine.query(projects.project, OWNER, project)
    assert [file.name for file in view.files if file.is_overtaken] == ["main.bpmn"]
    with pytest.raises(Overtaken, match="another one has come into force"):
        world.do(PublishProject(project, "why"), OWNER)
    world.do(KeepProjectFile(project, "main.bpmn"), OWNER)
    world.do(PublishProject(project, "why"), OWNER)
    assert versions(world, "main") == [1, 2, 3]


def test_a_file_is_reverted_to_what_is_in_force(world: World, project: int) -> None:
    save(world, project, "main.bpmn", "oh", 1)
    world.do(RevertProjectFile(project, "main.bpmn"), OWNER)
    assert files(world, project)["main.bpmn"] == "same"
    world.do(AddProjectFile(project, "more.form", form("more", ("a", "textfield")).encode()), OWNER)
    with pytest.raises(Refused, match="no version of it is in force"):
        world.do(RevertProjectFile(project, "more.form"), OWNER)


def test_files_come_and_go(world: World, project: int) -> None:
    world.do(AddProjectFile(project, "more.form", form("more", ("a", "textfield")).encode()), OWNER)
    assert files(world, project)["more.form"] == "new"
    with pytest.raises(Refused, match="in the project already"):
        world.do(AddProjectFile(project, "more.form", b"{}"), OWNER)
    world.do(RemoveProjectFile(project, "more.form"), OWNER)
    world.do(RemoveProjectFile(project, "letter.form"), OWNER)
    assert files(world, project)["letter.form"] == "removed"
    assert "more.form" not in files(world, project)
    world.do(RemoveProjectFile(project, "letter.form", False), OWNER)
    assert files(world, project)["letter.form"] == "same"


@pytest.mark.parametrize("name", ["notes.txt", "a\n.form", "x" * 120 + ".form"])
def test_files_of_other_kinds_are_refused(world: World, project: int, name: str) -> None:
    with pytest.raises(Invalid, match="Expected a file that ends in"):
        world.do(AddProjectFile(project, name, b""), OWNER)


def test_what_is_discarded_is_gone_and_what_is_in_force_stays(world: World, project: int) -> None:
    save(world, project, "main.bpmn", "oh", 1)
    world.do(DiscardProject(project), OWNER)
    assert world.engine.query(projects.projects, OWNER) == ()
    assert [row.status for row in world.engine.query(projects.projects, OWNER, is_open=False)] == ["discarded"]
    assert versions(world, "main") == [1]
    assert world.story(project) == ["ProjectOpened", "ProjectDiscarded"]


def test_a_new_process_begins_as_a_project(world: World) -> None:
    key = world.do(StartProject("called", "Calls", (("called.bpmn", CALLED.encode()),)), OWNER)
    assert files(world, key) == {"called.bpmn": "new"}
    assert world.data("ProjectOpened")[0]["files"] == {"called.bpmn": hashlib.sha256(CALLED.encode()).hexdigest()}
    world.do(PublishProject(key, "The first."), OWNER)
    assert versions(world, "called") == [1]


def test_only_process_owners_may(world: World, project: int) -> None:
    for command in (OpenProject("main"), SaveProjectFile(project, "main.bpmn", b"", 1), PublishProject(project, "x")):
        with pytest.raises(Forbidden):
            world.do(command, ANNA)
    with pytest.raises(Forbidden):
        world.engine.query(projects.project, ANNA, project)


def test_what_is_not_there_is_not_found(world: World, project: int) -> None:
    with pytest.raises(NotFound):
        world.do(OpenProject("nowhere"), OWNER)
    with pytest.raises(NotFound):
        world.do(SaveProjectFile(project, "nowhere.bpmn", b"", 1), OWNER)
    with pytest.raises(NotFound):
        world.do(DiscardProject(7), OWNER)


def test_editors_offer_what_diagrams_may_name(world: World, project: int) -> None:
    choices = world.engine.query(projects.choices, OWNER)
    assert choices.processes == (("called", "called"), ("main", "main"))
    assert {id for id, _ in choices.forms} == {"letter", "other"}
