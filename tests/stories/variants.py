"""What a diagram may say beside its nodes and their triggers: small processes with it, and what it means there."""

from __future__ import annotations

from dataclasses import dataclass

from tests.engine.bpmn.diagrams import chain
from tests.stories.samples import HOST, ROOTS


@dataclass(frozen=True)
class Variant:
    """An element or attribute that is no flow node of its own."""

    name: str
    meaning: str
    """What it means where it is accepted."""
    content: str
    roots: str = ROOTS


_UNDO = (
    '<boundaryEvent id="b" attachedToRef="host"><compensateEventDefinition/></boundaryEvent>'
    '<task id="undo" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="undo"/>'
)
_COUNT = "<loopCardinality>2</loopCardinality>"


_GATEWAY_EVENTS = "".join(
    f'<receiveTask id="{name}" messageRef="{message}"/><sequenceFlow id="n-{name}" sourceRef="n" targetRef="{name}"/>'
    for name, message in (("a", "message"), ("b", "message2"))
)


def _several(attributes: str, inner: str = _COUNT) -> str:
    return chain(
        f'<task id="n"><multiInstanceLoopCharacteristics {attributes}>{inner}</multiInstanceLoopCharacteristics></task>'
    )


def _ad_hoc(attributes: str, inner: str = "") -> str:
    return chain(f'<adHocSubProcess id="n" {attributes}><task id="t"/>{inner}</adHocSubProcess>')


VARIANTS = (
    Variant("sequence flow", "[executes](../tests/stories/test_sequence.py)", chain('<task id="n"/>')),
    Variant(
        "several flows out of an activity or event",
        "[executes](../tests/stories/test_gateways.py): a way for each",
        chain('<task id="n"/>') + '<task id="o"/><sequenceFlow id="f" sourceRef="n" targetRef="o"/>',
    ),
    Variant(
        "conditional flow out of an activity",
        "[executes](../tests/stories/test_gateways.py)",
        chain('<task id="n"/>') + '<task id="o"/><sequenceFlow id="f" sourceRef="n" targetRef="o">'
        "<conditionExpression>=true</conditionExpression></sequenceFlow>",
    ),
    Variant(
        "several start events",
        "executes: each message, signal and timer starts cases at its own; people start at the plain one",
        '<startEvent id="n"><timerEventDefinition><timeCycle>R/P1D</timeCycle></timerEventDefinition></startEvent>'
        '<startEvent id="o"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="n" targetRef="e"/>'
        '<sequenceFlow id="g" sourceRef="o" targetRef="e"/>',
    ),
    Variant(
        "event that is about several things (multiple)",
        "[executes](../tests/engine/bpmn/test_multiple.py): the first that happens counts, or all are thrown; cancel,"
        " compensation and link stand alone",
        chain('<intermediateCatchEvent id="n"><signalEventDefinition signalRef="signal"/>'
              '<messageEventDefinition messageRef="message"/></intermediateCatchEvent>'),
    ),
    Variant(
        "event that waits for several things together (parallel multiple)",
        "[executes](../tests/stories/test_together.py): all must happen, in any order; at the start of a process the"
        " first message opens the case, which waits for the others by their keys",
        chain('<intermediateCatchEvent id="n" parallelMultiple="true"><signalEventDefinition signalRef="signal"/>'
              '<messageEventDefinition messageRef="message"/></intermediateCatchEvent>'),
    ),
    Variant(
        "event that waits together for what is thrown inside (error, escalation, cancel)", "",
        chain(HOST) + '<boundaryEvent id="n" attachedToRef="host" parallelMultiple="true"><errorEventDefinition'
        ' errorRef="error"/><messageEventDefinition messageRef="message"/></boundaryEvent>',
    ),
    Variant(
        "process that begins when signals or times have come together with messages", "",
        '<startEvent id="n" parallelMultiple="true"><signalEventDefinition signalRef="signal"/>'
        '<messageEventDefinition messageRef="message"/></startEvent>',
    ),
    Variant(
        "process that begins with a condition",
        "[executes](../tests/engine/commands/test_beginnings.py): `EvaluateConditions` looks at it with variables that"
        " somebody gives",
        '<startEvent id="n"><conditionalEventDefinition><condition>=amount &gt; 5</condition>'
        '</conditionalEventDefinition></startEvent>',
    ),
    Variant(
        "lane",
        "its tasks are offered to the group of its name, unless they say otherwise",
        '<laneSet id="ls"><lane id="l" name="office"><flowNodeRef>n</flowNodeRef></lane></laneSet>'
        + chain('<userTask id="n"/>'),
    ),
    Variant(
        "pool, message flow",
        "drawn; a pool's process runs if it is marked as executable",
        chain('<task id="n"/>'),
        ROOTS + '<collaboration id="c"><participant id="pool" name="Us" processRef="p"/></collaboration>',
    ),
    Variant(
        "data object, property",
        "[executes](../tests/engine/bpmn/test_data.py): the variable of its name; in a sub-process one of each passage."
        " One whose name cannot be a variable is drawn, and a note at deployment says so",
        '<dataObject id="do" name="order"/><dataObjectReference id="n" dataObjectRef="do"/>'
        + chain('<task id="t"><dataOutputAssociation id="d"><targetRef>n</targetRef></dataOutputAssociation></task>'),
    ),
    Variant(
        "state of a data object", "drawn",
        '<dataObject id="do" name="order"/><dataObjectReference id="n" dataObjectRef="do"><dataState name="paid"/>'
        "</dataObjectReference>" + chain('<task id="t"/>'),
    ),
    Variant(
        "data store",
        "drawn, and a note at deployment says that nothing is read from it or written to it",
        '<dataStoreReference id="n" name="Archive"/>'
        + chain('<task id="t"><dataOutputAssociation id="d"><targetRef>n</targetRef></dataOutputAssociation></task>'),
    ),
    Variant(
        "data association, data input, data output",
        "[executes](../tests/engine/bpmn/test_data.py): an input or output mapping, when its ends are variables of"
        " different names; else activities see the variables of the case anyway",
        '<dataObject id="do" name="order"/>' + chain(
            '<task id="n"><ioSpecification id="io"><dataInput id="di" name="paper"/></ioSpecification>'
            '<dataInputAssociation id="d"><sourceRef>do</sourceRef><targetRef>di</targetRef></dataInputAssociation>'
            "</task>"
        ),
    ),
    Variant(
        "data association with assignments or a transformation in FEEL",
        "[executes](../tests/engine/bpmn/test_data.py): lines of the input or output mapping",
        chain('<task id="n"><dataInputAssociation id="d"><assignment><from>=a + 1</from><to>b</to></assignment>'
              "</dataInputAssociation></task>"),
    ),
    Variant(
        "data association with an assignment or transformation in another language", "",
        chain('<task id="n"><dataInputAssociation id="d"><assignment><from>a</from><to>b</to></assignment>'
              "</dataInputAssociation></task>"),
    ),
    Variant(
        "text annotation, group, association, category", "drawn",
        chain('<task id="t"/>') + '<textAnnotation id="n"><text>Look!</text></textAnnotation><group id="g"/>'
        '<association id="a" sourceRef="t" targetRef="n"/>',
    ),
    Variant("multi-instance: completion condition", "[executes](../tests/stories/test_loops.py)",
            _several("", _COUNT + "<completionCondition>=true</completionCondition>")),
    Variant(
        "multi-instance: `behavior` None, One or Complex with their events",
        "[executes](../tests/engine/bpmn/test_data.py): a message, signal or escalation after each instance, after the"
        " first, or after those for which a condition is true; it brings the numbers of instances",
        _several('behavior="One" oneBehaviorEventRef="thrown"'),
        ROOTS + '<signalEventDefinition id="thrown" signalRef="signal"/>',
    ),
    Variant("multi-instance: `behavior` None, One or Complex without their events", "", _several('behavior="One"')),
    Variant(
        "multi-instance: `loopDataInputRef`, `loopDataOutputRef` that are data objects",
        "[executes](../tests/engine/bpmn/test_data.py): their variables are the collections",
        '<dataObject id="list" name="items"/>'
        + _several("", '<loopDataInputRef>list</loopDataInputRef><inputDataItem id="item" name="item"/>'),
    ),
    Variant("multi-instance: `loopDataInputRef` that is no variable", "",
            _several("", "<loopDataInputRef>list</loopDataInputRef>")),
    Variant("loop: `testBefore`, `loopMaximum`", "[executes](../tests/stories/test_loops.py)", chain(
        '<task id="n"><standardLoopCharacteristics testBefore="true" loopMaximum="3"/></task>')),
    Variant("activity: `startQuantity`, `completionQuantity` other than 1", "",
            chain('<task id="n" startQuantity="2"/>')),
    Variant("ad-hoc sub-process: completion condition", "[executes](../tests/stories/test_subprocesses.py)",
            _ad_hoc("", "<completionCondition>=true</completionCondition>")),
    Variant("ad-hoc sub-process: `ordering=\"Sequential\"`",
            "[executes](../tests/stories/test_subprocesses.py): one after another, in the order of the file",
            _ad_hoc('ordering="Sequential"')),
    Variant("ad-hoc sub-process: `cancelRemainingInstances=\"false\"`",
            "[executes](../tests/stories/test_subprocesses.py): when it is enough, nothing more begins and what runs"
            " finishes", _ad_hoc('cancelRemainingInstances="false"')),
    Variant("compensation: `activityRef`", "[executes](../tests/stories/test_compensation.py)",
            chain(HOST, '<intermediateThrowEvent id="n"><compensateEventDefinition activityRef="host"/>'
                  "</intermediateThrowEvent>") + _UNDO),
    Variant("compensation: `waitForCompletion=\"false\"`", "[executes](../tests/engine/bpmn/test_undoing.py)",
            chain(HOST, '<intermediateThrowEvent id="n"><compensateEventDefinition waitForCompletion="false"/>'
                  "</intermediateThrowEvent>") + _UNDO),
    Variant(
        "event-based gateway at the start of a process: `eventGatewayType=\"Parallel\"`",
        "[executes](../tests/stories/test_beginnings.py): the first message opens the case, the others reach it by"
        " their keys, and each goes its way",
        f'<eventBasedGateway id="n" instantiate="true" eventGatewayType="Parallel"/>{_GATEWAY_EVENTS}',
    ),
    Variant(
        "event-based gateway in the flow: `eventGatewayType=\"Parallel\"`", "",
        f'<startEvent id="s"/><eventBasedGateway id="n" eventGatewayType="Parallel"/>{_GATEWAY_EVENTS}'
        '<sequenceFlow id="s-n" sourceRef="s" targetRef="n"/>',
    ),
    Variant(
        "potential owner, human performer",
        "the resource, or the literal `user(…), group(…)`, becomes candidate or assignee",
        chain('<userTask id="n"><potentialOwner id="o"><resourceRef>office</resourceRef></potentialOwner></userTask>'),
        ROOTS + '<resource id="office" name="office"/>',
    ),
    Variant("performer, resource role", "", chain('<userTask id="n"><performer id="o"/></userTask>')),
    Variant("choreography", "drawn", chain('<task id="t"/>'), '<choreography id="n"/>'),
    Variant("conversation", "drawn", chain('<task id="t"/>'),
            '<collaboration id="c"><conversation id="n"/></collaboration>'),
    Variant("correlation property, correlation subscription", "", chain('<task id="t"/>')
            + '<correlationSubscription id="n"/>'),
)  # fmt: skip
