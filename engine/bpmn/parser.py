"""Reads a diagram: XML in, process models out. It judges nothing; that is for the rules."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.data_parser import Data, data_items
from engine.bpmn.dialect import Extensions
from engine.bpmn.documents import (
    BPMN_NAMESPACE,
    child,
    children,
    is_bpmn,
    local_name,
    read_document,
    reference,
    text_of,
)
from engine.bpmn.elements import DataItem, Diagram, Flow, Label, Lane, Node, ProcessModel
from engine.bpmn.node_parser import NODES, SUB_PROCESSES, documentation_of, is_true, read_node
from engine.bpmn.reading import Reading
from engine.xml_files import line_of


def parse(xml: bytes, resource: str) -> Diagram:
    """Read a BPMN 2.0 file. Raises Invalid when it is no readable XML or no BPMN."""
    definitions = read_document(xml, resource)
    reading = Reading.of(definitions, resource)
    associations, data = _associations(definitions), Data.of(definitions)
    processes = tuple(
        _ProcessParser(element, reading, associations, data).read() for element in _processes(definitions)
    )
    labels = tuple(_labels(definitions))
    return Diagram(
        resource=resource,
        digest=hashlib.sha256(xml).hexdigest(),
        processes=processes,
        labels=labels,
        forms=tuple(reading.forms.values()),
        unread=reading.take_unread(),
        problems=reading.take_problems(),
    )


def _processes(definitions: etree._Element) -> Iterator[etree._Element]:
    return children(definitions, "process")


def _associations(definitions: etree._Element) -> dict[str, str]:
    """Source → target of every association; those from compensation boundary events say what undoes an activity."""
    found = {}
    for element in definitions.iter(etree.Element):
        if is_bpmn(element) and local_name(element) == "association":
            found[reference(element.get("sourceRef"))] = reference(element.get("targetRef"))
    return found


_LABELLED = frozenset({"participant", "group", "dataObject", "dataObjectReference", "dataStoreReference", "dataStore"})


def _labels(definitions: etree._Element) -> Iterator[Label]:
    for element in definitions.iter(etree.Element):
        if not is_bpmn(element):
            continue
        name = local_name(element)
        if name == "textAnnotation":
            text = text_of(child(element, "text"))
        elif name == "categoryValue":
            text = element.get("value", "").strip()
        elif name in _LABELLED:
            text = element.get("name", "").strip()
        else:
            continue
        if text:
            yield Label(text, element.get("id", ""), line_of(element))


_DRAWN = frozenset(
    {
        "documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef", "incoming", "outgoing",
        "laneSet", "sequenceFlow", "association", "textAnnotation", "group", "dataObject", "dataObjectReference",
        "dataStoreReference", "property", "ioSpecification", "dataInputAssociation", "dataOutputAssociation",
        "completionCondition", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "supports",
    }
)  # fmt: skip
"""What may stand beside the nodes of a process or sub-process: read elsewhere, or drawn for people only."""


class _ProcessParser:
    """Reads one process with all its sub-processes."""

    def __init__(self, element: etree._Element, reading: Reading, associations: dict[str, str], data: Data) -> None:
        self._element = element
        self._reading = reading
        self._associations = associations
        self._data = data
        self._items: list[DataItem] = []
        self._nodes: dict[str, Node] = {}
        self._flows: dict[str, Flow] = {}
        self._lanes: list[Lane] = []
        self._lane_of: dict[str, str] = {}
        self._incoming: dict[str, list[str]] = {}
        self._outgoing: dict[str, list[str]] = {}

    def read(self) -> ProcessModel:
        element, reading = self._element, self._reading
        process_id = reading.id_of(element)
        if not element.get("id", "").strip():
            reading.problem("missing-id", "A process has no id. Give it one: cases are started by it.", element, "")
        extensions = Extensions(element, reading, process_id)
        self._read_flows(process_id)
        self._read_scope(element, process_id, None)
        return ProcessModel(
            id=process_id,
            name=element.get("name", "").strip(),
            documentation=documentation_of(element),
            is_executable=is_true(element, "isExecutable"),
            version_tag=extensions.version_tag(),
            line=line_of(element),
            resource=reading.resource,
            nodes=self._nodes,
            flows={flow.id: self._placed(flow) for flow in self._flows.values()},
            lanes=tuple(self._lanes),
            properties=extensions.properties(),
            data=tuple(self._items),
            unread=reading.take_unread(),
            problems=reading.take_problems(),
        )

    def _read_scope(self, element: etree._Element, scope: str, lane: str | None) -> None:
        for lane_set in children(element, "laneSet"):
            self._read_lane_set(lane_set)
        self._items += data_items(element, scope, self._data)
        for part in element.iterchildren(etree.Element):
            name = local_name(part)
            if not is_bpmn(part) or name in _DRAWN or name.endswith("EventDefinition"):
                continue
            if name in NODES:
                self._read_node(part, scope, lane)
            else:
                self._reading.note(name, part, part.get("id", scope))

    def _read_node(self, element: etree._Element, scope: str, lane: str | None) -> None:
        node_id = self._reading.id_of(element)
        if node_id in self._nodes:
            return
        lane = self._lane_of.get(node_id, lane)
        compensated_by = None
        if child(element, "compensateEventDefinition") is not None:
            compensated_by = self._associations.get(node_id)
        node = read_node(element, node_id, self._reading, self._data)
        self._nodes[node_id] = dataclasses.replace(
            node,
            scope=scope,
            lane=lane,
            incoming=tuple(self._incoming.get(node_id, ())),
            outgoing=tuple(self._outgoing.get(node_id, ())),
            compensated_by=compensated_by,
        )
        if node.kind in SUB_PROCESSES:
            self._read_scope(element, node_id, lane)

    def _read_flows(self, scope: str) -> None:
        for element in self._element.iter(f"{{{BPMN_NAMESPACE}}}sequenceFlow"):
            flow_id = self._reading.id_of(element)
            if flow_id in self._flows:
                continue
            Extensions(element, self._reading, flow_id)
            flow = Flow(
                id=flow_id,
                source=reference(element.get("sourceRef")),
                target=reference(element.get("targetRef")),
                name=element.get("name", "").strip(),
                condition=self._reading.expression(child(element, "conditionExpression")),
                line=line_of(element),
                scope=scope,
            )
            self._flows[flow_id] = flow
            self._outgoing.setdefault(flow.source, []).append(flow_id)
            self._incoming.setdefault(flow.target, []).append(flow_id)

    def _placed(self, flow: Flow) -> Flow:
        """The flow in the scope of its source, since files may keep it elsewhere."""
        source = self._nodes.get(flow.source)
        return flow if source is None else dataclasses.replace(flow, scope=source.scope)

    def _read_lane_set(self, lane_set: etree._Element) -> None:
        for element in children(lane_set, "lane"):
            lane_id = self._reading.id_of(element)
            nodes = tuple(reference(named.text) for named in children(element, "flowNodeRef"))
            lane = Lane(lane_id, element.get("name", "").strip(), nodes)
            self._lanes.append(lane)
            self._lane_of.update(dict.fromkeys(nodes, lane.name or lane.id))
            for inner in children(element, "childLaneSet"):
                self._read_lane_set(inner)
