"""What a form allows itself and should not: found when it is deployed, told to its author."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from engine.errors import Problem
from engine.forms import values
from engine.forms.components import Component, every
from engine.forms.options import same

KNOWN_VERSION = 19
_LABELLED = frozenset("textfield textarea number datetime checkbox checklist radio select taglist filepicker".split())


def check(components: tuple[Component, ...], schema: Mapping[str, Any], resource: str | None) -> Iterator[Problem]:
    """All findings, errors and warnings."""
    version = schema.get("schemaVersion", KNOWN_VERSION)
    if not isinstance(version, int) or version > KNOWN_VERSION:
        template = "The form is written in version {version} of the schema; the newest one known is {known}."
        yield Problem(
            template, {"version": version, "known": KNOWN_VERSION}, resource=resource, severity="warning", rule="form"
        )
    for component, _ in every(components):
        for severity, template, named in _findings(component):
            yield Problem(template, named, resource=resource, element_id=component.id, severity=severity, rule="form")


_Finding = tuple[Literal["error", "warning"], str, dict[str, Any]]


def _findings(component: Component) -> Iterator[_Finding]:
    label = component.schema.get("label") or component.id
    default = component.schema.get("defaultValue")
    if component.is_required and default is None and component.expression is None:
        if component.read_only.always:
            template = "'{label}' is required but read-only, so nobody can fill it when it is empty; remove 'required'."
            yield "error", template, {"label": label}
        elif component.disabled.always:
            yield "warning", "'{label}' is required but disabled, so it is never checked.", {"label": label}
    if component.disabled.expression is not None:
        template = "'{label}' is always disabled in the browser, whatever the expression says; use 'readonly' instead."
        yield "warning", template, {"label": label}
    if component.type in _LABELLED and not (component.schema.get("label") or component.schema.get("dateLabel")):
        if not component.schema.get("timeLabel"):
            yield "warning", "The field has no label; people who cannot see it will not know what to enter.", {}
    if component.options is not None and component.options.key is None and component.options.expression is None:
        if not component.options.listed:
            yield "warning", "'{label}' offers no options.", {"label": label}
        else:
            yield from _default_findings(component, label, default)
    elif component.is_field and component.expression is None and default is not None:
        yield from _default_findings(component, label, default)


def _default_findings(component: Component, label: Any, default: Any) -> Iterator[_Finding]:
    if default is None:
        return
    template = "'{label}' starts with the value {value}, which it does not accept."
    try:
        value = values.read(component, default)
    except values.WrongType:
        yield "warning", template, {"label": label, "value": default}
        return
    options = component.options
    if options is not None and options.listed and value not in (None, "", []):
        offered = options.offered({}, None)
        if not all(any(same(one, o) for o in offered) for one in (value if isinstance(value, list) else [value])):
            yield "warning", template, {"label": label, "value": default}
