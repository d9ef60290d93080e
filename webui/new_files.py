"""What a new diagram, form or decision table begins with."""

from __future__ import annotations

import re

from engine import plain

_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:modeler="http://camunda.org/schema/modeler/1.0" \
id="Definitions_{id}" targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud" \
modeler:executionPlatformVersion="8.8.0">
  <bpmn:process id="{id}" name="{name}" isExecutable="true">
    <bpmn:startEvent id="Start_{id}">
      <bpmn:outgoing>Flow_{id}</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="Flow_{id}" sourceRef="Start_{id}" targetRef="End_{id}" />
    <bpmn:endEvent id="End_{id}">
      <bpmn:incoming>Flow_{id}</bpmn:incoming>
    </bpmn:endEvent>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_{id}">
    <bpmndi:BPMNPlane id="Plane_{id}" bpmnElement="{id}">
      <bpmndi:BPMNShape id="Start_{id}_di" bpmnElement="Start_{id}">
        <dc:Bounds x="180" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="End_{id}_di" bpmnElement="End_{id}">
        <dc:Bounds x="420" y="160" width="36" height="36" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Flow_{id}_di" bpmnElement="Flow_{id}">
        <di:waypoint x="216" y="178" />
        <di:waypoint x="420" y="178" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_TABLE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
id="Definitions_{id}" name="{name}" namespace="http://camunda.org/schema/1.0/dmn">
  <decision id="{id}" name="{name}">
    <decisionTable id="Table_{id}" hitPolicy="FIRST">
      <input id="Input_{id}" label="">
        <inputExpression id="InputExpression_{id}" typeRef="string"><text></text></inputExpression>
      </input>
      <output id="Output_{id}" label="" name="result" typeRef="string" />
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram>
      <dmndi:DMNShape dmnElementRef="{id}"><dc:Bounds height="80" width="180" x="160" y="100" /></dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""


def id_from(name: str) -> str:
    """An id that XML and file systems take, made of a name; empty when nothing of the name is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").lstrip("0123456789-")


def diagram(id: str, name: str) -> bytes:
    return _DIAGRAM.format(id=id, name=_escaped(name)).encode()


def table(id: str, name: str) -> bytes:
    return _TABLE.format(id=id, name=_escaped(name)).encode()


def form(id: str, name: str) -> bytes:
    content = {"components": [], "type": "default", "id": id, "name": name, "schemaVersion": 19}
    return (plain.dumps(content) + "\n").encode()


def _escaped(text: str) -> str:
    for letter, name in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        text = text.replace(letter, name)
    return text
