"""Empty databases of either kind, and the database that the first revision's program left behind."""

from __future__ import annotations

import itertools
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent.parent / "golden"

NewDatabase = Callable[..., str]


@pytest.fixture
def new_database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[NewDatabase]:
    """Makes empty databases: `new_database("postgresql")` is the URL of one."""
    numbers, opened = itertools.count(1), ExitStack()

    def make(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"
        return opened.enter_context(request.getfixturevalue("postgresql").database(migrated=False))

    with opened:
        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, new_database: NewDatabase) -> str:
    """An empty database, of each kind in turn."""
    return new_database(request.param)


def golden_archive(revision: str, path: Path) -> Path:
    """The archive of a database that the program of that revision left behind: cases in every state, by their story.

    Six cases of a small process wait at its task (one claimed, with a draft), its called process, its message, its
    service (two as incidents), one is over, one cancelled, one suspended; its decision, mails, accounts and their logs.
    """
    folder = GOLDEN / f"revision-{revision}"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.json*")):
            archive.write(file, file.relative_to(folder).as_posix())
    return path
