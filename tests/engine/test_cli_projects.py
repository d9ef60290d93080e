"""Projects at the command line: a folder that is kept in git goes in and out byte for byte, and is published."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from tests.world import diagram, flow, form, task

CALLED = diagram("called", "<start/><end/>" + flow("start", "end"))
MAIN = diagram(
    "main",
    "<start/>" + task("work", form="letter") + '<bpmn:callActivity id="call"><bpmn:extensionElements>'
    '<zeebe:calledElement processId="called"/></bpmn:extensionElements></bpmn:callActivity><end/>'
    + flow("start", "work", "call", "end"),
)  # fmt: skip
LETTER = form("letter", {"key": "words", "type": "textfield", "id": "w", "label": "W"})
SCENARIO = (
    '{"name": "x", "clock": "2026-11-23T08:00:00+00:00", "steps": [{"start": "main", "data": {}}, {"task": "nothing"}]}'
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of a process, written by hand, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "git").mkdir()
    (tmp_path / "git" / "main.bpmn").write_bytes(MAIN.replace("><bpmn:endEvent", ">\r\n\t <bpmn:endEvent").encode())
    (tmp_path / "git" / "called.bpmn").write_text(CALLED)
    (tmp_path / "git" / "letter.form").write_text(LETTER + "\n\n")
    (tmp_path / "git" / "README.md").write_text("not a file of the process")
    return tmp_path / "git"


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result


def test_a_folder_goes_in_and_out_byte_for_byte_and_is_published(folder: Path, tmp_path: Path) -> None:
    key = run("project", "import", "git").stdout.strip()
    assert f"{key}\tmain\t3 changed\tmain" in run("project", "list").stdout
    run("project", "export", key, "out")
    for path in folder.glob("*.bpmn"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()
    assert (tmp_path / "out" / "letter.form").read_bytes() == (folder / "letter.form").read_bytes()
    published = run("project", "publish", key, "--note", "The first.")
    assert "process main version 1" in published.stdout and "passed\tproblems\tNo problems." in published.stderr
    assert run("project", "publish", key, "--note", "Again.", code=1).stderr.count("it is closed") == 1


def test_a_changed_folder_becomes_a_change_of_the_process_in_force(folder: Path) -> None:
    run("project", "publish", run("project", "import", "git").stdout.strip(), "--note", "The first.")
    (folder / "letter.form").write_text(LETTER.replace('"W"', '"Words"'))
    imported = run("project", "import", "git", "--name", "Words")
    key = imported.stdout.strip()
    assert imported.stderr.split() == ["changed", "letter.form"]
    assert "form letter version 2" in run("project", "publish", key, "--note", "Words.").stdout


def test_files_are_taken_into_a_project_that_is_open(folder: Path) -> None:
    key = run("project", "import", "git").stdout.strip()
    (folder / "extra.form").write_text(form("extra", ("a", "textfield")))
    assert run("project", "import", "git", "--project", key).stderr.split() == ["changed", "extra.form"]
    (folder / "extra.form").unlink()
    run("project", "export", key, "git")
    assert (folder / "extra.form").exists() and (folder / "README.md").exists()
    (folder / "other.form").write_text("{}")
    assert "not in the project: git/other.form" in run("project", "export", key, "git").stderr


def test_what_speaks_against_publishing_needs_a_reason(folder: Path) -> None:
    (folder / "x.scenario").write_text(SCENARIO)
    key = run("project", "import", "git").stdout.strip()
    assert "1 of 1 scenarios do not hold" in run("project", "publish", key, "--note", "n", code=1).stderr
    run("project", "publish", key, "--note", "n", "--although", "scenarios", code=2)
    run("project", "publish", key, "--note", "n", "--although", "scenarios=Being rewritten.")


def test_which_process_a_folder_is_about_may_have_to_be_said(folder: Path) -> None:
    (folder / "third.bpmn").write_text(CALLED.replace('id="called"', 'id="third"'))
    assert "there are 2: main, third" in run("project", "import", "git", code=1).stderr
    run("project", "import", "git", "--process", "main")
    empty = folder / "empty"
    empty.mkdir()
    assert "Expected a folder with files" in run("project", "import", str(empty), code=1).stderr
