"""Keeping what a replay of recorded cases through a change under way has shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.command import Command, Transaction, not_found
from engine.model import Permission, Project, ProjectReplay


@dataclass(frozen=True)
class KeepReplay(Command):
    """Keep the report of a replay with its project, instead of the one before."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    digest: str
    """Of what was replayed; what is saved in the project meanwhile makes the report outdated."""
    is_blocked: bool
    cases: int
    report: dict[str, Any] = field(repr=False)

    def execute(self, tx: Transaction) -> None:
        project = tx.session.get(Project, self.project_key, with_for_update=True)
        if project is None:
            raise not_found(Project, self.project_key)
        project.expect_open()
        kept = tx.session.get(ProjectReplay, self.project_key)
        if kept is None:
            kept = ProjectReplay(project_key=self.project_key)
            tx.add(kept)
        kept.digest, kept.is_blocked, kept.cases, kept.report = self.digest, self.is_blocked, self.cases, self.report
        kept.replayed_by, kept.replayed_at = tx.actor.username, tx.now
