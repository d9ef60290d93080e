"""What an editor of diagrams must know of the engine, and of the project that the diagram belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from engine import bpmn, dmn, forms
from engine.bpmn import house_rules
from engine.bpmn.dialect import extension_elements
from engine.bpmn.rules.properties import OF_ELEMENTS, OF_PROCESSES
from engine.bpmn.support import SUPPORTED
from engine.commands.projects import files_of
from engine.connectors.base import known_services
from engine.errors import Invalid
from engine.feel import BUILTINS
from engine.feel.builtins import Builtin
from engine.forms.components import Component, every
from engine.model import Actor
from engine.queries import projects

_TYPES = {
    "number": "number",
    "checkbox": "boolean",
    "checklist": "list",
    "taglist": "list",
    "filepicker": "list",
    "textfield": "string",
    "textarea": "string",
}
"""What FEEL calls the answers of a field."""


@dataclass(frozen=True)
class Variable:
    """A variable that somebody sets."""

    name: str
    label: str
    type: str


@dataclass(frozen=True)
class Used:
    """A form, decision or process that a file of the project holds."""

    id: str
    name: str
    file: str
    variables: tuple[Variable, ...] = field(default=())


@dataclass(frozen=True)
class Holdings:
    """What the files of a project hold, by kind."""

    forms: tuple[Used, ...]
    decisions: tuple[Used, ...]
    processes: tuple[Used, ...]


def profile() -> dict[str, Any]:
    """The engine as an editor must know it: what it runs and reads, which functions it has, which rules it knows."""
    return {
        "elements": sorted(SUPPORTED),
        "extensions": {
            name: {"on": sorted(kinds), "attributes": sorted(attributes)}
            for name, (kinds, attributes) in extension_elements().items()
        },
        "properties": {"process": sorted(OF_PROCESSES), "element": sorted(OF_ELEMENTS)},
        "services": sorted(known_services()),
        "houseRules": list(house_rules.RULES),
    }


def functions() -> list[dict[str, Any]]:
    """The built-in functions of FEEL, as editors offer them."""
    return [
        {
            "name": each.name,
            "help": each.help,
            "parameters": [parameter.name for parameter in each.signatures[0].parameters],
            "call": _call(each),
        }
        for each in BUILTINS
    ]


def holdings(session: Session, actor: Actor, key: int) -> Holdings:
    """The forms, decisions and processes of a project, with what each sets. Raises NotFound, Forbidden."""
    projects.project(session, actor, key)
    found: dict[str, list[Used]] = {"form": [], "decision": [], "process": []}
    for name, content in files_of(session, key):
        kind = projects.kind_of(name)
        try:
            found.get(kind, []).extend(_READERS[kind](name, content) if kind in _READERS else ())
        except Invalid:
            # The list of problems says what is wrong with the file; until it is mended it offers nothing.
            continue
    return Holdings(tuple(found["form"]), tuple(found["decision"]), tuple(found["process"]))


def _forms(name: str, content: bytes) -> Iterator[Used]:
    form = forms.parse(content, name)
    known: dict[str, Variable] = {}
    for component, path in every(form.components):
        if component.is_field or component.is_list:
            top = len(path) == 1
            known.setdefault(path[0], Variable(path[0], _label(component) if top else "", _type(component, top)))
    yield Used(form.id, form.name or form.id, name, tuple(known.values()))


def _type(component: Component, top: bool) -> str:
    if not top:
        return "context"
    if component.type == "datetime":
        return {"date": "date", "time": "time"}.get(str(component.schema.get("subtype")), "date and time")
    return "list" if component.is_list else _TYPES.get(component.type, "any")


def _label(component: Component) -> str:
    return str(component.schema.get("label") or component.schema.get("dateLabel") or "")


def _decisions(name: str, content: bytes) -> Iterator[Used]:
    heading = dmn.heading(content)
    for id in sorted(heading.ids if heading else ()):
        yield Used(id, id, name)


def _processes(name: str, content: bytes) -> Iterator[Used]:
    for model in bpmn.parse(content, name).processes:
        yield Used(model.id, model.name or model.id, name)


def _call(function: Builtin) -> str:
    parameters = ", ".join(each.name for each in function.signatures[0].parameters)
    return f"{function.name}({parameters}): {function.signatures[0].result or 'any'}"


_READERS = {"form": _forms, "decision": _decisions, "process": _processes}
