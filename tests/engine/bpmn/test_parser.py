"""What is read from a diagram, attribute by attribute."""

from __future__ import annotations

import pytest

from engine.bpmn import parse, references, texts
from engine.bpmn.elements import (
    Assignment,
    CalledDecision,
    CalledProcess,
    EventDefinition,
    Loop,
    Mapping,
    Node,
    Reference,
    Script,
    Service,
)
from tests.engine.bpmn.diagrams import CAMUNDA, chain, definitions, extended, process


def node(content: str, roots: str = "", node_id: str = "n") -> Node:
    return process(content, roots).processes[0].nodes[node_id]


def test_process_attributes() -> None:
    xml = definitions(
        """<process id="p" name="Complaint" isExecutable="true"><documentation>First.</documentation>
        <documentation>Second.</documentation><extensionElements><zeebe:versionTag value="2.0"/><zeebe:properties>
        <zeebe:property name="candidateStarterGroups" value="staff, interns"/></zeebe:properties></extensionElements>
        <startEvent id="s"><extensionElements><zeebe:formDefinition formId="file"/></extensionElements></startEvent>
        </process><process id="q"/>"""
    )
    diagram = parse(xml, "x.bpmn")
    first, second = diagram.processes
    assert (first.id, first.name, first.documentation) == ("p", "Complaint", "First.\n\nSecond.")
    assert (first.is_executable, second.is_executable) == (True, False)
    assert first.version_tag == "2.0"
    assert first.listed("candidateStarterGroups") == ("staff", "interns")
    assert first.start_form() == Reference("file")
    assert (first.line, first.resource, len(diagram.digest)) == (2, "x.bpmn", 64)
    assert diagram.executable() == (first,)


@pytest.mark.parametrize("prefix", ["", "bpmn:", "bpmn2:", "semantic:"])
def test_prefixes(prefix: str) -> None:
    declared = f"xmlns{':' if prefix else ''}{prefix.rstrip(':')}"
    xml = (
        f'<{prefix}definitions {declared}="http://www.omg.org/spec/BPMN/20100524/MODEL"><{prefix}process id="p">'
        f'<{prefix}startEvent id="a"/><{prefix}task id="b"/><{prefix}sequenceFlow id="f" sourceRef="a" targetRef="b"/>'
        f"</{prefix}process></{prefix}definitions>"
    )
    (model,) = parse(xml.encode(), "x.bpmn").processes
    assert {name: found.kind for name, found in model.nodes.items()} == {"a": "startEvent", "b": "task"}
    assert model.nodes["a"].outgoing == model.nodes["b"].incoming == ("f",)


def test_user_task() -> None:
    read = node(
        extended(
            "userTask",
            "n",
            """<zeebe:userTask/><zeebe:formDefinition formId="f" bindingType="versionTag" versionTag="v1"/>
            <zeebe:assignmentDefinition assignee="=initiator" candidateGroups="finance, hr" candidateUsers="=[1]"/>
            <zeebe:taskSchedule dueDate="=now()" followUpDate="2026-12-01T09:00:00Z"/>
            <zeebe:priorityDefinition priority="=70"/>
            <zeebe:ioMapping><zeebe:input source="=a" target="b"/><zeebe:output source="=c" target="d"/>
            </zeebe:ioMapping>
            <zeebe:properties><zeebe:property name="stage" value="Checked"/></zeebe:properties>""",
            'name=" Check "',
        )
    )
    assert read.name == "Check"
    assert read.form == Reference("f", "versionTag", "v1")
    assert read.assignment == Assignment(
        assignee="=initiator",
        candidate_users="=[1]",
        candidate_groups="finance, hr",
        due="=now()",
        follow_up="2026-12-01T09:00:00Z",
        priority="=70",
    )
    assert (read.inputs, read.outputs) == ((Mapping("=a", "b"),), (Mapping("=c", "d"),))
    assert read.properties == {"stage": "Checked"}


def test_what_tasks_use() -> None:
    service = '<zeebe:taskDefinition type="casewright:mail" retries="5"/><zeebe:taskHeaders>'
    service += '<zeebe:header key="to" value="=mail"/></zeebe:taskHeaders>'
    assert node(extended("serviceTask", "n", service)).service == Service("casewright:mail", "5", (("to", "=mail"),))
    assert node(extended("sendTask", "n", '<zeebe:taskDefinition type="t"/>')).service == Service("t")
    script = '<zeebe:script expression="=1 + 1" resultVariable="r"/>'
    assert node(extended("scriptTask", "n", script)).script == Script("=1 + 1", "r")
    decision = '<zeebe:calledDecision decisionId="d" resultVariable="r" bindingType="deployment"/>'
    expected = CalledDecision(Reference("d", "deployment"), "r")
    assert node(extended("businessRuleTask", "n", decision)).decision == expected
    call = '<zeebe:calledElement processId="c" propagateAllChildVariables="false"/>'
    assert node(extended("callActivity", "n", call)).call == CalledProcess(Reference("c"), True, False)


def test_standard_script_and_call() -> None:
    feel = node('<scriptTask id="n" scriptFormat="text/feel"><script>1 + 1</script></scriptTask>')
    assert feel.script == Script("=1 + 1", "")
    groovy = process('<scriptTask id="n" scriptFormat="groovy"><script>x</script></scriptTask>').processes[0]
    assert groovy.nodes["n"].script is None
    assert groovy.unread == (("script", 2, "n"),)
    assert node('<callActivity id="n" calledElement="t:sub"/>').call == CalledProcess(Reference("sub"))


def test_loops() -> None:
    several = """<userTask id="n"><multiInstanceLoopCharacteristics isSequential="true"><extensionElements>
        <zeebe:loopCharacteristics inputCollection="=all" inputElement="one" outputCollection="out"
        outputElement="=x"/></extensionElements><completionCondition>=done</completionCondition>
        </multiInstanceLoopCharacteristics></userTask>"""
    assert node(several).loop == Loop(
        kind="sequential",
        collection="=all",
        element="one",
        output_collection="out",
        output_element="=x",
        completion_condition="=done",
    )
    standard = """<task id="n"><standardLoopCharacteristics testBefore="true" loopMaximum="3"><loopCondition>=again
        </loopCondition></standardLoopCharacteristics></task>"""
    assert node(standard).loop == Loop("standard", loop_condition="=again", loop_maximum="3", test_before=True)


ROOTS = """<message id="m" name="payment"><extensionElements><zeebe:subscription correlationKey="=order"/>
    </extensionElements></message><signal id="s" name="stop"/><error id="e" name="No stock" errorCode="NO_STOCK"/>
    <error id="e0" name="No code"/><escalation id="c" name="Late" escalationCode="LATE"/>"""


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ('<messageEventDefinition messageRef="m"/>', EventDefinition("message", "payment", "=order")),
        ('<messageEventDefinition messageRef="x:m"/>', EventDefinition("message", "payment", "=order")),
        ("<messageEventDefinition/>", EventDefinition("message")),
        ('<signalEventDefinition signalRef="s"/>', EventDefinition("signal", "stop")),
        ('<errorEventDefinition errorRef="e"/>', EventDefinition("error", "NO_STOCK")),
        ('<errorEventDefinition errorRef="e0"/>', EventDefinition("error", "")),
        ("<errorEventDefinition/>", EventDefinition("error")),
        ('<escalationEventDefinition escalationRef="c"/>', EventDefinition("escalation", "LATE")),
        ('<linkEventDefinition name="over"/>', EventDefinition("link", "over")),
        ("<terminateEventDefinition/>", EventDefinition("terminate")),
        ("<cancelEventDefinition/>", EventDefinition("cancel")),
        ('<compensateEventDefinition activityRef="a"/>', EventDefinition("compensation", activity="a")),
        (
            "<timerEventDefinition><timeDuration> PT1H </timeDuration></timerEventDefinition>",
            EventDefinition("timer", timer_kind="duration", expression="PT1H"),
        ),
        (
            "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>",
            EventDefinition("timer", timer_kind="cycle", expression="R3/PT1H"),
        ),
        (
            "<timerEventDefinition><timeDate>=due</timeDate></timerEventDefinition>",
            EventDefinition("timer", timer_kind="date", expression="=due"),
        ),
        (
            '<conditionalEventDefinition><condition language="feel">a &gt; 1</condition></conditionalEventDefinition>',
            EventDefinition("conditional", expression="=a > 1"),
        ),
    ],
)
def test_events(inner: str, expected: EventDefinition) -> None:
    event = node(f'<intermediateThrowEvent id="n">{inner}</intermediateThrowEvent>', ROOTS).event
    assert event is not None and event.line is not None
    assert event == EventDefinition(**{**vars(expected), "line": event.line})


def test_several_definitions_are_multiple() -> None:
    content = (
        '<startEvent id="n"><signalEventDefinition signalRef="s"/><messageEventDefinition messageRef="m"/></startEvent>'
    )
    event = node(content, ROOTS).event
    assert event is not None and event.trigger == "multiple"
    assert [part.trigger for part in event.parts] == ["signal", "message"]


def test_dangling_event_reference_is_told() -> None:
    (model,) = process('<startEvent id="n"><signalEventDefinition signalRef="gone"/></startEvent>').processes
    (problem,) = model.problems
    assert "'gone'" in problem.message and problem.element_id == "n"
    assert model.nodes["n"].event == EventDefinition("signal", "", line=2)


def test_boundary_events() -> None:
    content = """<task id="t"/><boundaryEvent id="n" attachedToRef="t" cancelActivity="false"/>
        <boundaryEvent id="o" attachedToRef="t"/>"""
    (model,) = process(content).processes
    assert [(event.id, event.is_interrupting) for event in model.boundary_events("t")] == [("n", False), ("o", True)]


def test_compensation_is_joined_by_its_association() -> None:
    content = """<task id="t"/><boundaryEvent id="n" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>
        <task id="undo" isForCompensation="true"/><association sourceRef="n" targetRef="undo"/>"""
    (model,) = process(content).processes
    assert model.nodes["n"].compensated_by == "undo"
    assert model.nodes["undo"].is_for_compensation


def test_sub_processes_and_lanes() -> None:
    content = """<laneSet><lane id="l1" name="Office"><flowNodeRef>s</flowNodeRef><childLaneSet><lane id="l2">
        <flowNodeRef>s</flowNodeRef></lane></childLaneSet></lane></laneSet><subProcess id="s" triggeredByEvent="true">
        <startEvent id="i" isInterrupting="false"/><subProcess id="deep"><task id="t"/></subProcess></subProcess>"""
    (model,) = process(content).processes
    assert [(found.id, found.scope, found.lane) for found in model.nodes.values()] == [
        ("s", "p", "l2"),
        ("i", "s", "l2"),
        ("deep", "s", "l2"),
        ("t", "deep", "l2"),
    ]
    assert model.nodes["s"].is_event_subprocess
    assert not model.nodes["i"].is_interrupting


def test_flows_in_the_order_of_the_file() -> None:
    content = """<exclusiveGateway id="n" default="f2"/><task id="a"/><task id="b"/>
        <sequenceFlow id="f1" name="yes" sourceRef="n" targetRef="a"><conditionExpression>=x</conditionExpression>
        </sequenceFlow><sequenceFlow id="f2" sourceRef="n" targetRef="b"/>"""
    (model,) = process(content).processes
    assert model.nodes["n"].outgoing == ("f1", "f2")
    assert model.nodes["n"].default == "f2"
    assert (model.flows["f1"].condition, model.flows["f1"].name, model.flows["f2"].condition) == ("=x", "yes", None)


def test_a_flow_lies_in_the_scope_of_its_source() -> None:
    content = """<subProcess id="s"><task id="a"/><task id="b"/></subProcess>
        <sequenceFlow id="f" sourceRef="a" targetRef="b"/>"""
    assert process(content).processes[0].flows["f"].scope == "s"


def test_duplicate_ids_are_told_and_the_first_stays() -> None:
    (model,) = process('<task id="a" name="1"/>\n<userTask id="a" name="2"/>').processes
    assert model.nodes["a"].name == "1"
    assert [problem.message for problem in model.problems] == [
        "The id 'a' is given twice, in line 2 too. Give one of them another id."
    ]


def test_nodes_without_id_are_read() -> None:
    (model,) = process("<task/><task/>").processes
    assert len(model.nodes) == 2


@pytest.mark.parametrize(
    ("content", "tag"),
    [
        (extended("userTask", "n", "<zeebe:executionListeners/>"), "zeebe:executionListeners"),
        (extended("userTask", "n", '<zeebe:formDefinition externalReference="x"/>'),
         "zeebe:formDefinition/@externalReference"),
        (extended("task", "n", '<zeebe:script expression="=1"/>'), "zeebe:script"),
        (extended("userTask", "n", '<zeebe:brandNew/>'), "zeebe:brandNew"),
        (extended("task", "n", "<camunda:formData/>", CAMUNDA), "camunda:formData"),
        (f'<serviceTask id="n" {CAMUNDA} camunda:class="org.X"/>', "camunda:@class"),
        ('<task id="n" startQuantity="2"/>', "@startQuantity"),
        ('<userTask id="n"><potentialOwner/></userTask>', "potentialOwner"),
        ('<task id="n"><dataInputAssociation><assignment/></dataInputAssociation></task>', "dataInputAssociation"),
        ('<eventBasedGateway id="n" eventGatewayType="Both"/>', "@eventGatewayType"),
        ('<choreographyTask id="n"/>', "choreographyTask"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_noted(content: str, tag: str) -> None:
    assert [(found, owner) for found, _, owner in process(content).processes[0].unread] == [(tag, "n")]


def test_what_only_draws_is_not_noted() -> None:
    content = """<task id="n" zeebe:modelerTemplate="t"><extensionElements><x:y xmlns:x="urn:x"/></extensionElements>
        <dataInputAssociation/></task><dataObject id="d" name="File"/><dataObjectReference id="r" dataObjectRef="d"/>
        <textAnnotation id="a"><text>Mind this</text></textAnnotation><association sourceRef="n" targetRef="a"/>"""
    diagram = process(content)
    assert (diagram.unread, diagram.processes[0].unread) == ((), ())
    assert [label.text for label in diagram.labels] == ["File", "Mind this"]


def test_references_and_texts() -> None:
    content = "".join(
        [
            extended("userTask", "a", '<zeebe:formDefinition formId="f"/>', 'name="Ask"'),
            extended("businessRuleTask", "b", '<zeebe:calledDecision decisionId="d"/>'),
            extended("callActivity", "c", '<zeebe:calledElement processId="=computed"/>'),
            extended("callActivity", "e", '<zeebe:calledElement processId="q" bindingType="deployment"/>'),
            extended(
                "receiveTask",
                "g",
                '<zeebe:properties><zeebe:property name="publicForm" value="answer"/>'
                '<zeebe:property name="stage" value="Asked"/></zeebe:properties>',
                'name="Ask"',
            ),
        ]
    )
    diagram = process(content)
    named = [(found.kind, found.reference.id, found.element_id) for found in references(diagram.processes[0])]
    assert named == [("form", "f", "a"), ("decision", "d", "b"), ("process", "q", "e"), ("form", "answer", "g")]
    assert texts(diagram) == ("A process", "Ask", "Asked")


@pytest.mark.parametrize(
    ("performer", "expected"),
    [
        ("<potentialOwner>{ref}</potentialOwner>", Assignment(candidate_groups="Front office")),
        ("<humanPerformer>{ref}</humanPerformer>", Assignment(assignee="Front office")),
        (
            "<potentialOwner>{literal}user(ann), group(office), staff{end}</potentialOwner>",
            Assignment(candidate_users="ann", candidate_groups="office, staff"),
        ),
        ("<humanPerformer>{literal}user(ann){end}</humanPerformer>", Assignment(assignee="ann")),
        ("<humanPerformer>{literal}${{clerk}}{end}</humanPerformer>", Assignment(assignee="=clerk")),
    ],
)
def test_who_does_it_in_the_words_of_the_standard(performer: str, expected: Assignment) -> None:
    literal = "<resourceAssignmentExpression><formalExpression>"
    end = "</formalExpression></resourceAssignmentExpression>"
    inside = performer.format(ref="<resourceRef>r</resourceRef>", literal=literal, end=end)
    read = process(chain(f'<userTask id="n">{inside}</userTask>'), '<resource id="r" name="Front office"/>')

    (model,) = read.processes
    assert (model.nodes["n"].assignment, model.unread) == (expected, ())


def test_what_the_task_says_itself_goes_before_its_performers() -> None:
    inside = '<extensionElements><zeebe:assignmentDefinition assignee="ann"/></extensionElements>'
    owners = "<potentialOwner><resourceRef>r</resourceRef></potentialOwner>"
    owners += "<humanPerformer><resourceRef>r</resourceRef></humanPerformer>"
    read = process(chain(f'<userTask id="n">{inside}{owners}</userTask>'), '<resource id="r" name="office"/>')

    assert read.processes[0].nodes["n"].assignment == Assignment(assignee="ann", candidate_groups="office")


def test_what_jbpm_means_is_noted_and_its_notes_are_not() -> None:
    drools = 'xmlns:drools="http://www.jboss.org/drools"'
    notes = '<drools:metaData name="elementname"/>'
    (model,) = process(
        chain(
            extended("task", "a", notes, f'{drools} drools:adHoc="false"'),
            extended("task", "b", "<drools:onEntry-script/>", f'{drools} drools:taskName="Rest"'),
        )
    ).processes

    assert [(tag, owner) for tag, _, owner in model.unread] == [
        ("drools:@taskName", "b"), ("drools:onEntry-script", "b"),
    ]  # fmt: skip
