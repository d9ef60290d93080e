"""The list of cases, by state, process and words."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, defer, joinedload

from engine.model import Actor, Definition, Incident, Permission, ProcessInstance, Task
from engine.model.access import visible_to
from engine.queries.narrowing import cases_of, few, is_case, is_of, mentioning, mentions, read_page, with_incidents

PAGE_SIZE = 50


@dataclass(frozen=True)
class CaseRow:
    """A case in a list."""

    key: int
    reference: str
    subject: str
    process_name: str
    version: int
    status: str
    stage: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    promised: dt.datetime | None
    open_tasks: int
    incidents: int


@dataclass(frozen=True)
class CasePage:
    """One page of the list of cases."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int
    is_at_least: bool
    """There are more than `total`; nobody counts them all."""


def cases(
    session: Session,
    actor: Actor,
    *,
    status: str = "active",
    process_id: str = "",
    search: str = "",
    page: int = 1,
) -> CasePage:
    """The cases that the actor may see, newest first; `status` is a status, `incident` or `all`."""
    wanted = select(ProcessInstance.key).where(is_case(), visible_to(actor))
    wanted, narrower = _filtered(session, wanted, status, process_id, search)
    if actor.may(Permission.CASE_READ) and not actor.may(Permission.CASE_READ_ALL):
        narrower.insert(0, cases_of(actor))
    keys = few(session, *narrower)
    if keys is not None:
        wanted = wanted.where(ProcessInstance.key.in_(keys))
    found, where = read_page(session, wanted.order_by(ProcessInstance.key.desc()), keys, PAGE_SIZE, page)
    rows = session.scalars(
        select(ProcessInstance)
        .where(ProcessInstance.key.in_(found))
        .options(
            defer(ProcessInstance.variables), joinedload(ProcessInstance.definition).defer(Definition.outline)
        )
        .order_by(ProcessInstance.key.desc())
    ).all()
    tasks = _counts(session, select(Task.root_key).where(Task.root_key.in_(found), Task.status == "open"))
    failures = _counts(
        session, select(Incident.root_key).where(Incident.root_key.in_(found), Incident.resolved_at.is_(None))
    )
    listed = tuple(_row(row, tasks[row.key], failures[row.key]) for row in rows)
    return CasePage(listed, where.total, where.page, where.pages, where.is_at_least)


def _filtered(
    session: Session, wanted: Select[Any], status: str, process_id: str, search: str
) -> tuple[Select[Any], list[Select[Any]]]:
    """The cases that fit, and the selections by index of which the rarest is worth looking up."""
    narrower: list[Select[Any]] = []
    if status == "incident":
        wanted = wanted.where(
            exists().where(Incident.root_key == ProcessInstance.key, Incident.resolved_at.is_(None))
        )
        narrower.append(with_incidents())
    elif status != "all":
        wanted = wanted.where(ProcessInstance.status == status)
        narrower.append(select(ProcessInstance.key).where(is_case(), ProcessInstance.status == status))
    if process_id:
        wanted = wanted.where(is_of(process_id))
        narrower.append(select(ProcessInstance.key).where(is_case(), ProcessInstance.process_id == process_id))
    if words := search.strip():
        wanted = wanted.where(mentions(session, words))
        narrower.append(mentioning(session, words))
    return wanted, narrower


def _counts(session: Session, keys: Select[int]) -> Counter[int]:
    return Counter(session.scalars(keys))


def _row(instance: ProcessInstance, tasks: int, incidents: int) -> CaseRow:
    return CaseRow(
        key=instance.key,
        reference=instance.reference,
        subject=instance.subject,
        process_name=instance.definition.name,
        version=instance.definition.version,
        status=instance.status,
        stage=instance.stage,
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        promised=instance.promised,
        open_tasks=tasks,
        incidents=incidents,
    )
