"""Large cases through the whole engine: they come to the right end, or stop with an incident at a told limit."""

from __future__ import annotations

import pytest

from engine.commands import ResolveIncident
from engine.commands.step import MAXIMUM_CALL_DEPTH
from tests.world import OPERATOR, World, diagram, flow, task

SCRIPT = '<bpmn:extensionElements><zeebe:script expression="={expression}" resultVariable="{result}"/>'


def script(element_id: str, expression: str, result: str, more: str = "") -> str:
    extensions = SCRIPT.format(expression=expression, result=result)
    return f'<bpmn:scriptTask id="{element_id}">{extensions}</bpmn:extensionElements>{more}</bpmn:scriptTask>'


def several(kind: str, inputs: str = 'inputCollection="=items" inputElement="item"', condition: str = "") -> str:
    is_sequential = str(kind == "sequential").lower()
    completion = f"<bpmn:completionCondition>={condition}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{is_sequential}"><bpmn:extensionElements>'
        f'<zeebe:loopCharacteristics {inputs} outputCollection="results" outputElement="=result"/>'
        f"</bpmn:extensionElements>{completion}</bpmn:multiInstanceLoopCharacteristics>"
    )


def calling_itself() -> tuple[str, str]:
    """A process that calls itself `n` times, and works in the innermost."""
    call = (
        '<bpmn:callActivity id="call" name="call"><bpmn:extensionElements><zeebe:calledElement processId="deep"/>'
        '<zeebe:ioMapping><zeebe:input source="=n - 1" target="n"/></zeebe:ioMapping></bpmn:extensionElements>'
        "</bpmn:callActivity>"
    )
    ways = (
        '<bpmn:sequenceFlow id="more" sourceRef="again" targetRef="call"><bpmn:conditionExpression>=n &gt; 0'
        '</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="enough" sourceRef="again"'
        ' targetRef="work"/>'
    )
    gateway = '<bpmn:exclusiveGateway id="again" default="enough"/>'
    body = "<start/>" + gateway + call + task("work") + "<end/>" + flow("start", "again") + ways
    return "deep.bpmn", diagram("deep", body + flow("call", "end") + flow("work", "end"))


def test_processes_that_call_each_other_sixty_deep(world: World) -> None:
    world.deploy(calling_itself())

    started = world.start("deep", n=60)
    assert len(world.instances()) == 61
    world.complete("work", done=True)

    assert {instance.status for instance in world.instances()} == {"completed"}
    assert world.instance(started.key).variables["done"] is True
    assert world.incidents() == []


def test_processes_that_call_each_other_too_deep_are_an_incident(world: World) -> None:
    world.deploy(calling_itself())

    world.start("deep", n=MAXIMUM_CALL_DEPTH + 1)

    (incident,) = world.incidents()
    assert incident.element_id == "call"
    assert "too many processes call each other" in incident.template
    assert len(world.instances()) == MAXIMUM_CALL_DEPTH + 1
    world.do(ResolveIncident(incident.key, {"n": 0}), OPERATOR)
    assert [each.element_id for each in world.incidents() if each.resolved_at is None] == ["call"]


@pytest.mark.parametrize("kind", ["parallel", "sequential"])
def test_a_thousand_items(world: World, kind: str) -> None:
    body = "<start/>" + script("square", "item * item", "result", several(kind)) + "<end/>"
    world.deploy(("many.bpmn", diagram("many", body + flow("start", "square", "end"))))

    started = world.start("many", items=list(range(1_000)))

    assert world.instance(started.key).status == "completed"
    assert world.instance(started.key).variables["results"] == [number * number for number in range(1_000)]


def test_a_thousand_tasks_of_which_three_are_enough(world: World) -> None:
    enough = several("parallel", condition="numberOfCompletedInstances = 3")
    vote = task("vote").replace("</bpmn:userTask>", f"{enough}</bpmn:userTask>")
    body = "<start/>" + vote + "<end/>"
    world.deploy(("votes.bpmn", diagram("votes", body + flow("start", "vote", "end"))))

    started = world.start("votes", items=list(range(1_000)))
    assert len(world.tasks()) == 1_000
    for each in world.tasks()[-3:]:
        world.complete_key(each.key, result="yes")

    assert world.instance(started.key).status == "completed"
    assert world.instance(started.key).variables["results"].count("yes") == 3
    assert world.tasks() == []


def test_a_thousand_ways_at_once(world: World) -> None:
    names = [f"way{number}" for number in range(1_000)]
    ways = "".join(script(name, "1", name) + flow("fork", name, "join") for name in names)
    gateways = '<bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
    body = "<start/>" + gateways + ways + "<end/>" + flow("start", "fork") + flow("join", "end")
    world.deploy(("wide.bpmn", diagram("wide", body)))

    started = world.start("wide")

    assert world.instance(started.key).status == "completed"
    assert all(world.instance(started.key).variables[name] == 1 for name in names)


def test_five_thousand_steps_in_sequence(world: World) -> None:
    names = [f"step{number}" for number in range(5_000)]
    steps = "".join(script(name, "(if n = null then 0 else n) + 1", "n") for name in names)
    world.deploy(("long.bpmn", diagram("long", "<start/>" + steps + "<end/>" + flow("start", *names, "end"))))

    started = world.start("long")

    assert world.instance(started.key).status == "completed"
    assert world.instance(started.key).variables["n"] == 5_000


def test_a_loop_of_five_thousand_rounds(world: World) -> None:
    """Rounds that nobody waits for stop with an incident before a stimulus has gone on too long."""
    ways = (
        '<bpmn:sequenceFlow id="back" sourceRef="again" targetRef="count"><bpmn:conditionExpression>=n &lt; most'
        '</bpmn:conditionExpression></bpmn:sequenceFlow><bpmn:sequenceFlow id="done" sourceRef="again"'
        ' targetRef="end"/>'
    )
    gateway = '<bpmn:exclusiveGateway id="again" default="done"/>'
    body = "<start/>" + script("count", "n + 1", "n") + gateway + "<end/>" + flow("start", "count", "again") + ways
    world.deploy(("round.bpmn", diagram("round", body)))

    right = world.start("round", n=0, most=4_900)
    assert (world.instance(right.key).status, world.instance(right.key).variables["n"]) == ("completed", 4_900)

    stopped = world.start("round", n=0, most=6_000)
    (incident,) = world.incidents()
    assert "runs in circles" in incident.template
    world.do(ResolveIncident(incident.key), OPERATOR)
    assert (world.instance(stopped.key).status, world.instance(stopped.key).variables["n"]) == ("completed", 6_000)
