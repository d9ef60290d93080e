"""Small diagrams for tests, written as little XML as possible."""

from __future__ import annotations

from engine.bpmn import Diagram, parse

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
CAMUNDA = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
"""For elements written in the older dialect."""


def definitions(content: str) -> bytes:
    """A whole file around some root elements."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions {NAMESPACES} id="file">{content}</definitions>'.encode()
    )


def process(content: str, roots: str = "") -> Diagram:
    """A diagram with one executable process `p` of these elements."""
    xml = definitions(f'{roots}<process id="p" name="A process" isExecutable="true">{content}</process>')
    return parse(xml, "test.bpmn")


def chain(*elements: str) -> str:
    """Elements written as `<userTask id="a"…/>`, joined by flows in their order between a start and an end."""
    ids = ["start", *(element.split('id="')[1].split('"')[0] for element in elements), "end"]
    flows = "".join(
        f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in zip(ids, ids[1:], strict=False)
    )
    return '<startEvent id="start"/>' + "".join(elements) + '<endEvent id="end"/>' + flows


def extended(tag: str, node_id: str, extensions: str, attributes: str = "") -> str:
    """An element with extension elements."""
    return f'<{tag} id="{node_id}" {attributes}><extensionElements>{extensions}</extensionElements></{tag}>'
