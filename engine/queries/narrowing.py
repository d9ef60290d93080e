"""How a list stays fast however much there is: what is rare is looked up, what is frequent is met on the way.

A list reads the rows of its order one after another until a page is full. That is fast when many rows fit, and slow
when hardly any does. So each condition that has an index of its own says first what it leaves, as far as `FEW`: the
first one that leaves few rows gives their keys, and only those are looked at. Nothing is ever counted beyond that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, literal_column, or_, select, text, union_all
from sqlalchemy.orm import Session

from engine.model import Actor, Incident, ProcessInstance, Task, TaskCandidate

FEW = 2_000
SHORTEST_INDEXED = 3
"""Letters that the search indexes need; shorter words are looked for among the newest cases alone."""
NEWEST = 10_000


@dataclass(frozen=True)
class Page:
    """Where one page of a list lies in it."""

    total: int
    """How many rows there are; more than so many when `is_at_least`."""
    page: int
    pages: int
    is_at_least: bool


def few(session: Session, *wanted: Select[Any]) -> Select[Any] | None:
    """The first of these selections of keys that selects few rows; none when all select many."""
    for keys in wanted:
        if (session.scalar(select(counted(keys))) or 0) <= FEW:
            return select(literal_column("*")).select_from(keys.limit(FEW).subquery())
    return None


def is_of(process_id: str) -> ColumnElement[bool]:
    """The condition on instances that are met on the way; the joined text keeps SQLite from gathering and sorting all
    instances of a process by an index that is not in the order of the list."""
    return ProcessInstance.process_id.concat("") == process_id


def is_case() -> ColumnElement[bool]:
    return ProcessInstance.parent_key.is_(None)


def cases_of(actor: Actor) -> Select[Any]:
    """The cases that an actor started, works on, or was offered, by their indexes; some more than once."""
    started = select(ProcessInstance.key).where(is_case(), ProcessInstance.initiator == actor.username)
    held = select(Task.root_key).where(Task.assignee == actor.username)
    offered = [
        select(Task.root_key)
        .join(TaskCandidate, TaskCandidate.task_key == Task.key)
        .where(TaskCandidate.task_status == status, TaskCandidate.kind == kind, TaskCandidate.name == name)
        for status in ("open", "completed", "cancelled")
        for kind, name in (("user", actor.username), *(("group", group) for group in sorted(actor.groups)))
    ]
    parts = [part.limit(FEW + 1).subquery() for part in (started, held, *offered)]
    return select(literal_column("*")).select_from(union_all(*(select(part) for part in parts)).subquery())


def with_incidents() -> Select[Any]:
    return select(Incident.root_key).where(Incident.resolved_at.is_(None))


def mentioning(session: Session, words: str) -> Select[Any]:
    """The cases whose reference or subject holds these words, newest first."""
    if len(words) >= SHORTEST_INDEXED and session.get_bind().dialect.name == "sqlite":
        quoted = '"' + words.replace('"', '""') + '"'
        return (
            select(literal_column("rowid"))
            .select_from(text("case_search"))
            .where(text("case_search MATCH :words").bindparams(words=quoted))
            .order_by(literal_column("rowid").desc())
        )
    return select(ProcessInstance.key).where(is_case(), mentions(session, words))


def holds(words: str) -> ColumnElement[bool]:
    """The condition on instances that their reference or subject holds these words."""
    return or_(
        ProcessInstance.reference.icontains(words, autoescape=True),
        ProcessInstance.subject.icontains(words, autoescape=True),
    )


def mentions(session: Session, words: str) -> ColumnElement[bool]:
    """The same on cases that are met on the way; short words are looked for among the newest cases alone."""
    if len(words) >= SHORTEST_INDEXED:
        return holds(words)
    oldest = session.scalar(
        select(ProcessInstance.key).where(is_case()).order_by(ProcessInstance.key.desc()).offset(NEWEST).limit(1)
    )
    return holds(words) if oldest is None else and_(holds(words), ProcessInstance.root_key > oldest)


def counted(keys: Select[Any], most: int = FEW) -> ScalarSelect[int]:
    """How many rows are selected, for a statement; as far as one more than `most`."""
    return select(func.count()).select_from(keys.limit(most + 1).subquery()).scalar_subquery()


def read_page(
    session: Session, wanted: Select[Any], looked_up: Select[Any] | None, size: int, page: int
) -> tuple[Sequence[int], Page]:
    """The keys on a page of what is wanted, in its order, and where that page lies.

    What was looked up is few and read whole, so its pages are known; of what is many only the page is read.
    """
    if looked_up is not None:
        keys = session.scalars(wanted).all()
        pages = max(1, -(-len(keys) // size))
        page = min(max(page, 1), pages)
        return keys[(page - 1) * size : page * size], Page(len(keys), page, pages, False)
    last = FEW // size
    page = min(max(page, 1), last)
    keys = session.scalars(wanted.limit(size + 1).offset((page - 1) * size)).all()
    if not keys and page > 1:
        return read_page(session, wanted, looked_up, size, 1)
    has_more = len(keys) > size
    shown = keys[:size]
    total = (page - 1) * size + len(shown)
    return shown, Page(total, page, min(page + has_more, last), has_more)
