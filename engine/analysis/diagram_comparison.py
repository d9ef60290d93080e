"""What differs between two versions of a diagram: what it does and says, never how its file is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine import bpmn
from engine.analysis import facts
from engine.analysis.aspects import aspect_of, plain_value
from engine.analysis.changes import Change, Said, Sign, Value, Weight, name, told, word
from engine.analysis.diagram_files import differences_of_files
from engine.analysis.pairs import Pairs, paired
from engine.bpmn.elements import Diagram, Flow, Node, ProcessModel, one_line

Names = Mapping[tuple[str, str], str]
"""What forms, decisions and processes are called: (kind, id) → name."""

_NOT_OF_A_NODE = frozenset({"id", "incoming", "outgoing"})
_NOT_OF_A_PROCESS = frozenset({"nodes", "flows", "lanes", "data", "unread", "problems", "resource"})
_TOLD_BY_OTHERS = frozenset({"name", "documentation", "scope", "lane", "kind", "attached_to"})
"""What the sentence of a new element says already, or what nobody needs to be told of it again."""
_USUAL = frozenset(
    {("form.binding", "latest"), ("decision.decision.binding", "latest"), ("call.process.binding", "latest"),
     ("service.retries", "3"), ("loop.behavior", "All"), ("loop.test_before", "no"), ("call.propagate_parent", "yes"),
     ("call.propagate_child", "yes"), ("event.waits", "yes")}
)  # fmt: skip
"""What nobody needs to be told of something that is new."""
_DECIDES_BY_ORDER = frozenset({"exclusiveGateway"})
REFERENCES = frozenset({"node", "flow"})


def diagrams(before: bytes, after: bytes, resource: str, names: Names | None = None) -> tuple[Change, ...]:
    """All differences of two versions of a diagram. Raises Invalid when one of them cannot be read."""
    old, new = bpmn.parse(before, resource), bpmn.parse(after, resource)
    pairs, found = Pairs(), list[Change]()
    for one, other in _processes(old, new):
        if one is None or other is None:
            found.append(_whole_process(one, other))
        else:
            inner = paired(one, other)
            pairs.after_of.update(inner.after_of)
            found.extend(_Comparison(one, other, inner, names or {}).changes())
    found.extend(differences_of_files(before, after, resource, pairs.after_of, tuple(found)))
    return tuple(replace(change, resource=resource) for change in found)


def _processes(old: Diagram, new: Diagram) -> Iterator[tuple[ProcessModel | None, ProcessModel | None]]:
    before, after = {each.id: each for each in old.processes}, {each.id: each for each in new.processes}
    gone, come = [id for id in before if id not in after], [id for id in after if id not in before]
    yield from ((model, after[id]) for id, model in before.items() if id in after)
    while gone and come:
        yield before[gone.pop(0)], after[come.pop(0)]
    yield from ((before[id], None) for id in gone)
    yield from ((None, after[id]) for id in come)


def _whole_process(before: ProcessModel | None, after: ProcessModel | None) -> Change:
    model = after or before
    assert model is not None
    template = "New: the process *{element}*." if after else "Gone: the process *{element}*."
    values = {"element": name(one_line(model.name) or model.id)}
    return Change(
        template, values, "behaviour", 0, "added" if after else "removed",
        before_id=before.id if before else None, after_id=after.id if after else None,
    )  # fmt: skip


class _Comparison:
    """Two versions of one process."""

    def __init__(self, before: ProcessModel, after: ProcessModel, pairs: Pairs, names: Names) -> None:
        self._before, self._after, self._pairs, self._names = before, after, pairs, names
        self._before_of = pairs.before_of

    def changes(self) -> Iterator[Change]:
        yield from self._of_the_process()
        for node in self._after.nodes.values():
            earlier = self._before.nodes.get(self._before_of.get(node.id, ""))
            if earlier is None:
                yield from self._new(node)
            else:
                yield from self._of_a_pair(earlier, node)
        for node in self._before.nodes.values():
            if node.id not in self._pairs.after_of:
                yield self._come_or_gone(node, self._before, is_new=False)
        yield from self._of_flows()

    # what belongs to the process

    def _of_the_process(self) -> Iterator[Change]:
        one, other = (facts.of_dataclass(each, _NOT_OF_A_PROCESS) for each in (self._before, self._after))
        element = name(one_line(self._after.name) or self._after.id)
        for path, old, new in facts.differing(one, other):
            yield self._told(path, old, new, element, self._before.id, self._after.id)
        variables = [
            {(item.variable, item.kind) for item in model.data if item.variable}
            for model in (self._before, self._after)
        ]
        for sign, those in (("added", variables[1] - variables[0]), ("removed", variables[0] - variables[1])):
            for variable, kind in sorted(those, key=str):
                yield Change(
                    "New: the data *{name}*." if sign == "added" else "Gone: the data *{name}*.",
                    {"name": Said(str(variable)), "kind": Said(kind, "kind")}, "behaviour", 22,
                    "added" if sign == "added" else "removed",
                )  # fmt: skip

    # nodes

    def _new(self, node: Node) -> Iterator[Change]:
        yield self._come_or_gone(node, self._after, is_new=True)
        blank = facts.of_dataclass(Node(node.id, node.kind))
        own = facts.of_dataclass(node, _NOT_OF_A_NODE)
        for path, old, new in facts.differing(blank, own):
            if path not in _TOLD_BY_OTHERS and new is not None and (path, new) not in _USUAL:
                change = self._told(
                    path, old if old in ("yes", "no") else None, new, self._called(node, self._after), None, node.id
                )
                yield replace(change, importance=0, sign="added")

    def _come_or_gone(self, node: Node, model: ProcessModel, *, is_new: bool) -> Change:
        before = self._around(node.incoming, model, "source")
        after = self._around(node.outgoing, model, "target")
        values: dict[str, Value] = {"kind": Said(node.kind, "kind"), "element": self._called(node, model)}
        place = 0
        if node.attached_to in model.nodes:
            values["host"], place = self._called(model.nodes[node.attached_to], model), 4
        else:
            if before:
                values["before"], place = before, 1
            if after:
                values["after"], place = after, place + 2
        template = (_NEW if is_new else _GONE)[place]
        return Change(
            template, values, "behaviour", 0, "added" if is_new else "removed",
            before_id=None if is_new else node.id, after_id=node.id if is_new else None,
        )  # fmt: skip

    def _of_a_pair(self, earlier: Node, node: Node) -> Iterator[Change]:
        element = self._called(node, self._after)
        if earlier.id != node.id:
            yield Change(
                "*{element}* was replaced by a new element in the same place; to running cases it is another one.",
                {"element": element}, "behaviour", 13, before_id=earlier.id, after_id=node.id,
            )  # fmt: skip
        one, other = (facts.of_dataclass(each, _NOT_OF_A_NODE) for each in (earlier, node))
        for each in (one, other):
            each.pop("scope" if each.get("scope") in (self._before.id, self._after.id) else "", None)
        for path, old, new in facts.differing(one, other):
            if not self._is_same(path, old, new) and not (old is None and (path, new) in _USUAL):
                yield self._told(path, old, new, element, earlier.id, node.id)
        yield from self._order_of_ways(earlier, node, element)

    def _is_same(self, path: str, old: str | None, new: str | None) -> bool:
        """Whether two ids mean the same element, drawn anew or not, or two names differ in their line breaks alone."""
        if path == "name":
            return one_line(old or "") == one_line(new or "")
        if path == "documentation":
            return (old or "").split() == (new or "").split()
        is_reference = aspect_of(path)[0].show in REFERENCES
        return is_reference and old is not None and self._pairs.after_of.get(old) == new

    def _order_of_ways(self, earlier: Node, node: Node, element: Said) -> Iterator[Change]:
        """A gateway takes the first way whose condition holds, so their order is behaviour."""
        if node.kind not in _DECIDES_BY_ORDER:
            return
        asked = [self._pairs.after_of.get(id) for id in earlier.outgoing if self._before.flows[id].condition]
        now = [id for id in node.outgoing if self._after.flows[id].condition]
        common = [id for id in asked if id in now]
        if common != [id for id in now if id in asked]:
            ways = tuple(self._target(id, self._after) for id in now)
            yield Change(
                "*{element}* now looks at its conditions in another order: {ways}.",
                {"element": element, "ways": ways}, "behaviour", 10, before_id=earlier.id, after_id=node.id,
            )  # fmt: skip

    # flows

    def _of_flows(self) -> Iterator[Change]:
        for id, flow in self._after.flows.items():
            earlier = self._before.flows.get(self._before_of.get(id, ""))
            if earlier is not None:
                yield from self._of_a_flow(earlier, flow)
            elif flow.source in self._before_of and flow.target in self._before_of:
                yield self._way(flow, self._after, is_new=True)
                yield from self._conditions(None, flow)
            else:
                yield from self._conditions(None, flow)
        for id, flow in self._before.flows.items():
            if id not in self._pairs.after_of and self._is_news_that_it_is_gone(flow):
                yield self._way(flow, self._before, is_new=False)

    def _is_news_that_it_is_gone(self, flow: Flow) -> bool:
        """Not when an end of it is gone too, or when what is new stands between its ends."""
        ends = self._pairs.after_of.get(flow.source), self._pairs.after_of.get(flow.target)
        if ends[0] is None or ends[1] is None:
            return bool(flow.condition)
        return not self._is_led_through_new(ends[0], ends[1])

    def _is_led_through_new(self, source: str, target: str) -> bool:
        after = self._after
        new = [each.id for each in after.nodes.values() if each.id not in self._before_of]
        leads = {(flow.source, flow.target) for flow in after.flows.values()}
        return any((source, id) in leads and (id, target) in leads for id in new)

    def _of_a_flow(self, earlier: Flow, flow: Flow) -> Iterator[Change]:
        ends = self._pairs.after_of.get(earlier.source), self._pairs.after_of.get(earlier.target)
        if ends != (flow.source, flow.target) and not self._is_told_by_new(earlier, flow):
            values = {
                "source": self._end(earlier.source, self._before), "target": self._end(earlier.target, self._before),
                "new_source": self._end(flow.source, self._after), "new_target": self._end(flow.target, self._after),
            }  # fmt: skip
            if ends[0] == flow.source:
                template = "After *{source}* now comes *{new_target}* instead of *{target}*."
            elif ends[1] == flow.target:
                template = "*{target}* now comes after *{new_source}* instead of *{source}*."
            else:
                template = "The way from *{source}* to *{target}* now leads from *{new_source}* to *{new_target}*."
            yield self._change(template, values, "behaviour", 10, "moved", earlier.id, flow.id)
        if one_line(earlier.name) != one_line(flow.name):
            yield self._called_anew(earlier, flow)
        yield from self._conditions(earlier, flow)

    def _is_told_by_new(self, earlier: Flow, flow: Flow) -> bool:
        """Whether the sentence of a new element between both ends says it."""
        source, target = self._pairs.after_of.get(earlier.source), self._pairs.after_of.get(earlier.target)
        if source is None or target is None or (flow.source in self._before_of and flow.target in self._before_of):
            return False
        return self._is_led_through_new(source, target)

    def _called_anew(self, earlier: Flow, flow: Flow) -> Change:
        values: dict[str, Value] = {
            "source": self._end(flow.source, self._after), "target": self._end(flow.target, self._after),
            "before": Said(one_line(earlier.name), "text"), "after": Said(one_line(flow.name), "text"),
        }  # fmt: skip
        template = told(
            earlier.name or None, flow.name or None,
            (
                "The way from *{source}* to *{target}* is now called {after} instead of {before}.",
                "The way from *{source}* to *{target}* is now called {after}.",
                "The way from *{source}* to *{target}* is no longer called {before}.",
            ),
        )  # fmt: skip
        return self._change(template, values, "wording", 22, "changed", earlier.id, flow.id)

    def _conditions(self, earlier: Flow | None, flow: Flow) -> Iterator[Change]:
        old, new = (earlier.condition if earlier else None), flow.condition
        if old == new:
            return
        values: dict[str, Value] = {
            "source": self._end(flow.source, self._after), "target": self._end(flow.target, self._after),
        }  # fmt: skip
        values |= {"before": Said(old, "expression")} if old is not None else {}
        values |= {"after": Said(new, "expression")} if new is not None else {}
        template = told(
            old, new,
            (
                "After *{source}*, the way to *{target}* is now taken when {after} instead of when {before}.",
                "After *{source}*, the way to *{target}* is taken when {after}.",
                "After *{source}*, the way to *{target}* no longer asks whether {before}.",
            ),
        )  # fmt: skip
        yield self._change(template, values, "behaviour", 3, "changed", earlier.id if earlier else None, flow.id)

    def _way(self, flow: Flow, model: ProcessModel, *, is_new: bool) -> Change:
        values: dict[str, Value] = {"source": self._end(flow.source, model), "target": self._end(flow.target, model)}
        template = (
            "New: a way from *{source}* to *{target}*." if is_new else "Gone: the way from *{source}* to *{target}*."
        )
        return self._change(
            template, values, "behaviour", 10, "added" if is_new else "removed",
            None if is_new else flow.id, flow.id if is_new else None,
        )  # fmt: skip

    # how things are called

    def _told(
        self, path: str, old: str | None, new: str | None, element: Said, before_id: str | None, after_id: str | None
    ) -> Change:
        aspect, called = aspect_of(path)
        values: dict[str, Value] = {"property": word(aspect.noun), "element": element}
        templates = aspect.templates
        if called:
            templates, values["name"] = aspect.named_templates, Said(called)
        if old is not None:
            values["before"] = self._value(path, old, aspect.show, self._before)
        if new is not None:
            values["after"] = self._value(path, new, aspect.show, self._after)
        sign: Sign = "moved" if path in ("lane", "scope", "attached_to") else "changed"
        change = self._change(
            told(old, new, templates), values, aspect.weight, aspect.importance, sign, before_id, after_id
        )
        return replace(change, path=path, written=tuple(each for each in (old, new) if each))

    @staticmethod
    def _change(
        template: str, values: Mapping[str, Value], weight: Weight, importance: int, sign: Sign,
        before_id: str | None, after_id: str | None,
    ) -> Change:  # fmt: skip
        used = {each: value for each, value in values.items() if "{" + each + "}" in template}
        return Change(template, used, weight, importance, sign, before_id=before_id, after_id=after_id)

    def _value(self, path: str, value: str, show: str, model: ProcessModel) -> Value:
        match show:
            case "node":
                return self._end(value, model)
            case "flow":
                return self._target(value, model)
            case "form" | "decision" | "process":
                if value.startswith("="):
                    return Said(value, "expression")
                return name(self._names.get((show, value), value))
        return plain_value(value, show)

    def _called(self, node: Node, model: ProcessModel) -> Said:
        """A node as people know it: by its name or, without one, by its kind and what comes before it."""
        if one_line(node.name):
            return name(one_line(node.name))
        seen, ways = {node.id}, list(node.incoming)
        while ways:
            source = model.nodes.get(model.flows[ways.pop(0)].source)
            if source is None or source.id in seen:
                continue
            if one_line(source.name):
                return Said(node.kind, "kind", near=one_line(source.name))
            seen.add(source.id)
            ways.extend(source.incoming)
        return Said(node.kind, "kind")

    def _end(self, id: str, model: ProcessModel) -> Said:
        if id in model.nodes:
            return self._called(model.nodes[id], model)
        return name(one_line(model.name) or model.id) if id == model.id else Said(id)

    def _target(self, flow_id: str, model: ProcessModel) -> Said:
        flow = model.flows.get(flow_id)
        return Said(flow_id) if flow is None else self._end(flow.target, model)

    def _around(self, flows: tuple[str, ...], model: ProcessModel, end: str) -> tuple[Said, ...]:
        return tuple(dict.fromkeys(self._end(getattr(model.flows[id], end), model) for id in flows))


_NEW = (
    "New: the {kind} *{element}*.",
    "New: the {kind} *{element}*, after *{before}*.",
    "New: the {kind} *{element}*, before *{after}*.",
    "New: the {kind} *{element}*, between *{before}* and *{after}*.",
    "New: the {kind} *{element}*, on the edge of *{host}*.",
)
_GONE = (
    "Gone: the {kind} *{element}*.",
    "Gone: the {kind} *{element}*, which came after *{before}*.",
    "Gone: the {kind} *{element}*, which came before *{after}*.",
    "Gone: the {kind} *{element}*, which stood between *{before}* and *{after}*.",
    "Gone: the {kind} *{element}*, which stood on the edge of *{host}*.",
)
"""Without a place, by what is before, by what is after, by both, by what it is attached to."""
