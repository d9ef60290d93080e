"""What people are playing through in projects; the cases themselves are in sandboxes and thrown away."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, Moment, PackedPlain


class ProjectWalk(Base):
    """How far somebody has come in playing a case of a project: the steps, from which all else follows."""

    __tablename__ = "project_walk"

    project_key: Mapped[int] = mapped_column(BigInteger, ForeignKey("project.key"), primary_key=True)
    username: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[dt.datetime] = mapped_column(Moment)
    """What the sandbox's clock said at first."""
    steps: Mapped[list[dict[str, Any]]] = mapped_column(PackedPlain)
    """As scenario files write them."""
