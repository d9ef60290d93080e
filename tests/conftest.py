"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import postgres
from tests.checking import assert_all_holds
from tests.chromium import CHROMIUM, launched
from tests.world import World

HERE = Path(__file__).parent
ALWAYS_ON_BOTH = (HERE / "competing", HERE / "faults")
"""Tests in these folders run on SQLite and on PostgreSQL."""
ON_BOTH = tuple(HERE / name for name in ("engine/commands", "engine/queries", "engine/executor", "engine/checks"))
"""Tests in these folders run on SQLite and, where it is asked for as `make test` does, again on PostgreSQL."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--on-both", action="store_true", help="run tests of the engine on SQLite and on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        folders = (*ALWAYS_ON_BOTH, *(ON_BOTH if metafunc.config.getoption("on_both") else ()))
        is_on_both = any(metafunc.definition.path.is_relative_to(folder) for folder in folders)
        metafunc.parametrize(
            "database_url", ["sqlite", "postgresql"] if is_on_both else ["sqlite"], indirect=True, scope="function"
        )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Postgres]:
    """A PostgreSQL in which every test makes a database of its own; one a session, or one a worker of it."""
    if reason := postgres.why_not():
        pytest.skip(reason)
    with postgres.postgres() as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database with all tables: of SQLite and, where it matters, also of PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'casewright.db'}"
        return
    server: postgres.Postgres = request.getfixturevalue("postgresql")
    with server.database() as url:
        yield url


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An engine of its own on a fresh database, with a clock turned by hand; all must hold at the end."""
    world = World(database_url)
    yield world
    if not world.is_altered:
        assert_all_holds(world.engine)
    world.engine.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser; tests that need it are skipped where there is none."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine; .ci/browser installs it")
    with launched() as browser:
        yield browser
