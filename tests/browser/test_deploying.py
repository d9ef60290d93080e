"""A process owner edits a diagram as text and uploads it; where something is wrong, it is told and nothing changes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser import acts
from tests.browser.conftest import Somebody
from tests.browser.people import Filed, Person
from tests.browser.words import ROOT
from tests.served import Served

DIAGRAM = "complaint-handling.bpmn"
ORIGINAL = (ROOT / "processes" / DIAGRAM).read_text("utf-8")
CALL = """<bpmn:userTask id="call-customer" name="Call the customer">
      <bpmn:documentation>Say that you are on it, and ask what matters most.</bpmn:documentation>
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:assignmentDefinition candidateGroups="intake" />
      </bpmn:extensionElements>
      <bpmn:incoming>Flow_acknowledge_assess</bpmn:incoming>
      <bpmn:outgoing>Flow_call-customer_assess</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="Flow_call-customer_assess" sourceRef="call-customer" targetRef="assess" />
    """
DRAWN = """<bpmndi:BPMNShape id="call-customer_di" bpmnElement="call-customer">
        <dc:Bounds x="540" y="220" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="Flow_call-customer_assess_di" bpmnElement="Flow_call-customer_assess">
        <di:waypoint x="590" y="300" />
        <di:waypoint x="590" y="360" />
      </bpmndi:BPMNEdge>
      """


@dataclass(frozen=True)
class Mistake:
    """An upload that must be refused: what it is called, and what the page must say about it, and where."""

    file: str
    content: bytes
    says: str
    where: str


def edited(*changes: tuple[str, str]) -> bytes:
    """The diagram after a few changes in a text editor."""
    text = ORIGINAL
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the diagram"
        text = text.replace(old, new)
    return text.encode()


MISTAKES = {
    "broken XML": Mistake(DIAGRAM, edited(("</bpmn:process>", "</bpmn:proces>")), "not well-formed XML", "line"),
    "external entity": Mistake(
        DIAGRAM, b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        "DOCTYPE", DIAGRAM,
    ),
    "ten megabytes of text": Mistake(DIAGRAM, b"complaint " * 1024 * 1024, "larger than", DIAGRAM),
    "no start": Mistake(
        DIAGRAM,
        edited(
            (ORIGINAL[ORIGINAL.index('<bpmn:startEvent id="start"') : ORIGINAL.index('<bpmn:scriptTask id="register"')],
             ""),
            ('<bpmn:sequenceFlow id="Flow_start_register" sourceRef="start" targetRef="register" />', ""),
            ("<bpmn:incoming>Flow_start_register</bpmn:incoming>", ""),
        ),
        "no start event", "complaint-handling",
    ),
    "unknown form": Mistake(
        DIAGRAM, edited(('formId="complaint-assessment"', 'formId="complaint-assesment"')), "complaint-assesment",
        "assess",
    ),
    "a slip in FEEL": Mistake(DIAGRAM, edited(("=rejections + 1", "=rejections + * 1")), "column 15",
                              "count-rejection"),
    "unknown element": Mistake(
        DIAGRAM,
        edited(('<bpmn:scriptTask id="count-rejection"', '<bpmn:robotTask id="count-rejection"'),
               (closing := ORIGINAL[(start := ORIGINAL.index("Flow_count-rejection_review-left</bpmn:outgoing>")):
                                    ORIGINAL.index("</bpmn:scriptTask>", start) + 18],
                closing.replace("scriptTask", "robotTask"))),
        "robotTask", "count-rejection",
    ),
}  # fmt: skip


def upload(owner: Person, *files: tuple[str, bytes]) -> None:
    owner.page.goto("/processes/deploy")
    owner.page.get_by_label("Files").set_input_files(
        [FilePayload(name=name, mimeType="application/octet-stream", buffer=content) for name, content in files]
    )
    owner.press("Put into force")


def version_in_force(person: Person) -> str:
    person.page.goto("/processes")
    row = person.page.get_by_role("row").filter(has=person.page.get_by_text(DIAGRAM, exact=True))
    return row.locator("td").nth(1).inner_text().split()[0]


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_told_in_one_sentence_with_its_place(somebody: Somebody, kind: str) -> None:
    olga, mistake = somebody("olga"), MISTAKES[kind]
    before = version_in_force(olga)
    upload(olga, (mistake.file, mistake.content))
    olga.sees("Nothing was put into force. Mend these problems and try again.")
    errors = olga.page.locator(".problems [data-severity=error]")
    expect(errors).to_have_count(1)
    expect(errors).to_contain_text(mistake.says)
    expect(errors).to_contain_text(mistake.where)
    assert version_in_force(olga) == before


def test_a_changed_diagram_holds_for_new_cases_alone(somebody: Somebody, server: Served) -> None:
    customer, anna, lena, olga = somebody(), somebody("anna"), somebody("lena"), somebody("olga")
    before = acts.file(customer)
    changed = edited(
        ('sourceRef="acknowledge" targetRef="assess"', 'sourceRef="acknowledge" targetRef="call-customer"'),
        ("<bpmn:incoming>Flow_acknowledge_assess</bpmn:incoming>",
         "<bpmn:incoming>Flow_call-customer_assess</bpmn:incoming>"),
        ('<bpmn:userTask id="assess"', CALL + '<bpmn:userTask id="assess"'),
        ("count(departments) &gt; 0", "count(departments) &gt; 1"),
        ('<bpmndi:BPMNShape id="assess_di"', DRAWN + '<bpmndi:BPMNShape id="assess_di"'),
    )  # fmt: skip
    upload(olga, (DIAGRAM, changed))
    olga.sees("1 definition is in force.")
    after = acts.file(customer)
    server.settle()

    anna.open_task("Call the customer", after.reference)
    anna.finish("Complete the task", "Call the customer", after.reference)
    for filed in (before, after):
        acts.assess(anna, filed)
        acts.investigate(lena, filed, "Operations")
    expect_path(lena, before, "version 1", "Department's opinion")
    expect_path(lena, after, "version 2", "Propose a resolution")


def expect_path(person: Person, filed: Filed, version: str, task: str) -> None:
    """One department was asked: for the old version reason enough for an opinion, for the new one not."""
    person.open_case(filed.reference)
    person.sees(version)
    expect(person.page.get_by_role("complementary").get_by_text(task)).to_be_visible()
