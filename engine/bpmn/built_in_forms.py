"""Forms that tools write into the diagram itself, as files of their own: a form-js schema for each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from engine.bpmn.documents import BPMN_NAMESPACE, local_name
from engine.bpmn.elements import BuiltInForm

Note = Callable[[str], None]
"""Says of something that it was not read."""

_TYPES: dict[str, dict[str, Any]] = {
    "string": {"type": "textfield"},
    "long": {"type": "number", "decimalDigits": 0},
    "integer": {"type": "number", "decimalDigits": 0},
    "double": {"type": "number"},
    "boolean": {"type": "checkbox"},
    "date": {"type": "datetime", "subtype": "date", "dateLabel": ""},
    "enum": {"type": "select"},
}
_LIMITS = {"minlength": "minLength", "maxlength": "maxLength", "min": "min", "max": "max"}


def form_id(element: etree._Element, name: str) -> str:
    """Its id, which no form of another process has."""
    around = (
        element if local_name(element) == "process" else next(element.iterancestors(f"{{{BPMN_NAMESPACE}}}process"))
    )
    return f"{around.get('id', '')}-{name}"


def from_text(element: etree._Element, name: str, text: str) -> BuiltInForm | None:
    """A form-js schema that stands in the diagram as text; None when it is none."""
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _form(element, name, schema) if isinstance(schema, dict) else None


def from_fields(element: etree._Element, fields: list[etree._Element], note: Note) -> BuiltInForm:
    """The form of `formField` or `formProperty` elements."""
    components = [_component(field, note) for field in fields]
    return _form(element, element.get("id", ""), {"type": "default", "schemaVersion": 19, "components": components})


def _form(element: etree._Element, name: str, schema: dict[str, Any]) -> BuiltInForm:
    own_id = form_id(element, name)
    return BuiltInForm(own_id, json.dumps({**schema, "id": own_id}, ensure_ascii=False, indent=2).encode())


def _component(field: etree._Element, note: Note) -> dict[str, Any]:
    key, tag = field.get("id", "").strip(), local_name(field)
    kind = field.get("type", "string").strip()
    if kind not in _TYPES:
        note(f"{tag} type={kind}")
    component: dict[str, Any] = {"id": f"field_{key}", "key": key, **_TYPES.get(kind, _TYPES["string"])}
    label = (field.get("label") or field.get("name") or key).strip()
    component["dateLabel" if kind == "date" else "label"] = label
    _add_default(component, kind, field, note)
    if kind == "enum":
        component["values"] = list(_options(field))
    if validate := _validation(field, note):
        component["validate"] = validate
    if field.get("writable") == "false" or "readonly" in _constraints(field):
        component["readonly"] = True
    for attribute in ("expression", "variable"):
        if field.get(attribute):
            note(f"{tag} {attribute}")
    return component


def _add_default(component: dict[str, Any], kind: str, field: etree._Element, note: Note) -> None:
    text = (field.get("defaultValue") or field.get("default") or "").strip()
    if not text or kind == "date":
        if text:
            note(f"{local_name(field)} defaultValue")
        return
    match kind:
        case "boolean" if text in ("true", "false"):
            component["defaultValue"] = text == "true"
        case "long" | "integer" | "double" if re.fullmatch(r"-?\d+(\.\d+)?", text):
            component["defaultValue"] = float(text) if "." in text else int(text)
        case "string" | "enum" if "${" not in text and "#{" not in text:
            component["defaultValue"] = text
        case _:
            note(f"{local_name(field)} defaultValue")


def _options(field: etree._Element) -> Iterator[dict[str, str]]:
    for value in field.iterchildren(etree.Element):
        if local_name(value) == "value":
            key = value.get("id", "").strip()
            yield {"value": key, "label": (value.get("name") or key).strip()}


def _constraints(field: etree._Element) -> dict[str, str]:
    """The names of its constraints, each with what it is set to."""
    return {
        constraint.get("name", "").strip(): constraint.get("config", "").strip()
        for constraint in field.iter(etree.Element)
        if local_name(constraint) == "constraint"
    }


def _validation(field: etree._Element, note: Note) -> dict[str, Any]:
    validate: dict[str, Any] = {}
    if field.get("required") == "true":
        validate["required"] = True
    for name, config in _constraints(field).items():
        if name == "required":
            validate["required"] = config != "false"
        elif name in _LIMITS and re.fullmatch(r"-?\d+", config):
            validate[_LIMITS[name]] = int(config)
        elif name != "readonly":
            note(f"constraint {name}".strip())
    return validate
