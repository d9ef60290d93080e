"""Tables of an earlier revision are brought up to date with all that is in them, or stay as they were."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, inspect, select, text
from sqlalchemy.engine import Connection

from engine import backups, revisions
from engine.archives import Archive
from engine.commands import CompleteTask, CorrelateMessage
from engine.connectors import Outcome
from engine.database import Database
from engine.engine import Engine
from engine.errors import Refused
from engine.model import Task, TaskDraft
from engine.queries import console
from tests.engine.storage.conftest import GOLDEN, golden_archive
from tests.world import ANNA, World

OLDER = sorted(revisions.known_revisions() - {revisions.newest_revision()})


@pytest.fixture(params=OLDER)
def old_url(request: pytest.FixtureRequest, empty_url: str, tmp_path: Path) -> str:
    """A database of an earlier revision, as that revision's program left it."""
    with Archive(golden_archive(request.param, tmp_path / "golden.zip")) as archive:
        database = Database(empty_url)
        with database.changing_tables() as connection:
            revisions.upgrade(connection, request.param)
            backups._load(connection, archive)
        database.close()
    return empty_url


def rows(database: Database) -> dict[str, int]:
    with database.sql.connect() as connection:
        return {
            name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0
            for name in inspect(connection).get_table_names()
            if name != "alembic_version"
        }


def test_every_earlier_revision_has_its_golden_database() -> None:
    assert OLDER == sorted(folder.name.removeprefix("revision-") for folder in GOLDEN.glob("revision-*"))


def test_an_earlier_revision_is_brought_up_to_date_with_its_data(old_url: str) -> None:
    database = Database(old_url)
    before = rows(database)
    database.migrate()
    after = rows(database)
    assert {name: after.get(name, 0) for name in before} == before
    assert before["task_candidate"] > 10 and before["log_entry"] == 280
    database.close()


def test_cases_of_an_earlier_revision_go_on_to_their_end(old_url: str) -> None:
    world = World(old_url)
    world.connectors = {"casewright:mail": lambda call: Outcome(), "example:fetch": lambda call: Outcome()}
    (claimed,) = [task for task in world.tasks() if task.assignee == "anna"]
    world.do(CompleteTask(claimed.key, {"amount": 50}), ANNA)
    world.run_due()
    (inner,) = [task for task in world.tasks() if task.element_id == "inner" and task.root_key == claimed.root_key]
    world.do(CompleteTask(inner.key), ANNA)
    world.do(CorrelateMessage("answered", "N1"))
    world.run_due()
    assert world.instance(claimed.root_key).status == "completed"
    verdicts = [world.verdict(stream.key) for stream in world.engine.query(console.streams, console.CONSOLE)]
    assert len(verdicts) >= 14 and all(verdict.holds for verdict in verdicts)
    assert len(world.incidents()) == 2
    world.engine.close()


def test_the_way_back_to_an_earlier_revision_keeps_its_data(old_url: str) -> None:
    database = Database(old_url)
    before = rows(database)
    database.migrate()
    with database.changing_tables() as connection:
        revisions.downgrade(connection, OLDER[-1])
    assert rows(database) == before
    with database.changing_tables() as connection:
        revisions.downgrade(connection)
    assert rows(database) == {}
    database.migrate()
    database.close()


@pytest.fixture
def one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds a newest migration that does what it is told."""

    def add(body: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(revisions.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        newest = revisions.newest_revision()
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        (folder / "versions" / "v9999_one_more.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision, down_revision, branch_labels, depends_on = '9999', '{newest}', None, None\n"
            f"def upgrade():\n{lines}\ndef downgrade():\n    pass\n"
        )
        monkeypatch.setattr(revisions, "MIGRATIONS", folder)

    return add


def test_a_migration_that_fails_changes_nothing(old_url: str, one_more: Callable[[str], None]) -> None:
    database = Database(old_url)
    before = schema(database), rows(database)
    one_more(
        "op.create_table('extra', sa.Column('key', sa.Integer(), primary_key=True))\n"
        "with op.batch_alter_table('task') as batch:\n"
        "    batch.add_column(sa.Column('colour', sa.String(), nullable=True))\n"
        'op.execute("DELETE FROM log_entry")\n'
        "raise RuntimeError('the power went off')"
    )
    with pytest.raises(RuntimeError, match="the power"):
        database.migrate()
    assert (schema(database), rows(database)) == before
    database.close()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
def test_a_table_that_others_refer_to_is_changed_without_losing_their_rows(
    old_url: str, one_more: Callable[[str], None]
) -> None:
    """SQLite copies and drops the table; the candidates and drafts of its tasks would go with it."""
    database = Database(old_url)
    before = rows(database)
    one_more(
        "with op.batch_alter_table('task', recreate='auto') as batch:\n"
        "    batch.alter_column('action', type_=sa.Text(), existing_type=sa.String(), existing_nullable=False)"
    )
    database.migrate()
    after = rows(database)
    assert {name: after[name] for name in before} == before
    with database.writing() as session:
        session.execute(delete(Task).where(Task.assignee == "anna"))
        assert session.scalar(select(func.count()).select_from(TaskDraft)) == before["task_draft"] - 1
    database.close()


def test_tables_of_a_newer_program_are_refused_and_left_alone(empty_url: str) -> None:
    engine = Engine(empty_url, secret=b"").open()
    with engine.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = schema(engine.database)
    with pytest.raises(Refused, match="these have revision 9999: a newer Casewright made them"):
        engine.open()
    assert schema(engine.database) == before
    engine.close()


def test_processes_that_start_at_once_make_the_tables_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(6)]
    with ThreadPoolExecutor(len(databases)) as pool:
        for done in [pool.submit(database.migrate) for database in databases]:
            done.result()
    with databases[0].sql.connect() as connection:
        assert revisions.revision_of(connection) == revisions.newest_revision()
    for database in databases:
        database.close()


def schema(database: Database) -> dict[str, Any]:
    with database.sql.connect() as connection:
        return {"revision": revisions.revision_of(connection), "tables": _columns(connection)}


def _columns(connection: Connection) -> dict[str, list[str]]:
    looked = inspect(connection)
    return {
        name: [f"{column['name']} {column['type']}" for column in looked.get_columns(name)]
        for name in looked.get_table_names()
    }
