"""The revisions of the tables: which one a database has, and the migrations that bring it to another."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection

from engine.errors import Refused

MIGRATIONS = Path(__file__).parent / "migrations"
_KEPT_IN = "alembic_version"


def newest_revision() -> str:
    """The revision of the newest migration, as the files' names say: v0001_first_tables.py makes 0001."""
    return max(known_revisions())


def known_revisions() -> frozenset[str]:
    """All revisions that this program can make."""
    return frozenset(path.name[1:].partition("_")[0] for path in (MIGRATIONS / "versions").glob("v*_*.py"))


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; none when it has no tables yet."""
    if not inspect(connection).has_table(_KEPT_IN):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_KEPT_IN}"))
    return revision


def expect_known(revision: str | None) -> None:
    """Raises Refused when only a newer program can know the revision."""
    if revision is not None and revision not in known_revisions():
        raise Refused(
            "Expected tables of revision {newest} or older, but these have revision {revision}: a newer Casewright made"
            " them. Use that one, or a newer one.",
            newest=newest_revision(),
            revision=revision,
        )


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Make the tables, or bring older ones to a revision."""
    _change(connection, "upgrade", revision)


def downgrade(connection: Connection, revision: str = "base") -> None:
    """Bring the tables back to an older revision; without one, remove them all."""
    _change(connection, "downgrade", revision)


def table_names(revision: str) -> frozenset[str]:
    """The tables that a revision has, whatever else lives in the same database; an index of words is none of them."""
    memory = create_engine("sqlite://")
    try:
        with memory.begin() as connection:
            upgrade(connection, revision)
            names = frozenset(inspect(connection).get_table_names()) - {_KEPT_IN}
            indexes = connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")).all()
            # SQLite keeps such an index in tables of its own beside it; triggers fill it.
            return names - {name for name in names for index in indexes if f"{name}_".startswith(f"{index}_")}
    finally:
        memory.dispose()


def _change(connection: Connection, direction: str, revision: str) -> None:
    expect_known(revision_of(connection))
    # Loading it takes a fifth of a second, which all starts but the first can do without.
    from alembic import command as alembic_command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    getattr(alembic_command, direction)(config, revision)
