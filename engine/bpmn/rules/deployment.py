"""All rules together: what they say decides whether a diagram is deployed."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.elements import Diagram, ProcessModel
from engine.bpmn.rules import activities, compensation, events, expressions, gateways, properties, structure, support
from engine.bpmn.rules.findings import Rule
from engine.errors import Problem

RULES: tuple[Rule, ...] = (
    *structure.RULES,
    *gateways.RULES,
    *events.RULES,
    *activities.RULES,
    *compensation.RULES,
    *expressions.RULES,
    *properties.RULES,
    support.conditions_of_activities_are_run,
    support.everything_was_read,
)


def check(diagram: Diagram) -> list[Problem]:
    """Everything wrong with a diagram that is to be deployed, in the order of the file. Errors refuse it."""
    return sorted(_problems(diagram), key=lambda problem: (problem.line or 0, problem.severity))


def _problems(diagram: Diagram) -> Iterator[Problem]:
    yield from diagram.problems
    yield from support.outside_was_read(diagram)
    if not diagram.executable():
        yield Problem(
            "The file has no process that is marked as executable, so nothing in it could run. Mark one, in the"
            " properties of its process.",
            resource=diagram.resource,
            line=diagram.processes[0].line if diagram.processes else None,
            element_id=diagram.processes[0].id if diagram.processes else None,
            rule="nothing-executable",
        )
    for model in diagram.executable():
        yield from check_process(model)


def check_process(model: ProcessModel) -> Iterator[Problem]:
    """Everything wrong with one process, executable or not.

    How to set up an element is of no interest when the engine does not run it at all; that no way leads to it still is.
    """
    not_run = list(support.elements_are_run(model))
    refused = {problem.element_id for problem in not_run}
    yield from model.problems
    yield from not_run
    for rule in RULES:
        for problem in rule(model):
            if problem.element_id not in refused or problem.rule == "unreachable":
                yield problem
