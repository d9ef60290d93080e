"""What decision models import: found among the files of the same deployment, then among the models in force.

A version of a model is bound to the very files that it imported when it was deployed, so it never says anything else.
For a change to reach everybody all the same, a deployment takes along the models in force that import what it changes:
they are checked again and get new versions, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import Any, Protocol, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from engine import dmn
from engine.dmn import DecisionModel, Heading
from engine.errors import Refused
from engine.model import Definition, Resource

NOTHING = Heading("", frozenset())


@dataclass(frozen=True)
class File:
    """One file of a deployment, with its digest."""

    name: str
    content: bytes = field(repr=False)
    digest: str

    @cached_property
    def heading(self) -> Heading:
        """What a decision model says of itself."""
        return (dmn.heading(self.content) if self.name.lower().endswith(".dmn") else None) or NOTHING


@dataclass(frozen=True)
class Stored:
    """A file with decisions in force."""

    resource_key: int
    name: str
    digest: str
    heading: Heading
    imports: Mapping[tuple[str, str], int]
    """What it is bound to: namespace and location of an import → key of the file."""


@dataclass(frozen=True)
class Import:
    """What an import of a file was found to mean."""

    namespace: str
    location: str
    source: File | Stored


class _Source(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def heading(self) -> Heading: ...


Chosen = TypeVar("Chosen", bound=_Source)


def in_force(session: Session) -> tuple[Stored, ...]:
    """The files whose decisions are in force."""
    newest = (
        select(Definition.definition_id, func.max(Definition.version).label("version"))
        .where(Definition.kind == "decision", Definition.trial.is_(None))
        .group_by(Definition.definition_id)
        .subquery()
    )
    rows = session.scalars(
        select(Definition)
        .join(newest, (newest.c.definition_id == Definition.definition_id) & (newest.c.version == Definition.version))
        .where(Definition.kind == "decision")
        .order_by(Definition.key)
        .options(joinedload(Definition.resource))
    )
    files: dict[int, list[Definition]] = {}
    for row in rows:
        files.setdefault(row.resource_key, []).append(row)
    return tuple(
        Stored(
            key,
            found[0].resource.name,
            found[0].digest,
            Heading(found[0].outline.get("namespace", ""), frozenset(each.definition_id for each in found)),
            _bound(found[0].outline),
        )
        for key, found in files.items()
    )


def stored_model(session: Session, resource_key: int) -> DecisionModel:
    """A stored model, with the imports that it is bound to."""
    resource = session.get_one(Resource, resource_key)
    outline = session.scalars(select(Definition.outline).where(Definition.resource_key == resource_key).limit(1)).one()
    bound = _bound(outline)

    def find(namespace: str, location: str) -> DecisionModel | None:
        key = bound.get((namespace, location))
        return None if key is None else stored_model(session, key)

    return dmn.parse(resource.content, resource.name, find)


def bindings(imports: Iterable[Import], key_of: Mapping[str, int]) -> list[dict[str, Any]]:
    """The imports of a file as its definitions' outline keeps them; `key_of` has the keys of the deployment's files."""
    return [
        {
            "namespace": each.namespace,
            "location": each.location,
            "resource_key": each.source.resource_key if isinstance(each.source, Stored) else key_of[each.source.name],
        }
        for each in imports
    ]


def _bound(outline: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    return {(each["namespace"], each["location"]): each["resource_key"] for each in outline.get("imports", ())}


def taken_along(session: Session, files: Sequence[File], stored: Iterable[Stored]) -> list[File]:
    """The models in force that import what these files change, directly or by way of others."""
    untouched, changed = [], set()
    for each in stored:
        successors = [file for file in files if _succeeds(file, each)]
        if not successors:
            untouched.append(each)
        elif any(file.digest != each.digest for file in successors):
            changed.add(each.resource_key)
    found: list[File] = []
    while following := [each for each in untouched if not changed.isdisjoint(each.imports.values())]:
        for each in following:
            untouched.remove(each)
            changed.add(each.resource_key)
            found.append(File(each.name, session.get_one(Resource, each.resource_key).content, each.digest))
    return found


def _succeeds(file: File, stored: Stored) -> bool:
    """Whether the file stands in for a stored one: it has its name, or decisions of it."""
    return file.name == stored.name or not file.heading.ids.isdisjoint(stored.heading.ids)


class Models:
    """The decision models of one deployment, each read once with what it imports."""

    def __init__(self, session: Session, files: Sequence[File], stored: Iterable[Stored]) -> None:
        self._session = session
        self._files = files
        self._stored = [each for each in stored if not any(_succeeds(file, each) for file in files)]
        self._read: dict[str, DecisionModel] = {}
        self._under_way: list[File] = []
        self.imports: dict[str, list[Import]] = {}
        """Of each file, by name."""

    def model(self, file: File) -> DecisionModel:
        """The model of a file. Raises Invalid."""
        if file.name not in self._read:
            self.imports[file.name] = []
            self._under_way.append(file)
            try:
                self._read[file.name] = dmn.parse(file.content, file.name, partial(self._find, file))
            finally:
                self._under_way.pop()
        return self._read[file.name]

    def takes_in(self, name: str) -> Iterator[str]:
        """The names of the files of this deployment that a file imports, directly or by way of others."""
        for each in self.imports.get(name, ()):
            if isinstance(each.source, File):
                yield each.source.name
                yield from self.takes_in(each.source.name)

    def _find(self, importer: File, namespace: str, location: str) -> DecisionModel | None:
        others = [each for each in self._files if each is not importer]
        source = _choose(namespace, location, others) or _choose(namespace, location, self._stored)
        if source is None and importer.heading.namespace == namespace:
            source = importer
        if source is None:
            return None
        model = self._model_of(source)
        self.imports[importer.name].append(Import(namespace, location, source))
        return model

    def _model_of(self, source: File | Stored) -> DecisionModel:
        if isinstance(source, Stored):
            return stored_model(self._session, source.resource_key)
        if source in self._under_way:
            circle = [*self._under_way[self._under_way.index(source) :], source]
            names = " → ".join(each.name for each in circle)
            raise Refused("Models must not import one another in a circle: {files}.", files=names)
        return self.model(source)


def _choose(namespace: str, location: str, candidates: Iterable[Chosen]) -> Chosen | None:
    """The model that an import means: it has the namespace and, where several have, the file name. Raises Refused."""
    name = PurePosixPath(location.replace("\\", "/")).name
    fitting = [each for each in candidates if each.heading is not NOTHING and each.heading.namespace == namespace]
    named = [each for each in fitting if each.name == name]
    if len(fitting) > 1 and not named:
        raise Refused(
            "The model imports '{namespace}', which several files have: {files}. Say which by its file name, as the"
            " locationURI of the import.",
            namespace=namespace,
            files=", ".join(sorted(each.name for each in fitting)),
        )
    return next(iter(named or fitting), None)
