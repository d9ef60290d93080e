"""The scenarios of the library hold, and pass nearly all of its diagrams."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from engine import plain
from engine.cli.root import main
from tests.processes.texts import FORMS, LIBRARY


def test_scenarios_of_the_library_hold() -> None:
    said = CliRunner().invoke(main, ["test", str(LIBRARY), str(FORMS), "--coverage", "--least", "95"])
    print(said.output)

    assert said.exit_code == 0
    assert "0 failed" in said.output and "of complaint-handling" in said.output


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("active", 1)])
def test_exit_code_tells_whether_all_hold(tmp_path: object, status: str, code: int) -> None:
    import pathlib

    folder = pathlib.Path(str(tmp_path))
    for name in ("customer-notice.bpmn", "service-request.bpmn", "service-targets.dmn"):
        (folder / name).write_bytes((LIBRARY / name).read_bytes())
    scenario = plain.loads((LIBRARY / "request-settled.scenario").read_bytes())
    scenario["expect"] = {"status": status}
    (folder / "one.scenario").write_text(plain.dumps(scenario))
    said = CliRunner().invoke(main, ["test", str(folder), str(FORMS), "--json"])

    assert said.exit_code == code, said.output
    (result,) = plain.loads(said.output)["results"]
    assert result["holds"] is (code == 0)


def test_without_scenarios_there_is_nothing_to_test() -> None:
    said = CliRunner().invoke(main, ["test", str(FORMS)])

    assert said.exit_code == 1


def test_files_or_a_project_are_named() -> None:
    assert CliRunner().invoke(main, ["test"]).exit_code == 2
