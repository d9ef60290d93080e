"""A form: what it may set, what it shows, and whether what a person answered is acceptable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import feel
from engine.errors import Invalid, Problem
from engine.forms import filling, places, templates, wording
from engine.forms.checks import check
from engine.forms.components import Component, Path, every

_MAX_NESTING = 40
_SCOPE_WORDS = frozenset(("this", "parent", "_this_", "_parent_"))


@dataclass(frozen=True)
class Form:
    """A form-js schema, read and ready to be shown and validated; shareable by all threads."""

    id: str
    name: str
    schema: dict[str, Any]
    components: tuple[Component, ...]
    resource: str | None = None

    def keys(self) -> tuple[str, ...]:
        """The variables that this form may set, in its order."""
        return tuple(dict.fromkeys(path[0] for path in self._field_paths()))

    def texts(self) -> tuple[str, ...]:
        """All texts that people read, as they stand in the schema: the message ids of a translation."""
        return tuple(dict.fromkeys(wording.texts(self.schema)))

    def translated(self, messages: Mapping[str, str]) -> dict[str, Any]:
        """The schema with every text that has a translation replaced by it."""
        return wording.translated(self.schema, messages)

    def check(self) -> list[Problem]:
        """What is legal in the schema, but will not work, or not well, for the people who fill it."""
        return list(check(self.components, self.schema, self.resource))

    def initial(self, variables: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """The data to open the form with: values it has fields for, defaults applied, and what its expressions read."""
        fields = list(self._field_paths())
        roots = {path[0] for path in fields}
        own = {key: value for key, value in variables.items() if key in roots}
        data = filling.defaults(self.components, own)
        scope = filling.root_scope({**variables, **data})
        for component, path in every(self.components):
            if component.expression is not None and not self._is_in_list(path):
                places.put(data, path, feel.to_plain(component.expression.value(scope, now)))
        read = places.pruned(variables, self._read_paths())
        shown: dict[str, Any] = places.merged(read, places.pruned(data, fields))
        return shown

    def validate(self, submitted: Mapping[str, Any], variables: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """The variables to set for what was submitted. Raises Invalid whose problems carry `field` and component id.

        A key that was not submitted keeps its value; what the form has no editable field for is left out.
        """
        if not isinstance(submitted, Mapping) or _is_too_deep(submitted):
            problem = Problem("The answers are not an object of values.", rule="form")
            raise Invalid("Expected to accept the form '{form}', but it is broken.", problems=[problem], form=self.id)
        sent = places.pruned(submitted, self._field_paths())
        filled = filling.fill(self.components, sent, variables, now)
        if filled.problems:
            raise Invalid(
                "Expected to accept the form '{form}', but {count} answers are missing or wrong.",
                problems=filled.problems,
                form=self.id,
                count=len(filled.problems),
            )
        return {key: filled.data[key] for key in self.keys() if key in filled.changed}

    def rendered(self, text: str, variables: Mapping[str, Any], now: dt.datetime) -> str:
        """A label or text of this form with its FEEL filled in, for pages that do without a script."""
        if not templates.is_template(text):
            return text
        return templates.compile_template(text).render(filling.root_scope(variables), now)

    def _field_paths(self) -> Iterator[Path]:
        for component, path in every(self.components):
            if component.is_field or component.is_list:
                yield path if component.is_field else (*path, "")

    def _read_paths(self) -> Iterator[Path]:
        for component, _ in every(self.components):
            for path in component.reads:
                rest = list(path)
                while rest and rest[0] in _SCOPE_WORDS:
                    del rest[0]
                if rest:
                    yield tuple(rest)

    def _is_in_list(self, path: Path) -> bool:
        return any(
            component.is_list and path[: len(list_path)] == list_path and len(path) > len(list_path)
            for component, list_path in every(self.components)
        )


def _is_too_deep(data: Any) -> bool:
    level = [data]
    for _ in range(_MAX_NESTING):
        level = [inner for value in level for inner in _inner(value)]
        if not level:
            return False
    return True


def _inner(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
