"""The history of a case and of everything else, read from the log; and the proof that nothing in it was altered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound
from engine.events import Event
from engine.model import Actor, LogEntry, Permission, ProcessInstance, User
from engine.model.access import expect_visible
from engine.model.log import Verdict, verify

PAGE_SIZE = 100
EVENT_NAMES = tuple(sorted(name for name, kind in Event.registry.items() if not kind.__subclasses__()))
VERIFY_AT_ONCE = 200
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
    """One page of facts."""

    facts: tuple[Fact, ...]
    total: int
    page: int
    pages: int


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
    page: int = 1,
) -> FactPage:
    """The log across all streams, newest first. Raises Forbidden."""
    _expect_auditor(actor)
    wanted = select(LogEntry.key)
    if who:
        wanted = wanted.where(LogEntry.actor == who)
    if event:
        wanted = wanted.where(LogEntry.event == event)
    if since:
        wanted = wanted.where(LogEntry.at >= since)
    if until:
        wanted = wanted.where(LogEntry.at < until)
    if stream_key is not None:
        wanted = wanted.where(LogEntry.stream_key == stream_key)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    chosen = wanted.order_by(LogEntry.key.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    rows = _facts(session, _entries().where(LogEntry.key.in_(chosen)).order_by(LogEntry.key.desc()))
    return FactPage(rows, total, page, pages)


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
