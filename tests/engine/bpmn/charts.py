"""A diagram as its XML has it, for the token game: read by itself, sharing no code with the interpreter's parser."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field

_NAMESPACE = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ACTIVITIES = ("task", "userTask", "scriptTask", "receiveTask", "callActivity", "subProcess", "transaction")


@dataclass(eq=False)
class Element:
    """A flow node of the diagram."""

    id: str
    kind: str
    scope: str
    event: str = ""
    code: str | None = None
    interrupting: bool = True
    host: str = ""
    default: str = ""
    repeats: str = ""
    """`parallel`, `sequential` or `standard`."""
    count: str = ""
    enough: str = ""
    test_before: bool = False
    by_event: bool = False
    undoes: bool = False
    undone_by: str = ""
    activity: str = ""
    incoming: list[str] = field(default_factory=list)
    outgoing: list[str] = field(default_factory=list)


class Chart:
    """A process as its file has it."""

    def __init__(self, xml: bytes) -> None:
        root = ElementTree.fromstring(xml)
        self.codes = {each.get("id", ""): each.get("errorCode") or each.get("escalationCode") or "" for each in root}
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, tuple[str, str, str]] = {}
        """Id → source, target, condition."""
        process = root.find(f"{_NAMESPACE}process")
        assert process is not None
        self.process = process.get("id", "")
        self._read(process, self.process)
        for flow, (source, target, _) in self.flows.items():
            self.elements[source].outgoing.append(flow)
            self.elements[target].incoming.append(flow)
        for each in process.iter(f"{_NAMESPACE}association"):
            self.elements[each.get("sourceRef", "")].undone_by = each.get("targetRef", "")

    def inside(self, scope: str) -> list[Element]:
        return [element for element in self.elements.values() if element.scope == scope]

    def borders(self, host: Element) -> list[Element]:
        return [element for element in self.elements.values() if element.host == host.id]

    def starts(self, scope: str) -> list[Element]:
        """Where a scope starts: at its start event or, without one, at all that nothing leads to."""
        inside = self.inside(scope)
        events = [element for element in inside if element.kind == "startEvent"]
        return events or [
            element
            for element in inside
            if not (element.incoming or element.host or element.by_event or element.undoes or self.is_link_end(element))
        ]

    def event_sub_processes(self, scope: str) -> Iterator[tuple[Element, Element]]:
        """Each with its start event."""
        for element in self.inside(scope):
            if element.by_event:
                yield element, next(inner for inner in self.inside(element.id) if inner.kind == "startEvent")

    @staticmethod
    def is_link_end(element: Element) -> bool:
        return element.kind == "intermediateCatchEvent" and element.event == "link"

    def link_ends(self, element: Element) -> list[Element]:
        return [other for other in self.inside(element.scope) if self.is_link_end(other) and other.code == element.code]

    def behind(self, flow: str, join: Element) -> set[str]:
        """The elements from which a token can still come along a flow without passing a gateway."""
        seen: set[str] = set()
        todo = [self.flows[flow][0]]
        while todo:
            current = todo.pop()
            if current in seen or current == join.id:
                continue
            seen.add(current)
            element = self.elements[current]
            todo += [self.flows[each][0] for each in element.incoming]
            if element.host:
                todo.append(element.host)
            if self.is_link_end(element):
                throws = [other for other in self.inside(element.scope) if other.kind == "intermediateThrowEvent"]
                todo += [other.id for other in throws if other.event == "link" and other.code == element.code]
        return seen

    def _read(self, parent: ElementTree.Element, scope: str) -> None:
        for part in parent:
            name = part.tag.removeprefix(_NAMESPACE)
            if name == "sequenceFlow":
                condition = part.findtext(f"{_NAMESPACE}conditionExpression") or ""
                self.flows[part.get("id", "")] = (part.get("sourceRef", ""), part.get("targetRef", ""), condition)
            elif name in ACTIVITIES or name.endswith(("Event", "Gateway")):
                self.elements[part.get("id", "")] = self._element(part, name, scope)
                self._read(part, part.get("id", ""))

    def _element(self, part: ElementTree.Element, kind: str, scope: str) -> Element:
        element = Element(part.get("id", ""), kind, scope)
        element.default = part.get("default", "")
        element.host = part.get("attachedToRef", "")
        element.interrupting = "false" not in (part.get("cancelActivity"), part.get("isInterrupting"))
        element.by_event = part.get("triggeredByEvent") == "true"
        element.undoes = part.get("isForCompensation") == "true"
        for inner in part:
            name = inner.tag.removeprefix(_NAMESPACE)
            if name.endswith("EventDefinition"):
                element.event = {"compensate": "compensation"}.get(name[:-15], name[:-15])
                named = inner.get("errorRef") or inner.get("escalationRef")
                element.code = self.codes[named] if named else inner.get("name")
                element.activity = inner.get("activityRef", "")
            elif name == "multiInstanceLoopCharacteristics":
                element.repeats = "sequential" if inner.get("isSequential") == "true" else "parallel"
                element.count = inner.findtext(f"{_NAMESPACE}loopCardinality") or ""
                element.enough = inner.findtext(f"{_NAMESPACE}completionCondition") or ""
            elif name == "standardLoopCharacteristics":
                element.repeats = "standard"
                element.count = inner.get("loopMaximum", "")
                element.enough = inner.findtext(f"{_NAMESPACE}loopCondition") or ""
                element.test_before = inner.get("testBefore") == "true"
        return element
