"""Files of a project that come back from a folder, such as one kept in git."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from engine.command import Command, Transaction
from engine.commands.projects import Files, add, expect_size, locked
from engine.commands.resources import MAXIMUM_FILES
from engine.errors import Invalid
from engine.model import Permission


@dataclass(frozen=True)
class BringFilesIn(Command):
    """Take files into a project, all or none: those of the same name are replaced. Returns the names that changed."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    files: Files = field(repr=False)

    def execute(self, tx: Transaction) -> tuple[str, ...]:
        project = locked(tx, self.project_key)
        if len(self.files) > MAXIMUM_FILES:
            raise Invalid("Expected no more than {limit} files, but there are more.", limit=MAXIMUM_FILES)
        known, changed = {file.name: file for file in project.files}, []
        for name, content in self.files:
            file = known.get(name)
            if file is None:
                add(tx, project, name, content)
            elif file.digest != hashlib.sha256(content).hexdigest() or file.is_removed:
                expect_size(name, content)
                file.save(content, tx.actor.username, tx.now)
                file.is_removed = False
            else:
                continue
            changed.append(name)
        if changed:
            project.note_author(tx.actor.username)
        return tuple(changed)
