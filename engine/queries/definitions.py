"""What is in force: processes, forms, decision tables, their versions and files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, literal, select
from sqlalchemy.orm import Session, joinedload

from engine import plain
from engine.errors import Forbidden, NotFound
from engine.model import Actor, Definition, Deployment, Permission, ProcessInstance, Resource
from engine.model.trials import is_for_everybody, is_seen_from
from engine.queries.narrowing import counted

MOST_COUNTED = 10_000


@dataclass(frozen=True)
class DefinitionRow:
    """The newest version of a definition, for a list."""

    key: int
    kind: str
    definition_id: str
    name: str
    version: int
    version_tag: str | None
    is_retired: bool
    deployed_at: dt.datetime
    deployed_by: str
    resource_name: str
    running: int
    """Cases of any version that have not ended; processes only."""


@dataclass(frozen=True)
class VersionRow:
    """One version of a definition."""

    key: int
    version: int
    version_tag: str | None
    deployed_at: dt.datetime
    deployed_by: str
    deployment_key: int
    deployment_name: str
    label: str
    """What people call the version."""
    trial: str | None
    """Whom it is tried out on, or `withdrawn`; none when it is for everybody."""
    """What people call the deployment; empty when nobody named it."""
    note: str
    """What changed and why, in the words of whoever published it."""
    digest: str
    running: int
    ended: int


@dataclass(frozen=True)
class DefinitionView:
    """One version of a definition, with its file and its sisters."""

    key: int
    kind: str
    definition_id: str
    name: str
    version: int
    version_tag: str | None
    is_retired: bool
    is_suspended: bool
    resource_name: str
    digest: str
    content: bytes
    outline: dict[str, Any]
    versions: tuple[VersionRow, ...]
    neighbours: tuple[tuple[str, str], ...]
    """Other definitions of the same deployment: (kind, name)."""
    uses: tuple[Use, ...]
    """The forms, decisions and processes that a process names."""
    used_by: tuple[Use, ...]
    """The processes whose newest version names this definition."""


@dataclass(frozen=True)
class Use:
    """A definition that a process uses, or a process that uses a definition."""

    kind: str
    definition_id: str
    name: str
    key: int | None
    """Of the newest version; None when it is not in force."""
    steps: tuple[str, ...]
    """The names of the steps that use it."""


@dataclass(frozen=True)
class DataWords:
    """What people call data."""

    labels: dict[str, str]
    """Variable → what a form calls it."""
    options: dict[str, dict[str, str]]
    """Variable → value → what the form calls this answer."""


def definitions(session: Session, actor: Actor, *, kind: str = "process") -> tuple[DefinitionRow, ...]:
    """The newest version of every definition of a kind, by name. Raises Forbidden."""
    _expect_reader(actor)
    newest = (
        select(Definition.definition_id, func.max(Definition.version).label("version"))
        .where(Definition.kind == kind, Definition.trial.is_(None))
        .group_by(Definition.definition_id)
        .subquery()
    )
    rows = session.execute(
        select(Definition, Deployment, Resource.name, _running() if kind == "process" else literal(0))
        .join(
            newest,
            (newest.c.definition_id == Definition.definition_id) & (newest.c.version == Definition.version),
        )
        .join(Deployment, Deployment.key == Definition.deployment_key)
        .join(Resource, Resource.key == Definition.resource_key)
        .where(Definition.kind == kind)
        .order_by(Definition.name)
    )
    return tuple(
        DefinitionRow(
            key=row.key,
            kind=row.kind,
            definition_id=row.definition_id,
            name=row.name or row.definition_id,
            version=row.version,
            version_tag=row.version_tag,
            is_retired=row.is_retired,
            deployed_at=deployment.deployed_at,
            deployed_by=deployment.deployed_by,
            resource_name=resource_name,
            running=running or 0,
        )
        for row, deployment, resource_name, running in rows
    )


def definition(session: Session, actor: Actor, key: int) -> DefinitionView:
    """One version of a definition. Raises NotFound, Forbidden."""
    _expect_reader(actor)
    row = session.get(Definition, key, options=[joinedload(Definition.resource)])
    if row is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="definition", key=key)
    neighbours = session.execute(
        select(Definition.kind, Definition.name)
        .where(Definition.deployment_key == row.deployment_key, Definition.key != row.key)
        .order_by(Definition.kind, Definition.name)
    )
    return DefinitionView(
        key=row.key,
        kind=row.kind,
        definition_id=row.definition_id,
        name=row.name or row.definition_id,
        version=row.version,
        version_tag=row.version_tag,
        is_retired=row.is_retired,
        is_suspended=row.is_suspended,
        resource_name=row.resource.name,
        digest=row.resource.digest,
        content=row.resource.content,
        outline=row.outline,
        versions=_versions(session, row),
        neighbours=tuple((kind, name) for kind, name in neighbours),
        uses=_uses(session, row),
        used_by=_used_by(session, row),
    )


def _uses(session: Session, row: Definition) -> tuple[Use, ...]:
    mentions = row.outline.get("mentions", ())
    newest = {
        (found.kind, found.definition_id): found
        for found in session.scalars(
            select(Definition)
            .where(Definition.definition_id.in_({each["id"] for each in mentions}), is_seen_from(row.deployment_key))
            .order_by(Definition.version)
        )
    }
    return tuple(
        Use(kind, id, (found.name or id) if found else id, found.key if found else None, _steps(row, kind, id))
        for kind, id in sorted({(each["kind"], each["id"]) for each in mentions})
        for found in [newest.get((kind, id))]
    )


def _used_by(session: Session, row: Definition) -> tuple[Use, ...]:
    newest = {
        found.definition_id: found
        for found in session.scalars(
            select(Definition).where(Definition.kind == "process", is_for_everybody()).order_by(Definition.version)
        )
    }
    return tuple(
        Use("process", found.definition_id, found.name or found.definition_id, found.key, steps)
        for found in sorted(newest.values(), key=lambda found: found.name)
        if (steps := _steps(found, row.kind, row.definition_id))
    )


def _steps(process: Definition, kind: str, definition_id: str) -> tuple[str, ...]:
    """The names of a process's steps that name a definition."""
    elements = process.outline["elements"]
    return tuple(
        elements.get(each["element_id"], {}).get("name") or process.name
        for each in process.outline.get("mentions", ())
        if (each["kind"], each["id"]) == (kind, definition_id)
    )


def _versions(session: Session, row: Definition) -> tuple[VersionRow, ...]:
    def instances(*statuses: str) -> ScalarSelect[int]:
        of_version = ProcessInstance.definition_key == Definition.key
        keys = select(ProcessInstance.key).where(of_version, ProcessInstance.status.in_(statuses))
        return counted(keys.correlate(Definition), MOST_COUNTED)

    versions = session.execute(
        select(
            Definition, Deployment, Resource.digest, instances("active", "suspended"),
            instances("completed", "cancelled"),
        )
        .join(Deployment, Deployment.key == Definition.deployment_key)
        .join(Resource, Resource.key == Definition.resource_key)
        .where(Definition.kind == row.kind, Definition.definition_id == row.definition_id)
        .order_by(Definition.version.desc())
    )
    return tuple(
        VersionRow(
            key=version.key,
            version=version.version,
            version_tag=version.version_tag,
            deployed_at=deployment.deployed_at,
            deployed_by=deployment.deployed_by,
            deployment_key=deployment.key,
            deployment_name=deployment.name,
            label=deployment.label,
            trial=version.trial,
            note=deployment.note,
            digest=digest,
            running=running,
            ended=ended,
        )
        for version, deployment, digest, running, ended in versions
    )


def _running() -> ScalarSelect[int]:
    """How many instances of any version of the definition beside it run, as far as one more than `MOST_COUNTED`."""
    keys = select(ProcessInstance.key).where(
        ProcessInstance.process_id == Definition.definition_id, ProcessInstance.status.in_(("active", "suspended"))
    )
    return counted(keys.correlate(Definition), MOST_COUNTED)


def _expect_reader(actor: Actor) -> None:
    if not actor.may(Permission.DEFINITION_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.",
            permission=Permission.DEFINITION_READ.value,
        )


def data_words(session: Session, actor: Actor, outlines: Iterable[Mapping[str, Any]]) -> DataWords:
    """What people call the data of processes and the values they choose from, as the forms of these outlines say it.

    The first form that asks for a variable names it. A process can name data that no form asks for by a property
    `label.` + variable; that name wins.
    """
    outlines = list(outlines)
    words = DataWords({}, {})
    names = dict.fromkeys(form for outline in outlines for form in outline.get("forms", ()))
    newest: dict[str, Definition] = {
        row.definition_id: row
        for row in session.scalars(
            select(Definition)
            .where(Definition.kind == "form", Definition.definition_id.in_(names))
            .options(joinedload(Definition.resource).undefer(Resource.content))
            # Forms that are only tried out name what no other names.
            .order_by(is_for_everybody(), Definition.version)
        )
    }
    for form in names:
        if form in newest:
            _read_fields(plain.loads(newest[form].resource.content).get("components", []), words)
    for outline in outlines:
        for name, text in outline.get("properties", {}).items():
            if name.startswith("label."):
                words.labels[name.removeprefix("label.")] = text
    return words


def _read_fields(components: list[dict[str, Any]], words: DataWords) -> None:
    """Add what the fields of a form say to what earlier forms said."""
    for component in components:
        name, text = component.get("key") or component.get("path"), component.get("label")
        if name and text and "{{" not in text and not text.startswith("="):
            words.labels.setdefault(name, text)
        for option in component.get("values") or ():
            if name and isinstance(option, dict) and option.get("label"):
                words.options.setdefault(name, {}).setdefault(str(option.get("value")), option["label"])
        _read_fields(component.get("components", []), words)
