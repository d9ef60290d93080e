"""Every text of a process that is FEEL or may be, with what it is for and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.bpmn.elements import Assignment, EventDefinition, Flow, Loop, Node, ProcessModel

Expected = Literal["feel", "value", "time", "duration", "cycle", "number"]
"""What the text must be: FEEL; FEEL or any text; or FEEL or a literal of that kind."""


@dataclass(frozen=True)
class Expression:
    """One such text."""

    at: Node | Flow | ProcessModel
    use: str
    """What it is for, as a noun phrase: "condition", "due date", "input mapping of 'total'"."""
    text: str
    expected: Expected = "value"
    subject: str = ""
    """The variable or header that it gives a value to; empty when there is none."""


def expressions(model: ProcessModel) -> Iterator[Expression]:
    """All of them, element by element."""
    if "subject" in model.properties:
        yield Expression(model, "subject", model.properties["subject"])
    for node in model.nodes.values():
        yield from _of_node(node)
    for flow in model.flows.values():
        if flow.condition is not None:
            yield Expression(flow, "condition", flow.condition, "feel")


def _of_node(node: Node) -> Iterator[Expression]:
    for mapping in node.inputs:
        yield Expression(node, "input", mapping.source, subject=mapping.target)
    for mapping in node.outputs:
        yield Expression(node, "output", mapping.source, subject=mapping.target)
    if node.assignment is not None:
        yield from _of_assignment(node, node.assignment)
    if node.event is not None:
        for event in node.event.parts or (node.event,):
            yield from _of_event(node, event)
    if node.loop is not None:
        yield from _of_loop(node, node.loop)
    yield from _of_task(node)
    if node.ad_hoc_completion is not None:
        yield Expression(node, "completion condition", node.ad_hoc_completion, "feel")
    if "stage" in node.properties:
        yield Expression(node, "stage", node.properties["stage"])
    if "promise" in node.properties:
        yield Expression(node, "promise", node.properties["promise"], "time")


def _of_task(node: Node) -> Iterator[Expression]:
    if node.script is not None and node.script.expression:
        yield Expression(node, "script", node.script.expression, "feel")
    if node.decision is not None and node.decision.decision.id:
        yield Expression(node, "decision", node.decision.decision.id)
    if node.call is not None and node.call.process.id:
        yield Expression(node, "process", node.call.process.id)
    if node.form is not None:
        yield Expression(node, "form", node.form.id)
    if node.service is not None:
        if node.service.type:
            yield Expression(node, "service type", node.service.type)
        yield Expression(node, "number of retries", node.service.retries, "number")
        for key, value in node.service.headers:
            yield Expression(node, "header", value, subject=key)


def _of_assignment(node: Node, assignment: Assignment) -> Iterator[Expression]:
    uses: tuple[tuple[str, str | None, Expected], ...] = (
        ("assignee", assignment.assignee, "value"),
        ("candidate users", assignment.candidate_users, "value"),
        ("candidate groups", assignment.candidate_groups, "value"),
        ("due date", assignment.due, "time"),
        ("follow-up date", assignment.follow_up, "time"),
        ("priority", assignment.priority, "number"),
    )
    for use, text, expected in uses:
        if text is not None:
            yield Expression(node, use, text, expected)


def _of_event(node: Node, event: EventDefinition) -> Iterator[Expression]:
    if event.name:
        yield Expression(node, _NAMES.get(event.trigger, "name"), event.name)
    if event.correlation_key is not None:
        yield Expression(node, "correlation key", event.correlation_key)
    if event.expression is None:
        return
    match event.timer_kind:
        case "date":
            yield Expression(node, "timer", event.expression, "time")
        case "duration":
            yield Expression(node, "timer", event.expression, "duration")
        case "cycle":
            yield Expression(node, "timer", event.expression, "cycle")
        case None:
            yield Expression(node, "condition", event.expression, "feel")


_NAMES = {
    "message": "message name",
    "signal": "signal name",
    "error": "error code",
    "escalation": "escalation code",
    "link": "link name",
}


def _of_loop(node: Node, loop: Loop) -> Iterator[Expression]:
    uses: tuple[tuple[str, str | None, Expected], ...] = (
        ("collection", loop.collection, "feel"),
        ("number of repetitions", loop.cardinality, "number"),
        ("output of each repetition", loop.output_element, "feel"),
        ("completion condition", loop.completion_condition, "feel"),
        ("loop condition", loop.loop_condition, "feel"),
        ("number of repetitions", loop.loop_maximum, "number"),
    )
    for use, text, expected in uses:
        if text is not None:
            yield Expression(node, use, text, expected)
    for thrown in loop.throws:
        if thrown.condition is not None:
            yield Expression(node, "condition", thrown.condition, "feel")
        yield from _of_event(node, thrown.event)
