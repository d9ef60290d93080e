"""Data objects and associations are variables and mappings; a multi-instance reads them and throws events."""

from __future__ import annotations

import pytest

from engine.bpmn import check
from engine.bpmn.elements import Mapping
from tests.engine.bpmn.diagrams import chain, process
from tests.engine.bpmn.models import key_of
from tests.engine.bpmn.test_multiple import Walk
from tests.stories.samples import ROOTS, WORK

STAFF = f"<extensionElements>{WORK['userTask']}</extensionElements>"
ORDER = '<dataObject id="do" name="order"/><dataObjectReference id="ref" name="order" dataObjectRef="do"/>'
INPUT = '<ioSpecification><dataInput id="di" name="paper"/><dataOutput id="out" name="answer"/></ioSpecification>'
READS = "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>di</targetRef></dataInputAssociation>"
WRITES = "<dataOutputAssociation><sourceRef>out</sourceRef><targetRef>ref</targetRef></dataOutputAssociation>"


def warnings(content: str) -> list[str]:
    return [each.message for each in check(process(content)) if each.rule == "data-only-drawn"]


def test_associations_between_names_are_mappings() -> None:
    walk = Walk(ORDER + chain(f'<userTask id="n">{STAFF}{INPUT}{READS}{WRITES}</userTask>'))
    walk.take(walk.loaded().set_variables({"order": "7"}))

    key = key_of(walk.case, "n")
    told = walk.take(walk.loaded().complete(key, {"answer": "8", "other": 1}))

    assert told[0] == "p: order 7 => 8"
    assert walk.case.variables == {"key": "k", "go": False, "order": "8"}


def test_associations_compute_in_feel() -> None:
    reads = (
        "<dataInputAssociation><targetRef>di</targetRef><transformation>=order * 2</transformation>"
        "</dataInputAssociation>"
    )
    writes = (
        "<dataOutputAssociation><targetRef>ref</targetRef><assignment><from>=answer + paper</from><to>result.sum</to>"
        "</assignment></dataOutputAssociation>"
    )
    drawn = process(ORDER + chain(f'<userTask id="n">{STAFF}{INPUT}{reads}{writes}</userTask>'))

    node = drawn.processes[0].nodes["n"]
    assert (node.inputs, node.outputs) == (
        (Mapping("=order * 2", "paper"),),
        (Mapping("=answer + paper", "result.sum"),),
    )
    assert [problem.message for problem in check(drawn) if problem.severity == "error"] == []


@pytest.mark.parametrize("association", [
    "<transformation>order * 2</transformation>",
    "<assignment><from>=1</from><to>/some/path</to></assignment>",
    "<targetRef>nothing</targetRef><transformation>=1</transformation>",
])  # fmt: skip
def test_what_cannot_be_computed_is_refused(association: str) -> None:
    content = chain(f'<task id="n"><dataInputAssociation>{association}</dataInputAssociation></task>')

    (problem,) = [problem for problem in check(process(content)) if problem.severity == "error"]
    assert problem.element_id == "n" and "cannot be read" in problem.message


def test_same_names_and_no_names_change_nothing() -> None:
    same = INPUT.replace("paper", "order")
    placeholder = '<property id="pp" name="__targetRef_placeholder"/>'
    to_placeholder = "<dataInputAssociation><sourceRef>ref</sourceRef><targetRef>pp</targetRef></dataInputAssociation>"
    drawn = process(ORDER + chain(f'<task id="n">{same}{placeholder}{READS}{to_placeholder}</task>'))

    assert drawn.processes[0].nodes["n"].inputs == ()
    assert check(drawn) == []


def test_a_data_object_in_a_sub_process_belongs_to_each_passage() -> None:
    inner = f'<dataObject id="do" name="note"/><userTask id="t">{STAFF}</userTask>'
    several = (
        "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    walk = Walk(chain(f'<subProcess id="n">{several}{inner}</subProcess>'))

    first, second = walk.case.waits()
    told = walk.take(walk.loaded().complete(first, {"note": "mine"}))
    assert told[0] == "n: note None => mine"
    assert walk.loaded().variables_at(second)["note"] is None
    walk.take(walk.loaded().complete(second, {"note": "other"}))

    assert walk.case.is_completed
    assert "note" not in walk.case.variables


def test_what_is_only_drawn_is_told() -> None:
    objects = '<dataObjectReference id="a" name="Travel Request" dataObjectRef="o"/><dataObject id="o"/>'
    store = '<dataStoreReference id="b" name="Archive"/>'

    assert warnings(objects + store + chain('<task id="n"/>')) == [
        "Only drawn, and no variables: Travel Request. A data object whose name has letters, digits and underscores"
        " alone is the variable of that name.",
        "Data stores are only drawn, nothing is read from them or written to them: Archive. A service task can do"
        " that.",
    ]
    assert warnings(ORDER + chain('<task id="n"/>')) == []


def test_a_multi_instance_reads_and_fills_data_objects() -> None:
    lists = '<dataObject id="list" name="items"/><dataObject id="all" name="results"/>'
    io = '<ioSpecification><dataInput id="li"/><dataOutput id="lo"/></ioSpecification>'
    io += "<dataInputAssociation><sourceRef>list</sourceRef><targetRef>li</targetRef></dataInputAssociation>"
    io += "<dataOutputAssociation><sourceRef>lo</sourceRef><targetRef>all</targetRef></dataOutputAssociation>"
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>li</loopDataInputRef>"
        "<loopDataOutputRef>lo</loopDataOutputRef><inputDataItem id='i' name='item'/>"
        "<outputDataItem id='o' name='double'/></multiInstanceLoopCharacteristics>"
    )
    script = '<extensionElements><zeebe:script expression="=item * 2" resultVariable="double"/></extensionElements>'
    before, repeated = (
        f'<userTask id="before">{STAFF}</userTask>',
        f'<scriptTask id="n">{script}{io}{loop}</scriptTask>',
    )
    walk = Walk(lists + chain(before, repeated))

    walk.take(walk.loaded().complete(key_of(walk.case, "before"), {"items": [1, 2, 3]}))

    assert walk.case.is_completed
    assert walk.case.variables["results"] == [2, 4, 6]


THROWN = (
    ROOTS + '<signalEventDefinition id="signals" signalRef="signal"/>'
    '<escalationEventDefinition id="escalates" escalationRef="escalation"/>'
)


def votes(attributes: str, inner: str = "") -> Walk:
    """Three votes with an escalation event on the border that does not interrupt."""
    loop = f"<multiInstanceLoopCharacteristics {attributes}><loopCardinality>3</loopCardinality>{inner}"
    border = (
        '<boundaryEvent id="b" attachedToRef="n" cancelActivity="false"><escalationEventDefinition'
        ' escalationRef="escalation"/></boundaryEvent>'
    )
    return Walk(
        chain(f'<userTask id="n">{STAFF}{loop}</multiInstanceLoopCharacteristics></userTask>') + border, roots=THROWN
    )


def vote(walk: Walk, **variables: object) -> list[str]:
    told = walk.take(walk.loaded().complete(next(iter(walk.case.waits())), variables))
    return [each for each in told if "broadcast" in each or "escalated" in each or "sent" in each]


def test_an_event_after_each_instance() -> None:
    walk = votes('behavior="None" noneBehaviorEventRef="signals"')

    assert [vote(walk) for _ in range(3)] == [["n broadcast: s"]] * 3
    assert walk.case.is_completed


def test_an_event_after_the_first_instance_is_caught_at_the_border() -> None:
    walk = votes('behavior="One" oneBehaviorEventRef="escalates"')

    assert [vote(walk) for _ in range(3)] == [["n escalated C, caught by b"], [], []]
    assert walk.case.variables["numberOfCompletedInstances"] == 1
    assert walk.case.is_completed


def test_events_after_instances_that_meet_a_condition() -> None:
    def rule(condition: str, event: str) -> str:
        inner = f"<condition>={condition}</condition><event>{event}</event>"
        return f"<complexBehaviorDefinition>{inner}</complexBehaviorDefinition>"

    rules = rule("good", '<signalEventDefinition signalRef="signal"/>')
    rules += rule("numberOfCompletedInstances = 2", '<messageEventDefinition messageRef="message"/>')
    walk = votes('behavior="Complex"', rules)

    assert vote(walk, good=False) == []
    signal, message = vote(walk, good=True)
    assert signal == "n broadcast: s"
    assert message.startswith("n sent: m k {'numberOfInstances': 3, 'numberOfCompletedInstances': 2,")
    assert vote(walk, good=False) == []
    assert walk.case.is_completed


def test_an_event_that_interrupts_stops_the_other_instances() -> None:
    walk = Walk(
        chain(
            f'<userTask id="n">{STAFF}<multiInstanceLoopCharacteristics behavior="One" oneBehaviorEventRef="escalates">'
            "<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
        )
        + '<boundaryEvent id="b" attachedToRef="n"><escalationEventDefinition escalationRef="escalation"/>'
        "</boundaryEvent>",
        roots=THROWN,
    )

    assert vote(walk) == ["n escalated C, caught by b"]
    assert walk.case.is_completed


@pytest.mark.parametrize("attributes", [
    'behavior="One"', 'behavior="None" noneBehaviorEventRef="gone"', 'behavior="Complex"',
    'behavior="One" oneBehaviorEventRef="time"', 'behavior="Sometimes"',
])  # fmt: skip
def test_events_that_cannot_be_thrown_are_refused(attributes: str) -> None:
    roots = f'{THROWN}<timerEventDefinition id="time"/>'
    loop = f"<multiInstanceLoopCharacteristics {attributes}><loopCardinality>3</loopCardinality>"
    content = chain(f'<userTask id="n">{STAFF}{loop}</multiInstanceLoopCharacteristics></userTask>')

    refused = [problem for problem in check(process(content, roots)) if problem.severity == "error"]
    assert {problem.element_id for problem in refused} == {"n"}
