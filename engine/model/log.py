"""The log: append-only, hash-chained per stream; the single history of everything.

An entry's hash covers a salted commitment of its payload, never the payload itself, so a person's data can be erased
(payload and salt) and the chain still verifies, while nobody can guess the data back from the commitment.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from engine import plain
from engine.database import Base, Key, Moment, Plain
from engine.events import Event
from engine.keys import new_key

GENESIS = "0" * 64
"""What the first entry of a stream names as the hash before it."""


class LogEntry(Base):
    """One fact of one stream (the log of a case, a deployment or a user), without personal data."""

    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("stream_key", "position"),
        Index("ix_log_entry_instance_key", "instance_key"),
    )

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
    definition_digest: Mapped[str | None]
    commitment: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str]
    payload: Mapped[LogPayload | None] = relationship(viewonly=True)


class LogPayload(Base):
    """What an entry says, and the salt of its commitment; both can be erased."""

    __tablename__ = "log_payload"

    entry_key: Mapped[int] = mapped_column(Key, ForeignKey("log_entry.key"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    data: Mapped[dict[str, Any]] = mapped_column(Plain)


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


def append(session: Session, recorded: Iterable[Recorded], *, actor: str, now: dt.datetime) -> None:
    """Chain events to the ends of their streams.

    The caller holds the lock that serialises the writers of each stream; should two meet all the same, the unique
    position makes one of them fail and try again.
    """
    heads: dict[int, tuple[int, str]] = {}
    entries: list[dict[str, Any]] = []
    payloads: list[dict[str, Any]] = []
    for record in recorded:
        stream = record.stream_key
        position, previous = heads[stream] if stream in heads else _head(session, stream)
        data = plain.loads(plain.dumps(record.event.payload()))
        salt = secrets.token_bytes(32)
        entry: dict[str, Any] = {
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
            "previous_hash": previous,
        }
        entry["hash"] = hash_of(entry)
        heads[stream] = (position + 1, entry["hash"])
        entries.append(entry)
        payloads.append({"entry_key": entry["key"], "salt": salt, "data": data})
    if entries:
        session.execute(insert(LogEntry), entries)
        session.execute(insert(LogPayload), payloads)


def verify(session: Session, stream_key: int) -> Verdict:
    """Go through a stream from its first entry and name the first that does not fit."""
    previous, erased, position = GENESIS, 0, 0
    rows = session.execute(
        select(LogEntry, LogPayload.salt, LogPayload.data)
        .outerjoin(LogPayload, LogPayload.entry_key == LogEntry.key)
        .where(LogEntry.stream_key == stream_key)
        .order_by(LogEntry.position)
        .execution_options(yield_per=1000)
    )
    for entry, salt, data in rows:
        position += 1
        reason = _fault(entry, salt, data, position, previous)
        if reason:
            return Verdict(stream_key, position, erased, first_bad=position, reason=reason)
        erased += data is None
        previous = entry.hash
    return Verdict(stream_key, position, erased)


def commit_to(salt: bytes, data: Any) -> str:
    """The commitment of a payload: HMAC-SHA-256 of its canonical text under its salt."""
    return hmac.new(salt, plain.canonical(data), hashlib.sha256).hexdigest()


def hash_of(entry: dict[str, Any]) -> str:
    """SHA-256 over 0x00, the hash before, and the canonical header."""
    header = {name: value for name, value in entry.items() if name not in ("hash", "previous_hash")}
    header["at"] = header["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(b"\x00" + bytes.fromhex(entry["previous_hash"]) + plain.canonical(header)).hexdigest()


def _head(session: Session, stream_key: int) -> tuple[int, str]:
    row = session.execute(
        select(LogEntry.position, LogEntry.hash)
        .where(LogEntry.stream_key == stream_key)
        .order_by(LogEntry.position.desc())
        .limit(1)
    ).first()
    return (row.position, row.hash) if row else (0, GENESIS)


_HEADER = (
    "key", "stream_key", "position", "at", "actor", "event", "instance_key", "element_id", "definition_digest",
    "commitment", "previous_hash",
)  # fmt: skip


def _fault(entry: LogEntry, salt: bytes | None, data: Any, position: int, previous: str) -> str:
    if entry.position != position:
        return "the entry that belongs here is missing"
    if entry.previous_hash != previous:
        return "it does not follow the entry before it"
    if hash_of({name: getattr(entry, name) for name in _HEADER}) != entry.hash:
        return "its hash does not fit what it says"
    if salt is not None and not hmac.compare_digest(commit_to(salt, data), entry.commitment):
        return "its data does not fit its commitment"
    return ""
