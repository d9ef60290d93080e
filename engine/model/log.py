"""The log: append-only, hash-chained per stream; the single history of everything.

An entry's hash covers a salted commitment of its data, never the data itself, so a person's data can be erased (data
and salt) and the chain still verifies, while nobody can guess the data back from the commitment.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    Row,
    Table,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import plain
from engine.database import Base, Digest, Key, Moment, PackedPlain, unpacked
from engine.events import Event
from engine.keys import new_key
from engine.model.instances import ProcessInstance

GENESIS = "0" * 64
"""What comes before the first entry of a stream."""
SALT_BYTES = 16

Head = tuple[int, str]
"""Where a stream ends: position and hash of its last entry."""
NOTHING: Head = (0, GENESIS)
"""The head of a stream without entries."""


class LogEntry(Base):
    """One fact of one stream (the log of a case, a deployment or a user).

    `salt` and `data` can be erased; all else holds no personal data and never changes.
    """

    __tablename__ = "log_entry"
    __table_args__ = (UniqueConstraint("stream_key", "position"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    stream_key: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]
    """From 1, without gaps."""
    at: Mapped[dt.datetime] = mapped_column(Moment)
    actor: Mapped[str]
    event: Mapped[str]
    """Name of the event's class."""
    instance_key: Mapped[int | None] = mapped_column(BigInteger)
    element_id: Mapped[str | None]
    definition_digest: Mapped[str | None] = mapped_column(Digest)
    """Of the file that the instance follows from its start to its end; on the entry that starts it."""
    commitment: Mapped[str] = mapped_column(Digest)
    hash: Mapped[str] = mapped_column(Digest)
    """Covers this entry without its data, and the hash of the entry before it."""
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    data: Mapped[dict[str, Any] | None] = mapped_column(PackedPlain)
    """What the event says; none when it was erased."""


@dataclass(frozen=True)
class Recorded:
    """An event on its way into the log."""

    stream_key: int
    event: Event
    instance_key: int | None = None
    definition_digest: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What verifying a stream found."""

    stream_key: int
    entries: int
    erased: int
    first_bad: int | None = None
    """Position of the first entry that does not fit; none when the chain holds."""
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.first_bad is None


def chain(
    session: Session, recorded: Iterable[Recorded], heads: dict[int, Head], *, actor: str, now: dt.datetime
) -> list[dict[str, Any]]:
    """The entries that chain events to the ends of their streams; `heads` tells known ends, and then the new ones.

    The caller holds the lock that serialises the writers of each stream; should two meet all the same, the unique
    position makes one of them fail and try again.
    """
    entries: list[dict[str, Any]] = []
    for record in recorded:
        stream = record.stream_key
        position, previous = heads[stream] if stream in heads else _head(session, stream)
        data, salt = plain.dumps(record.event.payload()).encode(), secrets.token_bytes(SALT_BYTES)
        header = {
            "key": new_key(),
            "stream_key": stream,
            "position": position + 1,
            "at": now,
            "actor": actor,
            "event": record.event.name,
            "instance_key": record.instance_key,
            "element_id": getattr(record.event, "element_id", None),
            "definition_digest": record.definition_digest,
            "commitment": commit_to(salt, data),
        }
        entries.append({**header, "hash": hash_of(header, previous), "salt": salt, "data": data})
        heads[stream] = (position + 1, entries[-1]["hash"])
    return entries


def append(connection: Connection, entries: list[dict[str, Any]]) -> None:
    """Write entries that were chained."""
    if entries:
        connection.execute(_APPEND, entries)


def verify(session: Session, stream_key: int) -> Verdict:
    """Go through a stream from its first entry and name the first that does not fit; its end is where its case says."""
    table = LogEntry.__table__
    # Asked first: a case that goes on meanwhile has entries behind this end, and none less.
    end, end_hash = session.execute(_END, {"stream": stream_key}).first() or (None, None)
    previous, erased, position = GENESIS, 0, 0
    rows = session.execute(
        select(*(table.c[name] for name in _HEADER), table.c.hash, table.c.salt, type_coerce(table.c.data, LargeBinary))
        .where(table.c.stream_key == stream_key)
        .order_by(table.c.position)
        .execution_options(yield_per=1000)
    )
    with rows:
        for row in rows:
            position += 1
            reason = _fault(row, position, previous)
            if not reason and position == end and row.hash != end_hash:
                reason = "its case remembers another entry here"
            if reason:
                return Verdict(stream_key, position, erased, first_bad=position, reason=reason)
            erased += row.data is None
            previous = row.hash
    if end is not None and end > position:
        reason = "the entry that belongs here is missing"
        return Verdict(stream_key, position, erased, first_bad=position + 1, reason=reason)
    return Verdict(stream_key, position, erased)


def commit_to(salt: bytes, data: bytes) -> str:
    """The commitment of data: HMAC-SHA-256 of its JSON text, byte for byte as it is kept, under its salt."""
    return hmac.digest(salt, data, "sha256").hex()


def hash_of(header: dict[str, Any], previous: str) -> str:
    """SHA-256 over 0x00, the hash before, and the canonical header."""
    at = header["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(b"\x00" + bytes.fromhex(previous) + plain.canonical({**header, "at": at})).hexdigest()


def _head(session: Session, stream_key: int) -> Head:
    row = session.execute(_HEAD, {"stream": stream_key}).first()
    return (row.position, row.hash) if row else NOTHING


_APPEND = insert(cast(Table, LogEntry.__table__))
_HEAD = (
    select(LogEntry.position, LogEntry.hash)
    .where(LogEntry.stream_key == bindparam("stream"))
    .order_by(LogEntry.position.desc())
    .limit(1)
)
_END = select(ProcessInstance.log_position, ProcessInstance.log_hash).where(ProcessInstance.key == bindparam("stream"))
_HEADER = (
    "key", "stream_key", "position", "at", "actor", "event", "instance_key", "element_id", "definition_digest",
    "commitment",
)  # fmt: skip


def _fault(row: Row[*tuple[Any, ...]], position: int, previous: str) -> str:
    if row.position != position:
        return "the entry that belongs here is missing"
    if hash_of({name: getattr(row, name) for name in _HEADER}, previous) != row.hash:
        return "its hash does not fit what it says"
    if not _fits(row.salt, row.data, row.commitment):
        return "its data does not fit its commitment"
    return ""


def _fits(salt: bytes | None, kept: bytes | None, commitment: str) -> bool:
    if salt is None or kept is None:
        return salt is kept
    try:
        return hmac.compare_digest(commit_to(salt, unpacked(kept)), commitment)
    except ValueError:
        return False
