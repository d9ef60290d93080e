"""The history of a case and of everything else, read from the log; and the proof that nothing in it was altered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound
from engine.events import Event
from engine.model import Actor, LogEntry, Permission, ProcessInstance, User
from engine.model.access import expect_visible
from engine.model.log import Verdict, verify

PAGE_SIZE = 100
EVENT_NAMES = tuple(sorted(name for name, kind in Event.registry.items() if not kind.__subclasses__()))
LOOKED_THROUGH = 20_000
VERIFY_AT_ONCE = 20
"""How many streams one page verifies; the command line verifies all."""


@dataclass(frozen=True)
class Fact:
    """One entry of the log, for people."""

    key: int
    stream_key: int
    position: int
    at: dt.datetime
    actor: str
    actor_name: str
    event: str
    element_id: str | None
    instance_key: int | None
    data: dict[str, Any] | None
    """None when the payload was erased."""
    hash: str
    definition_digest: str | None


@dataclass(frozen=True)
class FactPage:
    """One page of facts, newest first."""

    facts: tuple[Fact, ...]
    older: int | None
    """The key before which the next page begins; None at the end."""
    looked_back_to: dt.datetime | None
    """So far back was looked when the page is not full and there is more; None otherwise."""


@dataclass(frozen=True)
class CaseVerdict:
    """What verifying the log of a case found."""

    key: int
    reference: str
    verdict: Verdict


def timeline(session: Session, actor: Actor, key: int) -> tuple[Fact, ...]:
    """Everything that happened in a case, oldest first. Raises NotFound."""
    root_key = session.scalar(select(ProcessInstance.root_key).where(ProcessInstance.key == key))
    if root_key is None:
        raise NotFound("Expected to find case '{case}', but there is none that you may see.", case=key)
    expect_visible(session, actor, root_key)
    return _facts(session, _entries().where(LogEntry.stream_key == root_key).order_by(LogEntry.position))


def facts(
    session: Session,
    actor: Actor,
    *,
    who: str = "",
    event: str = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    stream_key: int | None = None,
    before: int | None = None,
) -> FactPage:
    """The log across all streams, newest first, older than the entry `before`. Raises Forbidden.

    Who and what are looked for in `LOOKED_THROUGH` entries at a time, so no question takes longer as the log grows.
    """
    _expect_auditor(actor)
    window = select(LogEntry.key, LogEntry.actor, LogEntry.event, LogEntry.at)
    if stream_key is not None:
        window = window.where(LogEntry.stream_key == stream_key)
    if until:
        newest = _newest_until(session, until)
        before = min(before or newest, newest)
    if before is not None:
        window = window.where(LogEntry.key < before)
    looked = window.order_by(LogEntry.key.desc()).limit(LOOKED_THROUGH).subquery()
    wanted = select(looked.c.key)
    for column, value in ((looked.c.actor, who), (looked.c.event, event)):
        if value:
            wanted = wanted.where(column == value)
    if since:
        wanted = wanted.where(looked.c.at >= since)
    if until:
        wanted = wanted.where(looked.c.at < until)
    keys = session.scalars(wanted.order_by(looked.c.key.desc()).limit(PAGE_SIZE + 1)).all()
    rows = _facts(session, _entries().where(LogEntry.key.in_(keys[:PAGE_SIZE])).order_by(LogEntry.key.desc()))
    if len(keys) > PAGE_SIZE:
        return FactPage(rows, keys[PAGE_SIZE - 1], None)
    return FactPage(rows, *_end_of(session, window, since))


def _end_of(
    session: Session, window: Select[*tuple[Any, ...]], since: dt.datetime | None
) -> tuple[int | None, dt.datetime | None]:
    """Where to look on, when the part of the log that was looked through is not its end."""
    last = session.execute(window.order_by(LogEntry.key.desc()).offset(LOOKED_THROUGH - 1).limit(1)).first()
    if last is None or (since and last.at < since):
        return None, None
    return last.key, last.at


def _newest_until(session: Session, until: dt.datetime) -> int:
    """A key behind the entries before a moment, by halving: keys are in the order of time, as `at` is but for clocks
    that were turned; a day is added for those."""
    until += dt.timedelta(days=1)
    low, high = 0, 2**63 - 1
    while low < high:
        middle = (low + high) // 2
        at = session.scalar(
            select(LogEntry.at).where(LogEntry.key >= middle).order_by(LogEntry.key).limit(1)
        )
        if at is None or at >= until:
            high = middle
        else:
            low = middle + 1
    return low


def verdicts(session: Session, actor: Actor, *, key: int | None = None) -> tuple[CaseVerdict, ...]:
    """Verify the log of one case, or those of the newest cases. Raises Forbidden."""
    _expect_auditor(actor)
    wanted = select(ProcessInstance.key, ProcessInstance.reference).where(ProcessInstance.parent_key.is_(None))
    if key is not None:
        wanted = wanted.where(ProcessInstance.key == key)
    roots = session.execute(wanted.order_by(ProcessInstance.key.desc()).limit(VERIFY_AT_ONCE)).all()
    return tuple(CaseVerdict(key, reference, verify(session, key)) for key, reference in roots)


def _expect_auditor(actor: Actor) -> None:
    if not actor.may(Permission.LOG_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.", permission=Permission.LOG_READ.value
        )


def _entries() -> Select[LogEntry, str]:
    return select(LogEntry, User.name).outerjoin(User, User.username == LogEntry.actor)


def _facts(session: Session, entries: Select[LogEntry, str]) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            key=entry.key,
            stream_key=entry.stream_key,
            position=entry.position,
            at=entry.at,
            actor=entry.actor,
            actor_name=name or entry.actor,
            event=entry.event,
            element_id=entry.element_id,
            instance_key=entry.instance_key,
            data=entry.data,
            hash=entry.hash,
            definition_digest=entry.definition_digest,
        )
        for entry, name in session.execute(entries)
    )
