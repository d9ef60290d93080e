"""Running and ended cases, what they wait for, and what went wrong in them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.database import Base, Digest, Key, Moment, PackedPlain, Plain
from engine.errors import AtRest, Refused
from engine.events import (
    InstanceCancelled,
    InstanceCompleted,
    InstanceMigrated,
    InstanceModified,
    InstanceResumed,
    InstanceSuspended,
    StageReached,
)
from engine.model.definitions import Definition

_IS_CASE = text("parent_key IS NULL")
_IS_CALLED = text("parent_key IS NOT NULL")
_IS_UNRESOLVED = text("resolved_at IS NULL")


class ProcessInstance(Base):
    """One run of one version of a process.

    A called process is an instance of its own; all instances of a case share the root's key, its lock and its log.
    """

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_status", "status", "key", sqlite_where=_IS_CASE, postgresql_where=_IS_CASE),
        Index("ix_process_instance_initiator", "initiator", "key", sqlite_where=_IS_CASE, postgresql_where=_IS_CASE),
        Index("ix_process_instance_parent_key", "parent_key", sqlite_where=_IS_CALLED, postgresql_where=_IS_CALLED),
        Index("ix_process_instance_process_id", "process_id", "status", "key"),
        Index("ix_process_instance_definition_key", "definition_key", "status"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    root_key: Mapped[int] = mapped_column(BigInteger, index=True)
    parent_key: Mapped[int | None] = mapped_column(BigInteger)
    parent_activity_key: Mapped[int | None] = mapped_column(BigInteger)
    definition_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("definition.key"))
    process_id: Mapped[str]
    reference: Mapped[str] = mapped_column(index=True)
    """What people call the case; called instances carry the root's."""
    subject: Mapped[str]
    status: Mapped[str]
    """active, suspended, completed or cancelled."""
    initiator: Mapped[str | None]
    started_at: Mapped[dt.datetime] = mapped_column(Moment)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    stage: Mapped[str | None]
    promised: Mapped[dt.datetime | None] = mapped_column(Moment)
    variables: Mapped[dict[str, Any]] = mapped_column(PackedPlain)
    """The root scope, projected from the state for questions; the state is the truth."""
    state: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    log_position: Mapped[int | None]
    """Of a case's own instance: where its log ends, so that a step need not ask; none when it is not known here."""
    log_hash: Mapped[str | None] = mapped_column(Digest)
    """Of the entry at that position."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts saves; a writer that read an older one is refused by the database layer and tries again."""
    definition: Mapped[Definition] = relationship()

    __mapper_args__ = {"version_id_col": version}

    def expect_active(self) -> None:
        if self.status == "suspended":
            raise AtRest(
                "Expected to {verb} case '{case}', but it is {status}.",
                verb="work on", case=self.reference, status=self.status, root_key=self.root_key, instance_key=self.key,
            )  # fmt: skip
        if self.status != "active":
            raise self._refusal("work on")

    def expect_open(self, verb: str) -> None:
        """Running or at rest. Raises Refused."""
        if self.has_ended:
            raise self._refusal(verb)

    @property
    def has_ended(self) -> bool:
        return self.status in ("completed", "cancelled")

    def complete(self, now: dt.datetime) -> InstanceCompleted:
        self.status, self.ended_at = "completed", now
        return InstanceCompleted()

    def cancel(self, reason: str, now: dt.datetime) -> InstanceCancelled:
        if self.has_ended:
            raise self._refusal("cancel")
        self.status, self.ended_at = "cancelled", now
        return InstanceCancelled(reason=reason)

    def suspend(self, reason: str) -> InstanceSuspended:
        if self.status != "active":
            raise self._refusal("suspend")
        self.status = "suspended"
        return InstanceSuspended(reason=reason)

    def resume(self) -> InstanceResumed:
        if self.status != "suspended":
            raise self._refusal("resume")
        self.status = "active"
        return InstanceResumed()

    def modify(self, stopped: list[str], before: list[str], after: list[str], reason: str) -> InstanceModified:
        self.expect_open("move")
        return InstanceModified(stopped, before, after, reason)

    def migrate(
        self, definition: Definition, mapping: dict[str, str], renewed: list[str], reason: str, requested_by: str
    ) -> InstanceMigrated:
        self.expect_open("move")
        old, self.definition = self.definition, definition
        self.definition_key, self.process_id = definition.key, definition.definition_id
        return InstanceMigrated(
            definition_key=definition.key,
            process_id=definition.definition_id,
            version=definition.version,
            from_definition_key=old.key,
            from_process_id=old.definition_id,
            from_version=old.version,
            mapping=mapping,
            renewed=renewed,
            reason=reason,
            requested_by=requested_by,
        )

    def _refusal(self, verb: str) -> Refused:
        template = "Expected to {verb} case '{case}', but it is {status}."
        return Refused(template, verb=verb, case=self.reference, status=self.status)

    def reach(self, event: StageReached) -> None:
        self.stage = event.stage
        self.promised = dt.datetime.fromisoformat(event.promised).astimezone(dt.UTC) if event.promised else None


class Subscription(Base):
    """An instance waits for a message or a signal; or a definition starts an instance when one comes."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_name", "kind", "name", "correlation_key"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    """The waiting activity's key."""
    kind: Mapped[str]
    """message, signal or, for what starts an instance only, conditional."""
    name: Mapped[str]
    """Of the message or signal; the condition itself."""
    correlation_key: Mapped[str]
    instance_key: Mapped[int | None] = mapped_column(BigInteger, index=True)
    root_key: Mapped[int | None] = mapped_column(BigInteger, index=True)
    definition_key: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """Set on start subscriptions, which belong to the latest version of a process."""
    element_id: Mapped[str]
    label: Mapped[str]
    form_id: Mapped[str | None]
    """The form by which the customer can send the message on the status page."""
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


class ReceivedMessage(Base):
    """A message from outside that named itself; the same one again changes nothing."""

    __tablename__ = "received_message"

    name: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger)
    """The case that took it; 0 while it is kept for one."""
    received_at: Mapped[dt.datetime] = mapped_column(Moment)


class AcceptedStart(Base):
    """A start that named itself; the same one again gives the case that it began."""

    __tablename__ = "accepted_start"

    digest: Mapped[str] = mapped_column(Digest, primary_key=True)
    """Of who asked, for which process, with which name and data."""
    instance_key: Mapped[int] = mapped_column(BigInteger)
    accepted_at: Mapped[dt.datetime] = mapped_column(Moment)


class Incident(Base):
    """A failure that waits for a person."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_open", "key", "root_key", sqlite_where=_IS_UNRESOLVED, postgresql_where=_IS_UNRESOLVED),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger, index=True)
    root_key: Mapped[int] = mapped_column(BigInteger, index=True)
    activity_key: Mapped[int] = mapped_column(BigInteger, index=True)
    element_id: Mapped[str]
    label: Mapped[str]
    template: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(Plain)
    raised_at: Mapped[dt.datetime] = mapped_column(Moment)
    resolved_at: Mapped[dt.datetime | None] = mapped_column(Moment)
