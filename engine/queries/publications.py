"""What was published: a deployment with its versions, how they do beside those before, and what would go back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound
from engine.model import Actor, Definition, Deployment, Incident, Permission, ProcessInstance
from engine.model import publications as published


@dataclass(frozen=True)
class PublishedVersion:
    """A definition that got a new version by a publication."""

    kind: str
    definition_id: str
    name: str
    key: int
    version: int
    before_key: int | None
    """The version that was in force before; none when it is the first."""
    before_version: int | None
    is_in_force: bool
    open_before: int
    """Cases that run in the version before; processes only."""


@dataclass(frozen=True)
class Numbers:
    """How one version of a process does, counted over the cases that began since the publication."""

    definition_key: int
    name: str
    version: int
    is_new: bool
    started: int
    running: int
    completed: int
    cancelled: int
    incidents: int
    """Open ones."""


@dataclass(frozen=True)
class Publication:
    """A deployment, as owners look at it."""

    key: int
    name: str
    label: str
    note: str
    published_by: str
    published_at: dt.datetime
    project_key: int | None
    trial: str | None
    trial_status: str | None
    versions: tuple[PublishedVersion, ...]
    numbers: tuple[Numbers, ...]

    @property
    def main(self) -> PublishedVersion | None:
        """What people would call it by: a process before all else."""
        ordered = sorted(self.versions, key=lambda each: each.kind != "process")
        return ordered[0] if ordered else None


@dataclass(frozen=True)
class GoesBack:
    """A definition that goes back when an earlier version is returned to."""

    kind: str
    definition_id: str
    name: str
    version: int
    to_version: int


def publication(session: Session, actor: Actor, key: int) -> Publication:
    """A deployment with its versions. Raises NotFound, Forbidden."""
    _expect_reader(actor)
    row = session.get(Deployment, key)
    if row is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="deployment", key=key)
    definitions = session.scalars(
        select(Definition).where(Definition.deployment_key == key).order_by(Definition.kind.desc(), Definition.name)
    ).all()
    return Publication(
        key=row.key,
        name=row.name,
        label=row.label,
        note=row.note,
        published_by=row.deployed_by,
        published_at=row.deployed_at,
        project_key=row.project_key,
        trial=row.trial,
        trial_status=row.trial_status,
        versions=tuple(_version(session, each) for each in definitions),
        numbers=tuple(_numbers(session, definitions, row)) if row.trial else (),
    )


def goes_back(session: Session, actor: Actor, definition_key: int) -> tuple[GoesBack, ...]:
    """What would go back with a version that is returned to; nothing for the one in force. Raises Forbidden."""
    _expect_reader(actor)
    definition = session.get(Definition, definition_key)
    found = published.returns(session, definition) if definition is not None else ()
    return tuple(
        GoesBack(
            each.now.kind, each.now.definition_id, each.now.name or each.now.definition_id, each.now.version,
            each.then.version,
        )
        for each in found
    )  # fmt: skip


def proposed_label(session: Session, actor: Actor, now: dt.datetime) -> str:
    """What the next publication may be called. Raises Forbidden."""
    _expect_reader(actor)
    return published.proposed_label(session, now)


def _version(session: Session, row: Definition) -> PublishedVersion:
    before = session.execute(
        select(Definition.key, Definition.version)
        .where(
            Definition.kind == row.kind, Definition.definition_id == row.definition_id,
            Definition.version < row.version, Definition.trial.is_(None),
        )
        .order_by(Definition.version.desc())
        .limit(1)
    ).first()  # fmt: skip
    newest = published.newest_for_everybody(session, row.kind, row.definition_id)
    return PublishedVersion(
        kind=row.kind,
        definition_id=row.definition_id,
        name=row.name or row.definition_id,
        key=row.key,
        version=row.version,
        before_key=before.key if before else None,
        before_version=before.version if before else None,
        is_in_force=newest is not None and newest.key == row.key,
        open_before=_open(session, before.key) if before and row.kind == "process" else 0,
    )


def _open(session: Session, definition_key: int) -> int:
    wanted = select(func.count()).where(
        ProcessInstance.definition_key == definition_key, ProcessInstance.status.in_(("active", "suspended"))
    )
    return session.scalar(wanted) or 0


def _numbers(session: Session, definitions: Sequence[Definition], row: Deployment) -> list[Numbers]:
    found = []
    for definition in definitions:
        if definition.kind != "process":
            continue
        before = session.scalars(
            select(Definition)
            .where(
                Definition.kind == "process", Definition.definition_id == definition.definition_id,
                Definition.version < definition.version, Definition.trial.is_(None),
            )
            .order_by(Definition.version.desc())
            .limit(1)
        ).first()  # fmt: skip
        if before is not None:
            found += [_counted(session, definition, True, row), _counted(session, before, False, row)]
    return found


def _counted(session: Session, definition: Definition, is_new: bool, row: Deployment) -> Numbers:
    since = (ProcessInstance.definition_key == definition.key, ProcessInstance.started_at >= row.deployed_at)
    counts: dict[str, int] = {
        status: count
        for status, count in session.execute(
            select(ProcessInstance.status, func.count()).where(*since).group_by(ProcessInstance.status)
        )
    }
    incidents = session.scalar(
        select(func.count(Incident.key))
        .join(ProcessInstance, ProcessInstance.key == Incident.instance_key)
        .where(*since, Incident.resolved_at.is_(None))
    )
    return Numbers(
        definition_key=definition.key,
        name=definition.name or definition.definition_id,
        version=definition.version,
        is_new=is_new,
        started=sum(counts.values()),
        running=counts.get("active", 0) + counts.get("suspended", 0),
        completed=counts.get("completed", 0),
        cancelled=counts.get("cancelled", 0),
        incidents=incidents or 0,
    )


def _expect_reader(actor: Actor) -> None:
    if not actor.may(Permission.DEFINITION_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.",
            permission=Permission.DEFINITION_READ.value,
        )
