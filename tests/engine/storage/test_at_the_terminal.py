"""`casewright backup` and `casewright restore`, as operators type them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from tests.engine.storage.conftest import golden_archive


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a backup of another installation."""
    monkeypatch.chdir(tmp_path)
    golden_archive("0001", tmp_path / "old.zip")
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result


def test_a_backup_goes_to_another_place(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run("restore", "old.zip")
    assert "9 cases" in told.stdout and "Restored; 14 chains, 0 broken" in told.stdout
    assert "The secret key is not here" in told.stderr
    run("tasks")
    key = (place / "casewright-data" / "secret.key").read_bytes()
    told = run("backup", "new.zip", "--with-secret-key")
    head = told.stdout.splitlines()[-1]
    assert head.startswith("log ") and len(head) == 68
    assert head in run("restore", "new.zip", "--only-check").stdout

    monkeypatch.setenv("CASEWRIGHT_DATA_DIRECTORY", "elsewhere")
    told = run("restore", "new.zip")
    assert told.stderr == "" and "Restored; 14 chains" in told.stdout
    assert (place / "elsewhere" / "secret.key").read_bytes() == key
    assert (place / "elsewhere" / "secret.key").stat().st_mode & 0o077 == 0
    assert "14 chains, 280 entries, 0 broken" in run("log", "verify").stdout


def test_another_secret_key_is_kept_unless_it_is_to_be_replaced(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("restore", "old.zip")
    run("tasks")
    run("backup", "new.zip", "--with-secret-key")
    monkeypatch.setenv("CASEWRIGHT_DATA_DIRECTORY", "elsewhere")
    run("tasks")
    own = (place / "elsewhere" / "secret.key").read_bytes()
    assert "there is another one" in run("restore", "new.zip", code=1).stderr
    assert "work" not in run("tasks").stdout and "inner" not in run("tasks").stdout
    run("restore", "new.zip", "--replace")
    assert (place / "elsewhere" / "secret.key.replaced").read_bytes() == own


def test_what_cannot_be_done_is_said_with_exit_code_1(place: Path) -> None:
    assert "there are no tables" in run("backup", "a.zip", code=1).stderr
    assert "there is none" in run("backup", "a.zip", "--with-secret-key", code=1).stderr
    assert "cannot be read: No such file" in run("restore", "nowhere.zip", code=1).stderr
    (place / "cut.zip").write_bytes((place / "old.zip").read_bytes()[:5000])
    assert "damaged: it is no backup, or its end is missing" in run("restore", "cut.zip", code=1).stderr
    assert not (place / "casewright-data" / "casewright.db").exists()
    run("restore", "old.zip")
    assert "holds 9 cases" in run("restore", "old.zip", code=1).stderr
