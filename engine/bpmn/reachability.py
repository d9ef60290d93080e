"""Which elements can still send a token to a join: worked out once, so that joins in loops are exact and cheap."""

from __future__ import annotations

from collections import defaultdict

from engine.bpmn.elements import Node, ProcessModel

_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})


def reach_of_joins(model: ProcessModel, nodes: list[Node]) -> dict[str, dict[str, frozenset[str]]]:
    """Join → its incoming flow → the elements from which the flow can be reached without passing the join."""
    before = _predecessors(model, nodes)
    return {
        node.id: {flow: _behind(model.flows[flow].source, node.id, before) for flow in node.incoming}
        for node in nodes
        if node.kind in _JOINS and len(node.incoming) > 1
    }


def _predecessors(model: ProcessModel, nodes: list[Node]) -> dict[str, set[str]]:
    before: dict[str, set[str]] = defaultdict(set)
    links: dict[str | None, list[str]] = defaultdict(list)
    for node in nodes:
        for flow in node.incoming:
            before[node.id].add(model.flows[flow].source)
        if node.attached_to:
            before[node.id].add(node.attached_to)
        if node.event and node.event.trigger == "link" and node.kind == "intermediateThrowEvent":
            links[node.event.name].append(node.id)
    for node in nodes:
        if node.event and node.event.trigger == "link" and node.kind == "intermediateCatchEvent":
            before[node.id].update(links[node.event.name])
    return before


def _behind(start: str, join: str, before: dict[str, set[str]]) -> frozenset[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        current = todo.pop()
        if current != join and current not in seen:
            seen.add(current)
            todo.extend(before[current])
    return frozenset(seen)
