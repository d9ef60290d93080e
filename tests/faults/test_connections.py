"""Connections that rest: one that PostgreSQL has closed meanwhile is not used, and none is asked without need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from engine.engine import Engine
from engine.queries import console
from tests.world import ANNA, World

OTHERS = text(
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def counting_pings(engine: Engine) -> Iterator[list[Any]]:
    """Every question whether the other side is still there."""
    asked: list[Any] = []
    dialect: Any = engine.database.sql.dialect
    ping = dialect.do_ping
    dialect.do_ping = lambda connection: asked.append(connection) or ping(connection)
    try:
        yield asked
    finally:
        dialect.do_ping = ping


def test_what_was_closed_meanwhile_is_not_used(world: World) -> None:
    if world.engine.database.is_sqlite:
        pytest.skip("nobody closes the connections of SQLite")
    world.engine.query(console.has_demo_people, ANNA)
    other = Engine(world.engine.database.url, secret=world.engine.secret)
    try:
        with counting_pings(world.engine) as asked:
            for _ in range(5):
                world.engine.query(console.has_demo_people, ANNA)
            assert asked == []
            with other.database.writing() as session:
                assert session.scalar(OTHERS) >= 1
            world.engine.query(console.has_demo_people, ANNA)
            assert len(asked) == 1
    finally:
        other.close()


def test_a_connection_that_rested_for_long_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    if world.engine.database.is_sqlite:
        pytest.skip("nobody closes the connections of SQLite")
    world.engine.query(console.has_demo_people, ANNA)
    monkeypatch.setattr("engine.database.LONG_REST_SECONDS", 0)
    with counting_pings(world.engine) as asked:
        world.engine.query(console.has_demo_people, ANNA)
        assert len(asked) == 1
