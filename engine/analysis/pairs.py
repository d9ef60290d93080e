"""Which element of one version is which of another: by its id, else by its kind, its name and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.bpmn.elements import Node, ProcessModel, one_line


@dataclass
class Pairs:
    """Elements before and after that are the same one."""

    after_of: dict[str, str] = field(default_factory=dict)
    """Id before → id after, of nodes, flows and processes."""
    replaced: dict[str, str] = field(default_factory=dict)
    """Those among them that were drawn anew under another id: id before → id after."""

    @property
    def before_of(self) -> dict[str, str]:
        return {after: before for before, after in self.after_of.items()}


def paired(before: ProcessModel, after: ProcessModel) -> Pairs:
    """The pairs of two versions of a process."""
    pairs = Pairs({id: id for id in before.nodes if id in after.nodes})
    pairs.after_of[before.id] = after.id
    _pair_drawn_anew(before, after, pairs)
    _pair_flows(before, after, pairs)
    return pairs


def _pair_drawn_anew(before: ProcessModel, after: ProcessModel, pairs: Pairs) -> None:
    gone = [node for id, node in before.nodes.items() if id not in after.nodes]
    new = [node for id, node in after.nodes.items() if id not in before.nodes]
    for least in (2, 1):
        # twice: those that are found first are neighbours by which others are found
        for _ in range(2):
            for node in [each for each in gone if each.id not in pairs.replaced]:
                taken = set(pairs.replaced.values())
                rated = [
                    (_likeness(node, other, before, after, pairs), other) for other in new if other.id not in taken
                ]
                best = max(rated, key=lambda pair: pair[0], default=None)
                if best is not None and best[0] >= least:
                    pairs.replaced[node.id] = pairs.after_of[node.id] = best[1].id


def _likeness(node: Node, other: Node, before: ProcessModel, after: ProcessModel, pairs: Pairs) -> int:
    """0: another one; 1: the same name or all its neighbours; 2: both."""
    if node.kind != other.kind:
        return 0
    names = one_line(node.name), one_line(other.name)
    there = {pairs.after_of.get(id, id) for id in _neighbours(node, before)}
    here = _neighbours(other, after)
    is_near = bool(there) and there == here
    if names[0] != names[1]:
        return 0
    return int(bool(names[0])) + int(is_near)


def _neighbours(node: Node, model: ProcessModel) -> set[str]:
    found = {model.flows[flow].source for flow in node.incoming} | {model.flows[flow].target for flow in node.outgoing}
    return found | ({node.attached_to} if node.attached_to else set())


def _pair_flows(before: ProcessModel, after: ProcessModel, pairs: Pairs) -> None:
    pairs.after_of.update({id: id for id in before.flows if id in after.flows})
    free = {
        (flow.source, flow.target, one_line(flow.name)): id
        for id, flow in after.flows.items()
        if id not in before.flows
    }
    loose = {key[:2]: id for key, id in free.items()}
    for id, flow in before.flows.items():
        if id not in after.flows:
            ends = pairs.after_of.get(flow.source, flow.source), pairs.after_of.get(flow.target, flow.target)
            found = free.get((*ends, one_line(flow.name))) or loose.get(ends)
            if found is not None and found not in pairs.after_of.values():
                pairs.after_of[id] = found
