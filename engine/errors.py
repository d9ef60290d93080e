"""What can go wrong when the engine is asked for something, in five kinds.

    EngineError
    ├── NotFound    the thing named does not exist (or the actor may not know that it does)
    ├── Forbidden   the actor lacks the permission
    ├── Refused     the thing exists, but its state does not allow this now
    │   └── Overtaken   somebody else has changed it meanwhile
    ├── Invalid     what was handed in is wrong; `problems` says where
    └── Unavailable the database cannot be asked or written just now; the sentence says whether anything was done

Every sentence is a template with named values, so that a page can translate the template and fill in the values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Problem:
    """One thing wrong in what was handed in, with its place in words its reader understands."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    resource: str | None = None
    line: int | None = None
    column: int | None = None
    element_id: str | None = None
    field: tuple[str | int, ...] = ()
    severity: Literal["error", "warning"] = "error"
    rule: str | None = None

    @property
    def message(self) -> str:
        return self.template.format(**self.values)

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                self.resource,
                f"line {self.line}" if self.line else None,
                f"element {self.element_id}" if self.element_id else None,
            )
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class EngineError(Exception):
    """What was asked for was not done, and nothing was changed; only of `Unavailable` that may not be sure."""

    def __init__(self, template: str, *, problems: Sequence[Problem] = (), **values: Any) -> None:
        self.template = template
        self.values = values
        self.problems = tuple(problems)
        super().__init__(template.format(**values))


class NotFound(EngineError):
    """The thing named does not exist."""


class Forbidden(EngineError):
    """The actor lacks the permission."""


class Refused(EngineError):
    """The state of the thing does not allow this now."""


class Overtaken(Refused):
    """Somebody else has changed the thing meanwhile; whoever catches this shows both and loses neither."""


class AtRest(Refused):
    """A case or process rests: what is meant for it can be kept until it goes on.

    Its values say which, by `root_key` and `instance_key` or by `definition_key`.
    """


class Invalid(EngineError):
    """What was handed in is wrong; `problems` says where."""


class Unavailable(EngineError):
    """The database cannot be asked or written just now."""
