"""The two sides of a comparison: the files of a project or version, and those that they are compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.errors import Forbidden, NotFound
from engine.model import Actor, Definition, Deployment, Permission, Project, ProjectFile, Resource

_CONTENT = joinedload(Definition.resource).undefer(Resource.content)


@dataclass(frozen=True)
class Sides:
    """Files before and after, by name."""

    before: dict[str, bytes]
    after: dict[str, bytes]


def project_sides(session: Session, actor: Actor, key: int, against: str) -> Sides:
    """A project's files, and what is in force now, or what they were made from (`base`). Raises NotFound, Forbidden.

    A file that was left out of the project stays in force, so it is no difference.
    """
    _expect_reader(actor)
    if session.get(Project, key) is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="project", key=key)
    files = session.execute(
        select(ProjectFile.name, ProjectFile.content, ProjectFile.base_resource_key)
        .where(ProjectFile.project_key == key, ProjectFile.is_removed.is_(False))
        .order_by(ProjectFile.name)
    ).all()
    after = {name: content for name, content, _ in files}
    if against == "base":
        keys = [base for _, _, base in files if base is not None]
    else:
        newest = session.execute(
            select(Resource.name, Resource.key)
            .join(Deployment, Deployment.key == Resource.deployment_key)
            .where(Resource.name.in_(after))
            .order_by(Deployment.number)
        )
        keys = list({name: found for name, found in newest}.values())
    rows = session.execute(select(Resource.key, Resource.name, Resource.content).where(Resource.key.in_(keys)))
    contents = {found: (name, content) for found, name, content in rows}
    return Sides(dict(contents[each] for each in keys if each in contents), after)


def definition_sides(session: Session, actor: Actor, before_key: int, after_key: int, *, with_used: bool) -> Sides:
    """The files of two versions of a definition; for processes with what they use as it was in force then.

    Raises NotFound, Forbidden.
    """
    _expect_reader(actor)
    before, after = (_definition(session, key) for key in (before_key, after_key))
    if (before.kind, before.definition_id) != (after.kind, after.definition_id):
        raise NotFound("Expected two versions of one definition, but these are of different ones.")
    used = _used(before) | _used(after) if with_used and before.kind == "process" else set()
    sides = [_files(session, each, used) for each in (before, after)]
    name = after.resource.name
    if before.resource.name != name:
        # the same definition in a file of another name
        sides[0][name] = sides[0].pop(before.resource.name)
    return Sides(*sides)


def version_before(session: Session, actor: Actor, key: int) -> int | None:
    """The version of a definition that this one replaced. Raises NotFound, Forbidden."""
    _expect_reader(actor)
    row = _definition(session, key)
    return session.scalar(
        select(Definition.key)
        .where(
            Definition.kind == row.kind, Definition.definition_id == row.definition_id, Definition.version < row.version
        )
        .order_by(Definition.version.desc())
        .limit(1)
    )


def _definition(session: Session, key: int) -> Definition:
    row = session.get(Definition, key, options=[_CONTENT])
    if row is None:
        raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="definition", key=key)
    return row


def _used(row: Definition) -> set[tuple[str, str]]:
    return {(each["kind"], each["id"]) for each in row.outline.get("mentions", ())}


def _files(session: Session, row: Definition, used: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """The file of a version and, of what is used, what was in force when it came into force."""
    number = session.scalar(select(Deployment.number).where(Deployment.key == row.deployment_key))
    ids, kinds = {id for _, id in used}, set(used)
    found = session.scalars(
        select(Definition)
        .join(Deployment, Deployment.key == Definition.deployment_key)
        .where(Definition.definition_id.in_(ids), Deployment.number <= number)
        .options(_CONTENT)
        .order_by(Definition.version)
    )
    newest = {(each.kind, each.definition_id): each for each in found if (each.kind, each.definition_id) in kinds}
    files = {each.resource.name: each.resource.content for each in newest.values()}
    return {**files, row.resource.name: row.resource.content}


def _expect_reader(actor: Actor) -> None:
    if not actor.may(Permission.DEFINITION_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.",
            permission=Permission.DEFINITION_READ.value,
        )
