"""Every row of the table of what is run: a process with such an element is accepted, compiled and started."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from engine import events
from engine.bpmn import Environment, Execution, check, compile, support
from engine.bpmn.support import Key
from tests.engine.bpmn.diagrams import chain, process

ROOTS = """<message id="message" name="m"><extensionElements><zeebe:subscription correlationKey="=key"/>
    </extensionElements></message><signal id="signal" name="s"/><error id="error" errorCode="E"/>
    <escalation id="escalation" escalationCode="C"/>"""
DEFINITIONS = {
    "none": "",
    "timer": "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>",
    "conditional": "<conditionalEventDefinition><condition>=go</condition></conditionalEventDefinition>",
    "terminate": "<terminateEventDefinition/>",
    "compensation": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "link": '<linkEventDefinition name="l"/>',
    **{name: f'<{name}EventDefinition {name}Ref="{name}"/>' for name in ("message", "signal", "error", "escalation")},
}
WORK = {
    "serviceTask": '<zeebe:taskDefinition type="t"/>',
    "sendTask": '<zeebe:taskDefinition type="t"/>',
    "scriptTask": '<zeebe:script expression="=1" resultVariable="x"/>',
    "businessRuleTask": '<zeebe:taskDefinition type="t"/>',
    "callActivity": '<zeebe:calledElement processId="other"/>',
    "userTask": '<zeebe:assignmentDefinition assignee="=key"/>',
}
LOOPS = {
    "once": "",
    "parallel": "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>"
    "</multiInstanceLoopCharacteristics>",
    "sequential": '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>2</loopCardinality>'
    "</multiInstanceLoopCharacteristics>",
    "standard": '<standardLoopCharacteristics loopMaximum="2"/>',
}


def diagram(key: Key) -> str:
    """The elements of a small process with such an element `n`."""
    kind, trigger, position = key
    event = DEFINITIONS.get(trigger, "")
    if kind == "sequenceFlow":
        flow = '<sequenceFlow id="f" sourceRef="n" targetRef="more"><conditionExpression>=true</conditionExpression>'
        return chain('<task id="n"/>') + f'<task id="more"/>{flow}</sequenceFlow>'
    if position == "compensation":
        return _undone(_element(kind, event, position).replace(' id="n"', ' id="n" isForCompensation="true"', 1))
    if trigger == "compensation" and kind == "boundaryEvent":
        return _undone('<task id="undo" isForCompensation="true"/>', "undo")
    if trigger == "cancel":
        return _cancelled("n" if kind == "endEvent" else "stop", "n" if kind == "boundaryEvent" else "stopped")
    if kind == "boundaryEvent":
        attributes = f'attachedToRef="host" cancelActivity="{str(position == "interrupting").lower()}"'
        return chain('<userTask id="host"/>') + f'<boundaryEvent id="n" {attributes}>{event}</boundaryEvent>'
    if kind == "startEvent":
        return _start(event, trigger, position)
    if kind == "endEvent":
        return f'<startEvent id="s"/><endEvent id="n">{event}</endEvent>{_flow("s", "n")}'
    if trigger == "link":
        ends = f'<intermediateThrowEvent id="n">{event}</intermediateThrowEvent>'
        ends += f'<intermediateCatchEvent id="o">{event}</intermediateCatchEvent>'
        return f'<startEvent id="s"/>{ends}{_flow("s", "n")}'
    if kind == "eventBasedGateway":
        signal = f'<intermediateCatchEvent id="a">{DEFINITIONS["signal"]}</intermediateCatchEvent>'
        waits = f'<receiveTask id="b" messageRef="message"/>{signal}{_flow("n", "a")}{_flow("n", "b")}'
        return f'<startEvent id="s"/><eventBasedGateway id="n"/>{_flow("s", "n")}{waits}'
    if kind == "eventSubProcess":
        return _start(DEFINITIONS["message"], "message", "interrupting")
    return chain(_element(kind, event, position))


def _flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'


def _undone(handler: str, handler_id: str = "n") -> str:
    """A task that is done and undone at once."""
    event_id = "undone" if handler_id == "n" else "n"
    boundary = f'<boundaryEvent id="{event_id}" attachedToRef="host">{DEFINITIONS["compensation"]}</boundaryEvent>'
    association = f'<association id="a" sourceRef="{event_id}" targetRef="{handler_id}"/>'
    undo = f'<intermediateThrowEvent id="back">{DEFINITIONS["compensation"]}</intermediateThrowEvent>'
    return chain('<task id="host"/>', undo) + boundary + handler + association


def _cancelled(end_id: str, boundary_id: str) -> str:
    """A transaction that is cancelled at once."""
    end = f'<endEvent id="{end_id}">{DEFINITIONS["cancel"]}</endEvent>'
    inner = f'<transaction id="deal"><startEvent id="begin"/>{end}{_flow("begin", end_id)}</transaction>'
    return chain(inner) + (
        f'<boundaryEvent id="{boundary_id}" attachedToRef="deal">{DEFINITIONS["cancel"]}</boundaryEvent>'
    )


def _element(kind: str, event: str, position: str) -> str:
    inside = f"<extensionElements>{WORK.get(kind, '')}</extensionElements>{LOOPS.get(position, '')}{event}"
    attributes = 'messageRef="message"' if kind == "receiveTask" else ""
    if kind in ("subProcess", "transaction", "adHocSubProcess"):
        inside += '<task id="inner"/>'
    return f'<{kind} id="n" {attributes}>{inside}</{kind}>'


def _start(event: str, trigger: str, position: str) -> str:
    if position == "process":
        cycle = event.replace("timeDuration", "timeCycle").replace("P1D", "R/P1D")
        return f'<startEvent id="n">{cycle}</startEvent>'
    if position == "subProcess":
        return chain('<subProcess id="sub"><startEvent id="n"/></subProcess>')
    start = f'<startEvent id="n" isInterrupting="{str(position == "interrupting").lower()}">{event}</startEvent>'
    return chain('<userTask id="host"/>') + f'<subProcess id="sub" triggeredByEvent="true">{start}</subProcess>'


@pytest.mark.parametrize("key", sorted(support.SUPPORTED), ids="-".join)
def test_what_is_in_the_table_runs(key: Key) -> None:
    read = process(diagram(key), ROOTS)
    (model,) = read.processes
    assert [problem.message for problem in check(read) if problem.severity == "error"] == []
    if key[0] != "sequenceFlow":
        assert key in {support.support_key(model, node) for node in model.nodes.values()}
    keys = itertools.count(1)
    environment = Environment(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), lambda: next(keys), lambda *_: pytest.fail())
    _, happened = Execution.start(compile(model), {"key": "k", "go": False}, environment)
    failed = [event for event in happened if isinstance(event, events.ActivityFailed)]
    assert failed == [] or key[1] == "error"
