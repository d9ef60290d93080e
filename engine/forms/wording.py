"""The texts of a form that people read: found for translation, and replaced by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_TEXTS = frozenset("label description text content alt title dateLabel timeLabel patternErrorMessage".split())
_INNER = frozenset(("components", "values", "columns", "validate", "appearance"))
_ADORNERS = frozenset(("prefixAdorner", "suffixAdorner"))


def texts(schema: Mapping[str, Any]) -> Iterator[str]:
    """All texts of the schema, in its order."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    _replaced(schema, keep)
    yield from found


def translated(schema: Mapping[str, Any], messages: Mapping[str, str]) -> dict[str, Any]:
    """A copy of the schema with the texts that have a translation replaced."""
    replaced: dict[str, Any] = _replaced(schema, lambda text: messages.get(text) or text)
    return replaced


def _replaced(schema: Any, word: Callable[[str], str]) -> Any:
    if isinstance(schema, list):
        return [_replaced(item, word) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {name: _one(name, value, word) for name, value in schema.items()}


def _one(name: str, value: Any, word: Callable[[str], str]) -> Any:
    if name in _INNER:
        return _replaced(value, word)
    if (name in _TEXTS or name in _ADORNERS) and isinstance(value, str) and _is_text(value):
        return word(value)
    return value


def _is_text(value: str) -> bool:
    return not value.startswith("=") and any(character.isalpha() for character in value)
