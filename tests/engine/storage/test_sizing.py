"""What docs/sizing.md says can be done with a PostgreSQL database can be done, word for word."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, select, text

from engine import backups
from engine.archives import Archive
from engine.commands import CompleteTask
from engine.database import Database
from engine.model import LogEntry
from tests.engine.storage.conftest import NewDatabase
from tests.engine.storage.test_backups import expect_consistent, populated, restored, saved
from tests.world import ANNA, World

PAGE = (Path(__file__).parents[3] / "docs" / "sizing.md").read_text("utf-8")


def test_the_log_is_divided_into_partitions_as_the_page_says(new_database: NewDatabase, tmp_path: Path) -> None:
    (statements,) = [block.partition("```")[0] for block in PAGE.split("```sql")[1:]]
    world = populated(new_database("postgresql"))
    url = world.engine.database.url
    sql = create_engine(url, isolation_level="AUTOCOMMIT")
    with sql.connect() as connection:
        connection.exec_driver_sql(statements)
        partitions = connection.scalar(
            text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'log_entry'::regclass")
        )
    sql.dispose()
    assert partitions == 3
    for each in world.tasks()[1:]:
        world.do(CompleteTask(each.key, {"done": True}), ANNA)
    world.run_due()
    world.engine.open()
    expect_consistent(world)
    manifest = saved(url, tmp_path / "a.zip")
    entries = len(world.rows(select(LogEntry.key)))
    world.engine.close()

    restored(tmp_path / "a.zip", url, replace=True)
    again = World(url)
    assert len(again.rows(select(LogEntry.key))) == entries
    expect_consistent(again)
    again.engine.close()
    assert saved(url, tmp_path / "b.zip").log_heads == manifest.log_heads


def test_statements_are_not_kept_in_the_server_when_the_url_says_so(new_database: NewDatabase) -> None:
    url = new_database("postgresql")
    kept = {}
    for option in ("", "&prepare_threshold=none"):
        database = Database(url + option)
        with database.reading() as session:
            for _ in range(10):
                session.scalar(text("SELECT 1"))
            kept[option] = session.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
        database.close()
    assert kept[""] and kept["&prepare_threshold=none"] == 0


def test_what_only_reads_works_where_nothing_can_be_written(new_database: NewDatabase, tmp_path: Path) -> None:
    world = populated(new_database("postgresql"))
    world.engine.close()
    world = World(f"{world.engine.database.url}&options=-c%20default_transaction_read_only%3Don")
    expect_consistent(world)
    manifest = saved(world.engine.database.url, tmp_path / "a.zip")
    world.engine.close()
    with Archive(tmp_path / "a.zip") as archive:
        assert backups.restore(new_database("sqlite"), archive).streams == manifest.streams
