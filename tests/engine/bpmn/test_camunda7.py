"""What diagrams of older engines say, read as far as it has an equivalent."""

from __future__ import annotations

from engine.bpmn import check, parse
from engine.bpmn.elements import Assignment, CalledDecision, CalledProcess, Mapping, Node, Reference, Service
from tests.engine.bpmn.diagrams import CAMUNDA, definitions, process


def read(tag: str, attributes: str, extensions: str = "", inner: str = "") -> tuple[Node, list[str]]:
    """The node, and what of it was not read."""
    content = f"<{tag} id='n' {CAMUNDA} {attributes}><extensionElements>{extensions}</extensionElements>{inner}</{tag}>"
    (model,) = process(content).processes
    return model.nodes["n"], [what for what, _, _ in model.unread]


def test_user_task() -> None:
    node, unread = read(
        "userTask",
        'camunda:assignee="${initiator}" camunda:candidateGroups="office,${team}" camunda:dueDate="P2D"'
        ' camunda:priority="70" camunda:formRef="f" camunda:formRefBinding="deployment" camunda:asyncBefore="true"',
    )
    assert unread == []
    assert node.form == Reference("f", "deployment")
    assert node.assignment == Assignment(
        assignee="=initiator", candidate_groups='=["office", team]', due='=now() + duration("P2D")', priority="70"
    )


def test_external_tasks_are_services() -> None:
    node, unread = read("serviceTask", 'camunda:type="external" camunda:topic="pay"')
    assert (node.service, unread) == (Service("pay"), [])
    node, unread = read("serviceTask", 'camunda:type="mail"')
    assert (node.service, unread) == (None, ["camunda:@type"])


def test_decisions() -> None:
    attributes = 'camunda:decisionRef="d" camunda:resultVariable="r" camunda:mapDecisionResult="{}"'
    node, unread = read("businessRuleTask", attributes.format("singleEntry"))
    assert (node.decision, unread) == (CalledDecision(Reference("d"), "r"), [])
    _, unread = read("businessRuleTask", attributes.format("resultList"))
    assert unread == ["camunda:@mapDecisionResult=resultList"]


def test_calls_pass_only_what_they_list() -> None:
    node, unread = read(
        "callActivity",
        'calledElement="${which}" camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="v1"',
        '<camunda:in source="a" target="b"/><camunda:in sourceExpression="${x.y}" target="z"/>'
        '<camunda:in businessKey="#{execution.processBusinessKey}"/><camunda:out variables="all"/>',
    )
    assert unread == []
    assert node.call == CalledProcess(Reference("=which", "versionTag", "v1"), False, True)
    assert node.inputs == (Mapping("=a", "b"), Mapping("=x.y", "z"))


def test_multi_instance() -> None:
    inner = """<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="person">
        <completionCondition>${nrOfCompletedInstances == 2}</completionCondition></multiInstanceLoopCharacteristics>"""
    node, unread = read("userTask", "", inner=inner)
    assert unread == [] and node.loop is not None
    assert (node.loop.collection, node.loop.element) == ("=people", "person")
    assert node.loop.completion_condition == "=numberOfCompletedInstances = 2"


def test_input_and_output() -> None:
    extensions = """<camunda:inputOutput><camunda:inputParameter name="a">${b}</camunda:inputParameter>
        <camunda:outputParameter name="c">text</camunda:outputParameter></camunda:inputOutput>"""
    node, unread = read("task", "", extensions)
    assert (node.inputs, node.outputs, unread) == ((Mapping("=b", "a"),), (Mapping("text", "c"),), [])
    scripted = """<camunda:inputOutput><camunda:inputParameter name="a"><camunda:script/></camunda:inputParameter>
        </camunda:inputOutput>"""
    assert read("task", "", scripted)[1] == ["camunda:inputOutput"]


def test_output_parameters_add_to_what_is_brought() -> None:
    extensions = """<camunda:inputOutput><camunda:outputParameter name="c">${b}</camunda:outputParameter>
        </camunda:inputOutput><camunda:out source="a" target="b"/>"""
    assert read("userTask", "", extensions)[0].keeps_results
    node, _ = read("callActivity", 'calledElement="q"', extensions)
    assert (node.outputs, node.keeps_results) == ((Mapping("=a", "b"), Mapping("=b", "c")), False)


def test_lists_and_maps_are_input() -> None:
    extensions = """<camunda:inputOutput>
        <camunda:inputParameter name="a"><camunda:list><camunda:value>x "y"</camunda:value>
            <camunda:value>${b + 1}</camunda:value></camunda:list></camunda:inputParameter>
        <camunda:inputParameter name="c"><camunda:map><camunda:entry key="to">${d.mail}</camunda:entry>
            <camunda:entry key="subject">Hello</camunda:entry></camunda:map></camunda:inputParameter>
        <camunda:inputParameter name="e"><camunda:list/></camunda:inputParameter></camunda:inputOutput>"""
    node, unread = read("task", "", extensions)
    assert unread == []
    assert node.inputs == (
        Mapping('=["x \\"y\\"", b + 1]', "a"),
        Mapping('={"to": d.mail, "subject": "Hello"}', "c"),
        Mapping("=[]", "e"),
    )
    nested = """<camunda:inputOutput><camunda:inputParameter name="a"><camunda:list><camunda:script/></camunda:list>
        </camunda:inputParameter></camunda:inputOutput>"""
    assert read("task", "", nested)[1] == ["camunda:inputOutput"]
    foreign = """<camunda:inputOutput><camunda:inputParameter name="a"><camunda:list><camunda:value>${b.c(1)}
        </camunda:value></camunda:list></camunda:inputParameter></camunda:inputOutput>"""
    assert read("task", "", foreign)[1] == ["camunda:inputOutput"]


def test_empty_attributes_say_nothing() -> None:
    assert read("serviceTask", 'camunda:class="" camunda:formKey=" "')[1] == []


def test_code_is_named_with_all_that_belongs_to_it() -> None:
    xml = definitions(
        f"""<process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="n"/>
        <serviceTask id="n" {CAMUNDA} camunda:class="org.X" camunda:resultVariable="r"><extensionElements>
        <camunda:field name="x"/></extensionElements></serviceTask></process>"""
    )
    (problem,) = check(parse(xml, "x.bpmn"))
    assert problem.values["what"] == "camunda:class, camunda:resultVariable, camunda:field"


def test_process_attributes_and_properties() -> None:
    xml = definitions(
        f"""<process id="p" {CAMUNDA} camunda:versionTag="2" camunda:candidateStarterGroups="staff"
        camunda:historyTimeToLive="P30D"><extensionElements><camunda:properties><camunda:property name="stages"
        value="A, B"/></camunda:properties></extensionElements></process>"""
    )
    (model,) = parse(xml, "x.bpmn").processes
    assert (model.version_tag, model.unread) == ("2", ())
    assert model.properties == {"stages": "A, B", "candidateStarterGroups": "staff"}


def test_java_and_listeners_are_named() -> None:
    _, unread = read("serviceTask", 'camunda:class="org.X"', "<camunda:executionListener/>")
    assert unread == ["camunda:@class", "camunda:executionListener"]
