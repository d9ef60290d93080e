"""People with accounts, their groups and roles."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session, selectinload

from engine.errors import Forbidden, NotFound
from engine.model import Actor, Group, Membership, Permission, Role, User
from engine.model.identity import UserRole, actor_of


@dataclass(frozen=True)
class Account:
    """Whose session it is: the actor with his roles of this moment."""

    actor: Actor
    stamp: str
    """Changes with the password, so that a new password ends all sessions begun with the old one."""


@dataclass(frozen=True)
class Person:
    """An account, for those who look after accounts."""

    key: int
    username: str
    name: str
    email: str
    language: str
    is_active: bool
    is_demo: bool
    locked_until: dt.datetime | None
    created_at: dt.datetime
    roles: tuple[Role, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True)
class GroupRow:
    """A group and the people in it."""

    group_id: str
    name: str
    members: tuple[str, ...]
    """Names of the people, by name."""


@dataclass(frozen=True)
class Colleague:
    """Somebody whom a task can be given to."""

    username: str
    name: str


def account(session: Session, actor: Actor, key: int) -> Account | None:
    """The account with this key; none when it does not exist or may not sign in any more."""
    rows = session.execute(_ACCOUNT, {"key": key}).all()
    if not rows:
        return None
    user = rows[0]
    roles = frozenset(Role(row.place) for row in rows if row.kind == "role")
    groups = frozenset(row.place for row in rows if row.kind == "group")
    actor = actor_of(key, user.username, user.name, user.language, roles, groups)
    return Account(actor, stamp_of(user.password_hash))


def _account() -> Select[Any]:
    """Person, roles and groups by one statement, since every request begins with it."""
    places = union_all(
        select(UserRole.user_key, literal("role").label("kind"), UserRole.role.label("place")),
        select(Membership.user_key, literal("group"), Membership.group_id),
    ).subquery()
    return (
        select(User.username, User.name, User.language, User.password_hash, places.c.kind, places.c.place)
        .outerjoin(places, places.c.user_key == User.key)
        .where(User.key == bindparam("key"), User.is_active)
    )


_ACCOUNT = _account()


def stamp_of(password_hash: str) -> str:
    """What a session keeps of the password it was begun with: enough to see that it has changed, no more."""
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


def name(session: Session, actor: Actor, username: str) -> str:
    """The name of the person with this user name; the user name itself when there is no such person."""
    return session.scalar(select(User.name).where(User.username == username)) or username


def own_groups(session: Session, actor: Actor) -> tuple[str, ...]:
    """The names of the actor's groups."""
    return tuple(session.scalars(select(Group.name).where(Group.group_id.in_(actor.groups)).order_by(Group.name)))


def group_names(session: Session, actor: Actor) -> dict[str, str]:
    """Group id → name."""
    return {group_id: name for group_id, name in session.execute(select(Group.group_id, Group.name))}


def people(session: Session, actor: Actor, *, search: str = "") -> tuple[Person, ...]:
    """All accounts, by name. Raises Forbidden."""
    _expect_admin(actor)
    wanted = select(User).options(selectinload(User.roles), selectinload(User.memberships))
    if words := search.strip():
        wanted = wanted.where(
            or_(User.name.icontains(words, autoescape=True), User.username.icontains(words, autoescape=True))
        )
    return tuple(_person(user) for user in session.scalars(wanted.order_by(User.name, User.username)))


def person(session: Session, actor: Actor, key: int) -> Person:
    """One account. Raises Forbidden, NotFound."""
    _expect_admin(actor)
    user = session.get(User, key, options=[selectinload(User.roles), selectinload(User.memberships)])
    if user is None:
        raise NotFound("Expected to find person '{key}', but there is none.", key=key)
    return _person(user)


def groups(session: Session, actor: Actor) -> tuple[GroupRow, ...]:
    """All groups with their people, by name. Raises Forbidden."""
    _expect_admin(actor)
    members: dict[str, list[str]] = {}
    for group_id, member in session.execute(
        select(Membership.group_id, User.name).join(User, User.key == Membership.user_key).order_by(User.name)
    ):
        members.setdefault(group_id, []).append(member)
    rows = session.scalars(select(Group).order_by(Group.name))
    return tuple(GroupRow(row.group_id, row.name, tuple(members.get(row.group_id, ()))) for row in rows)


def colleagues(session: Session, actor: Actor) -> tuple[Colleague, ...]:
    """The people whom a task can be given to, by name. Raises Forbidden."""
    if not actor.may(Permission.TASK_ASSIGN):
        _refuse(Permission.TASK_ASSIGN)
    rows = session.scalars(
        select(User).where(User.is_active).options(selectinload(User.roles), selectinload(User.memberships))
        .order_by(User.name)
    )  # fmt: skip
    return tuple(Colleague(user.username, user.name) for user in rows if user.actor().may(Permission.TASK_WORK))


def _person(user: User) -> Person:
    roles = {role.role for role in user.roles}
    return Person(
        key=user.key,
        username=user.username,
        name=user.name,
        email=user.email,
        language=user.language,
        is_active=user.is_active,
        is_demo=user.is_demo,
        locked_until=user.locked_until,
        created_at=user.created_at,
        roles=tuple(role for role in Role if role.value in roles),
        groups=tuple(sorted(membership.group_id for membership in user.memberships)),
    )


def _expect_admin(actor: Actor) -> None:
    if not actor.may(Permission.USER_MANAGE):
        _refuse(Permission.USER_MANAGE)


def _refuse(permission: Permission) -> None:
    raise Forbidden("Expected the permission '{permission}', but you do not have it.", permission=permission.value)
