"""Keeping what somebody plays through in a project."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from engine import scenarios
from engine.command import Command, Transaction, not_found
from engine.errors import Refused
from engine.model import Permission, Project, ProjectWalk


@dataclass(frozen=True)
class KeepWalk(Command):
    """Keep how far one has come in playing a case of a project; without steps, forget it."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    began_at: dt.datetime
    steps: tuple[dict[str, Any], ...] = field(repr=False)

    def execute(self, tx: Transaction) -> None:
        if tx.session.get(Project, self.project_key) is None:
            raise not_found(Project, self.project_key)
        if len(self.steps) > scenarios.MAXIMUM_STEPS:
            raise Refused("Expected no more than {limit} steps, but there are more.", limit=scenarios.MAXIMUM_STEPS)
        steps = [scenarios.step_of(each).plain() for each in self.steps]
        row = tx.session.get(ProjectWalk, (self.project_key, tx.actor.username))
        if row is None:
            row = ProjectWalk(project_key=self.project_key, username=tx.actor.username)
            tx.add(row)
        row.began_at, row.steps = self.began_at, steps
