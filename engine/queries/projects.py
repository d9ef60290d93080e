"""Changes under way: projects, their files, and how they differ from what is in force."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from engine.errors import Forbidden, NotFound
from engine.model import Actor, Definition, Group, Permission, Project, ProjectFile, Resource, User

KINDS = {".bpmn": "process", ".dmn": "decision", ".form": "form", ".po": "catalogue", ".scenario": "scenario"}


_ACTIVE = select(User.username, User.name).where(User.is_active.is_(True))


@dataclass(frozen=True)
class ProjectRow:
    """A project, for a list."""

    key: int
    name: str
    process_id: str
    status: str
    opened_by: str
    opened_at: dt.datetime
    changed_at: dt.datetime
    """When anything in it was saved last."""
    changed: int
    """How many of its files differ from what they were made from."""


@dataclass(frozen=True)
class FileRow:
    """A file of a project, without its content."""

    name: str
    kind: str
    """process, decision, form, catalogue or scenario."""
    state: str
    """same, changed, new or removed, against the version it was made from."""
    is_overtaken: bool
    """Another version has come into force since."""
    revision: int
    changed_by: str | None
    changed_at: dt.datetime | None
    editor: str | None
    editor_seen_at: dt.datetime | None


@dataclass(frozen=True)
class ProjectView:
    """A project with its files."""

    key: int
    name: str
    process_id: str
    status: str
    opened_by: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    deployment_key: int | None
    files: tuple[FileRow, ...]

    @property
    def is_open(self) -> bool:
        return self.status == "open"

    def of_kind(self, kind: str) -> tuple[FileRow, ...]:
        return tuple(file for file in self.files if file.kind == kind and file.state != "removed")


@dataclass(frozen=True)
class FileView:
    """A file of a project with its content, and what it was made from."""

    row: FileRow
    content: bytes
    base: bytes | None
    """The version in force that it was made from; none when it is new."""


@dataclass(frozen=True)
class Choices:
    """What an editor offers where a diagram names something: each (id, name), by name."""

    groups: tuple[tuple[str, str], ...]
    users: tuple[tuple[str, str], ...]
    processes: tuple[tuple[str, str], ...]
    forms: tuple[tuple[str, str], ...]
    decisions: tuple[tuple[str, str], ...]


def projects(session: Session, actor: Actor, *, is_open: bool = True) -> tuple[ProjectRow, ...]:
    """Changes under way (or those that are over), the last changed first. Raises Forbidden."""
    _expect_reader(actor)
    rows = session.scalars(
        select(Project).where(Project.status == "open" if is_open else Project.status != "open")
    ).all()
    return tuple(sorted((_row(each) for each in rows), key=lambda row: row.changed_at, reverse=True))


def project(session: Session, actor: Actor, key: int) -> ProjectView:
    """A project with its files, by kind and name. Raises NotFound, Forbidden."""
    _expect_reader(actor)
    row = _found(session, key)
    overtaken = _overtaken(session, row)
    return ProjectView(
        key=row.key,
        name=row.name,
        process_id=row.process_id,
        status=row.status,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        deployment_key=row.deployment_key,
        files=tuple(_file_row(file, file.name in overtaken) for file in row.files),
    )


def project_file(session: Session, actor: Actor, key: int, name: str) -> FileView:
    """A file of a project with its content. Raises NotFound, Forbidden."""
    _expect_reader(actor)
    row = _found(session, key)
    file = session.get(ProjectFile, (key, name), options=[undefer(ProjectFile.content)])
    if file is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="file", key=name)
    base = session.get(Resource, file.base_resource_key) if file.base_resource_key else None
    return FileView(
        _file_row(file, file.name in _overtaken(session, row)), file.content, base.content if base else None
    )


def choices(session: Session, actor: Actor) -> Choices:
    """What diagrams may name. Raises Forbidden."""
    _expect_reader(actor)
    newest: dict[str, dict[str, str]] = {"process": {}, "form": {}, "decision": {}}
    for kind, id, name in session.execute(
        select(Definition.kind, Definition.definition_id, Definition.name)
        .where(Definition.kind.in_(newest), Definition.trial.is_(None))
        .order_by(Definition.version)
    ):
        newest[kind][id] = name or id
    return Choices(
        groups=_pairs({id: name for id, name in session.execute(select(Group.group_id, Group.name))}),
        users=_pairs({id: name for id, name in session.execute(_ACTIVE)}),
        processes=_pairs(newest["process"]),
        forms=_pairs(newest["form"]),
        decisions=_pairs(newest["decision"]),
    )


def kind_of(name: str) -> str:
    """What a file is, by the ending of its name."""
    return next((kind for ending, kind in KINDS.items() if name.lower().endswith(ending)), "")


def _pairs(names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def _found(session: Session, key: int) -> Project:
    row = session.get(Project, key)
    if row is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="project", key=key)
    return row


def _row(row: Project) -> ProjectRow:
    saved = [file.changed_at for file in row.files if file.changed_at is not None]
    return ProjectRow(
        key=row.key,
        name=row.name,
        process_id=row.process_id,
        status=row.status,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        changed_at=max([row.closed_at or row.opened_at, *saved]),
        changed=sum(file.is_changed or file.is_removed for file in row.files),
    )


def _file_row(file: ProjectFile, is_overtaken: bool) -> FileRow:
    state = "same"
    if file.is_removed:
        state = "removed"
    elif file.base_resource_key is None:
        state = "new"
    elif file.is_changed:
        state = "changed"
    return FileRow(
        name=file.name,
        kind=kind_of(file.name),
        state=state,
        is_overtaken=is_overtaken,
        revision=file.revision,
        changed_by=file.changed_by,
        changed_at=file.changed_at,
        editor=file.editor,
        editor_seen_at=file.editor_seen_at,
    )


def _overtaken(session: Session, row: Project) -> set[str]:
    """The files of an open project of which another version has come into force since they were taken."""
    if row.status != "open":
        return set()
    names = {file.name: file for file in row.files if file.base_resource_key is not None}
    newest = session.execute(
        select(Resource.name, func.max(Resource.key))
        .join(Definition, Definition.resource_key == Resource.key)
        .where(Resource.name.in_(names), Definition.trial.is_(None))
        .group_by(Resource.name)
    )
    return {name for name, key in newest if key != names[name].base_resource_key}


def _expect_reader(actor: Actor) -> None:
    if not actor.may(Permission.DEFINITION_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.",
            permission=Permission.DEFINITION_READ.value,
        )
