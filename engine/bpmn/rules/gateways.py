"""Rules on where a case goes: conditions, default flows, event gateways."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.elements import Flow, Node, ProcessModel
from engine.bpmn.rules.findings import Rule, error, warning
from engine.errors import Problem

_CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})
_CAUGHT = frozenset({"message", "signal", "timer", "conditional"})


def ways_say_when(model: ProcessModel) -> Iterator[Problem]:
    """A gateway that chooses must know when to take each way."""
    for node in model.nodes.values():
        flows = _outgoing(model, node)
        if node.kind not in _CHOOSING or len(flows) < 2:
            continue
        silent = [flow for flow in flows if flow.condition is None and flow.id != node.default]
        if len(silent) == len(flows) == 2:
            yield error(
                model,
                node,
                "way-without-condition",
                "The gateway *{name}* has two ways out and neither says when to take it."
                " Give one a condition, and mark the other as default.",
            )
        elif len(silent) == len(flows):
            yield error(
                model,
                node,
                "way-without-condition",
                "The gateway *{name}* has {count} ways out and none says when to take it."
                " Give each a condition, or mark one as default.",
                count=len(flows),
            )
        else:
            for flow in silent:
                yield error(
                    model,
                    flow,
                    "way-without-condition",
                    "The way from the gateway *{gateway}* to *{target}* does not say when to take it."
                    " Give it a condition, or mark it as default.",
                    gateway=node.label,
                    target=_target(model, flow),
                )


def some_way_is_always_open(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        flows = _outgoing(model, node)
        asks = node.kind in _CHOOSING or not node.kind.endswith(("Gateway", "Event"))
        if asks and flows and node.default is None and all(flow.condition is not None for flow in flows):
            yield warning(
                model,
                node,
                "no-default",
                "*{name}* has no default way. A case for which no condition is true would stop there and wait for"
                " help.",
            )


def default_is_a_way_out(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.default is None:
            continue
        if node.default not in node.outgoing:
            yield error(
                model,
                node,
                "default-elsewhere",
                "*{name}* names '{flow}' as its default way, but this flow does not leave it.",
                flow=node.default,
            )
        elif model.flows[node.default].condition is not None:
            yield error(
                model,
                model.flows[node.default],
                "default-with-condition",
                "The default way from *{source}* to *{target}* has a condition, which would never be asked. Remove the"
                " condition, or the mark.",
                source=node.label,
                target=_target(model, model.flows[node.default]),
            )


def conditions_are_asked(model: ProcessModel) -> Iterator[Problem]:
    """Conditions stand only where somebody looks at them."""
    for node in model.nodes.values():
        ways = [flow for flow in _outgoing(model, node) if flow.condition is not None or flow.id == node.default]
        for flow in ways:
            if node.kind == "parallelGateway":
                sentence = (
                    "The parallel gateway *{source}* takes all its ways, so it would not ask whether to go to"
                    " *{target}*. Remove the condition, or make it an inclusive gateway."
                )
            elif node.kind == "eventBasedGateway" or node.kind.endswith("Event"):
                sentence = (
                    "The way from *{source}* to *{target}* has a condition, which would not be asked: only activities"
                    " and gateways ask. Remove it, or put a gateway after *{source}*."
                )
            else:
                continue
            yield error(model, flow, "condition-not-asked", sentence, source=node.label, target=_target(model, flow))


def event_gateways_lead_to_events(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.kind != "eventBasedGateway":
            continue
        if len(node.outgoing) < 2:
            yield error(
                model,
                node,
                "event-gateway",
                "The event gateway *{name}* must have at least two ways out: it goes on with what happens first.",
            )
        for flow in _outgoing(model, node):
            target = model.nodes.get(flow.target)
            if target is not None and not _is_waited_for(target):
                yield error(
                    model,
                    node,
                    "event-gateway",
                    "The event gateway *{name}* leads to *{target}*. It can lead only to events that wait for a"
                    " message, signal, time or condition, and to receive tasks.",
                    target=target.label,
                )
            elif target is not None and len(target.incoming) > 1:
                yield error(
                    model,
                    target,
                    "event-gateway",
                    "*{name}* follows the event gateway *{gateway}*, so no other flow may lead to it.",
                    gateway=node.label,
                )


def beginnings_begin(model: ProcessModel) -> Iterator[Problem]:
    """What starts cases without a start event: nothing leads to it, and it waits for what comes from outside."""
    for node in model.inside(model.id):
        sentence = None
        if node.kind == "eventBasedGateway" and node.waits_for_all and not node.instantiate:
            sentence = (
                "The event gateway *{name}* waits for all its events, which only one that starts cases does. Mark it"
                " so, or draw a parallel gateway before the events."
            )
        elif node.instantiate and node.incoming:
            sentence = "*{name}* starts cases, so no sequence flow may lead to it. Remove the flow, or the mark."
        elif node.instantiate and node.loop is not None:
            sentence = "*{name}* starts cases, so it cannot be repeated. Remove the repetition, or the mark."
        if sentence:
            yield error(model, node, "beginning", sentence)
        elif node.instantiate and node.kind == "eventBasedGateway":
            yield from _beginning_targets(model, node)


def _beginning_targets(model: ProcessModel, node: Node) -> Iterator[Problem]:
    known = {"message"} if node.waits_for_all else {"message", "signal"}
    for flow in _outgoing(model, node):
        target = model.nodes.get(flow.target)
        if target is None or not _is_waited_for(target):
            continue
        if target.event is None or target.event.trigger not in known or target.loop is not None:
            sentence = (
                "The event gateway *{name}* starts cases and waits for all its events, so *{target}* must wait for a"
                " message: by its key one can tell which belong to the same case."
                if node.waits_for_all
                else "The event gateway *{name}* starts cases, so *{target}* must wait for a message or a signal."
            )
            yield error(model, node, "beginning", sentence, target=target.label)


def _is_waited_for(node: Node) -> bool:
    if node.kind == "receiveTask":
        return True
    return node.kind == "intermediateCatchEvent" and node.event is not None and node.event.trigger in _CAUGHT


def _outgoing(model: ProcessModel, node: Node) -> list[Flow]:
    return [model.flows[flow] for flow in node.outgoing]


def _target(model: ProcessModel, flow: Flow) -> str:
    target = model.nodes.get(flow.target)
    return flow.target if target is None else target.label


RULES: tuple[Rule, ...] = (
    ways_say_when,
    some_way_is_always_open,
    default_is_a_way_out,
    conditions_are_asked,
    event_gateways_lead_to_events,
    beginnings_begin,
)
