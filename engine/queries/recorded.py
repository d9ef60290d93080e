"""What the log recorded of cases, and what was in force then: read by pages, for replays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from engine.errors import Forbidden, NotFound
from engine.model import Actor, Definition, LogEntry, Permission, ProcessInstance, Project, ProjectFile, Resource

PAGE = 100
"""So many cases are read at once."""
READ = (
    "InstanceStarted", "InstanceCompleted", "InstanceCancelled", "InstanceModified", "InstanceMigrated",
    "ActivityStarted", "ActivityCompleted", "ActivityCancelled", "ActivityFailed", "EventOccurred",
    "EventPartOccurred", "EventWithdrawn", "FlowTaken", "DecisionEvaluated", "ErrorThrown", "VariablesChanged",
    "TaskCreated", "TaskOffered", "TaskCompleted", "TimerSet", "ServiceRequested", "JobCompleted", "JobFailed",
    "MessageAwaited", "MessageReceived", "SignalAwaited", "ProcessCalled", "IncidentResolved",
)  # fmt: skip
"""The events that say what came from outside, and which way a case went."""


@dataclass(frozen=True)
class Entry:
    """One entry of a case's log."""

    position: int
    at: dt.datetime
    actor: str
    event: str
    instance_key: int
    element_id: str | None
    digest: str | None
    data: dict[str, Any] | None
    """None when it was erased."""


@dataclass(frozen=True)
class Stored:
    """One version of a process or a decision, with the file that holds it."""

    kind: str
    id: str
    version: int
    version_tag: str | None
    deployment_key: int
    digest: str
    resource_key: int


@dataclass(frozen=True)
class StoredFile:
    """A file as it was put into force."""

    name: str
    content: bytes = field(repr=False)
    imports: dict[tuple[str, str], int] = field(default_factory=dict)
    """What a decision model is bound to: namespace and location → key of the file."""


@dataclass(frozen=True)
class Draft:
    """The files of a project that decide where cases go, and the version that they would replace."""

    project_key: int
    process_id: str
    replaced: int | None
    """Key of the version in force; none for a process that is new."""
    files: tuple[tuple[str, bytes], ...] = field(repr=False)


def draft(session: Session, actor: Actor, project_key: int) -> Draft:
    """What a replay of a project needs of it. Raises NotFound, Forbidden."""
    _expect(actor, Permission.DEFINITION_READ)
    project = session.get(Project, project_key)
    if project is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="project", key=project_key)
    rows = session.execute(
        select(ProjectFile.name, ProjectFile.content)
        .where(ProjectFile.project_key == project_key, ProjectFile.is_removed.is_(False))
        .order_by(ProjectFile.name)
    )
    files = tuple((name, content) for name, content in rows if name.lower().endswith((".bpmn", ".dmn")))
    return Draft(project_key, project.process_id, newest_version(session, actor, project.process_id), files)


def newest_version(session: Session, actor: Actor, process_id: str) -> int | None:
    """Key of the newest version of a process; none when none is deployed. Raises Forbidden."""
    _expect(actor, Permission.DEFINITION_READ)
    return session.scalar(
        select(func.max(Definition.key)).where(
            Definition.kind == "process", Definition.definition_id == process_id, Definition.trial.is_(None)
        )
    )


def recorded_cases(
    session: Session, actor: Actor, definition_key: int, since: dt.datetime | None, limit: int
) -> tuple[int, ...]:
    """Keys of the last cases that began in a version of a process, oldest first. Raises Forbidden."""
    _expect(actor, Permission.CASE_READ_ALL)
    wanted = select(ProcessInstance.key).where(
        ProcessInstance.definition_key == definition_key, ProcessInstance.parent_key.is_(None)
    )
    if since is not None:
        wanted = wanted.where(ProcessInstance.started_at >= since)
    return tuple(sorted(session.scalars(wanted.order_by(ProcessInstance.key.desc()).limit(limit))))


def entries(session: Session, actor: Actor, keys: Sequence[int]) -> dict[int, list[Entry]]:
    """The entries of a page of cases that a replay reads, by case. Raises Forbidden."""
    _expect(actor, Permission.CASE_READ_ALL)
    found: dict[int, list[Entry]] = {key: [] for key in keys}
    rows = session.execute(
        select(
            LogEntry.stream_key, LogEntry.position, LogEntry.at, LogEntry.actor, LogEntry.event, LogEntry.instance_key,
            LogEntry.element_id, LogEntry.definition_digest, LogEntry.data,
        )
        .where(LogEntry.stream_key.in_(keys), LogEntry.event.in_(READ))
        .order_by(LogEntry.stream_key, LogEntry.position)
    )  # fmt: skip
    for stream, *entry in rows:
        found[stream].append(Entry(*entry))
    return found


def stored(session: Session, actor: Actor) -> tuple[Stored, ...]:
    """All versions of processes and decisions. Raises Forbidden."""
    _expect(actor, Permission.DEFINITION_READ)
    rows = session.execute(
        select(
            Definition.kind, Definition.definition_id, Definition.version, Definition.version_tag,
            Definition.deployment_key, Resource.digest, Definition.resource_key,
        )
        .join(Resource, Resource.key == Definition.resource_key)
        .where(Definition.kind.in_(("process", "decision")))
        .order_by(Definition.version)
    )  # fmt: skip
    return tuple(Stored(*row) for row in rows)


def stored_files(session: Session, actor: Actor, keys: Sequence[int]) -> dict[int, StoredFile]:
    """Files in force, now or once, with those that they import. Raises Forbidden."""
    _expect(actor, Permission.DEFINITION_READ)
    found: dict[int, StoredFile] = {}
    ahead = list(keys)
    while ahead:
        key = ahead.pop()
        if key in found:
            continue
        resource = session.get_one(Resource, key, options=[undefer(Resource.content)])
        outline = session.scalars(select(Definition.outline).where(Definition.resource_key == key).limit(1)).first()
        bound = {
            (each["namespace"], each["location"]): each["resource_key"] for each in (outline or {}).get("imports", ())
        }
        found[key] = StoredFile(resource.name, resource.content, bound)
        ahead.extend(bound.values())
    return found


def _expect(actor: Actor, permission: Permission) -> None:
    if not actor.may(permission):
        raise Forbidden("Expected the permission '{permission}', but you do not have it.", permission=permission.value)
