"""People, groups, roles and what each role permits; and the actor in whose name everything is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.database import Base, Key, Moment


class Permission(StrEnum):
    """What can be permitted: `noun:verb`, in the order of the alphabet."""

    CASE_CANCEL = "case:cancel"
    CASE_COMMENT = "case:comment"
    CASE_MOVE = "case:move"
    """Move cases by hand, or to another version of their process."""
    CASE_READ = "case:read"
    """Cases that the actor started, works on or could work on."""
    CASE_READ_ALL = "case:read-all"
    CASE_START = "case:start"
    CASE_SUSPEND = "case:suspend"
    DEFINITION_DEPLOY = "definition:deploy"
    DEFINITION_DRAFT = "definition:draft"
    """Open projects and change what is in them; putting it into force is `definition:deploy`."""
    DEFINITION_READ = "definition:read"
    INCIDENT_RESOLVE = "incident:resolve"
    JOB_READ = "job:read"
    JOB_RUN = "job:run"
    """Take jobs and answer them: the engine itself and job workers."""
    LOG_READ = "log:read"
    MESSAGE_SEND = "message:send"
    OUTBOX_READ = "outbox:read"
    PUBLIC_FILE = "public:file"
    """File a case on the public page, follow it and answer in it, with its secret."""
    TASK_ASSIGN = "task:assign"
    TASK_READ_ALL = "task:read-all"
    TASK_WORK = "task:work"
    """See, claim, release and complete tasks that are assigned or offered to the actor."""
    USER_MANAGE = "user:manage"


class Role(StrEnum):
    """What somebody is in the organisation; each role permits a fixed set of things."""

    STAFF = "staff"
    TEAM_LEAD = "team-lead"
    PROCESS_OWNER = "process-owner"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMIN = "admin"


_STAFF = frozenset({Permission.CASE_COMMENT, Permission.CASE_READ, Permission.CASE_START, Permission.TASK_WORK})
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.STAFF: _STAFF,
    Role.TEAM_LEAD: _STAFF
    | {Permission.CASE_CANCEL, Permission.CASE_READ_ALL, Permission.TASK_ASSIGN, Permission.TASK_READ_ALL},
    Role.PROCESS_OWNER: frozenset(
        {
            Permission.CASE_MOVE, Permission.CASE_READ_ALL, Permission.CASE_START, Permission.DEFINITION_DEPLOY,
            Permission.DEFINITION_DRAFT, Permission.DEFINITION_READ,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Permission.CASE_READ_ALL, Permission.DEFINITION_READ, Permission.LOG_READ, Permission.TASK_READ_ALL,
            Permission.OUTBOX_READ,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.CASE_CANCEL, Permission.CASE_MOVE, Permission.CASE_READ_ALL, Permission.CASE_SUSPEND,
            Permission.DEFINITION_READ,
            Permission.INCIDENT_RESOLVE, Permission.JOB_READ, Permission.MESSAGE_SEND, Permission.OUTBOX_READ,
        }
    ),
    Role.ADMIN: frozenset(set(Permission) - {Permission.TASK_WORK, Permission.JOB_RUN, Permission.PUBLIC_FILE}),
}  # fmt: skip


@dataclass(frozen=True)
class Actor:
    """In whose name something is asked."""

    username: str
    name: str
    permissions: frozenset[Permission]
    groups: frozenset[str] = frozenset()
    roles: frozenset[Role] = frozenset()
    key: int = 0
    """The user's key; 0 for the engine itself and for customers."""
    language: str = "en"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


ENGINE = Actor("engine", "Casewright", frozenset(Permission))
"""The engine itself: timers, jobs, called processes."""
CUSTOMER = Actor("customer", "Customer", frozenset({Permission.PUBLIC_FILE}))
"""Anybody on the public page; a case's secret is checked besides."""
NOBODY = Actor("nobody", "Nobody", frozenset())
"""Before signing in."""
CONSOLE = Actor("console", "Console", frozenset(Permission))
"""Whoever runs the command line beside the database, and so could change the database itself."""


def actor_of(
    key: int, username: str, name: str, language: str, roles: frozenset[Role], groups: frozenset[str]
) -> Actor:
    """The actor that a person is with these roles and groups."""
    permissions = frozenset().union(*(PERMISSIONS[role] for role in roles))
    return Actor(username, name, permissions, groups, roles, key, language)


class User(Base):
    """A person with an account."""

    __tablename__ = "user_account"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    """Made by the demo, with a password that everybody knows."""
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    roles: Mapped[list[UserRole]] = relationship(cascade="all, delete-orphan")
    memberships: Mapped[list[Membership]] = relationship(cascade="all, delete-orphan")

    def actor(self) -> Actor:
        roles = frozenset(Role(role.role) for role in self.roles)
        groups = frozenset(membership.group_id for membership in self.memberships)
        return actor_of(self.key, self.username, self.name, self.language, roles, groups)


class SignInAttempts(Base):
    """How often signing in was tried in vain from one network address."""

    __tablename__ = "sign_in_attempts"

    address: Mapped[str] = mapped_column(primary_key=True)
    failed: Mapped[int]
    last_at: Mapped[dt.datetime] = mapped_column(Moment)
    blocked_until: Mapped[dt.datetime | None] = mapped_column(Moment)


class UserRole(Base):
    """A role that a person has."""

    __tablename__ = "user_role"

    user_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.key"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class Group(Base):
    """People to whom tasks are offered together."""

    __tablename__ = "user_group"

    group_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Membership(Base):
    """A person belongs to a group."""

    __tablename__ = "membership"

    user_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.key"), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("user_group.group_id"), primary_key=True)
