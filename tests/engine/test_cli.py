"""The command line: what it does, what it says, and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, text

from engine import plain
from engine.cli import main
from engine.cli.clock import TurnableClock, parse_turn
from engine.cli.demo import PEOPLE, library
from engine.cli.root import VERBS
from engine.engine import Engine
from engine.errors import Invalid
from engine.model import Task
from tests.world import diagram, flow, form, task

ROOT = Path(__file__).parents[2]
SIMPLE = diagram("simple", "<start/>" + task("work", form="letter") + "<end/>" + flow("start", "work", "end"))
LETTER = form("letter", {"key": "words", "type": "textfield", "id": "w", "label": "W", "validate": {"required": True}})


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own with two files to deploy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CASEWRIGHT_TEST_CLOCK", "1")
    (tmp_path / "simple.bpmn").write_text(SIMPLE)
    (tmp_path / "letter.form").write_text(LETTER)
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result


def test_the_list_of_verbs_says_what_each_says_itself() -> None:
    context = click.Context(main)
    for name, (_, said) in VERBS.items():
        command = main.get_command(context, name)
        assert command is not None and command.name == name
        first = " ".join((command.help or "").partition("\n\n")[0].split())
        assert first.startswith(said.removesuffix("all or none.")), name
    assert "  serve" in run("--help").output
    run("no-such-verb", code=2)


def test_help_is_there_without_loading_what_verbs_need() -> None:
    code = "import sys; from engine.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert {"sqlalchemy", "alembic", "flask", "SpiffWorkflow", "httpx", "argon2", "babel"}.isdisjoint(output.split())


def test_a_server_that_starts_again_loads_no_migrations_and_no_client(place: Path) -> None:
    run("deploy", "simple.bpmn", "letter.form")
    code = (
        "import sys; from engine.cli import assembly; from engine.settings import load; settings = load();"
        "engine = assembly.opened(settings); assembly.executor_of(engine, settings); engine.close();"
        "print(*sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=place, env=environment
    ).stdout
    assert {"alembic", "httpx", "argon2"}.isdisjoint(output.split())


def test_a_case_from_deployment_to_export() -> None:
    assert run("deploy", "simple.bpmn", "letter.form").output == "process simple version 1\nform letter version 1\n"
    assert "Nothing has changed" in run("deploy", ".").output
    reference, key = run("start", "simple", "amount=1.50").output.split()
    tasks = run("tasks").output
    assert reference in tasks and "staff" in tasks
    task_key = tasks.split()[0]

    refused = run("complete", task_key, code=1)
    assert "required" in refused.stderr
    run("complete", task_key, "words=hello")
    assert "anna" not in run("complete", task_key, "words=again", code=1).output

    assert "TaskCompleted work" in run("log", "show", reference).output
    whole = plain.loads(run("export", key).output)
    assert whole["case"]["status"] == "completed"
    assert plain.dumps(whole["case"]["variables"]["amount"]) == "1.50"
    assert whole["log"][0]["event"] == "InstanceStarted"
    assert whole["verdict"]["first_bad"] is None
    run("export", "C-0000-NOBODY", code=1)


def test_validate_names_all_problems_and_deploys_nothing(place: Path) -> None:
    (place / "letter.form").unlink()
    (place / "broken.dmn").write_text("<x")
    result = run("validate", ".", code=1)
    assert "simple.bpmn" in result.stderr and "broken.dmn" in result.stderr
    assert not (place / "casewright-data").exists()
    run("deploy", ".", code=1)
    assert "nothing" in run("start", "nothing", code=1).stderr


def test_people_work_in_their_own_name() -> None:
    run("deploy", ".")
    run("group", "add", "staff", "Staff")
    run("user", "add", "anna", "--name", "Anna", "--role", "staff", "--group", "staff", "--password", "long enough")
    assert "anna  Anna  staff  staff" in run("user", "list").output
    assert "staff  Staff  Anna" in run("group", "list").output
    run("--as", "anna", "start", "simple")
    task_key = run("--as", "anna", "tasks").output.split()[0]
    assert "permission" in run("--as", "anna", "deploy", ".", code=1).stderr
    run("--as", "anna", "complete", task_key, "words=hi")
    run("user", "password", "anna", "--password", "another one")
    run("user", "add", "bob", "--name", "Bob", "--password", "short", code=1)
    run("--as", "nobody-here", "tasks", code=1)


@pytest.mark.parametrize("verb", ["serve", "worker", "tasks", "check", "backup x.zip"])
def test_a_database_out_of_reach_is_told_in_a_sentence(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEWRIGHT_DATABASE_URL", "postgresql://somebody:secret@127.0.0.1:1/cases")
    said = run(*verb.split(), code=1).stderr
    assert said.startswith("Expected to reach the database, but that is not possible: ")
    assert "Traceback" not in said and "secret" not in said and said.count("\n") == 1


def test_who_stops_with_a_job_in_hand_for_too_long_ends() -> None:
    code = (
        "import threading; from engine.cli.assembly import stop_within\n"
        "class Busy:\n    def stop(self): threading.Event().wait()\n"
        "stop_within(Busy(), 0.1); print('went on')"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environment)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "jobs in hand" in ended.stderr


def test_wrong_usage_is_exit_code_two() -> None:
    for arguments in (("complete",), ("fly",), ("deploy", "missing.bpmn"), ("start", "simple", "novalue")):
        run(*arguments, code=2)
    for command in main.commands:
        assert "Usage" in run(command, "--help").output


def test_verifying_names_the_first_bad_entry() -> None:
    run("deploy", ".")
    reference, key = run("start", "simple").output.split()
    assert "0 broken" in run("log", "verify").output
    engine = Engine("sqlite:///casewright-data/casewright.db", secret=b"")
    with engine.database.writing() as session:
        session.execute(text(f"UPDATE log_entry SET actor = 'x' WHERE stream_key = {key} AND position = 3"))
    engine.close()
    result = run("log", "verify", code=1)
    assert f"case {reference}, entry 3: its hash does not fit what it says" in result.stderr
    assert "1 broken" in result.stdout
    run("log", "verify", reference, code=1)


def test_the_test_clock_is_turned_and_jobs_are_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wait = (
        '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    (place / "slow.bpmn").write_text(
        diagram("slow", "<start/>" + wait + task("later") + "<end/>" + flow("start", "wait", "later", "end"))
    )
    run("deploy", ".")
    run("start", "slow")
    assert "waiting" in run("jobs", "list").output
    assert "0 jobs" in run("jobs", "run").stderr
    assert "3 days" in run("clock", "+3d").output
    assert "1 jobs" in run("jobs", "run").stderr
    assert "later" in run("tasks").output
    assert "0:00:00 ahead" in run("clock", "reset").output
    run("clock", "3 days", code=1)
    monkeypatch.delenv("CASEWRIGHT_TEST_CLOCK")
    assert "is off" in run("clock", "+3d", code=1).stderr


def test_it_refuses_to_serve_demo_people_to_others() -> None:
    refused = run("serve", "--demo", "--host", "0.0.0.0", code=1)
    assert "demo accounts" in refused.stderr


def test_turns_of_the_clock(tmp_path: Path) -> None:
    clock = TurnableClock(tmp_path / "offset")
    clock.turn(parse_turn("+1w2d"))
    clock.turn(parse_turn("+2h30m10s"))
    assert clock.ahead.total_seconds() == ((9 * 24 + 2) * 60 + 30) * 60 + 10
    for wrong in ("", "3d", "+", "+3", "+3y", "-1d"):
        with pytest.raises(Invalid):
            parse_turn(wrong)


def test_the_demonstration_has_a_library_and_every_role() -> None:
    assert [folder.name for folder in library()] == ["processes", "forms"]
    assert {role for person in PEOPLE for role in person.roles} == {
        "staff", "team-lead", "process-owner", "auditor", "operator", "admin",
    }  # fmt: skip


def test_a_check_says_that_all_holds_or_what_does_not(place: Path) -> None:
    run("deploy", "simple.bpmn", "letter.form")
    reference = run("start", "simple").output.split()[0]
    assert run("check").output.splitlines() == [
        "1 cases checked, 0 findings", "no fault, but to be looked at: 1 tasks that nobody may do",
    ]  # fmt: skip
    told = plain.loads(run("check", "--json").output)
    assert (told["cases"], told["findings"]) == (1, [])
    assert "next-thing" in run("check", "--rules").output

    engine = Engine("sqlite:///casewright-data/casewright.db", secret=b"irrelevant")
    with engine.database.writing() as session:
        session.execute(delete(Task))
    engine.close()
    output = run("check", code=1).output
    assert f"case {reference}, element work" in output
    assert "the case waits for this task, but there is no row of it" in output
    (found, *_) = plain.loads(run("check", "--json", code=1).output)["findings"]
    assert found["reference"] == reference


def test_a_check_knows_what_was_accepted(place: Path) -> None:
    run("deploy", "simple.bpmn", "letter.form")
    reference = run("start", "simple").output.split()[0]
    (place / "accepted.json").write_text(plain.dumps({"cases": [reference], "tasks": []}))
    run("check", "--accepted", "accepted.json")
    (place / "accepted.json").write_text(plain.dumps({"cases": ["CASE-GONE"], "tasks": [7]}))
    output = run("check", "--accepted", "accepted.json", code=1).output
    assert "case CASE-GONE" in output and "key 7" in output
    (place / "accepted.json").write_text("[1]")
    assert "Expected a JSON object" in run("check", "--accepted", "accepted.json", code=1).output
