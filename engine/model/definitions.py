"""What process owners put into force: deployments, their files, and the versioned definitions in them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.database import Base, Digest, Key, Moment, Packed, PackedPlain
from engine.errors import AtRest, Refused
from engine.events import DefinitionReinstated, DefinitionResumed, DefinitionRetired, DefinitionSuspended
from engine.model.identity import Actor, Permission

DefinitionKind = Literal["process", "decision", "form", "catalogue", "scenario"]


class Deployment(Base):
    """Resources accepted together."""

    __tablename__ = "deployment"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[int] = mapped_column(index=True, unique=True, server_default="0")
    """One more than the deployment before: of two at the same time one fails and tries again, so that the newest one
    always tells what is in force."""
    name: Mapped[str]
    deployed_at: Mapped[dt.datetime] = mapped_column(Moment)
    deployed_by: Mapped[str]
    label: Mapped[str] = mapped_column(server_default="")
    """The version as people call it, such as `2026-11 spring`; empty when nobody named it."""
    note: Mapped[str] = mapped_column(server_default="")
    """What changed and why, in the words of whoever published it."""
    project_key: Mapped[int | None] = mapped_column(BigInteger)
    """The project it was published from."""
    trial: Mapped[str | None]
    """Whom it is tried out on before it is for everybody: `percent:10`, or `group:` and the group's id."""
    trial_status: Mapped[str | None]
    """running, promoted or withdrawn; none when it never was a trial."""
    resources: Mapped[list[Resource]] = relationship(back_populates="deployment")


class Resource(Base):
    """One file of a deployment, byte for byte as it was handed in."""

    __tablename__ = "resource"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    deployment_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("deployment.key"), index=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(Digest)
    """SHA-256 of the content, hexadecimal."""
    content: Mapped[bytes] = mapped_column(Packed, deferred=True)
    deployment: Mapped[Deployment] = relationship(back_populates="resources")


class Definition(Base):
    """A process, decision, form, catalogue of translations or test scenario: id and version, never changed."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("kind", "definition_id", "version"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str]
    definition_id: Mapped[str]
    version: Mapped[int]
    version_tag: Mapped[str | None]
    name: Mapped[str]
    outline: Mapped[dict[str, Any]] = mapped_column(PackedPlain)
    """What pages must know of it without reading the file again.

    Processes: `documentation`; `properties` (the own properties of the process element: publicStart, stages …);
    `start_form` (form id or null); `forms` (ids of the forms that it names);
    `mentions` (`kind` and `id` of the forms, decisions and processes that it names, and the `element_id` that does);
    `elements` (element or flow id → `name`, `kind`, `documentation`).
    Decisions: `namespace` of their model; `imports` (`namespace` and `location` as the model spells them, and the
    `resource_key` of the file that they are bound to; absent without imports).
    Scenarios: `process_id` that they begin with, `note`, `steps` (how many).
    All kinds: `findings` (the warnings of its deployment, each `template`, `values`, `line`, `element_id`).
    """
    is_retired: Mapped[bool] = mapped_column(default=False)
    """A retired process takes no new cases."""
    is_suspended: Mapped[bool] = mapped_column(default=False, server_default=false())
    """At rest: what would start it is kept until it goes on."""
    trial: Mapped[str | None]
    """Whom it is tried out on, as its deployment says; `withdrawn` after that; none when it is for everybody."""
    deployment_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("deployment.key"), index=True)
    resource_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("resource.key"))
    resource: Mapped[Resource] = relationship()

    @property
    def digest(self) -> str:
        return self.resource.digest

    def expect_in_force(self) -> None:
        if self.is_retired:
            raise Refused("Expected to start process '{process}', but it is retired.", process=self.definition_id)
        if self.is_suspended:
            raise AtRest(
                "Expected to start process '{process}', but it is at rest.", process=self.definition_id,
                definition_key=self.key,
            )  # fmt: skip

    def suspend(self, reason: str) -> DefinitionSuspended:
        self.is_suspended = True
        return DefinitionSuspended(self.definition_id, self.version, reason)

    def resume(self) -> DefinitionResumed:
        self.is_suspended = False
        return DefinitionResumed(self.definition_id, self.version)

    def retire(self) -> DefinitionRetired:
        self.is_retired = True
        return DefinitionRetired(self.definition_id)

    def reinstate(self) -> DefinitionReinstated:
        self.is_retired = False
        return DefinitionReinstated(self.definition_id)

    @property
    def properties(self) -> dict[str, str]:
        """The own properties of a process, such as `publicStart`, `stages` or `referencePrefix`."""
        properties: dict[str, str] = self.outline.get("properties", {})
        return properties

    @property
    def is_public(self) -> bool:
        """Whether customers may start it on the public page."""
        return self.properties.get("publicStart") == "true"

    def may_be_started_by(self, actor: Actor) -> bool:
        """Whether the actor is a candidate starter; whoever deploys definitions may try out any.

        Nobody else starts a process that is only there to be called (`startable` is `false`).
        """
        if actor.may(Permission.DEFINITION_DEPLOY):
            return True
        if not actor.may(Permission.CASE_START):
            return False
        if self.properties.get("startable") == "false":
            return False
        users, groups = self._listed("candidateStarterUsers"), self._listed("candidateStarterGroups")
        return not (users or groups) or actor.username in users or not groups.isdisjoint(actor.groups)

    def _listed(self, name: str) -> frozenset[str]:
        return frozenset(part.strip() for part in self.properties.get(name, "").split(",") if part.strip())
