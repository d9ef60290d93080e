"""The scenarios of the library hold, and pass nearly all of its diagrams."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import plain
from engine.analysis.scenarios import results_of
from engine.cli.root import main
from engine.commands import GatherProject, OpenProject
from tests.processes.texts import FORMS, LIBRARY
from tests.world import OWNER, World


def test_scenarios_of_the_library_hold() -> None:
    said = CliRunner().invoke(main, ["test", str(LIBRARY), str(FORMS), "--coverage", "--least", "95"])
    print(said.output)

    assert said.exit_code == 0
    assert "0 failed" in said.output and "of complaint-handling" in said.output


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("active", 1)])
def test_exit_code_tells_whether_all_hold(tmp_path: Path, status: str, code: int) -> None:
    for name in ("customer-notice.bpmn", "service-request.bpmn", "service-targets.dmn"):
        (tmp_path / name).write_bytes((LIBRARY / name).read_bytes())
    scenario = plain.loads((LIBRARY / "request-settled.scenario").read_bytes())
    scenario["expect"] = {"status": status}
    (tmp_path / "one.scenario").write_text(plain.dumps(scenario))
    said = CliRunner().invoke(main, ["test", str(tmp_path), str(FORMS), "--json"])

    assert said.exit_code == code, said.output
    (result,) = plain.loads(said.output)["results"]
    assert result["holds"] is (code == 0)


def test_without_scenarios_there_is_nothing_to_test() -> None:
    said = CliRunner().invoke(main, ["test", str(FORMS)])

    assert said.exit_code == 1


def test_files_or_a_project_are_named() -> None:
    assert CliRunner().invoke(main, ["test"]).exit_code == 2


def test_scenarios_hold_in_a_project_of_the_process_alone(world: World) -> None:
    """What a project does not hold, such as a process that it begins by a message, comes from what is in force."""
    world.deploy(*((path.name, path.read_bytes()) for folder in (LIBRARY, FORMS) for path in folder.glob("*.*")))
    project = world.do(OpenProject("complaint-handling"), OWNER)
    files = world.do(GatherProject(project), OWNER)
    results = results_of(files)

    assert len(results) == len(list(LIBRARY.glob("complaint-*.scenario"))) > 5
    assert [result.file for result in results if not result.holds] == []
