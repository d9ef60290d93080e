"""A small process around one element of each kind, trigger and position that BPMN knows: the element is called `n`."""

from __future__ import annotations

from engine.bpmn import Diagram
from engine.bpmn.support import Key
from tests.engine.bpmn.diagrams import chain, process

_KEY = '<extensionElements><zeebe:subscription correlationKey="=key"/></extensionElements>'
ROOTS = f"""<message id="message" name="m">{_KEY}</message><message id="message2" name="m2">{_KEY}</message>
    <signal id="signal" name="s"/><error id="error" errorCode="E"/><escalation id="escalation" escalationCode="C"/>"""
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
DEFINITIONS["multiple"] = DEFINITIONS["parallelMultiple"] = DEFINITIONS["message"] + DEFINITIONS["signal"]
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
HOST = f'<userTask id="host"><extensionElements>{WORK["userTask"]}</extensionElements></userTask>'


def sample(key: Key) -> Diagram:
    """A diagram with such an element."""
    return process(_elements(key), ROOTS)


def _elements(key: Key) -> str:
    kind, trigger, position = key
    event = DEFINITIONS.get(trigger, "")
    if kind == "sequenceFlow":
        flow = '<sequenceFlow id="f" sourceRef="n" targetRef="more"><conditionExpression>=true</conditionExpression>'
        return chain('<task id="n"/>') + f'<task id="more"/>{flow}</sequenceFlow>'
    if kind == "eventBasedGateway":
        return _event_gateway(position)
    if kind == "eventSubProcess":
        return _start(DEFINITIONS["message"], "message", "interrupting", 'id="around"', 'id="n"')
    if kind == "startEvent":
        return _start(event, trigger, position)
    if position == "compensation":
        return _undone(_element(kind, event, position))
    if kind in ("boundaryEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent"):
        return _event(kind, trigger, position)
    if position == "instantiating":
        return f'{_element(kind, event, position)}<endEvent id="end"/>{_flow("n", "end")}'
    return chain(_element(kind, event, position))


def _flow(source: str, target: str) -> str:
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'


def _element(kind: str, event: str, position: str) -> str:
    inside = f"<extensionElements>{WORK.get(kind, '')}</extensionElements>{LOOPS.get(position, '')}{event}"
    attributes = 'messageRef="message"' if kind == "receiveTask" else ""
    attributes += ' instantiate="true"' if position == "instantiating" else ""
    attributes += ' isForCompensation="true"' if position == "compensation" else ""
    if kind in ("subProcess", "transaction", "adHocSubProcess"):
        inside += '<task id="inner"/>'
    return f'<{kind} id="n" {attributes}>{inside}</{kind}>'


def _event(kind: str, trigger: str, position: str) -> str:
    event = DEFINITIONS[trigger]
    if trigger == "compensation" and kind == "boundaryEvent":
        return _undone('<task id="undo" isForCompensation="true"/>', "undo")
    if trigger == "cancel" and kind in ("boundaryEvent", "endEvent"):
        return _cancelled("n" if kind == "endEvent" else "stop", "n" if kind == "boundaryEvent" else "stopped")
    if trigger == "link":
        return _linked(kind, event)
    together = f'parallelMultiple="{str(trigger == "parallelMultiple").lower()}"'
    if kind == "boundaryEvent":
        attributes = f'attachedToRef="host" cancelActivity="{str(position == "interrupting").lower()}"'
        return chain(HOST) + f'<boundaryEvent id="n" {attributes} {together}>{event}</boundaryEvent>'
    if kind == "endEvent":
        return f'<startEvent id="s"/><endEvent id="n">{event}</endEvent>{_flow("s", "n")}'
    attributes = together if kind == "intermediateCatchEvent" else ""
    return chain(f'<{kind} id="n" {attributes}>{event}</{kind}>')


def _linked(kind: str, event: str) -> str:
    source, target = ("n", "o") if kind == "intermediateThrowEvent" else ("o", "n")
    ends = f'<intermediateThrowEvent id="{source}">{event}</intermediateThrowEvent>'
    ends += f'<intermediateCatchEvent id="{target}">{event}</intermediateCatchEvent>'
    return f'<startEvent id="s"/>{ends}{_flow("s", source)}'


def _event_gateway(position: str) -> str:
    signal = f'<intermediateCatchEvent id="a">{DEFINITIONS["signal"]}</intermediateCatchEvent>'
    waits = f'<receiveTask id="b" messageRef="message"/>{signal}{_flow("n", "a")}{_flow("n", "b")}'
    if position == "instantiating":
        return f'<eventBasedGateway id="n" instantiate="true"/>{waits}'
    return f'<startEvent id="s"/><eventBasedGateway id="n"/>{_flow("s", "n")}{waits}'


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


def _start(event: str, trigger: str, position: str, own: str = 'id="n"', around: str = 'id="around"') -> str:
    together = f'parallelMultiple="{str(trigger == "parallelMultiple").lower()}"'
    if position == "process":
        cycle = event.replace("timeDuration", "timeCycle").replace("P1D", "R/P1D")
        if trigger == "parallelMultiple":
            cycle = DEFINITIONS["message"] + DEFINITIONS["message"].replace('"message"', '"message2"')
        return f"<startEvent {own} {together}>{cycle}</startEvent>"
    if position == "subProcess":
        return chain(f"<subProcess {around}><startEvent {own} {together}>{event}</startEvent></subProcess>")
    attributes = f'{own} {together} isInterrupting="{str(position == "interrupting").lower()}"'
    start = f"<startEvent {attributes}>{event}</startEvent>"
    if trigger == "compensation":
        undo = f'<subProcess {around} triggeredByEvent="true">{start}</subProcess>'
        back = f'<intermediateThrowEvent id="back">{DEFINITIONS["compensation"]}</intermediateThrowEvent>'
        return chain(f'<subProcess id="work"><task id="inner"/>{undo}</subProcess>', back)
    return chain(HOST) + f'<subProcess {around} triggeredByEvent="true">{start}</subProcess>'
