"""Example data: what somebody could type into a form, so that one can play on without typing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext

_PERSON = ("email", "mail")


def example(schema: Mapping[str, Any], data: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """A value for every field of a form that has none yet and may be written."""
    filled: dict[str, Any] = dict(data)
    _fill(schema.get("components", ()), filled, now)
    return filled


def _fill(components: Sequence[Mapping[str, Any]], filled: dict[str, Any], now: dt.datetime) -> None:
    for component in components:
        key, path = component.get("key"), component.get("path")
        if component.get("type") == "group":
            inner = filled
            if path:
                held = filled.get(path)
                inner = filled[path] = dict(held) if isinstance(held, dict) else {}
            _fill(component.get("components", ()), inner, now)
        elif key and not component.get("readonly") and not component.get("disabled"):
            if filled.get(key) in (None, "", [], False):
                value = _value(component, now)
                if value is not None:
                    filled[key] = value


def _value(component: Mapping[str, Any], now: dt.datetime) -> Any:
    rules = component.get("validate") or {}
    options = [each.get("value") for each in component.get("values") or () if isinstance(each, Mapping)]
    match component.get("type"):
        case "radio" | "select":
            return options[0] if options else None
        case "checklist" | "taglist":
            return options[:1]
        case "checkbox":
            return bool(rules.get("required")) or None
        case "number":
            low = rules.get("min")
            return low if low is not None else 1
        case "datetime":
            return _time(component, now)
        case "textfield" | "textarea":
            return _text(component, rules)
    return None


def _time(component: Mapping[str, Any], now: dt.datetime) -> str:
    match component.get("subtype"):
        case "time":
            return "09:00"
        case "datetime":
            return now.strftime("%Y-%m-%dT%H:%M")
    return now.date().isoformat()


def _text(component: Mapping[str, Any], rules: Mapping[str, Any]) -> str | None:
    key = str(component.get("key", "")).lower()
    if rules.get("validationType") == "email" or any(word in key for word in _PERSON):
        return "customer@example.org"
    if rules.get("validationType") == "phone":
        return "+49301234567"
    if rules.get("pattern"):
        return None
    text = gettext("Example: %(what)s", what=component.get("label") or component.get("key"))
    shortest, longest = rules.get("minLength"), rules.get("maxLength")
    if isinstance(shortest, int) and len(text) < shortest <= 10_000:
        text += "." * (shortest - len(text))
    return text[:longest] if isinstance(longest, int) else text
