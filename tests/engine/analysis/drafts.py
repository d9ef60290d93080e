"""Drafts of the complaint process: what an owner might change in it."""

from __future__ import annotations

import re

from tests.simulated.offices import library
from tests.world import task

Files = tuple[tuple[str, bytes], ...]
FLOW = "Flow_propose_check-limit"


def unchanged() -> Files:
    return tuple((name, content) for name, content in library() if name.endswith((".bpmn", ".dmn")))


def with_call() -> Files:
    """A new step: somebody calls the customer before the limit is checked."""

    def change(text: str) -> str:
        text = text.replace(f"<bpmn:outgoing>{FLOW}</bpmn:outgoing>", "<bpmn:outgoing>to-call</bpmn:outgoing>")
        text = text.replace(f'id="{FLOW}" sourceRef="propose"', f'id="{FLOW}" sourceRef="call-customer"')
        new = task("call-customer", name="Call the customer", assignment='candidateGroups="call-centre"')
        new = new.replace(
            "</bpmn:userTask>",
            f"<bpmn:incoming>to-call</bpmn:incoming><bpmn:outgoing>{FLOW}</bpmn:outgoing></bpmn:userTask>",
        )  # noqa: E501
        flow = '<bpmn:sequenceFlow id="to-call" sourceRef="propose" targetRef="call-customer"/>'
        return text.replace('<bpmn:userTask id="propose"', f'{new}{flow}<bpmn:userTask id="propose"', 1)

    return _changed("complaint-handling.bpmn", change)


def with_question() -> Files:
    """A condition on what nobody was ever asked for."""

    def change(text: str) -> str:
        condition = (
            '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">=refundReason = "late"'
            "</bpmn:conditionExpression>"
        )
        return re.sub(rf'(<bpmn:sequenceFlow id="{FLOW}"[^>]*?)\s*/>', rf"\1>{condition}</bpmn:sequenceFlow>", text)

    return _changed("complaint-handling.bpmn", change)


def with_limit(old: str, new: str) -> Files:
    """Another limit in the table of compensations."""
    return _changed("compensation-limit.dmn", lambda text: text.replace(old, new))


def with_deadline() -> Files:
    """Approvals are late after four hours already."""
    return _changed("complaint-handling.bpmn", lambda text: text.replace(">P1D<", ">PT4H<"))


def _changed(name: str, change: object) -> Files:
    assert callable(change)
    found = []
    for each, content in unchanged():
        text = content.decode()
        made = change(text) if each == name else text
        assert each != name or made != text, "the draft changes nothing"
        found.append((each, made.encode()))
    return tuple(found)
