"""Rules on how a diagram hangs together: starts, flows, sub-processes, boundaries, what can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.bpmn.elements import Node, ProcessModel
from engine.bpmn.rules.findings import Rule, error, warning
from engine.errors import Problem

_CONTAINERS = frozenset({"subProcess", "transaction", "adHocSubProcess"})
_HOSTS = _CONTAINERS | {
    "task",
    "userTask",
    "manualTask",
    "serviceTask",
    "sendTask",
    "receiveTask",
    "scriptTask",
    "businessRuleTask",
    "callActivity",
}


def has_a_start(model: ProcessModel) -> Iterator[Problem]:
    if not model.start_events() and not any(node.instantiate for node in model.inside(model.id)):
        yield error(
            model,
            model,
            "no-start",
            "The process *{name}* has no start event, so no case could begin. Add one before its first activity.",
        )


def has_one_plain_start(model: ProcessModel) -> Iterator[Problem]:
    plain = [node for node in model.start_events() if node.event is None]
    if len(plain) > 1:
        yield warning(
            model,
            plain[1],
            "several-starts",
            "The process *{process}* has {count} start events that wait for nothing. People start cases at the first,"
            " *{first}*; the others are used only by programs that name them.",
            process=model.name or model.id,
            count=len(plain),
            first=plain[0].label,
        )


def flows_connect(model: ProcessModel) -> Iterator[Problem]:
    unread = {owner for _, _, owner in model.unread}
    for flow in model.flows.values():
        source, target = model.nodes.get(flow.source), model.nodes.get(flow.target)
        missing = {flow.source, flow.target} - model.nodes.keys()
        if missing and missing <= unread:
            # That the element is not read is told already.
            continue
        if source is None or target is None:
            yield error(
                model,
                flow,
                "dangling-flow",
                "The sequence flow *{name}* is not connected: its {end} is '{missing}', which is no element of this"
                " process. Connect it, or delete it.",
                end="start" if source is None else "end",
                missing=flow.source if source is None else flow.target,
            )
        elif source.scope != target.scope:
            yield error(
                model,
                flow,
                "flow-crosses-border",
                "The sequence flow *{name}* crosses the border of a sub-process, from *{source}* to *{target}*."
                " Lead it to or from the sub-process itself.",
                source=source.label,
                target=target.label,
            )


def ends_of_events(model: ProcessModel) -> Iterator[Problem]:
    """Flows into start and boundary events, and out of end events."""
    for node in model.nodes.values():
        if node.kind in ("startEvent", "boundaryEvent") and node.incoming:
            yield error(
                model,
                node,
                "flow-into-start",
                "A sequence flow leads into *{name}*, which begins by its own event. Lead the flow to what follows it.",
            )
        if node.kind == "endEvent" and node.outgoing:
            yield error(
                model,
                node,
                "flow-out-of-end",
                "A sequence flow leads out of the end event *{name}*. Nothing may follow it.",
            )


def boundary_events_are_attached(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.kind != "boundaryEvent":
            continue
        host = model.nodes.get(node.attached_to or "")
        if host is None or host.scope != node.scope:
            yield error(
                model,
                node,
                "boundary-not-attached",
                "The boundary event *{name}* is not attached to an activity. Drag it onto the border of one.",
            )
        elif host.kind not in _HOSTS or host.is_event_subprocess:
            yield error(
                model,
                node,
                "boundary-not-attached",
                "The boundary event *{name}* is attached to *{host}*, which can have none. Attach it to an activity.",
                host=host.label,
            )


def boundary_events_lead_on(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.kind == "boundaryEvent" and not node.outgoing and not _compensates(node):
            yield warning(
                model,
                node,
                "boundary-without-way",
                "Nothing follows the boundary event *{name}*. When it happens, that way of the case just ends.",
            )


def sub_processes_begin(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.kind not in _CONTAINERS:
            continue
        inner = model.inside(node.id)
        starts = [start for start in inner if start.kind == "startEvent"]
        if node.is_event_subprocess:
            yield from _event_sub_process(model, node, starts)
        elif not inner:
            yield warning(
                model,
                node,
                "empty-sub-process",
                "The sub-process *{name}* is empty, so cases pass through it. If it stands for a process of its own,"
                " make it a call activity.",
            )
        elif node.kind == "adHocSubProcess" and starts:
            yield error(
                model,
                node,
                "ad-hoc-start",
                "The ad-hoc sub-process *{name}* has a start event, but all that nothing leads to begins in it at once."
                " Delete the start event, or make it a plain sub-process.",
            )
        elif not starts and not _roots(inner):
            yield error(
                model,
                node,
                "no-start",
                "The sub-process *{name}* has no start event. Add one before its first activity.",
            )
        elif len(starts) > 1:
            yield error(
                model,
                node,
                "several-starts",
                "The sub-process *{name}* has {count} start events. It can begin in one place only.",
                count=len(starts),
            )


def _event_sub_process(model: ProcessModel, node: Node, starts: list[Node]) -> Iterator[Problem]:
    if len(starts) != 1 or starts[0].event is None:
        yield error(
            model,
            node,
            "event-sub-process-start",
            "The event sub-process *{name}* must begin with one start event that says what it waits for, such as a"
            " message or a timer.",
        )
    if node.incoming or node.outgoing:
        yield error(
            model,
            node,
            "event-sub-process-flow",
            "The event sub-process *{name}* begins by its own event; no sequence flow may lead to or from it.",
        )


def everything_is_reached(model: ProcessModel) -> Iterator[Problem]:
    """Elements that no way leads to; of a chain of them only the first is named."""
    for scope in (model.id, *(node.id for node in model.nodes.values() if node.kind in _CONTAINERS)):
        inner = model.inside(scope)
        starts = [node for node in inner if node.kind == "startEvent" or node.instantiate]
        container = model.nodes.get(scope)
        if container is not None and container.kind == "adHocSubProcess":
            continue
        if not starts and container is None:
            continue
        reached: set[str] = {node.id for node in inner if node.is_event_subprocess}
        _reach(model, [*(starts or _roots(inner)), *_behind_loose_flows(model, inner)], reached)
        lost = [node for node in inner if node.id not in reached]
        for node in sorted(lost, key=lambda node: bool(node.incoming or node.attached_to)):
            if node.id in reached:
                continue
            yield error(
                model,
                node,
                "unreachable",
                "No way leads to *{name}*, so it would never happen. Connect it, or delete it.",
            )
            _reach(model, [node], reached)


def _roots(inner: Iterable[Node]) -> list[Node]:
    """What begins a sub-process without a start event: everything that nothing leads to."""
    return [
        node
        for node in inner
        if not node.incoming
        and node.kind not in ("boundaryEvent", "startEvent")
        and not node.is_event_subprocess
        and not node.is_for_compensation
    ]


def _behind_loose_flows(model: ProcessModel, inner: Iterable[Node]) -> list[Node]:
    """Where flows lead whose beginning is missing; that is told of the flow."""
    return [node for node in inner if any(model.flows[flow].source not in model.nodes for flow in node.incoming)]


def _reach(model: ProcessModel, starts: Iterable[Node], reached: set[str]) -> None:
    """Add all that cases can reach from these nodes."""
    waiting = list(starts)
    while waiting:
        node = waiting.pop()
        if node.id in reached:
            continue
        reached.add(node.id)
        targets = (model.flows[flow].target for flow in node.outgoing)
        waiting += [model.nodes[target] for target in targets if target in model.nodes]
        waiting += model.boundary_events(node.id)
        if node.compensated_by in model.nodes:
            waiting.append(model.nodes[node.compensated_by])
        waiting += _link_targets(model, node)


def _link_targets(model: ProcessModel, node: Node) -> list[Node]:
    if node.kind != "intermediateThrowEvent" or node.event is None or node.event.trigger != "link":
        return []
    return [
        other
        for other in model.inside(node.scope)
        if other.kind == "intermediateCatchEvent"
        and other.event is not None
        and other.event.trigger == "link"
        and other.event.name == node.event.name
    ]


def _compensates(node: Node) -> bool:
    return node.event is not None and node.event.trigger == "compensation"


RULES: tuple[Rule, ...] = (
    has_a_start,
    has_one_plain_start,
    flows_connect,
    ends_of_events,
    boundary_events_are_attached,
    boundary_events_lead_on,
    sub_processes_begin,
    everything_is_reached,
)
