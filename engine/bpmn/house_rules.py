"""House rules: what a process owner may ask of every diagram beyond what the engine needs. One function each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.bpmn.elements import Diagram, Node, ProcessModel
from engine.bpmn.rules.findings import Rule, error
from engine.errors import Problem

_DECIDING = ("exclusiveGateway", "inclusiveGateway")
_GATEWAYS = (*_DECIDING, "parallelGateway", "eventBasedGateway", "complexGateway")


def deadlines(model: ProcessModel) -> Iterator[Problem]:
    """Every user task has a deadline."""
    for node in _of_kind(model, "userTask"):
        due = node.assignment is not None and node.assignment.due
        if not due and not _has_timer(model, node):
            yield error(model, node, "house-deadlines", "*{name}* has no deadline. Say until when it is to be done.")


def instructions(model: ProcessModel) -> Iterator[Problem]:
    """Every user task says in a few words what is to be done."""
    for node in _of_kind(model, "userTask"):
        if not node.documentation.strip():
            yield error(
                model, node, "house-instructions",
                "*{name}* has no instructions. Say in a few words what is to be done.",
            )  # fmt: skip


def names(model: ProcessModel) -> Iterator[Problem]:
    """Every activity and event has a name, but for where a sub-process begins."""
    for node in model.nodes.values():
        speaks_for_itself = node.kind in _GATEWAYS or (node.kind == "startEvent" and node.scope != model.id)
        if not speaks_for_itself and not node.name.strip():
            yield error(model, node, "house-names", "*{name}* has no name. Give it one that staff understand.")


def questions(model: ProcessModel) -> Iterator[Problem]:
    """Every gateway at which the way is decided asks a question as its name."""
    for node in _deciding(model):
        if not node.name.strip().endswith(("?", "？")):
            yield error(
                model, node, "house-questions", "The name of *{name}* is no question. Ask what is decided there."
            )


def answers(model: ProcessModel) -> Iterator[Problem]:
    """Every way out of such a gateway has the answer as its name."""
    for node in _deciding(model):
        for flow in (model.flows[id] for id in node.outgoing):
            if not flow.name.strip():
                yield error(model, flow, "house-answers", "The way *{name}* has no name. Write the answer on it.")


def defaults(model: ProcessModel) -> Iterator[Problem]:
    """Every such gateway has a way for all that no condition meets."""
    for node in _deciding(model):
        if node.default is None:
            yield error(
                model, node, "house-defaults",
                "*{name}* has no default way. Mark the way that is taken when no condition holds.",
            )  # fmt: skip


def patience(model: ProcessModel) -> Iterator[Problem]:
    """Whatever waits for a message does not wait for ever."""
    for node in model.nodes.values():
        waits = node.event is not None and node.event.trigger == "message" and not node.instantiate
        if waits and node.kind == "receiveTask" and not _has_timer(model, node):
            yield _for_ever(model, node)
        if node.kind == "eventBasedGateway" and not node.instantiate and not _has_timed_way(model, node):
            yield _for_ever(model, node)
        if waits and node.kind == "intermediateCatchEvent" and not _is_one_of_several(model, node):
            yield _for_ever(model, node)


RULES: dict[str, Rule] = {
    "deadlines": deadlines,
    "instructions": instructions,
    "names": names,
    "questions": questions,
    "answers": answers,
    "defaults": defaults,
    "patience": patience,
}
"""By the name under which an owner switches one on."""


def check(diagram: Diagram, rules: Iterable[str]) -> list[Problem]:
    """What the rules that are switched on find, in the order of the file; unknown names count for nothing."""
    chosen = [RULES[name] for name in rules if name in RULES]
    found = [problem for rule in chosen for model in diagram.executable() for problem in rule(model)]
    return sorted(found, key=lambda problem: problem.line or 0)


def _of_kind(model: ProcessModel, kind: str) -> Iterator[Node]:
    return (node for node in model.nodes.values() if node.kind == kind)


def _deciding(model: ProcessModel) -> Iterator[Node]:
    return (node for node in model.nodes.values() if node.kind in _DECIDING and len(node.outgoing) > 1)


def _has_timer(model: ProcessModel, node: Node) -> bool:
    return any(_is_timed(each) for each in model.boundary_events(node.id))


def _is_timed(node: Node) -> bool:
    return node.event is not None and any(part.trigger == "timer" for part in node.event.single)


def _has_timed_way(model: ProcessModel, gateway: Node) -> bool:
    return any(_is_timed(model.nodes[model.flows[id].target]) for id in gateway.outgoing)


def _is_one_of_several(model: ProcessModel, node: Node) -> bool:
    """Whether it stands behind an event-based gateway, which is looked at itself."""
    return any(model.nodes[model.flows[id].source].kind == "eventBasedGateway" for id in node.incoming)


def _for_ever(model: ProcessModel, node: Node) -> Problem:
    return error(
        model, node, "house-patience",
        "*{name}* may wait for ever. Add a timer that says what happens when nothing comes.",
    )  # fmt: skip
