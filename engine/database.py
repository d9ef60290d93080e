"""The database: one place that knows SQLite from PostgreSQL, opens sessions and brings the tables up to date."""

from __future__ import annotations

import datetime as dt
import hashlib
import select
import sqlite3
import threading
import time
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    create_engine,
    event,
    make_url,
    text,
)  # fmt: skip
from sqlalchemy.engine import Connection
from sqlalchemy.engine import Engine as SqlEngine
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InvalidatePoolError,
    OperationalError,
    TimeoutError,
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from engine import plain, revisions
from engine.errors import Invalid

BUSY_TIMEOUT_SECONDS = 10
WORTH_PACKING_BYTES = 256
TABLES_LOCK = 0x63617365  # "case"
"""Number of the lock that PostgreSQL gives to one at a time who changes the tables."""
_ADVISORY_LOCK = text("SELECT pg_advisory_xact_lock(:number)")
_DISK_FULL = "53100"
_SERIALISATION_FAILURES = {"40001", "40P01"}


class Base(DeclarativeBase):
    """Mother of all tables; named constraints so that migrations can change them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Key = BigInteger().with_variant(Integer(), "sqlite")
"""Type of a primary key. SQLite keeps a row under its INTEGER key itself; any other type costs it a second index."""


class Moment(TypeDecorator[dt.datetime]):
    """An aware UTC moment; SQLite, which knows no zones, keeps it without its offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Plain(TypeDecorator[Any]):
    """Plain data kept as JSON text, never as the database's own JSON type, which would round or reorder it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else plain.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else plain.loads(value)


class Packed(TypeDecorator[bytes]):
    """Bytes that are kept compressed, such as diagrams, which repeat themselves a great deal."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.decompress(value)


class PackedPlain(TypeDecorator[Any]):
    """Plain data kept as packed JSON text; `bytes` are taken for JSON text already."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return packed(value if isinstance(value, bytes) else plain.dumps(value).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else plain.loads(unpacked(value))


class Digest(TypeDecorator[str]):
    """A SHA-256 digest: 64 hexadecimal digits in Python, 32 bytes in the database."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else value.hex()


LONG_REST_SECONDS = 30
"""A connection that was not used for so long may be dead although it says nothing, such as behind a firewall."""
PREPARE = "prepare_threshold"
"""In the URL of PostgreSQL, `none` leaves statements unprepared; the driver's own word for it takes no text."""


class FairLock:
    """First come, first served.

    SQLite's own waiting is unfair: with eight writing threads the slowest waits a second while the median waits two
    milliseconds.  Queueing in the process costs nothing and takes that tail away.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class Database:
    """Where everything is kept. `url` is an SQLAlchemy URL of SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        parsed = parsed_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._queue = FairLock()
        options: dict[str, Any] = {"pool_size": 20}
        if parsed.query.get(PREPARE) == "none":
            # A pooler that hands connections on between transactions loses what was prepared on them.
            options["connect_args"] = {PREPARE: None}
            parsed = parsed.difference_update_query([PREPARE])
        self.url = parsed.render_as_string(hide_password=False)
        self.sql: SqlEngine = create_engine(parsed, **options)
        if self.is_sqlite:
            event.listen(self.sql, "connect", _prepare_sqlite)
            event.listen(self.sql, "begin", _begin_sqlite)
        else:
            event.listen(self.sql, "checkin", _note_rest)
            event.listen(self.sql, "checkout", self._expect_alive)
        self._for_writing = self.sql.execution_options(writes=True)
        # A question sees one moment, also on PostgreSQL, which else shows each of its statements another one.
        self._for_reading = (
            self.sql
            if self.is_sqlite
            else self.sql.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        )

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in a transaction that may write; commits at the end, rolls back when anything is raised."""
        if self.is_sqlite:
            with self._queue, Session(self._for_writing, expire_on_commit=False) as session, session.begin():
                yield session
        else:
            with Session(self._for_writing, expire_on_commit=False) as session, session.begin():
                yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session in a transaction that is always rolled back: questions change nothing."""
        with Session(self._for_reading, autoflush=False) as session:
            yield session
            session.rollback()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees everything as it was at one moment, whatever is written meanwhile."""
        with self._for_reading.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextmanager
    def changing_tables(self) -> Iterator[Connection]:
        """A connection that changes the tables themselves, alone, in one transaction: all of it happens or nothing."""
        if not self.is_sqlite:
            with self._for_writing.begin() as connection:
                # Processes that start together bring the tables up to date one after another.
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": TABLES_LOCK})
                yield connection
            return
        with self._queue, self._for_writing.connect() as connection:
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            # SQLite changes a table by copying and dropping it. Dropping deletes the rows, and what cascades from them,
            # unless references are left alone; inside a transaction the switch does nothing.
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
                    if broken is not None:
                        raise Invalid(
                            "Expected every row to refer to one that exists, but row {row} of table {table} does not.",
                            row=broken[1], table=broken[0],
                        )  # fmt: skip
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    def migrate(self) -> None:
        """Create the tables, or bring those of an older version up to date. Raises Refused for those of a newer one."""
        with self.sql.connect() as connection:
            if revisions.revision_of(connection) == revisions.newest_revision():
                return
        with self.changing_tables() as connection:
            revisions.upgrade(connection)

    def close(self) -> None:
        self.sql.dispose()

    def _expect_alive(self, connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
        """Ask whether the other side is still there, which is a round trip: only where there is reason to doubt it."""
        since = record.info.get("rests_since")
        if since is None or (not _has_news(connection) and time.monotonic() - since < LONG_REST_SECONDS):
            return
        dialect = self.sql.dialect
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def packed(said: bytes) -> bytes:
    """JSON text as it is kept: compressed where it is long enough to become shorter by that."""
    return zlib.compress(said) if len(said) > WORTH_PACKING_BYTES else said


def unpacked(kept: bytes) -> bytes:
    """The JSON text. Raises ValueError when it was altered so that it cannot be read."""
    # No JSON text begins with the letter x, and everything that zlib makes does.
    if not kept.startswith(b"x"):
        return kept
    try:
        return zlib.decompress(kept)
    except zlib.error as error:
        raise ValueError(str(error)) from error


def be_alone_with(session: Session, *names: str) -> None:
    """Wait until no other transaction is at any of these names, and keep them until the end of ours.

    On SQLite, which has one writer at a time, that is so anyway.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    # Always in the same order, so that no two wait for each other.
    for number in sorted({_number_of(name) for name in names}):
        session.execute(_ADVISORY_LOCK, {"number": number})


def _number_of(name: str) -> int:
    """PostgreSQL's advisory locks are numbers of 64 bits; two names that share one merely wait for each other."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)


def is_conflict(error: BaseException) -> bool:
    """Whether a failed transaction may succeed when it is simply tried again."""
    if isinstance(error, IntegrityError):
        return True
    if isinstance(error, OperationalError) and "locked" in str(error.orig):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _SERIALISATION_FAILURES


def parsed_url(url: str) -> URL:
    """The parsed URL; `postgres://` and `postgresql://` mean the driver that comes with Casewright.

    Raises Invalid for what is no URL, or that of another database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Invalid("Expected the URL of a database, but what is set cannot be read as one.") from error
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return parsed
    raise Invalid(
        "Expected a database of SQLite or PostgreSQL, but '{drivername}' is neither.", drivername=parsed.drivername
    )


def is_full(error: BaseException) -> bool:
    """Whether there is no room left: then nothing was done, also when the commit itself met it."""
    original = getattr(error, "orig", None)
    return getattr(original, "sqlite_errorname", None) == "SQLITE_FULL" or (
        getattr(original, "sqlstate", None) == _DISK_FULL
    )


def is_out_of_reach(error: BaseException) -> bool:
    """Whether the database itself could not do it just now: it is away, full, busy or broken off."""
    return isinstance(error, (OperationalError, InterfaceError, TimeoutError))


def _note_rest(_: Any, record: ConnectionPoolEntry) -> None:
    record.info["rests_since"] = time.monotonic()


def _has_news(connection: Any) -> bool:
    """Whether a connection that rests is closed, or has something to read: a server that goes away says so."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
