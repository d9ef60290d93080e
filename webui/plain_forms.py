"""Forms for browsers without scripts: the simple fields of a form-js schema as plain HTML, and their values back again.

Conditions and expressions are not followed here; the server drops what a hidden field sent and computes the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

_KINDS = {"textfield": "text", "textarea": "textarea", "number": "number", "checkbox": "checkbox", "radio": "radio",
          "select": "select", "checklist": "checklist"}  # fmt: skip
_MOMENTS = {"date": "date", "time": "time", "datetime": "datetime-local"}
_SILENT = frozenset({"text", "html", "image", "separator", "spacer", "button", "expression", "table", "iframe"})


@dataclass(frozen=True)
class PlainField:
    """One field of a plain form."""

    name: str
    """The variable, with the groups it lies in: `address.street`."""
    kind: str
    """A kind of input, or textarea, select, radio, checklist."""
    label: str
    hint: str
    is_required: bool
    is_closed: bool
    """Shown, but not to be filled in."""
    options: tuple[tuple[str, str], ...]
    """(value, label)"""
    value: Any


def plain_fields(schema: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[PlainField, ...] | None:
    """The fields of a form, with their values; none when some of them cannot do without scripts."""
    fields = tuple(_fields(schema.get("components", ()), "", data))
    return None if any(field is None for field in fields) else tuple(field for field in fields if field)


def plain_values(schema: Mapping[str, Any], posted: MultiDict[str, str]) -> dict[str, Any]:
    """What a plain form sent, as the values that its schema asks for; what is no number stays text, to be refused."""
    values: dict[str, Any] = {}
    for field in plain_fields(schema, {}) or ():
        if field.is_closed:
            continue
        *groups, key = field.name.split(".")
        inner = values
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[key] = _value(field, posted)
    return values


def _fields(components: Any, prefix: str, data: Mapping[str, Any]) -> Iterator[PlainField | None]:
    for component in components:
        kind = component.get("type")
        if kind == "group":
            path = f"{prefix}{component['path']}." if component.get("path") else prefix
            yield from _fields(component.get("components", ()), path, data)
        elif kind not in _SILENT:
            yield _field(component, f"{prefix}{component.get('key')}", data)


def _field(component: Mapping[str, Any], name: str, data: Mapping[str, Any]) -> PlainField | None:
    kind = _KINDS.get(component["type"])
    if component["type"] == "datetime":
        kind = _MOMENTS.get(component.get("subtype", "date"))
    if kind is None or component.get("valuesKey") or component.get("valuesExpression"):
        return None
    label = component.get("label") or component.get("dateLabel") or component.get("timeLabel") or name
    return PlainField(
        name=name,
        kind=kind,
        label=str(label),
        hint=str(component.get("description") or ""),
        is_required=component.get("validate", {}).get("required") is True,
        is_closed=bool(component.get("readonly") or component.get("disabled")),
        options=tuple((str(each["value"]), str(each["label"])) for each in component.get("values") or ()),
        value=_found(data, name),
    )


def _found(data: Mapping[str, Any], name: str) -> Any:
    value: Any = data
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _value(field: PlainField, posted: MultiDict[str, str]) -> Any:
    if field.kind == "checkbox":
        return field.name in posted
    if field.kind == "checklist":
        return posted.getlist(field.name)
    text = posted.get(field.name, "").replace("\r\n", "\n")
    if field.kind == "number":
        return _number(text)
    if field.kind in ("radio", "select", *_MOMENTS.values()):
        return text or None
    return text


def _number(text: str) -> Any:
    if not text.strip():
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return int(number) if number.is_finite() and number == number.to_integral_value() else number
