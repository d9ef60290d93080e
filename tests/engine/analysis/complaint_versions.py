"""The complaint process as it is, and as an owner might change it: a second version of several of its files."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROCESS, LIMIT = "complaint-handling.bpmn", "compensation-limit.dmn"
FORM = "complaint-approval.form"
CALL = """<bpmn:userTask id="call" name="Call the customer">
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:formDefinition formId="customer-call" />
        <zeebe:assignmentDefinition candidateGroups="intake" />
        <zeebe:taskSchedule dueDate="=now() + duration(&#34;PT4H&#34;)" />
      </bpmn:extensionElements>
      <bpmn:incoming>Flow_set-deadlines_find-out</bpmn:incoming>
      <bpmn:outgoing>Flow_call_find-out</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="Flow_call_find-out" sourceRef="call" targetRef="find-out" />
    <bpmn:subProcess id="find-out" """
SHAPE = """<bpmndi:BPMNShape id="call_shape" bpmnElement="call">
        <dc:Bounds x="1000" y="560" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape """


def library() -> dict[str, bytes]:
    """All files of the library as they are."""
    return {path.name: path.read_bytes() for folder in ("processes", "forms") for path in (ROOT / folder).glob("*.*")}


def replaced(content: bytes, *pairs: tuple[str, str]) -> bytes:
    """A file with texts replaced, each of which it has."""
    text = content.decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def changed_files() -> dict[str, bytes]:
    """The files that differ in the second version."""
    files = library()
    flow = '<bpmn:sequenceFlow id="Flow_set-deadlines_find-out" sourceRef="set-deadlines" targetRef='
    process = replaced(
        files[PROCESS],
        ('candidateGroups="=[limitCheck.approverGroup]"', 'candidateGroups="team-leads"'),
        ("duration(&#34;PT8H&#34;)", "duration(&#34;PT6H&#34;)"),
        ("=rejections &lt;= 2", "=rejections &lt;= 3"),
        ('name="Propose a resolution"', 'name="Suggest a resolution"'),
        (f'{flow}"find-out"', f'{flow}"call"'),
        ('<bpmn:subProcess id="find-out" ', CALL),
        ("<bpmndi:BPMNShape ", SHAPE),
    )
    limit = replaced(files[LIMIT], ("&gt; 500<", "&gt; 800<"), ("Above 500 another", "Above 800 another"))
    schema = json.loads(files[FORM])
    (comment,) = [each for each in schema["components"] if each.get("key") == "approvalComment"]
    comment["validate"]["maxLength"] = 500
    (remedy,) = [each for each in schema["components"] if each.get("key") == "remedy"]
    remedy["values"].append({"label": "Voucher", "value": "voucher"})
    schema["components"].append(
        {"type": "checkbox", "id": "called_field", "key": "called", "label": "Was the customer called?",
         "validate": {"required": True}}
    )  # fmt: skip
    return {PROCESS: process, LIMIT: limit, FORM: json.dumps(schema, indent=2, ensure_ascii=False).encode()}
