"""The file of a backup: a zip of one text file a table and a manifest, alike whichever database it came from.

A line of `tables/NAME.jsonl` is one row, a JSON list of its values in the order that the manifest names the columns:
moments are ISO 8601 in UTC, bytes are base64. The manifest holds the digest of every other file.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Float, LargeBinary

from engine import plain
from engine.errors import Invalid, Refused

FORMAT = 1
MANIFEST = "manifest.json"
SECRET_KEY = "secret.key"
LONGEST_LINE = 256 * 1024 * 1024
"""Bytes of one row; longer than any file that can be deployed."""
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, KeyError,
    TypeError,
)  # fmt: skip


@dataclass(frozen=True)
class TableFile:
    """One table in the archive."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def member(self) -> str:
        return f"tables/{self.name}.jsonl"


@dataclass(frozen=True)
class Manifest:
    """What an archive holds, and of when."""

    version: str
    """Of the Casewright that took it."""
    revision: str
    """Of the tables."""
    database: str
    """`sqlite` or `postgresql`."""
    taken_at: str
    cases: int
    streams: int
    log_heads: str
    """SHA-256 over the last hash of every stream: the whole history in 64 digits, to be kept elsewhere."""
    secret_key_fingerprint: str
    """Of the installation's secret key; empty when it was not at hand."""
    tables: tuple[TableFile, ...]
    format: int = FORMAT

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


def fingerprint(secret_key: bytes) -> str:
    """Tells whether two keys are the same, and nothing about the key."""
    return hmac.digest(secret_key, b"casewright backup", "sha256").hex()


class Archive:
    """An archive that was checked from its first byte to its last."""

    def __init__(self, path: Path) -> None:
        """Raises Invalid when anything is missing, added or altered."""
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise Invalid(
                "Expected a backup in {path}, but it cannot be read: {reason}.",
                path=str(path), reason=error.strerror or error,
            ) from error  # fmt: skip
        except zipfile.BadZipFile as error:
            raise self._damaged("it is no backup, or its end is missing") from error
        try:
            self.manifest = self._manifest()
            self._expect_whole()
        except _BROKEN as error:
            self.close()
            raise self._damaged(str(error)) from error
        except Invalid:
            self.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()

    @property
    def secret_key(self) -> bytes | None:
        """The secret key, when it was put in."""
        return self._zip.read(SECRET_KEY) if SECRET_KEY in self._zip.namelist() else None

    def rows(self, table: TableFile) -> Iterator[list[Any]]:
        """The rows of a table, as they stand in the file."""
        for line in self._lines(table):
            yield plain.loads(line)

    def _manifest(self) -> Manifest:
        said = plain.loads(self._zip.read(MANIFEST))
        if said["format"] != FORMAT:
            raise Invalid(
                "Expected a backup of format {known} in {path}, but it is of format {format}, which a newer Casewright"
                " made.",
                known=FORMAT, path=str(self.path), format=said["format"],
            )  # fmt: skip
        tables = tuple(TableFile(**{**table, "columns": tuple(table["columns"])}) for table in said.pop("tables"))
        return Manifest(**said, tables=tables)

    def _expect_whole(self) -> None:
        known = {MANIFEST, SECRET_KEY, *(table.member for table in self.manifest.tables)}
        if strangers := sorted(set(self._zip.namelist()) - known):
            raise ValueError(f"{strangers[0]} does not belong in it")
        for table in self.manifest.tables:
            digest, rows = hashlib.sha256(), 0
            for line in self._lines(table):
                digest.update(line)
                if len(plain.loads(line)) != len(table.columns):
                    raise ValueError(f"row {rows + 1} of {table.name} has too few or too many values")
                rows += 1
            if (digest.hexdigest(), rows) != (table.sha256, table.rows):
                raise ValueError(f"{table.name} was altered")
        key = self.secret_key
        if key is not None and fingerprint(key) != self.manifest.secret_key_fingerprint:
            raise ValueError("the secret key was altered")

    def _lines(self, table: TableFile) -> Iterator[bytes]:
        with self._zip.open(table.member) as file:
            while line := file.readline(LONGEST_LINE):
                yield line

    def _damaged(self, reason: str) -> Invalid:
        return Invalid(
            "Expected a whole backup in {path}, but it is damaged: {reason}. Nothing was changed.",
            path=str(self.path),
            reason=reason,
        )


class ArchiveWriter:
    """Writes an archive; the file appears under its name only when it is whole and on the disk."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise Refused("Expected to write a backup to {path}, but that file exists already.", path=str(path))
        self.path = path
        self._unfinished = path.with_name(path.name + ".unfinished")
        # Nobody but its owner reads it: it holds everything that customers wrote.
        descriptor = os.open(self._unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        self._tables: list[TableFile] = []

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write a table."""
        digest, number = hashlib.sha256(), 0
        with self._zip.open(f"tables/{name}.jsonl", "w", force_zip64=True) as file:
            for row in rows:
                line = plain.dumps([_encoded(value) for value in row]).encode() + b"\n"
                digest.update(line)
                file.write(line)
                number += 1
        self._tables.append(TableFile(name, tuple(columns), number, digest.hexdigest()))

    def finish(self, secret_key: bytes | None, **said: Any) -> Manifest:
        """Write the manifest, and the secret key if it is to be inside."""
        if secret_key is not None:
            self._zip.writestr(SECRET_KEY, secret_key)
        manifest = Manifest(**said, tables=tuple(self._tables))
        self._zip.writestr(MANIFEST, plain.dumps(asdict(manifest)))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._unfinished, self.path)
        return manifest

    def abandon(self) -> None:
        """Leave nothing behind."""
        # Closing writes what is still in hand, and the disk may be full; the file goes anyway.
        for each in (self._zip, self._file):
            with suppress(OSError, ValueError):
                each.close()
        self._unfinished.unlink(missing_ok=True)


def _encoded(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return (value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)).isoformat()
    return value


def decoded(value: Any, column: Column[Any], *, keeps_zones: bool) -> Any:
    """A value of a file as the database takes it. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, (list, dict)):
        raise ValueError(f"{column.name} is neither text nor number")
    kind = column.type
    if isinstance(kind, LargeBinary):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from error
    if isinstance(kind, DateTime):
        moment = dt.datetime.fromisoformat(value)
        return moment if keeps_zones else moment.astimezone(dt.UTC).replace(tzinfo=None)
    if isinstance(kind, Boolean):
        return bool(value)
    return float(value) if isinstance(kind, Float) else value
