"""FEEL values as the text that `string()` gives."""

from __future__ import annotations

import json
from typing import Any

from engine.feel.numbers import is_number
from engine.feel.numbers import text_of as number_text
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
from engine.feel.temporal import Temporal


def text_of(value: Any, runtime: Runtime) -> str:
    """The value as text; texts inside of lists and contexts stand in quotation marks."""
    if value.__class__ is str:
        return str(value)
    text = _inner(value, runtime, 0)
    runtime.text_of_length(len(text))
    return text


def _inner(value: Any, runtime: Runtime, depth: int) -> str:
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if is_number(value):
        return number_text(value)
    if value.__class__ is str:
        runtime.text_of_length(len(value))
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Temporal):
        return str(value)
    if depth > 100:
        return "…"
    if value.__class__ is list:
        runtime.list_of_length(len(value))
        return "[" + ", ".join(_inner(item, runtime, depth + 1) for item in value) + "]"
    if value.__class__ is dict:
        runtime.list_of_length(len(value))
        return "{" + ", ".join(f"{_key(key)}: {_inner(item, runtime, depth + 1)}" for key, item in value.items()) + "}"
    if isinstance(value, Range):
        return _range(value, runtime, depth)
    return str(value)


def json_of(value: Any, runtime: Runtime, depth: int = 0) -> str:
    """The value as JSON; temporal values and ranges as texts."""
    if depth > 100:
        raise ValueError("nested too deeply")
    if value.__class__ is list:
        runtime.list_of_length(len(value))
        return "[" + ",".join(json_of(item, runtime, depth + 1) for item in value) + "]"
    if value.__class__ is dict:
        runtime.list_of_length(len(value))
        entries = (f"{_quoted(key, runtime)}:{json_of(item, runtime, depth + 1)}" for key, item in value.items())
        return "{" + ",".join(entries) + "}"
    if value.__class__ is str or isinstance(value, (Temporal, Range)):
        return _quoted(str(value), runtime)
    return _inner(value, runtime, depth)


def _quoted(text: str, runtime: Runtime) -> str:
    runtime.text_of_length(len(text))
    return json.dumps(text, ensure_ascii=False)


def _key(key: str) -> str:
    return key if all(character.isalnum() or character in "_ " for character in key) and key else f'"{key}"'


def _range(span: Range, runtime: Runtime, depth: int) -> str:
    if span.operator:
        return f"({span.operator} {_inner(span.sample, runtime, depth + 1)})"
    opening = "[" if span.start_included else "("
    closing = "]" if span.end_included else ")"
    return f"{opening}{_inner(span.start, runtime, depth + 1)}..{_inner(span.end, runtime, depth + 1)}{closing}"
