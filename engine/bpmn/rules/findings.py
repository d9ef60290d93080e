"""How a rule says what it found, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.bpmn.elements import Flow, Node, ProcessModel, one_line
from engine.errors import Problem

Rule = Callable[[ProcessModel], Iterator[Problem]]
Place = Node | Flow | ProcessModel


def error(model: ProcessModel, at: Place, rule: str, template: str, **values: object) -> Problem:
    """Something that refuses the deployment. `{name}` in the sentence is what the element is called."""
    return Problem(
        template, {"name": called(at), **values}, model.resource, at.line, element_id=at.id, severity="error", rule=rule
    )


def warning(model: ProcessModel, at: Place, rule: str, template: str, **values: object) -> Problem:
    """Something that the process owner should know, and that does not refuse the deployment."""
    return Problem(
        template,
        {"name": called(at), **values},
        model.resource,
        at.line,
        element_id=at.id,
        severity="warning",
        rule=rule,
    )


def called(at: Place) -> str:
    """What to call an element in a sentence."""
    return one_line(at.name) or at.id
