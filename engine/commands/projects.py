"""Changing a process apart from what is in force: open a project, save its files, discard it, publish it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from engine import bpmn
from engine.bpmn import house_rules
from engine.command import Command, Memory, Transaction, not_found
from engine.commands import resources
from engine.commands.deployments import problems_of
from engine.commands.resources import MAXIMUM_FILE_BYTES, MAXIMUM_FILES
from engine.errors import Invalid, NotFound, Overtaken, Problem, Refused
from engine.events import ProjectOpened
from engine.model import Definition, Permission, Project, ProjectFile, Resource, Subscription
from engine.model.workshop import house_rules_of

NAME_LENGTH = 120
FILE_ENDINGS = (".bpmn", ".dmn", ".form", ".po", ".scenario")
Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class OpenProject(Command):
    """Open a process for change, with everything it uses as it is in force. Returns the project's key."""

    permission = Permission.DEFINITION_DRAFT
    process_id: str
    name: str = ""

    def execute(self, tx: Transaction) -> int:
        process = _newest(tx.session, "process", self.process_id)
        if process is None:
            raise NotFound("Expected to find process '{process}', but none is deployed.", process=self.process_id)
        project = _opened(tx, _checked_name(self.name or process.name), self.process_id)
        for name, resource in _used(tx.session, process).items():
            file = add(tx, project, name, resource.content)
            file.base_resource_key, file.base_digest = resource.key, resource.digest
        return _told(tx, project)


@dataclass(frozen=True)
class StartProject(Command):
    """Begin a process that is not there yet, with files of one's own. Returns the project's key."""

    permission = Permission.DEFINITION_DRAFT
    process_id: str
    name: str
    files: Files = field(repr=False)

    def execute(self, tx: Transaction) -> int:
        project = _opened(tx, _checked_name(self.name), self.process_id)
        if len(self.files) > MAXIMUM_FILES:
            raise Invalid("Expected no more than {limit} files, but there are more.", limit=MAXIMUM_FILES)
        for name, content in self.files:
            add(tx, project, name, content)
        project.note_author(tx.actor.username)
        return _told(tx, project)


@dataclass(frozen=True)
class SaveProjectFile(Command):
    """Save what was drawn or written, upon the revision that it was made from. Returns the new revision."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    name: str
    content: bytes = field(repr=False)
    revision: int

    def execute(self, tx: Transaction) -> int:
        file = _file(tx, self.project_key, self.name)
        expect_size(self.name, self.content)
        if file.revision != self.revision:
            if file.digest == hashlib.sha256(self.content).hexdigest():
                return file.revision
            raise Overtaken(
                "Expected to save '{file}', but {user} has saved it meanwhile.",
                file=file.name, user=file.changed_by or "", at=file.changed_at, revision=file.revision,
            )  # fmt: skip
        file.save(self.content, tx.actor.username, tx.now)
        file.project.note_author(tx.actor.username)
        return file.revision


@dataclass(frozen=True)
class NoteEditor(Command):
    """Note that somebody has a file open in an editor, so that others are told. Returns who else has, if anybody."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    name: str

    def execute(self, tx: Transaction) -> str | None:
        file = _file(tx, self.project_key, self.name)
        seen = file.editor_seen_at is not None and tx.now - file.editor_seen_at < STILL_THERE
        if seen and file.editor != tx.actor.username:
            return file.editor
        file.editor, file.editor_seen_at = tx.actor.username, tx.now
        return None


@dataclass(frozen=True)
class AddProjectFile(Command):
    """Put a new file into a project."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    name: str
    content: bytes = field(repr=False)

    def execute(self, tx: Transaction) -> None:
        project = locked(tx, self.project_key)
        add(tx, project, self.name, self.content)
        project.note_author(tx.actor.username)


@dataclass(frozen=True)
class RemoveProjectFile(Command):
    """Take a file out of a project, or put it back; what is in force stays there."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    name: str
    is_removed: bool = True

    def execute(self, tx: Transaction) -> None:
        file = _file(tx, self.project_key, self.name)
        file.project.note_author(tx.actor.username)
        if file.base_resource_key is None and self.is_removed:
            tx.session.delete(file)
        else:
            file.is_removed = self.is_removed


@dataclass(frozen=True)
class RevertProjectFile(Command):
    """Give up the changes of one file: it becomes again, or for the first time, what is in force now."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    name: str

    def execute(self, tx: Transaction) -> None:
        file = _file(tx, self.project_key, self.name)
        newest = in_force(tx.session, file)
        if newest is None:
            raise Refused("Expected to revert '{file}', but no version of it is in force.", file=file.name)
        file.save(newest.content, tx.actor.username, tx.now)
        file.project.note_author(tx.actor.username)
        file.base_resource_key, file.base_digest, file.is_removed = newest.key, newest.digest, False


@dataclass(frozen=True)
class KeepProjectFile(Command):
    """Keep a file as it is in the project, although another version has come into force since it was opened."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    name: str

    def execute(self, tx: Transaction) -> None:
        file = _file(tx, self.project_key, self.name)
        newest = in_force(tx.session, file)
        if newest is not None:
            file.base_resource_key, file.base_digest = newest.key, newest.digest


@dataclass(frozen=True)
class DiscardProject(Command):
    """Give up a change under way; what is in force stays as it is."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int

    def execute(self, tx: Transaction) -> None:
        project = locked(tx, self.project_key)
        tx.record(project.key, project.discard(tx.now))


@dataclass(frozen=True)
class CheckProject(Command):
    """Say what publishing a project would complain about, with the files of others in force around it."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    instead: Files = field(default=(), repr=False)
    """Files as they stand in an editor, not saved yet."""
    house_rules: tuple[str, ...] = ()
    """Names of house rules that count, too."""

    def prepare(self, session: Session) -> tuple[Problem, ...]:
        files = dict(files_of(session, self.project_key))
        files.update(self.instead)
        switched_on = house_rules_of(session, session.get_one(Project, self.project_key).process_id)
        rules = {**dict.fromkeys(self.house_rules, "error"), **switched_on}
        return (*problems_of(session, tuple(files.items())), *against_house_rules(files, rules))

    def execute(self, tx: Transaction) -> tuple[Problem, ...]:
        found: tuple[Problem, ...] = tx.prepared
        return found


@dataclass(frozen=True)
class GatherProject(Command):
    """The files of a project with all that they name besides and that is in force: what it needs to be tried out."""

    permission = Permission.DEFINITION_READ
    project_key: int
    instead: Files = field(default=(), repr=False)
    """Files as they stand in an editor, not saved yet."""

    def prepare(self, session: Session) -> Files:
        files = dict(files_of(session, self.project_key))
        files.update(self.instead)
        return with_surroundings(session, tuple(files.items()))

    def execute(self, tx: Transaction) -> Files:
        found: Files = tx.prepared
        return found


STILL_THERE = dt.timedelta(minutes=2)
"""So long after the last word from an editor we take it for open."""


def files_of(session: Session, project_key: int) -> Files:
    """The files of a project as they are saved, without those left out. Raises NotFound."""
    if session.get(Project, project_key) is None:
        raise not_found(Project, project_key)
    rows = session.execute(
        select(ProjectFile.name, ProjectFile.content)
        .where(ProjectFile.project_key == project_key, ProjectFile.is_removed.is_(False))
        .order_by(ProjectFile.name)
    )
    return tuple((name, content) for name, content in rows)


def against_house_rules(files: Mapping[str, bytes], rules: Mapping[str, str]) -> Iterator[Problem]:
    """What house rules find in diagrams that can be read; `rules` says what each counts as."""
    for name, content in files.items() if rules else ():
        if name.lower().endswith(".bpmn"):
            try:
                for problem in house_rules.check(bpmn.parse(content, name), rules):
                    counts_as = rules[(problem.rule or "").removeprefix("house-")]
                    yield replace(problem, severity="error" if counts_as == "error" else "warning")
            except Invalid:
                # why it cannot be read is among the other problems
                continue


_READ = Memory(32)
"""What files hold and name, by the digest of all of them: reading them is slow, and who plays asks again and again."""
_Ids = frozenset[tuple[str, str]]


def _named(session: Session, files: Files) -> tuple[_Ids, _Ids, _Ids]:
    """Kind and id of what the files hold, and of what they name; kind and name of what their cases send to others."""
    found = resources.read(files, session).found
    mentions = frozenset((mention.kind, mention.reference.id) for each in found for mention in each.mentions)
    sent = frozenset(
        (part.trigger, part.name)
        for each in found
        if each.model is not None
        for node in each.model.nodes.values()
        if node.event is not None
        for part in node.event.single
        if part.trigger in ("message", "signal") and part.name
    )
    return frozenset((each.kind, each.id) for each in found), mentions, sent


def with_surroundings(session: Session, files: Files) -> Files:
    """Files, and those in force that they name or begin by what they send; scenarios are not taken along."""
    gathered = dict(files)
    digest = hashlib.sha256()
    for name, content in files:
        digest.update(f"{name} {len(content)} ".encode() + content)
    here, named, sent = _READ.recall(digest.digest(), lambda: _named(session, files))
    for kind, definition_id in sorted((named | _begun_by(session, sent)) - here):
        definition = _newest(session, kind, definition_id)
        if definition is None:
            continue
        for name, resource in _used(session, definition).items():
            holds = session.execute(
                select(Definition.kind, Definition.definition_id).where(Definition.resource_key == resource.key)
            ).all()
            if name not in gathered and not name.endswith(".scenario") and here.isdisjoint(map(tuple, holds)):
                gathered[name] = resource.content
    return tuple(gathered.items())


def _begun_by(session: Session, sent: _Ids) -> set[tuple[str, str]]:
    """The processes in force that begin with one of these messages or signals; names may be worked out by FEEL."""
    is_worked_out = any(name.startswith("=") for _, name in sent)
    rows = session.execute(
        select(Subscription.kind, Subscription.name, Definition.definition_id)
        .join(Definition, Definition.key == Subscription.definition_key)
        .where(Subscription.instance_key.is_(None), Subscription.kind.in_(("message", "signal")))
    )
    return {("process", id) for kind, name, id in rows if is_worked_out or (kind, name) in sent}


def _opened(tx: Transaction, name: str, process_id: str) -> Project:
    project = Project.open(tx.new_key(), name, process_id, tx.actor.username, tx.now)
    tx.add(project)
    return project


def _told(tx: Transaction, project: Project) -> int:
    digests = {file.name: file.digest for file in project.files}
    tx.record(project.key, ProjectOpened(project.name, project.process_id, digests))
    return project.key


def add(tx: Transaction, project: Project, name: str, content: bytes) -> ProjectFile:
    plain_name = PurePosixPath(name.replace("\\", "/")).name
    if not plain_name.lower().endswith(FILE_ENDINGS) or len(plain_name) > NAME_LENGTH or not plain_name.isprintable():
        raise Invalid(
            "Expected a file that ends in .bpmn, .dmn, .form, .po or .scenario, but it is called '{file}'.",
            file=plain_name[:NAME_LENGTH],
        )
    if any(file.name == plain_name for file in project.files):
        raise Refused("Expected a new file, but '{file}' is in the project already.", file=plain_name)
    expect_size(plain_name, content)
    file = ProjectFile(
        name=plain_name, content=content, digest=hashlib.sha256(content).hexdigest(), revision=1, is_removed=False
    )
    project.files.append(file)
    return file


def expect_size(name: str, content: bytes) -> None:
    if len(content) > MAXIMUM_FILE_BYTES:
        raise Invalid(
            "Expected '{file}' to have no more than {limit} bytes, but it is larger.",
            file=name, limit=MAXIMUM_FILE_BYTES,
        )  # fmt: skip


def _checked_name(name: str) -> str:
    said = " ".join(name.split())
    if not said or len(said) > NAME_LENGTH:
        raise Invalid(
            "Expected a name of 1 to {limit} letters, but it has {length}.", limit=NAME_LENGTH, length=len(said)
        )
    return said


def locked(tx: Transaction, key: int) -> Project:
    """The project, open, under its lock."""
    project = tx.session.scalars(select(Project).where(Project.key == key).with_for_update()).first()
    if project is None:
        raise not_found(Project, key)
    project.expect_open()
    return project


def _file(tx: Transaction, project_key: int, name: str) -> ProjectFile:
    locked(tx, project_key)
    file = tx.session.get(ProjectFile, (project_key, name), options=[undefer(ProjectFile.content)])
    if file is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="file", key=name)
    return file


def in_force(session: Session, file: ProjectFile) -> Resource | None:
    """The file of this name that is in force now."""
    return session.scalars(
        select(Resource)
        .join(Definition, Definition.resource_key == Resource.key)
        .where(Resource.name == file.name, Definition.trial.is_(None))
        .order_by(Definition.key.desc())
        .limit(1)
        .options(undefer(Resource.content))
    ).first()


def _newest(session: Session, kind: str, definition_id: str) -> Definition | None:
    return session.scalars(
        select(Definition)
        .where(Definition.kind == kind, Definition.definition_id == definition_id, Definition.trial.is_(None))
        .order_by(Definition.version.desc())
        .limit(1)
    ).first()


def used_by(session: Session, process: Definition) -> Files:
    """The files of a process in force and of all that it uses."""
    return tuple((name, resource.content) for name, resource in _used(session, process).items())


def _used(session: Session, process: Definition) -> dict[str, Resource]:
    """The files of a process and of all that it uses, by name: forms, decisions, called processes, texts, scenarios."""
    found: dict[str, Resource] = {}
    for definition in _reached(session, process):
        resource = session.get_one(Resource, definition.resource_key, options=[undefer(Resource.content)])
        found.setdefault(resource.name, resource)
    return found


def _reached(session: Session, process: Definition) -> Iterator[Definition]:
    ahead, seen = [("process", process.definition_id)], set[tuple[str, str]]()
    while ahead:
        kind, definition_id = ahead.pop()
        definition = _newest(session, kind, definition_id)
        if (kind, definition_id) in seen or definition is None:
            continue
        seen.add((kind, definition_id))
        yield definition
        ahead += [(each["kind"], each["id"]) for each in definition.outline.get("mentions", ())]
        bound = [each["resource_key"] for each in definition.outline.get("imports", ())]
        imported = select(Definition.kind, Definition.definition_id).where(Definition.resource_key.in_(bound))
        ahead += [(kind, id) for kind, id in session.execute(imported)]
    kinds = select(Definition.kind, Definition.definition_id).where(Definition.kind.in_(("catalogue", "scenario")))
    for kind, definition_id in session.execute(kinds.distinct()):
        definition = _newest(session, kind, definition_id)
        if definition is None:
            continue
        if kind == "catalogue" or ("process", definition.outline.get("process_id")) in seen:
            yield definition
