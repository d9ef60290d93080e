"""Questions that the command line asks, beside the database and in the name of whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from engine.errors import Forbidden, NotFound
from engine.model import Actor, LogEntry, Permission, ProcessInstance, Resource, User
from engine.model.identity import CONSOLE, ENGINE
from engine.model.log import Verdict, verify

__all__ = [
    "CONSOLE",
    "ENGINE",
    "Stream",
    "actor_named",
    "case_key",
    "deployed_digests",
    "has_demo_people",
    "streams",
    "usernames",
    "verdict",
]


@dataclass(frozen=True)
class Stream:
    """One chain of the log: of a case, a deployment, an account, or of the engine itself."""

    key: int
    entries: int
    reference: str
    """Of the case; empty for other streams."""


def actor_named(session: Session, actor: Actor, username: str) -> Actor:
    """The actor with this user name. Raises NotFound."""
    user = session.scalar(
        select(User)
        .where(User.username == username, User.is_active)
        .options(selectinload(User.roles), selectinload(User.memberships))
    )
    if user is None:
        raise NotFound("Expected to find person '{username}', but there is none.", username=username)
    return user.actor()


def case_key(session: Session, actor: Actor, name: str) -> int:
    """The key of a case called by its reference or its key. Raises NotFound."""
    wanted = select(ProcessInstance.key).where(ProcessInstance.parent_key.is_(None))
    by_name = ProcessInstance.key == int(name) if name.isdecimal() else ProcessInstance.reference == name.upper()
    key = session.scalar(wanted.where(by_name))
    if key is None:
        raise NotFound("Expected to find case '{case}', but there is none.", case=name)
    return key


def streams(session: Session, actor: Actor) -> tuple[Stream, ...]:
    """All streams of the log, in the order of their keys. Raises Forbidden."""
    _expect_auditor(actor)
    rows = session.execute(
        select(LogEntry.stream_key, func.count(), ProcessInstance.reference)
        .outerjoin(ProcessInstance, ProcessInstance.key == LogEntry.stream_key)
        .group_by(LogEntry.stream_key, ProcessInstance.reference)
        .order_by(LogEntry.stream_key)
    )
    return tuple(Stream(key, entries, reference or "") for key, entries, reference in rows)


def verdict(session: Session, actor: Actor, stream_key: int) -> Verdict:
    """Whether one stream is as it was written. Raises Forbidden."""
    _expect_auditor(actor)
    return verify(session, stream_key)


def has_demo_people(session: Session, actor: Actor) -> bool:
    """Whether there are accounts whose password everybody knows."""
    return session.scalar(select(User.key).where(User.is_demo, User.is_active).limit(1)) is not None


def usernames(session: Session, actor: Actor) -> frozenset[str]:
    """All user names that are taken."""
    return frozenset(_all(session, User.username))


def deployed_digests(session: Session, actor: Actor) -> frozenset[str]:
    """The digests of all files that were ever deployed."""
    return frozenset(_all(session, Resource.digest))


def _expect_auditor(actor: Actor) -> None:
    if not actor.may(Permission.LOG_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.", permission=Permission.LOG_READ.value
        )


def _all(session: Session, column: object) -> Iterator[str]:
    yield from session.scalars(select(column))  # type: ignore[call-overload]
