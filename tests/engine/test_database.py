"""The database: what the migrations make is what the tables say."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import DropTable

from engine import model
from engine.database import Base, Database, Digest, FairLock, Moment, PackedPlain
from engine.errors import Invalid
from engine.model import LogEntry
from engine.revisions import MIGRATIONS, newest_revision


@pytest.mark.filterwarnings("ignore:.*expression-based index:Warning")
def test_the_migrations_make_the_tables_that_the_model_says(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    database.migrate()
    database.migrate()
    with database.sql.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_in_the_model})
        assert compare_metadata(context, Base.metadata) == []
    assert set(model.__all__) & {"Task", "Job", "LogEntry"}
    database.close()


def is_in_the_model(name: str | None, kind: str, parents: object) -> bool:
    """The search index is made by the databases' own means, for which the model has no words."""
    return not (name or "").startswith("case_search")


def test_the_newest_revision_is_known_without_alembic(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [newest_revision()]


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a.db'}")
    database.migrate()
    with database.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(DropTable(table))
        session.execute(text("DELETE FROM alembic_version"))
    database.migrate()
    with database.reading() as session:
        assert session.scalars(select(LogEntry)).all() == []
    database.close()


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_every_way_to_name_postgresql_means_the_driver_that_is_there(url: str) -> None:
    database = Database(url)
    assert database.url == "postgresql+psycopg://u:p@h/d"
    assert not database.is_sqlite


@pytest.mark.parametrize("url", ["mysql://h/d", "postgresql+asyncpg://h/d", "nonsense", ""])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(Invalid, match="Expected"):
        Database(url)


def test_moments_are_aware_or_refused() -> None:
    moment = Moment()
    noon = dt.datetime(2026, 1, 1, 13, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    kept = moment.process_bind_param(noon, sqlite.dialect())
    assert kept == dt.datetime(2026, 1, 1, 12)
    assert moment.process_result_value(kept, sqlite.dialect()) == noon
    with pytest.raises(ValueError, match="time zone"):
        moment.process_bind_param(dt.datetime(2026, 1, 1), sqlite.dialect())


def test_long_plain_data_is_packed_and_comes_back_as_it_was() -> None:
    kind, dialect = PackedPlain(), sqlite.dialect()
    short, long = {"a": Decimal("1.10")}, {"b": "投诉 " * 200}
    assert kind.process_bind_param(short, dialect) == b'{"a":1.10}'
    assert len(kind.process_bind_param(long, dialect) or b"") < 100
    assert kind.process_bind_param(b'{"a":1.10}', dialect) == b'{"a":1.10}'
    for value in (short, long, None):
        assert kind.process_result_value(kind.process_bind_param(value, dialect), dialect) == value


def test_a_digest_takes_32_bytes() -> None:
    kept = Digest().process_bind_param("0f" * 32, sqlite.dialect())
    assert kept == b"\x0f" * 32
    assert Digest().process_result_value(kept, sqlite.dialect()) == "0f" * 32


def test_the_lock_is_first_come_first_served() -> None:
    lock, order, ready = FairLock(), [], threading.Event()

    def wait(number: int) -> None:
        with lock:
            order.append(number)

    with lock:
        threads = []
        for number in range(5):
            thread = threading.Thread(target=wait, args=(number,))
            thread.start()
            threads.append(thread)
            while len(lock._waiting) <= number:
                ready.wait(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(5))
