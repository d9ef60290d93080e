"""Projects: changes under way, kept apart from what is in force until they are published or discarded."""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.database import Base, Digest, Key, Moment, Packed, Plain
from engine.errors import Refused
from engine.events import ProjectDiscarded, ProjectPublished


class Project(Base):
    """A process with its diagrams, forms, tables, texts and scenarios, open for change as one thing."""

    __tablename__ = "project"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str]
    process_id: Mapped[str] = mapped_column(index=True)
    """The process it is about; others that this one calls may be in it too."""
    status: Mapped[str]
    """open, published or discarded."""
    opened_by: Mapped[str]
    opened_at: Mapped[dt.datetime] = mapped_column(Moment)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    deployment_key: Mapped[int | None] = mapped_column(BigInteger)
    """What was put into force by publishing it."""
    authors: Mapped[list[str]] = mapped_column(Plain, server_default="[]")
    """Everybody who changed a file of it; none of them approves it."""
    files: Mapped[list[ProjectFile]] = relationship(back_populates="project", order_by="ProjectFile.name")

    @classmethod
    def open(cls, key: int, name: str, process_id: str, opened_by: str, now: dt.datetime) -> Project:
        return cls(
            key=key, name=name, process_id=process_id, status="open", opened_by=opened_by, opened_at=now, authors=[]
        )

    def expect_open(self) -> None:
        if self.status != "open":
            raise Refused("Expected to change project '{project}', but it is closed.", project=self.name)

    def note_author(self, username: str) -> None:
        if username not in self.authors:
            self.authors = [*self.authors, username]

    @property
    def content_digest(self) -> str:
        """SHA-256 of all that would be published; any change makes it another."""
        said = "\n".join(f"{file.name} {file.digest}" for file in self.files if not file.is_removed)
        return hashlib.sha256(said.encode()).hexdigest()

    def discard(self, now: dt.datetime) -> ProjectDiscarded:
        self.expect_open()
        self.status, self.closed_at = "discarded", now
        return ProjectDiscarded(self.name)

    def publish(self, deployment_key: int, note: str, label: str, now: dt.datetime) -> ProjectPublished:
        self.expect_open()
        self.status, self.closed_at, self.deployment_key = "published", now, deployment_key
        return ProjectPublished(self.name, deployment_key, label, note)


class ProjectFile(Base):
    """One file of a project. It may be broken while it is drawn; publishing is what checks it."""

    __tablename__ = "project_file"

    project_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("project.key"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(Packed, deferred=True)
    digest: Mapped[str] = mapped_column(Digest)
    """SHA-256 of the content, hexadecimal."""
    base_resource_key: Mapped[int | None] = mapped_column(BigInteger)
    """The file in force that it was made from; none when it is new."""
    base_digest: Mapped[str | None] = mapped_column(Digest)
    is_removed: Mapped[bool] = mapped_column(default=False)
    """Left out of the project; what is in force stays there."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counts saves; who saves upon an older one is told, and overwrites nothing."""
    changed_by: Mapped[str | None]
    changed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    editor: Mapped[str | None]
    """Who has it open in an editor, as far as we heard last."""
    editor_seen_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    project: Mapped[Project] = relationship(back_populates="files")

    @property
    def is_changed(self) -> bool:
        return self.digest != self.base_digest

    def save(self, content: bytes, username: str, now: dt.datetime) -> None:
        self.content, self.digest = content, hashlib.sha256(content).hexdigest()
        self.revision += 1
        self.changed_by, self.changed_at = username, now
        self.editor, self.editor_seen_at = username, now
