"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.chromium import CHROMIUM, launched
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An engine of its own on a temporary SQLite database, with a clock turned by hand."""
    world = World(f"sqlite:///{tmp_path / 'casewright.db'}")
    yield world
    world.engine.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real browser; tests that need it are skipped where there is none."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine; .ci/browser installs it")
    with launched() as browser:
        yield browser
