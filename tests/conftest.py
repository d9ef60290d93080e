"""Fixtures that all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An engine of its own on a temporary SQLite database, with a clock turned by hand."""
    world = World(f"sqlite:///{tmp_path / 'casewright.db'}")
    yield world
    world.engine.close()
