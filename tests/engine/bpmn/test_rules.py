"""What refuses a deployment, and in which words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.bpmn import check, compile, parse, references, texts
from engine.bpmn.elements import Diagram
from engine.errors import Problem
from tests.engine.bpmn.diagrams import CAMUNDA, chain, definitions, extended, process

REPOSITORY = Path(__file__).parents[3]
SHARED = Path(os.environ.get("CASEWRIGHT_SHARED", REPOSITORY.parent / "shared")) / "diagrams-by-others"

SEEN = '<zeebe:assignmentDefinition candidateGroups="office"/>'
ROOTS = """<message id="m" name="payment"><extensionElements><zeebe:subscription correlationKey="=order"/>
    </extensionElements></message><message id="keyless" name="hello"/><message id="nameless"/>
    <error id="e" errorCode="NO_STOCK"/><error id="codeless"/>"""


def found(content: str, roots: str = ROOTS) -> list[Problem]:
    return check(process(content, roots))


def rules(content: str, roots: str = ROOTS) -> list[tuple[str | None, str | None]]:
    """Rule and element of each error."""
    return [(problem.rule, problem.element_id) for problem in found(content, roots) if problem.severity == "error"]


def messages(content: str, roots: str = ROOTS) -> list[str]:
    return [problem.message for problem in found(content, roots)]


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def test_a_sound_process_has_no_problems() -> None:
    assert found(chain(extended("userTask", "a", SEEN), '<manualTask id="b"/>')) == []


# --- structure --------------------------------------------------------------------------------------------------


def test_nothing_executable() -> None:
    (problem,) = check(parse(definitions('<process id="p"/>'), "x.bpmn"))
    assert (problem.rule, problem.element_id) == ("nothing-executable", "p")
    (problem,) = check(parse(definitions(""), "x.bpmn"))
    assert problem.rule == "nothing-executable"


def test_only_executable_processes_are_judged() -> None:
    sound = f'<process id="p" isExecutable="true">{chain()}</process>'
    assert check(parse(definitions(sound + '<process id="q"><task id="t"/></process>'), "x.bpmn")) == []


def test_no_start() -> None:
    (problem,) = found('<task id="t"/>')
    assert problem.message == (
        "The process *A process* has no start event, so no case could begin. Add one before its first activity."
    )
    assert problem.line is not None


def test_unreachable_names_the_head_of_a_chain() -> None:
    lost = '<task id="x"/><task id="y"/>' + flow("x", "y")
    ring = '<task id="r1"/><task id="r2"/>' + flow("r1", "r2") + flow("r2", "r1")
    assert rules(chain() + lost + ring) == [("unreachable", "x"), ("unreachable", "r1")]


def test_an_unknown_element_is_told_once_and_not_what_follows_from_it() -> None:
    content = '<startEvent id="s"/><robotTask id="r"/><task id="after"/>' + flow("s", "r") + flow("r", "after")
    assert rules(content) == [("not-read", "r")]


def test_boundaries_and_event_sub_processes_are_reached() -> None:
    content = """<subProcess id="s" triggeredByEvent="true"><startEvent id="i"><messageEventDefinition messageRef="m"/>
        </startEvent></subProcess><boundaryEvent id="b" attachedToRef="a"><messageEventDefinition messageRef="m"/>
        </boundaryEvent><task id="after"/>"""
    assert rules(chain('<task id="a"/>') + content + flow("b", "after")) == []


def test_sub_process_without_start_event_begins_where_nothing_leads() -> None:
    assert rules(chain(f'<subProcess id="s"><task id="a"/><task id="b"/>{flow("a", "b")}</subProcess>')) == []
    ring = f'<subProcess id="s"><task id="a"/><task id="b"/>{flow("a", "b")}{flow("b", "a")}</subProcess>'
    assert ("no-start", "s") in rules(chain(ring))


def test_flows_must_connect() -> None:
    assert ("dangling-flow", "start-gone") in rules(chain() + flow("start", "gone"))
    crossing = chain('<subProcess id="s"><startEvent id="i"/><task id="a"/>' + flow("i", "a") + "</subProcess>")
    assert ("flow-crosses-border", "start-a") in rules(crossing + flow("start", "a"))


def test_nothing_leads_into_starts_or_out_of_ends() -> None:
    assert rules(chain('<task id="a"/>') + flow("a", "start") + flow("end", "a")) == [
        ("flow-into-start", "start"),
        ("flow-out-of-end", "end"),
    ]


def test_boundary_events_need_an_activity() -> None:
    event = '<messageEventDefinition messageRef="m"/></boundaryEvent>'
    assert ("boundary-not-attached", "b") in rules(chain() + f'<boundaryEvent id="b">{event}')
    gateway = chain('<exclusiveGateway id="g"/>') + f'<boundaryEvent id="b" attachedToRef="g">{event}'
    assert ("boundary-not-attached", "b") in rules(gateway)


# --- gateways ---------------------------------------------------------------------------------------------------


def gateway(kind: str, attributes: str, *ways: str) -> str:
    targets = "".join(f'<task id="t{index}" name="Way {index}"/>' for index, _ in enumerate(ways))
    flows = "".join(flow("g", f"t{index}", condition) for index, condition in enumerate(ways))
    return (
        f'<startEvent id="start"/><{kind} id="g" name="Over\nlimit?" {attributes}/>{targets}{flows}{flow("start", "g")}'
    )


def test_neither_way_says_when() -> None:
    assert messages(gateway("exclusiveGateway", "", "", "")) == [
        "The gateway *Over limit?* has two ways out and neither says when to take it."
        " Give one a condition, and mark the other as default."
    ]


def test_one_way_does_not_say_when() -> None:
    assert messages(gateway("exclusiveGateway", "", "=a", "")) == [
        "The way from the gateway *Over limit?* to *Way 1* does not say when to take it."
        " Give it a condition, or mark it as default."
    ]
    assert rules(gateway("inclusiveGateway", "", "", "", "")) == [("way-without-condition", "g")]


def test_default_flow() -> None:
    assert found(gateway("exclusiveGateway", 'default="g-t1"', "=a", "")) == []
    assert rules(gateway("exclusiveGateway", 'default="g-t1"', "=a", "=b")) == [("default-with-condition", "g-t1")]
    assert ("default-elsewhere", "g") in rules(gateway("exclusiveGateway", 'default="start-g"', "=a", "=b"))
    (problem,) = found(gateway("exclusiveGateway", "", "=a", "=b"))
    assert (problem.rule, problem.severity) == ("no-default", "warning")


def test_conditions_where_nobody_asks() -> None:
    assert rules(gateway("parallelGateway", "", "=a", "")) == [("condition-not-asked", "g-t0")]
    start = '<startEvent id="start"/><task id="t"/>' + flow("start", "t", "=a")
    assert rules(start) == [("condition-not-asked", "start-t")]


def test_event_gateway_followers() -> None:
    timer = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
    content = (
        f'<startEvent id="start"/><eventBasedGateway id="g"/><task id="t"/><intermediateCatchEvent id="c">{timer}'
        f"</intermediateCatchEvent>{flow('start', 'g')}{flow('g', 't')}{flow('g', 'c')}{flow('t', 'c')}"
    )
    assert rules(content) == [("event-gateway", "g"), ("event-gateway", "c")]


# --- events -----------------------------------------------------------------------------------------------------


def caught(inner: str, kind: str = "intermediateCatchEvent", attributes: str = "") -> str:
    return chain(f'<{kind} id="n" {attributes}>{inner}</{kind}>')


def timer(kind: str, text: str) -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (caught("<messageEventDefinition/>"), "event-without-name"),
        (caught('<messageEventDefinition messageRef="nameless"/>'), "event-without-name"),
        (caught('<messageEventDefinition messageRef="keyless"/>'), "no-correlation-key"),
        (caught('<messageEventDefinition messageRef="gone"/>'), "dangling-reference"),
        (caught("<signalEventDefinition/>"), "event-without-name"),
        (caught("<errorEventDefinition/>", "endEvent"), "event-without-name"),
        (caught('<errorEventDefinition errorRef="codeless"/>', "endEvent"), "event-without-name"),
        (caught("<timerEventDefinition/>"), "timer-without-time"),
        (caught(timer("timeCycle", "R3/PT1H")), "timer-repeats"),
        (caught(""), "not-run"),
        (chain('<receiveTask id="n"/>'), "event-without-name"),
    ],
)
def test_events_say_what_they_wait_for(content: str, rule: str) -> None:
    assert (rule, "n") in rules(content)


def test_starts_need_no_key_and_no_duration() -> None:
    start = '<startEvent id="s">{}</startEvent>'
    assert rules(start.format('<messageEventDefinition messageRef="keyless"/>')) == []
    assert rules(start.format(timer("timeDuration", "P1D"))) == [("timer-start-duration", "s")]
    assert rules(start.format(timer("timeCycle", "R/P1D"))) == []


@pytest.mark.parametrize("text", ["PT4H", "P1Y2M3W4DT5H6M7.5S", "=duration(days)"])
def test_durations(text: str) -> None:
    assert rules(caught(timer("timeDuration", text))) == []


@pytest.mark.parametrize("text", ["4 hours", "P", "PT", "P1H", "1D", "${bean.x()}"])
def test_no_durations(text: str) -> None:
    assert rules(caught(timer("timeDuration", text))) == [("expression", "n")]


@pytest.mark.parametrize("text", ["2026-12-01T09:00:00Z", "2026-12-01T09:00:00+01:00", "2026-12-01"])
def test_dates(text: str) -> None:
    assert rules(caught(timer("timeDate", text))) == []


def test_no_date() -> None:
    assert rules(caught(timer("timeDate", "1 December"))) == [("expression", "n")]


@pytest.mark.parametrize(("text", "sound"), [("R/P1D", True), ("R3/2026-01-01T00:00:00Z/PT1H", True), ("R3/x", False)])
def test_cycles(text: str, sound: bool) -> None:
    assert (rules(f'<startEvent id="n">{timer("timeCycle", text)}</startEvent>') == []) is sound


def boundary(inner: str, attributes: str = "", node_id: str = "b") -> str:
    return f'<boundaryEvent id="{node_id}" attachedToRef="a" {attributes}>{inner}</boundaryEvent>'


def test_errors_interrupt_and_are_caught_once() -> None:
    error = '<errorEventDefinition errorRef="e"/>'
    task = chain('<task id="a"/>')
    assert rules(task + boundary(error)) == []
    assert ("not-run", "b") in rules(task + boundary(error, 'cancelActivity="false"'))
    assert rules(task + boundary(error) + boundary(error, node_id="c")) == [("boundary-events-alike", "a")]
    assert rules(task + boundary(error) + boundary("<errorEventDefinition/>", node_id="c")) == []


def test_event_sub_process_start() -> None:
    plain = '<subProcess id="s" triggeredByEvent="true"><startEvent id="i"/></subProcess>'
    assert ("event-sub-process-start", "s") in rules(chain() + plain)


# --- activities -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "element",
    [
        '<serviceTask id="n"/>',
        '<sendTask id="n"/>',
        '<scriptTask id="n"/>',
        '<businessRuleTask id="n"/>',
        '<callActivity id="n"/>',
        extended("serviceTask", "n", '<zeebe:taskDefinition retries="1"/>'),
        extended("scriptTask", "n", '<zeebe:script expression="=1"/>'),
        extended("businessRuleTask", "n", '<zeebe:calledDecision decisionId="d"/>'),
        extended("businessRuleTask", "n", '<zeebe:calledDecision resultVariable="r"/>'),
    ],
)
def test_tasks_without_work(element: str) -> None:
    assert rules(chain(element)) == [("task-without-work", "n")]


def test_nobody_sees_the_task() -> None:
    (problem,) = found(chain('<userTask id="n" name="Check"/>'))
    assert (problem.severity, problem.rule) == ("warning", "nobody-sees-task")
    assert "*Check*" in problem.message
    lane = '<laneSet><lane id="l"><flowNodeRef>n</flowNodeRef></lane></laneSet>'
    assert found(chain('<userTask id="n"/>') + lane) == []


def test_name_that_another_engine_would_compute() -> None:
    lane = '<laneSet><lane id="l"><flowNodeRef>n</flowNodeRef></lane></laneSet>'
    (problem,) = found(chain('<userTask id="n" name="Call ${customer}"/>') + lane)
    assert (problem.severity, problem.rule) == ("warning", "name-not-computed")


@pytest.mark.parametrize("text", ["[&quot;a&quot;]", "a,,b", "${bean.user()}", "user(x)"])
def test_candidate_text(text: str) -> None:
    content = chain(extended("userTask", "n", f'<zeebe:assignmentDefinition candidateUsers="{text}"/>'))
    assert [element for _, element in rules(content)] == ["n"]


def test_loops() -> None:
    content = chain('<task id="n"><multiInstanceLoopCharacteristics/></task>')
    assert rules(content) == [("loop", "n")]
    literal = """<task id="n"><multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics
        inputCollection="people" outputCollection="x"/></extensionElements></multiInstanceLoopCharacteristics></task>"""
    assert rules(chain(literal)) == [("loop", "n"), ("expression", "n")]


# --- expressions ------------------------------------------------------------------------------------------------


def test_a_condition_must_be_feel() -> None:
    assert messages(gateway("exclusiveGateway", 'default="g-t1"', "amount", "")) == [
        "The condition of *Over limit? → Way 0* must be FEEL, but it does not begin with '='. Did you mean =amount ?"
    ]


@pytest.mark.parametrize(
    "element",
    [
        extended("scriptTask", "n", '<zeebe:script expression="=1 +" resultVariable="r"/>'),
        extended("userTask", "n", '<zeebe:assignmentDefinition assignee="=a b("/>'),
        extended("userTask", "n", SEEN + '<zeebe:taskSchedule dueDate="=("/>'),
        extended("task", "n", '<zeebe:ioMapping><zeebe:input source="=]" target="a"/></zeebe:ioMapping>'),
        extended("serviceTask", "n", '<zeebe:taskDefinition type="t" retries="=if"/>'),
        extended("businessRuleTask", "n", '<zeebe:calledDecision decisionId="=+" resultVariable="r"/>'),
    ],
)
def test_feel_is_compiled_everywhere(element: str) -> None:
    (problem,) = [problem for problem in found(chain(element)) if problem.severity == "error"]
    assert (problem.rule, problem.element_id) == ("expression", "n")
    assert "is not valid FEEL at column" in problem.message


def test_variables_need_names() -> None:
    mapping = '<zeebe:ioMapping><zeebe:output source="=1" target="{}"/></zeebe:ioMapping>'
    assert rules(chain(extended("task", "n", mapping.format("a.b")))) == []
    assert rules(chain(extended("task", "n", mapping.format("客户")))) == []
    assert rules(chain(extended("task", "n", mapping.format("a b")))) == [("variable-name", "n")]
    assert rules(chain(extended("task", "n", mapping.format("")))) == [("variable-name", "n")]


# --- own properties ---------------------------------------------------------------------------------------------


def with_properties(own: dict[str, str], of_task: dict[str, str]) -> Diagram:
    def written(values: dict[str, str]) -> str:
        lines = "".join(f'<zeebe:property name="{name}" value="{value}"/>' for name, value in values.items())
        return f"<zeebe:properties>{lines}</zeebe:properties>"

    tasks = chain(extended("userTask", "n", SEEN + written(of_task)), extended("userTask", "o", SEEN))
    content = f"<extensionElements>{written(own)}</extensionElements>{tasks}"
    return process(content)


STAGES = {"stages": "Received, Checked"}


@pytest.mark.parametrize(
    ("own", "of_task"),
    [
        ({"publicStart": "yes"}, {}),
        ({"referencePrefix": "c-1"}, {}),
        ({"stages": "A, A"}, {}),
        ({"subject": "=("}, {}),
        ({"action": "Go"}, {}),
        (STAGES, {"stage": "Gone"}),
        (STAGES, {"promise": "=now()"}),
        (STAGES, {"stage": "Checked", "promise": "soon"}),
        ({}, {"separateFrom": "gone"}),
        ({}, {"separateFrom": "start"}),
        ({}, {"publicForm": "f"}),
        ({}, {"stages": "A"}),
    ],
)
def test_own_properties_that_cannot_be_read(own: dict[str, str], of_task: dict[str, str]) -> None:
    assert len([problem for problem in check(with_properties(own, of_task)) if problem.severity == "error"]) == 1


def test_own_properties() -> None:
    own = {**STAGES, "publicStart": "true", "referencePrefix": "C2", "subject": "=title", "other": "is theirs"}
    task = {"stage": "Checked", "promise": "=due", "separateFrom": "n, o", "action": "Send", "anything": "else"}
    assert check(with_properties(own, task)) == []


@pytest.mark.parametrize("trigger", ["parallelMultiple", "multiple"])
def test_a_message_starts_cases_in_one_place(trigger: str) -> None:
    message = '<messageEventDefinition messageRef="message"/>'
    together = str(trigger == "parallelMultiple").lower()
    start = f'<startEvent id="n" parallelMultiple="{together}">{message}{message}</startEvent>'
    drawn = process(start, '<message id="message" name="m"/>')
    refused = [problem for problem in check(drawn) if problem.rule == "beginnings-alike"]
    assert [problem.element_id for problem in refused] == ["n"]


# --- what is not run --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "words"),
    [
        ('<complexGateway id="n"/>', "complex gateway"),
        ('<subProcess id="s"><receiveTask id="n" messageRef="m" instantiate="true"/></subProcess>', "in a sub-process"),
        ('<intermediateCatchEvent id="n"><compensateEventDefinition/></intermediateCatchEvent>', "compensation"),
        ('<intermediateThrowEvent id="n"><cancelEventDefinition/></intermediateThrowEvent>', "cancelling"),
        ('<intermediateThrowEvent id="n"><timerEventDefinition/></intermediateThrowEvent>', "'timer'"),
        ('<intermediateCatchEvent id="n"/>', "does not say what it waits for"),
    ],
)
def test_what_is_not_run_is_refused_once(element: str, words: str) -> None:
    (problem,) = found(chain(element))
    assert (problem.rule, problem.element_id) == ("not-run", "n")
    assert words in problem.message


def test_what_is_not_read_is_refused() -> None:
    listeners = "<zeebe:taskListeners/>"
    assert messages(chain(extended("userTask", "n", SEEN + listeners, 'name="Check"'))) == [
        "*Check* has listeners, which this engine does not run. Remove them, and draw what they do as tasks."
    ]
    foreign = f'<serviceTask id="n" {CAMUNDA} camunda:class="X" camunda:x="y" camunda:z="y"/>'
    code, other = messages(chain(foreign))
    assert code.startswith("*n* is done by program code (camunda:class), which this engine does not run.")
    assert other.startswith("*n* has camunda:x, camunda:z, meant for Camunda 7")


# --- whole files ------------------------------------------------------------------------------------------------


def every_place_is_told(diagram: Diagram) -> None:
    for problem in check(diagram):
        assert problem.message and problem.line and problem.rule, problem
        assert "{" not in problem.template.format(**dict.fromkeys(problem.values, "")), problem


@pytest.mark.parametrize("path", sorted((REPOSITORY / "processes").glob("*.bpmn")), ids=lambda path: path.name)
def test_the_process_library_is_sound(path: Path) -> None:
    assert [str(problem) for problem in check(parse(path.read_bytes(), path.name))] == []


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs diagrams by others; set CASEWRIGHT_SHARED")
def test_diagrams_by_others_are_read_and_judged() -> None:
    paths = sorted(SHARED.rglob("*.bpmn*"))
    assert paths
    for path in paths:
        diagram = parse(path.read_bytes(), path.name)
        every_place_is_told(diagram)
        texts(diagram)
        is_accepted = not any(problem.severity == "error" for problem in check(diagram))
        for model in diagram.processes:
            references(model)
            if is_accepted and model.is_executable:
                compile(model)
            assert model.nodes or not model.is_executable


# --- undoing ----------------------------------------------------------------------------------------------------

UNDO = '<task id="undo" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="undo"/>'
BORDER = '<boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
CANCEL = "<cancelEventDefinition/>"


def back(activity: str) -> str:
    return f'<intermediateThrowEvent id="back"><compensateEventDefinition {activity}/></intermediateThrowEvent>'


def test_compensation_names_what_undoes() -> None:
    assert rules(chain('<task id="t"/>') + BORDER + UNDO) == []
    assert rules(chain('<task id="t"/>') + BORDER) == [("no-compensation-handler", "b")]
    plain = chain('<task id="t"/>', '<task id="undo"/>') + '<association id="a" sourceRef="b" targetRef="undo"/>'
    assert rules(plain + BORDER) == [("no-compensation-handler", "b")]


def test_compensation_stands_beside_the_flow() -> None:
    drawn = chain('<task id="t"/>') + BORDER + UNDO
    assert rules(drawn + '<endEvent id="z"/>' + flow("undo", "z")) == [("compensation-flow", "undo")]
    assert rules(drawn + flow("b", "end")) == [("compensation-flow", "b")]


def test_compensation_names_what_was_done_beside_it() -> None:
    assert rules(chain('<task id="t"/>', back('activityRef="t"')) + BORDER + UNDO) == []
    assert rules(chain('<task id="t"/>', back('activityRef="gone"'))) == [("compensates-nothing", "back")]
    (warned,) = found(chain('<task id="t"/>', back('activityRef="t"')))
    assert (warned.rule, warned.severity) == ("compensates-nothing", "warning")


def test_cancelled_transactions_say_how_to_go_on() -> None:
    inner = f'<startEvent id="s"/><endEvent id="stop">{CANCEL}</endEvent>' + flow("s", "stop")
    deal = chain(f'<transaction id="deal">{inner}</transaction>')
    assert rules(deal) == [("cancel-not-caught", "stop")]
    assert rules(deal + f'<boundaryEvent id="b" attachedToRef="deal">{CANCEL}</boundaryEvent>') == []


def test_ad_hoc_sub_processes_have_no_start() -> None:
    assert rules(chain('<adHocSubProcess id="n"><task id="t"/></adHocSubProcess>')) == []
    started = '<adHocSubProcess id="n"><startEvent id="s"/><task id="t"/></adHocSubProcess>'
    assert ("ad-hoc-start", "n") in rules(chain(started))
