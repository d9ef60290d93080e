"""The components of a form as the server sees them: where their value lives and the rules that FEEL decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine import feel
from engine.forms.options import Options
from engine.forms.patterns import Pattern

FIELDS = frozenset(
    "textfield textarea number datetime checkbox checklist radio select taglist filepicker expression".split()
)
"""Components that hold a value, under `key`."""

CONTAINERS = frozenset(("group", "dynamiclist"))
"""Components that hold other components, their values under `path`."""

DISPLAYS = frozenset("text html image iframe table documentPreview separator spacer button".split())
"""Components that only show something."""

SELECTS = frozenset(("checklist", "radio", "select", "taglist"))
"""Fields that choose among options."""

Path = tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """A truth that the schema states, or that FEEL decides while the form is filled."""

    always: bool = False
    expression: feel.Expression | None = None

    def holds(self, scope: Mapping[str, Any], now: dt.datetime | None) -> bool:
        """Whether it is true; an expression that gives anything but true is not."""
        if self.expression is None:
            return self.always
        return self.expression.value(scope, now) is True


@dataclass(frozen=True)
class Component:
    """One component of a form."""

    id: str
    type: str
    path: Path
    schema: Mapping[str, Any]
    children: tuple[Component, ...] = ()
    hide: Condition = Condition()
    read_only: Condition = Condition()
    disabled: Condition = Condition()
    expression: feel.Expression | None = None
    options: Options | None = None
    pattern: Pattern | None = None
    limits: Mapping[str, Decimal | feel.Expression] = field(default_factory=dict)
    reads: tuple[Path, ...] = ()

    @property
    def is_field(self) -> bool:
        return self.type in FIELDS

    @property
    def is_list(self) -> bool:
        return self.type == "dynamiclist" and bool(self.schema.get("isRepeating"))

    @property
    def is_required(self) -> bool:
        return bool(self.rules.get("required"))

    @property
    def rules(self) -> Mapping[str, Any]:
        """The schema's `validate`."""
        rules = self.schema.get("validate")
        return rules if isinstance(rules, dict) else {}

    @property
    def empty(self) -> Any:
        """The value that the browser gives a field that nothing is known of."""
        if self.type in ("textfield", "textarea"):
            return ""
        if self.type in ("checklist", "taglist"):
            return []
        return False if self.type == "checkbox" else None


def every(components: tuple[Component, ...], prefix: Path = ()) -> Iterator[tuple[Component, Path]]:
    """All components with the full path of each, containers before what they hold; rows of a list add no step."""
    for component in components:
        path = prefix + component.path
        yield component, path
        yield from every(component.children, path)
