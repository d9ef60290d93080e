"""How a rule says what it found, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from engine.bpmn.elements import Flow, Node, ProcessModel, one_line
from engine.errors import Problem

Rule = Callable[[ProcessModel], Iterator[Problem]]
Place = Node | Flow | ProcessModel


def error(model: ProcessModel, at: Place, rule: str, template: str, **values: object) -> Problem:
    """Something that refuses the deployment. `{name}` in the sentence is what the element is called."""
    return _problem(model, at, rule, "error", template, values)


def warning(model: ProcessModel, at: Place, rule: str, template: str, **values: object) -> Problem:
    """Something that the process owner should know, and that does not refuse the deployment."""
    return _problem(model, at, rule, "warning", template, values)


def called(model: ProcessModel, at: Place) -> str:
    """What to call an element in a sentence: its name, for a flow without one its ends, else its id."""
    name = one_line(at.name)
    if not name and isinstance(at, Flow) and at.source in model.nodes and at.target in model.nodes:
        return f"{model.nodes[at.source].label} → {model.nodes[at.target].label}"
    return name or at.id


def _problem(
    model: ProcessModel,
    at: Place,
    rule: str,
    severity: Literal["error", "warning"],
    template: str,
    values: Mapping[str, object],
) -> Problem:
    values = {"name": called(model, at), **values}
    return Problem(template, values, model.resource, at.line, element_id=at.id, severity=severity, rule=rule)
