"""Templates of elements, made from service tasks that somebody has drawn already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine import bpmn
from engine.bpmn.elements import Mapping, Node
from engine.errors import Invalid, NotFound

SCHEMA = "https://unpkg.com/@camunda/zeebe-element-templates-json-schema/resources/schema.json"


@dataclass(frozen=True)
class ServiceTask:
    """A service task in a file, from which a template may be made."""

    file: str
    element_id: str
    name: str
    service: str


def service_tasks(files: Iterable[tuple[str, bytes]]) -> tuple[ServiceTask, ...]:
    """The service tasks of all diagrams that can be read."""
    return tuple(
        ServiceTask(file, node.id, node.label, node.service.type) for file, node in _drawn(files) if node.service
    )


def template_of(files: Iterable[tuple[str, bytes]], file: str, element_id: str, id: str) -> dict[str, Any]:
    """A template with what a service task says: its service stays, its inputs become fields. Raises NotFound."""
    for name, node in _drawn(files):
        if (name, node.id) == (file, element_id) and node.service is not None:
            return _template(node, id)
    raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="service task", key=element_id)


def _drawn(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, Node]]:
    for name, content in files:
        if not name.lower().endswith(".bpmn"):
            continue
        try:
            diagram = bpmn.parse(content, name)
        except Invalid:
            continue
        for model in diagram.executable():
            for node in model.nodes.values():
                yield name, node


def _template(node: Node, id: str) -> dict[str, Any]:
    assert node.service is not None
    properties: list[dict[str, Any]] = [
        _hidden(node.service.type, {"type": "zeebe:taskDefinition", "property": "type"}),
        _hidden(node.service.retries, {"type": "zeebe:taskDefinition", "property": "retries"}),
    ]
    properties += [_hidden(value, {"type": "zeebe:taskHeader", "key": key}) for key, value in node.service.headers]
    properties += [_input(each) for each in node.inputs]
    properties += [_output(each) for each in node.outputs]
    return {
        "$schema": SCHEMA,
        "id": id,
        "name": node.label,
        "description": node.documentation,
        "version": 1,
        "appliesTo": ["bpmn:Task", "bpmn:ServiceTask"],
        "elementType": {"value": "bpmn:ServiceTask"},
        "properties": properties,
    }


def _hidden(value: str, binding: dict[str, str]) -> dict[str, Any]:
    return {"type": "Hidden", "value": value, "binding": binding}


def _input(mapping: Mapping) -> dict[str, Any]:
    return {
        "label": mapping.target, "type": "String", "feel": "optional", "value": mapping.source,
        "binding": {"type": "zeebe:input", "name": mapping.target},
    }  # fmt: skip


def _output(mapping: Mapping) -> dict[str, Any]:
    return {
        "label": mapping.target, "type": "String", "value": mapping.target,
        "binding": {"type": "zeebe:output", "source": mapping.source},
    }  # fmt: skip
