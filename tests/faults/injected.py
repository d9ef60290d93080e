"""Faults put into the database's driver: statements that fail, commits whose answer is lost, a disk that is full."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
from sqlalchemy import event

from engine.database import Database


def locked(database: Database) -> Exception:
    """What is worth another try: SQLite is locked, PostgreSQL met a deadlock."""
    if database.is_sqlite:
        return sqlite3.OperationalError("database is locked")
    return psycopg.errors.DeadlockDetected("deadlock detected")


def broken(database: Database) -> Exception:
    """What nobody can tell more about: the disk or the line is broken."""
    if database.is_sqlite:
        return sqlite3.OperationalError("disk I/O error")
    return psycopg.OperationalError("server closed the connection unexpectedly")


class Faults:
    """Lets statements and commits fail by chance, until it is told to stop."""

    def __init__(self, database: Database, rate: float, random: Random) -> None:
        self.number = 0
        self._database = database
        self._rate = rate
        self._random = random

    def __call__(self, *_: Any) -> None:
        """Before each statement, and before each commit."""
        if self._random.random() < self._rate:
            self.number += 1
            raise self._random.choice((locked, broken))(self._database)


@contextmanager
def failing_statements(database: Database, rate: float, random: Random) -> Iterator[Faults]:
    """So many of all statements fail, and so many of all commits before they come to pass."""
    faults = Faults(database, rate, random)
    event.listen(database.sql, "do_execute", faults)
    event.listen(database.sql, "do_executemany", faults)
    try:
        with replaced_commit(database, lambda commit: _first(faults, commit)):
            yield faults
    finally:
        event.remove(database.sql, "do_execute", faults)
        event.remove(database.sql, "do_executemany", faults)


def _first(faults: Faults, commit: Callable[[Any], None]) -> Callable[[Any], None]:
    def failing(connection: Any) -> None:
        faults()
        commit(connection)

    return failing


@contextmanager
def lost_answers(database: Database) -> Iterator[None]:
    """Every commit comes to pass, but the line breaks before that is told."""

    def after(commit: Callable[[Any], None]) -> Callable[[Any], None]:
        def losing(connection: Any) -> None:
            commit(connection)
            raise broken(database)

        return losing

    with replaced_commit(database, after):
        yield


@contextmanager
def replaced_commit(
    database: Database, replace: Callable[[Callable[[Any], None]], Callable[[Any], None]]
) -> Iterator[None]:
    dialect: Any = database.sql.dialect
    dialect.do_commit = replace(dialect.do_commit)
    try:
        yield
    finally:
        del dialect.do_commit


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """SQLite may grow by hardly a page more, as on a disk that has no room left."""
    assert database.is_sqlite

    def limit(connection: sqlite3.Connection, *_: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 1}")

    event.listen(database.sql, "checkout", limit)
    try:
        yield
    finally:
        event.remove(database.sql, "checkout", limit)
        database.sql.dispose()
