"""Beginning a new process with a copy of one that is in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from xml.sax.saxutils import escape

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from engine import plain
from engine.command import Command, Transaction
from engine.commands.projects import StartProject, used_by
from engine.errors import Invalid, NotFound, Refused
from engine.model import Definition, Permission
from engine.model.publications import newest_for_everybody

KINDS = ("process", "form", "decision")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
_PROCESS_TAG = rb"<(?:[\w.-]+:)?process\b[^>]*>"
_PLACES = {
    "process": (rb"\sprocessId=", rb"\sprocessRef=", rb"\sbpmnElement="),
    "form": (rb"\sformId=",),
    "decision": (rb"\sdecisionId=",),
}
"""Where diagrams name what they do not hold themselves."""
Ids = Mapping[tuple[str, str], str]
"""Kind and old id → new id."""


@dataclass(frozen=True)
class CopyProcess(Command):
    """Begin a new process as a copy of one in force, with ids of its own. Returns the project's key.

    Its forms, tables and called processes are copied, too, or else shared with the one that it was copied from.
    """

    permission = Permission.DEFINITION_DRAFT
    process_id: str
    new_process_id: str
    name: str
    with_all: bool = True

    def execute(self, tx: Transaction) -> int:
        source = newest_for_everybody(tx.session, "process", self.process_id)
        if source is None:
            raise NotFound("Expected to find process '{process}', but none is deployed.", process=self.process_id)
        if not _ID.fullmatch(self.new_process_id):
            raise Invalid(
                "Expected an id that begins with a letter and has letters, digits, dots and dashes, but it is '{id}'.",
                id=self.new_process_id,
            )
        files = {
            name: content
            for name, content in used_by(tx.session, source)
            if name.lower().endswith((".bpmn", ".dmn", ".form")) and (self.with_all or name == source.resource.name)
        }
        ids = self._new_ids(tx, files)
        for (kind, _), id in ids.items():
            if newest_for_everybody(tx.session, kind, id) is not None:
                raise Refused("Expected ids that are free, but {kind} '{id}' is there already.", kind=kind, id=id)
        copies = tuple((self._file_name(name), self._copied(name, content, ids)) for name, content in files.items())
        return StartProject(self.new_process_id, self.name, copies).execute(tx)

    def _new_ids(self, tx: Transaction, files: Mapping[str, bytes]) -> dict[tuple[str, str], str]:
        rows = tx.session.scalars(
            select(Definition)
            .where(Definition.kind.in_(KINDS), Definition.trial.is_(None))
            .order_by(Definition.version)
            .options(joinedload(Definition.resource))
        )
        newest = {(row.kind, row.definition_id): row for row in rows}
        ids = {key: f"{self.new_process_id}-{key[1]}" for key, row in newest.items() if row.resource.name in files}
        return {**ids, ("process", self.process_id): self.new_process_id}

    def _file_name(self, name: str) -> str:
        path = PurePosixPath(name)
        is_main = path.stem == self.process_id
        return f"{self.new_process_id}{path.suffix}" if is_main else f"{self.new_process_id}-{path.name}"

    def _copied(self, name: str, content: bytes, ids: Ids) -> bytes:
        """The file with other ids and the new name; every other byte is as it was."""
        if name.lower().endswith(".form"):
            return _form(content, ids)
        if name.lower().endswith(".dmn"):
            return _decisions(content, ids, self.new_process_id)
        return _named(_diagram(content, ids), self.new_process_id, self.name)


def _diagram(content: bytes, ids: Ids) -> bytes:
    for (kind, old), new in ids.items():
        for place in _PLACES[kind]:
            content = _attribute(content, place, old, new)
        if kind == "process":
            content = _process_id(content, old, new)
    return content


def _process_id(content: bytes, old: str, new: str) -> bytes:
    """Only that of the process itself: a step may be called like a process of another file."""
    return re.sub(_PROCESS_TAG, lambda tag: _attribute(tag[0], rb"\sid=", old, new), content)


def _named(content: bytes, process_id: str, name: str) -> bytes:
    """The process with this id gets a name; where it had none, it stays without."""
    wanted = re.compile(rb"\sid=([\"'])" + re.escape(process_id.encode()) + rb"\1")
    said = b' name="' + escape(name, {'"': "&quot;"}).encode() + b'"'

    def tag(found: re.Match[bytes]) -> bytes:
        if not wanted.search(found[0]):
            return found[0]
        return re.sub(rb"\sname=(\"[^\"]*\"|'[^']*')", lambda _: said, found[0], count=1)

    return re.sub(_PROCESS_TAG, tag, content)


def _decisions(content: bytes, ids: Ids, new_process_id: str) -> bytes:
    for (kind, old), new in ids.items():
        if kind == "decision":
            for place in (rb"\sid=", rb"\sdmnElementRef="):
                content = _attribute(content, place, old, new)
            content = _attribute(content, rb"\shref=", f"#{old}", f"#{new}")
    # Others may import the old model by its namespace; two models of one would be one too many.
    return re.sub(
        rb"(\snamespace=)([\"'])(.*?)\2",
        lambda found: found[1] + found[2] + found[3] + b"/" + new_process_id.encode() + found[2],
        content,
        count=1,
    )


def _form(content: bytes, ids: Ids) -> bytes:
    """The id of the form itself; that of a field may be the same."""
    old = plain.loads(content).get("id")
    new = ids.get(("form", old))
    if new is None:
        return content
    for found in re.finditer(rb'("id"\s*:\s*)"' + re.escape(old.encode()) + rb'"', content):
        copy = content[: found.start()] + found[1] + b'"' + new.encode() + b'"' + content[found.end() :]
        if plain.loads(copy).get("id") == new:
            return copy
    return content


def _attribute(content: bytes, place: bytes, old: str, new: str) -> bytes:
    pattern = b"(" + place + rb")([\"'])" + re.escape(old.encode()) + rb"\2"
    return re.sub(pattern, lambda found: found[1] + found[2] + new.encode() + found[2], content)
