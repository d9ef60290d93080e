"""What is undone from elsewhere: from an event sub-process, and beside the flow."""

from __future__ import annotations

import pytest

from tests.engine.bpmn.diagrams import chain
from tests.engine.bpmn.models import key_of
from tests.engine.bpmn.test_multiple import Walk
from tests.stories.samples import DEFINITIONS, HOST, WORK

STAFF = f"<extensionElements>{WORK['userTask']}</extensionElements>"
UNDONE = (
    '<boundaryEvent id="b" attachedToRef="done"><compensateEventDefinition/></boundaryEvent>'
    f'<userTask id="undo" isForCompensation="true">{STAFF}</userTask>'
    '<association id="a" sourceRef="b" targetRef="undo"/>'
)


def back(attributes: str = "") -> str:
    return f'<intermediateThrowEvent id="back"><compensateEventDefinition {attributes}/></intermediateThrowEvent>'


def flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'


def around(interrupts: bool, thrown: str) -> str:
    """An event sub-process that undoes what was done around it."""
    start = f'<startEvent id="es" isInterrupting="{str(interrupts).lower()}">{DEFINITIONS["signal"]}</startEvent>'
    inner = start + thrown + '<endEvent id="ee"/>' + flow("es", "back") + flow("back", "ee")
    return f'<subProcess id="esp" triggeredByEvent="true">{inner}</subProcess>'


@pytest.mark.parametrize("interrupts", [True, False])
@pytest.mark.parametrize("named", ["", 'activityRef="done"'])
def test_an_event_sub_process_undoes_what_was_done_around_it(interrupts: bool, named: str) -> None:
    walk = Walk(chain('<task id="done"/>', HOST) + UNDONE + around(interrupts, back(named)))

    told = walk.take(walk.loaded().deliver(key_of(walk.case, "es"), {}))
    assert told[-3:] == ["b happened: compensation", "undo started", "undo offered"]
    assert walk.take(walk.loaded().complete(key_of(walk.case, "undo"), {}))[:4] == [
        "undo completed", "back -> ee", "ee happened: none", "esp completed",
    ]  # fmt: skip
    assert walk.case.is_completed is interrupts
    if not interrupts:
        walk.take(walk.loaded().complete(key_of(walk.case, "host"), {}))
        assert walk.case.is_completed


def test_what_is_being_undone_stops_with_the_case() -> None:
    walk = Walk(chain('<task id="done"/>', HOST) + UNDONE + around(False, back()))
    walk.take(walk.loaded().deliver(key_of(walk.case, "es"), {}))

    told = walk.take(walk.loaded().cancel())

    assert [line for line in told if line.startswith("undo")] == ["undo cancelled by None"]
    assert walk.case.waits() == {}


def test_the_flow_does_not_wait_when_the_event_says_so() -> None:
    walk = Walk(chain('<task id="done"/>', back('waitForCompletion="false"'), HOST) + UNDONE)
    assert sorted(walk.case.waits().values()) == ["host", "undo"]

    assert walk.take(walk.loaded().complete(key_of(walk.case, "host"), {}))[-1] == "end happened: none"
    assert not walk.case.is_completed
    walk.take(walk.loaded().complete(key_of(walk.case, "undo"), {}))
    assert walk.case.is_completed
