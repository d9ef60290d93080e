"""The options that a select, radio, checklist or taglist offers: listed in the schema, or found in the data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import feel


@dataclass(frozen=True)
class Options:
    """Where a field's options come from; exactly one of the three sources is used, an expression first."""

    listed: tuple[Any, ...] = ()
    key: tuple[str, ...] | None = None
    expression: feel.Expression | None = None

    def offered(self, scope: Mapping[str, Any], now: dt.datetime | None) -> list[Any]:
        """The values a person can choose now."""
        source: Any = self.listed
        if self.expression is not None:
            source = feel.to_plain(self.expression.value(scope, now))
        elif self.key is not None:
            source = scope.get(self.key[0])
        if not isinstance(source, (list, tuple)):
            return []
        return [value for option in source for value in _values(option)]


def same(first: Any, second: Any) -> bool:
    """Equal as plain data is: 1 is 1.0, but true is not 1 and "1" is not 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(value, second[key]) for key, value in first.items())
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def _values(option: Any) -> list[Any]:
    """The option's value as a list of one, or of none when the option is not valid."""
    if isinstance(option, dict):
        value = option.get("value")
        label = option.get("label")
        usable = _is_primitive(value) or (isinstance(value, dict) and bool(value) and isinstance(label, str) and label)
        return [value] if usable else []
    return [option] if _is_primitive(option) else []


def _is_primitive(value: Any) -> bool:
    return value is not None and value != "" and not isinstance(value, (dict, list))
