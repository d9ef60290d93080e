"""Backup and restore: everything of an installation as it was at one moment, into either kind of database.

Neither is a command: a backup changes nothing, and what a restore changes is the database itself, before there is an
engine on it. All tables are read in one snapshot, so a backup can be taken while
everybody works.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, func, insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from sqlalchemy.orm import Session

from engine import revisions
from engine.archives import Archive, ArchiveWriter, Manifest, TableFile, decoded, fingerprint
from engine.database import Database, parsed_url
from engine.errors import Invalid, Refused
from engine.model.log import LogEntry, verify

ROWS_AT_ONCE = 1000
LOG, CASES = "log_entry", "process_instance"


@dataclass(frozen=True)
class Restored:
    """What a restore found when it was done."""

    manifest: Manifest
    streams: int
    broken: tuple[str, ...] = ()
    """The streams whose chain does not hold, with the reason."""


def save(url: str, path: Path, *, version: str, secret_key: bytes | None, with_secret_key: bool) -> Manifest:
    """Write everything that the database holds at this moment. Raises Refused."""
    nothing = Refused("Expected to back up {database}, but there are no tables in it.", database=_shown(url))
    if (file := _sqlite_file(url)) and not file.exists():
        raise nothing
    with _opened(url) as database, database.snapshot() as connection:
        revision = revisions.revision_of(connection)
        if revision is None:
            raise nothing
        revisions.expect_known(revision)
        said = {"version": version, "revision": revision}
        try:
            return _written(connection, path, secret_key, with_secret_key, said)
        except OSError as error:
            raise Refused(
                "Expected to write a backup to {path}, but that is not possible: {reason}.",
                path=str(path), reason=error.strerror or error,
            ) from error  # fmt: skip


def restore(url: str, archive: Archive, *, replace: bool = False, accept_broken_log: bool = False) -> Restored:
    """Fill a database from an archive and bring it up to date, in one transaction.

    Raises Refused when the database holds anything already (unless that is to be replaced), when only a newer program
    can know the archive's tables, and when the log's chains do not hold afterwards; then nothing was changed.
    """
    revisions.expect_known(archive.manifest.revision)
    if file := _sqlite_file(url):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _opened(url) as database, database.changing_tables() as connection:
        _make_room(connection, url, replace)
        revisions.upgrade(connection, archive.manifest.revision)
        _load(connection, archive)
        revisions.upgrade(connection)
        restored = _verified(connection, archive.manifest)
        if restored.broken and not accept_broken_log:
            raise Refused(
                "Expected every chain of the log to hold, but {number} do not, first that of {stream}. Nothing was"
                " restored.",
                number=len(restored.broken),
                stream=restored.broken[0],
            )
        return restored


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; opening one that is not there would make it."""
    parsed = parsed_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _shown(url: str) -> str:
    return parsed_url(url).render_as_string(hide_password=True)


# --- saving


def _written(
    connection: Connection, path: Path, secret_key: bytes | None, with_secret_key: bool, said: dict[str, str]
) -> Manifest:
    writer = ArchiveWriter(path)
    try:
        taken_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        heads = _Heads()
        for table in _tables(connection, said["revision"]):
            writer.table(table.name, [column.name for column in _kept(table)], _rows(connection, table, heads))
        return writer.finish(
            secret_key if with_secret_key else None,
            **said,
            database=connection.dialect.name,
            taken_at=taken_at,
            cases=_number_of_cases(connection),
            streams=heads.streams,
            log_heads=heads.digest,
            secret_key_fingerprint=fingerprint(secret_key) if secret_key else "",
        )
    except BaseException:
        writer.abandon()
        raise


class _Heads:
    """Goes along with the log, in the order of its streams, and remembers how each of them ends."""

    def __init__(self) -> None:
        self.streams = 0
        self._stream: int | None = None
        self._last = b""
        self._digest = hashlib.sha256()

    def pass_by(self, stream: int, last: bytes) -> None:
        if stream != self._stream:
            self.streams += 1
            self._digest.update(self._last)
        self._stream, self._last = stream, last

    @property
    def digest(self) -> str:
        whole = self._digest.copy()
        whole.update(self._last)
        return whole.hexdigest()


def _tables(connection: Connection, revision: str) -> list[Table]:
    """The tables of this revision, those that others refer to first."""
    metadata = MetaData()
    with warnings.catch_warnings():
        # Columns and references are wanted here; indexes of expressions, which it cannot read, are not.
        warnings.filterwarnings("ignore", "Skipped unsupported reflection", SAWarning)
        metadata.reflect(connection, only=sorted(revisions.table_names(revision)))
    return metadata.sorted_tables


def _kept(table: Table) -> list[Any]:
    """The columns but those that the database computes itself."""
    return [column for column in table.columns if column.computed is None]


def _rows(connection: Connection, table: Table, heads: _Heads) -> Iterator[Sequence[Any]]:
    columns = _kept(table)
    in_order = select(*columns)
    if table.name == LOG:
        in_order = in_order.order_by(table.c.stream_key, table.c.position)
    with connection.execute(in_order, execution_options={"yield_per": ROWS_AT_ONCE}) as rows:
        for row in rows:
            if table.name == LOG:
                heads.pass_by(row.stream_key, row.hash)
            yield row


def _number_of_cases(connection: Connection) -> int:
    return connection.scalar(text(f"SELECT count(*) FROM {CASES} WHERE parent_key IS NULL")) or 0


# --- restoring


def _make_room(connection: Connection, url: str, replace: bool) -> None:
    """Leave a database without tables."""
    revision = revisions.revision_of(connection)
    if revision is None:
        return
    revisions.expect_known(revision)
    tables = _tables(connection, revision)
    held = sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
    if held and not replace:
        raise Refused(
            "Expected an empty database to restore into, but {database} holds {cases} cases, {rows} rows in all.",
            database=_shown(url), cases=_number_of_cases(connection), rows=held,
        )  # fmt: skip
    for table in reversed(tables):
        connection.execute(table.delete())
    revisions.downgrade(connection)


def _load(connection: Connection, archive: Archive) -> None:
    files = {file.name: file for file in archive.manifest.tables}
    tables = _tables(connection, archive.manifest.revision)
    if strangers := files.keys() ^ {table.name for table in tables}:
        raise Invalid(
            "Expected the tables of revision {revision} in {path}, but {table} is missing or does not belong there.",
            revision=archive.manifest.revision, path=str(archive.path), table=min(strangers),
        )  # fmt: skip
    for table in tables:
        try:
            _fill(connection, archive, table, files[table.name])
        except (SQLAlchemyError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise Invalid(
                "Expected rows that fit table {table} in {path}, but some do not: {reason}.",
                table=table.name, path=str(archive.path), reason=getattr(error, "orig", None) or error,
            ) from error  # fmt: skip


def _fill(connection: Connection, archive: Archive, table: Table, file: TableFile) -> None:
    columns = [table.c[name] for name in file.columns]
    keeps_zones = connection.dialect.name != "sqlite"
    rows = archive.rows(file)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        connection.execute(
            insert(table),
            [
                {
                    column.name: decoded(value, column, keeps_zones=keeps_zones)
                    for column, value in zip(columns, row, strict=True)
                }
                for row in batch
            ],
        )


def _verified(connection: Connection, manifest: Manifest) -> Restored:
    with Session(bind=connection) as session:
        streams = session.scalars(select(LogEntry.stream_key).distinct().order_by(LogEntry.stream_key)).all()
        verdicts = (verify(session, stream) for stream in streams)
        broken = tuple(
            f"stream {verdict.stream_key}, entry {verdict.first_bad}: {verdict.reason}"
            for verdict in verdicts
            if not verdict.holds
        )
    return Restored(manifest, len(streams), broken)
