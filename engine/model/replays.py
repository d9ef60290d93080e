"""Replays: what recorded cases would have done in a change under way."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine import plain
from engine.database import Base, Digest, Moment, PackedPlain
from engine.model.projects import ProjectFile

DECIDING = (".bpmn", ".dmn")
"""Endings of the files that decide where a case goes; forms and texts do not, since answers come from the record."""


class ProjectReplay(Base):
    """The last replay of recorded cases through a project."""

    __tablename__ = "project_replay"

    project_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("project.key"), primary_key=True)
    digest: Mapped[str] = mapped_column(Digest)
    """Of what was replayed: see `digest_of`."""
    is_blocked: Mapped[bool]
    """Whether cases got stuck or raised something."""
    cases: Mapped[int]
    replayed_by: Mapped[str]
    replayed_at: Mapped[dt.datetime] = mapped_column(Moment)
    report: Mapped[dict[str, Any]] = mapped_column(PackedPlain, deferred=True)


def digest_of(files: Iterable[ProjectFile], definition_key: int | None) -> str:
    """Changes with all that a replay depends on: the files that decide, and the version whose cases are replayed."""
    deciding = sorted(
        (file.name, file.digest) for file in files if not file.is_removed and file.name.lower().endswith(DECIDING)
    )
    return hashlib.sha256(plain.canonical({"files": deciding, "replaces": definition_key})).hexdigest()
