"""People, groups and signing in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, selectinload

from engine.command import Command, Transaction
from engine.commands import passwords
from engine.errors import Forbidden, Invalid, NotFound, Problem, Refused
from engine.events import GroupCreated, PasswordChanged, SignedIn, SignInRefused, UserChanged, UserCreated
from engine.model import Actor, Group, Membership, Permission, Role, SignInAttempts, User, UserRole
from engine.model.identity import CONSOLE, CUSTOMER, ENGINE, NOBODY

LANGUAGES = ("en", "zh_Hans")
FAILURES_OF_A_NAME = 5
FAILURES_OF_AN_ADDRESS = 30
"""More than of a name, since a whole office may come from one address."""
FIRST_LOCK = dt.timedelta(seconds=30)
LONGEST_LOCK = dt.timedelta(minutes=15)
ATTEMPTS_KEPT = dt.timedelta(days=1)

_USERNAME = re.compile(r"[\w][\w.@-]{0,63}")
_GROUP = re.compile(r"[\w][\w-]{0,63}")
_RESERVED = frozenset(actor.username for actor in (ENGINE, CUSTOMER, NOBODY, CONSOLE))
_WRONG = "Expected a user name and password that belong together, but these do not."
_LATER = "Expected a user name and password, but there were too many wrong ones. Try again after {time}."


@dataclass(frozen=True)
class CreateUser(Command):
    """Make an account for a person."""

    permission = Permission.USER_MANAGE
    username: str
    name: str
    password: str = field(repr=False)
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    email: str = ""
    language: str = "en"
    is_demo: bool = False

    def prepare(self, session: Session) -> str:
        problems = [*_of_person(self.name, self.language, self.roles), *passwords.problems(self.password)]
        if not _USERNAME.fullmatch(self.username) or self.username in _RESERVED:
            problems.append(
                Problem("A user name is made of letters, digits and . _ @ -, and is not reserved.", field=("username",))
            )
        _expect_none(problems)
        return passwords.hashed(self.password)

    def execute(self, tx: Transaction) -> int:
        if tx.session.scalar(select(User.key).where(User.username == self.username)) is not None:
            raise Refused("Expected to create user '{username}', but that user name is taken.", username=self.username)
        user = User(
            key=tx.new_key(),
            username=self.username,
            name=self.name.strip(),
            email=self.email.strip(),
            language=self.language,
            password_hash=tx.prepared,
            is_active=True,
            is_demo=self.is_demo,
            failed_sign_ins=0,
            locked_until=None,
            created_at=tx.now,
            roles=[UserRole(role=role) for role in sorted(set(self.roles))],
            memberships=[Membership(group_id=group) for group in _known_groups(tx, self.groups)],
        )
        tx.add(user)
        tx.record(user.key, UserCreated(self.username, sorted(set(self.roles)), sorted(set(self.groups))))
        return user.key


@dataclass(frozen=True)
class ChangeUser(Command):
    """Change an account's name, address, language, roles, groups or state; what is left out stays."""

    permission = Permission.USER_MANAGE
    username: str
    name: str | None = None
    email: str | None = None
    language: str | None = None
    is_active: bool | None = None
    roles: tuple[str, ...] | None = None
    groups: tuple[str, ...] | None = None

    def execute(self, tx: Transaction) -> None:
        user = _locked(tx, self.username)
        _expect_none(list(_of_person(self.name or user.name, self.language or user.language, self.roles or ())))
        before = _told(user)
        for name in ("name", "email", "language", "is_active"):
            if getattr(self, name) is not None:
                setattr(user, name, getattr(self, name))
        if self.roles is not None:
            kept = {role.role: role for role in user.roles}
            user.roles = [kept.get(role) or UserRole(role=role) for role in sorted(set(self.roles))]
        if self.groups is not None:
            members = {member.group_id: member for member in user.memberships}
            user.memberships = [members.get(id) or Membership(group_id=id) for id in _known_groups(tx, self.groups)]
        if user.is_active:
            user.failed_sign_ins, user.locked_until = 0, None
        after = _told(user)
        changes = {name: {"old": before[name], "new": after[name]} for name in after if before[name] != after[name]}
        if changes:
            tx.session.flush()
            _expect_an_admin(tx)
            tx.record(user.key, UserChanged(self.username, changes))


@dataclass(frozen=True)
class SetLanguage(Command):
    """Choose the language of one's own account."""

    permission = None
    language: str

    def execute(self, tx: Transaction) -> None:
        user = _locked(tx, tx.actor.username)
        _expect_none(list(_of_person(user.name, self.language, ())))
        if user.language != self.language:
            change = {"language": {"old": user.language, "new": self.language}}
            user.language = self.language
            tx.record(user.key, UserChanged(user.username, change))


@dataclass(frozen=True)
class SetPassword(Command):
    """Give an account a new password: one's own by naming the old one, anybody's as an administrator."""

    permission = None
    username: str
    password: str = field(repr=False)
    old_password: str | None = field(default=None, repr=False)

    def prepare(self, session: Session) -> tuple[str, bool]:
        user = session.scalars(select(User).where(User.username == self.username)).first()
        is_right = passwords.fits(user.password_hash if user else None, self.old_password or "")
        _expect_none(passwords.problems(self.password))
        return passwords.hashed(self.password), is_right

    def execute(self, tx: Transaction) -> None:
        new_hash, is_right = tx.prepared
        user = _locked(tx, self.username) if tx.actor.username == self.username else self._managed(tx)
        if self.old_password is not None and not is_right:
            raise Refused("Expected your old password, but this is another one.")
        if self.old_password is None:
            tx.require(Permission.USER_MANAGE)
        user.password_hash, user.is_demo = new_hash, False
        user.failed_sign_ins, user.locked_until = 0, None
        tx.record(user.key, PasswordChanged(self.username))

    def _managed(self, tx: Transaction) -> User:
        tx.require(Permission.USER_MANAGE)
        return _locked(tx, self.username)


@dataclass(frozen=True)
class CreateGroup(Command):
    """Make a group, to which tasks can be offered."""

    permission = Permission.USER_MANAGE
    group_id: str
    name: str

    def execute(self, tx: Transaction) -> None:
        problems = []
        if not _GROUP.fullmatch(self.group_id):
            problems.append(Problem("A group's id is made of letters, digits, _ and -.", field=("group_id",)))
        if not self.name.strip():
            problems.append(Problem("A group needs a name.", field=("name",)))
        _expect_none(problems)
        if tx.session.get(Group, self.group_id) is not None:
            raise Refused("Expected to create group '{group}', but there is one.", group=self.group_id)
        tx.add(Group(group_id=self.group_id, name=self.name.strip()))
        tx.record(tx.actor.key, GroupCreated(self.group_id, self.name.strip()))


@dataclass(frozen=True)
class SignIn(Command):
    """Sign in with user name and password. Wrong ones slow down all further tries for that name and address."""

    permission = None
    username: str
    password: str = field(repr=False)
    address: str = ""

    def prepare(self, session: Session) -> bool:
        """Whether the password fits; takes the same time for a name that nobody has."""
        password_hash = session.scalar(select(User.password_hash).where(User.username == self.username))
        return passwords.fits(password_hash, self.password)

    def execute(self, tx: Transaction) -> Actor | None:
        user = tx.session.scalars(_with_rights(self.username).with_for_update(of=User)).first()
        tries = [_attempts(tx, f"address {self.address}")]
        if user is None:
            tries.append(_attempts(tx, f"name {self.username}"))
        locks = [each.blocked_until for each in tries] + [user.locked_until if user else None]
        locked_until = max((lock for lock in locks if lock and lock > tx.now), default=None)
        stream = user.key if user else 0
        if locked_until is not None:
            tx.record(stream, SignInRefused(self.address, "too many wrong tries"))
            tx.refusal = Refused(_LATER, time=locked_until)
            return None
        if user is None or not tx.prepared or not user.is_active:
            reason = "unknown user" if user is None else "wrong password" if not tx.prepared else "account not active"
            tx.record(stream, SignInRefused(self.address, reason))
            self._slow_down(tx, user, tries)
            tx.refusal = Forbidden(_WRONG)
            return None
        user.failed_sign_ins, user.locked_until = 0, None
        tx.actor = user.actor()
        tx.record(user.key, SignedIn(self.address))
        return tx.actor

    def _slow_down(self, tx: Transaction, user: User | None, tries: Sequence[SignInAttempts]) -> None:
        tx.session.execute(delete(SignInAttempts).where(SignInAttempts.last_at < tx.now - ATTEMPTS_KEPT))
        for each in tries:
            limit = FAILURES_OF_AN_ADDRESS if each.address.startswith("address ") else FAILURES_OF_A_NAME
            each.failed, each.last_at = each.failed + 1, tx.now
            each.blocked_until = _locked_until(each.failed, limit, tx.now)
        if user is not None:
            user.failed_sign_ins += 1
            user.locked_until = _locked_until(user.failed_sign_ins, FAILURES_OF_A_NAME, tx.now)


def _attempts(tx: Transaction, address: str) -> SignInAttempts:
    """What is counted for a name or address; forgotten once it has been quiet for longer than the longest lock."""
    row = tx.session.get(SignInAttempts, address)
    if row is None:
        row = SignInAttempts(address=address, failed=0, last_at=tx.now, blocked_until=None)
        tx.add(row)
    elif row.last_at < tx.now - 2 * LONGEST_LOCK:
        row.failed, row.blocked_until = 0, None
    return row


def _locked_until(failed: int, limit: int, now: dt.datetime) -> dt.datetime | None:
    if failed < limit:
        return None
    return now + min(FIRST_LOCK * (1 << min(failed - limit, 10)), LONGEST_LOCK)


def _with_rights(username: str) -> Select[User]:
    return (
        select(User).where(User.username == username).options(selectinload(User.roles), selectinload(User.memberships))
    )


def _locked(tx: Transaction, username: str) -> User:
    user: User | None = tx.session.scalars(_with_rights(username).with_for_update(of=User)).first()
    if user is None:
        raise NotFound("Expected to find person '{username}', but there is none.", username=username)
    return user


def _known_groups(tx: Transaction, groups: Sequence[str]) -> list[str]:
    known = set(tx.session.scalars(select(Group.group_id).where(Group.group_id.in_(groups))))
    _expect_none(
        [Problem("There is no group '{group}'.", {"group": id}, field=("groups",)) for id in groups if id not in known]
    )
    return sorted(known)


def _of_person(name: str, language: str, roles: Sequence[str]) -> Iterator[Problem]:
    if not name.strip():
        yield Problem("A person needs a name.", field=("name",))
    if language not in LANGUAGES:
        yield Problem("There is no language '{language}' here.", {"language": language}, field=("language",))
    for role in roles:
        if role not in set(Role):
            yield Problem("There is no role '{role}'.", {"role": role}, field=("roles",))


def _expect_none(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid("Expected an account as it should be, but something is not right yet.", problems=problems)


def _expect_an_admin(tx: Transaction) -> None:
    """Somebody must be left who can manage accounts, or nobody could ever mend it from the pages."""
    admins = select(User.key).join(UserRole, UserRole.user_key == User.key)
    if tx.session.scalar(admins.where(UserRole.role == Role.ADMIN.value, User.is_active).limit(1)) is None:
        raise Refused("Expected to change an account, but no administrator would be left.")


def _told(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "is_active": user.is_active,
        "roles": sorted(role.role for role in user.roles),
        "groups": sorted(member.group_id for member in user.memberships),
    }
