"""What the actor can start: the newest version of every process that is in force and open to him."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound
from engine.model import Actor, Definition, Permission
from engine.model.trials import is_for, is_seen_from
from engine.queries.tasks import FormView, form_view


@dataclass(frozen=True)
class StartableProcess:
    """A process of which the actor may start a case."""

    process_id: str
    name: str
    documentation: str
    form_id: str | None
    """The form that is filled in to start; none when nothing is asked."""
    definition_key: int
    version: int
    deployment_key: int


def startable(session: Session, actor: Actor, ticket: int | None = None) -> tuple[StartableProcess, ...]:
    """The processes that the actor may start, by name; none for who may start nothing.

    The ticket decides whether a version that is tried out on a share of the cases is the one.
    """
    if not actor.may(Permission.CASE_START):
        return ()
    newest = (
        select(func.max(Definition.version).label("version"), Definition.definition_id)
        .where(Definition.kind == "process", is_for(actor.groups, ticket))
        .group_by(Definition.definition_id)
        .subquery()
    )
    found = session.scalars(
        select(Definition)
        .join(newest, (newest.c.definition_id == Definition.definition_id) & (newest.c.version == Definition.version))
        .where(Definition.kind == "process", Definition.is_retired.is_(False))
        .order_by(Definition.name)
    )
    return tuple(
        StartableProcess(
            process_id=row.definition_id,
            name=row.name or row.definition_id,
            documentation=str(row.outline.get("documentation") or ""),
            form_id=row.outline.get("start_form"),
            definition_key=row.key,
            version=row.version,
            deployment_key=row.deployment_key,
        )
        for row in found
        if row.may_be_started_by(actor)
    )


def startable_process(
    session: Session, actor: Actor, process_id: str, ticket: int | None = None
) -> StartableProcess:
    """One of the processes that the actor may start. Raises NotFound, Forbidden."""
    for process in startable(session, actor, ticket):
        if process.process_id == process_id:
            return process
    exists = session.scalar(
        select(Definition.key).where(Definition.kind == "process", Definition.definition_id == process_id).limit(1)
    )
    if exists is None:
        raise NotFound("Expected to find process '{process}', but there is none.", process=process_id)
    raise Forbidden("Expected to start process '{process}', but it is not open to you.", process=process_id)


def start_form(
    session: Session,
    actor: Actor,
    process_id: str,
    *,
    now: dt.datetime,
    words: Mapping[str, str],
    ticket: int | None = None,
) -> FormView | None:
    """The form that is filled in to start a process; none when nothing is asked. Raises NotFound, Forbidden."""
    process = startable_process(session, actor, process_id, ticket)
    definition = session.scalar(
        select(Definition)
        .where(
            Definition.kind == "form", Definition.definition_id == process.form_id, is_seen_from(process.deployment_key)
        )
        .order_by(Definition.version.desc())
        .limit(1)
    )
    return form_view(definition, {"initiator": actor.username}, now=now, words=words) if definition else None
