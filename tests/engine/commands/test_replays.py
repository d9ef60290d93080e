"""The report of a replay is kept with its project, and is outdated as soon as what decides has changed."""

from __future__ import annotations

import pytest

from engine.commands import AddProjectFile, DiscardProject, KeepReplay, OpenProject, SaveProjectFile
from engine.errors import Forbidden, NotFound, Refused
from engine.queries import replays
from tests.world import ANNA, OWNER, World, diagram, flow, form, task

MAIN = diagram("main", "<start/>" + task("work") + "<end/>" + flow("start", "work", "end"))


@pytest.fixture
def project(world: World) -> int:
    world.deploy(("main.bpmn", MAIN))
    key: int = world.do(OpenProject("main"), OWNER)
    return key


def status(world: World, key: int) -> str:
    with world.engine.database.reading() as session:
        return replays.replay_status(session, key)


def keep(world: World, key: int, *, is_blocked: bool = False) -> None:
    with world.engine.database.reading() as session:
        digest = replays.project_digest(session, key)
    world.do(KeepReplay(key, digest, is_blocked, 3, {"cases": 3}), OWNER)


def test_a_report_is_kept_until_a_file_that_decides_is_changed(world: World, project: int) -> None:
    assert status(world, project) == "none"
    keep(world, project)
    assert status(world, project) == "clean"
    keep(world, project, is_blocked=True)
    assert status(world, project) == "blocked"
    view = world.engine.query(replays.replay, OWNER, project)
    assert view is not None and (view.cases, view.report, view.replayed_by) == (3, {"cases": 3}, "olga")

    world.do(AddProjectFile(project, "letter.form", form("letter", ("text", "textfield")).encode()), OWNER)
    assert status(world, project) == "blocked"
    world.do(SaveProjectFile(project, "main.bpmn", MAIN.replace('name="work"', 'name="do"').encode(), 1), OWNER)
    assert status(world, project) == "outdated"


def test_a_report_is_outdated_once_another_version_is_in_force(world: World, project: int) -> None:
    keep(world, project)
    world.deploy(("main.bpmn", MAIN.replace('name="work"', 'name="do"')))

    assert status(world, project) == "outdated"


def test_only_who_changes_processes_keeps_reports(world: World, project: int) -> None:
    with pytest.raises(Forbidden):
        world.do(KeepReplay(project, "0" * 64, False, 0, {}), ANNA)
    with pytest.raises(Forbidden):
        world.engine.query(replays.replay, ANNA, project)
    with pytest.raises(NotFound):
        world.do(KeepReplay(1, "0" * 64, False, 0, {}), OWNER)
    world.do(DiscardProject(project), OWNER)
    with pytest.raises(Refused):
        keep(world, project)
