"""Cases that begin without a start event: by receive tasks, event gateways, several messages together, conditions."""

from __future__ import annotations

import pytest

from engine.commands import BroadcastSignal, CancelInstance, CorrelateMessage, EvaluateConditions, RetireDefinition
from engine.errors import Forbidden, NotFound
from tests.stories.story import FOLDER
from tests.world import ANNA, OPERATOR, OWNER, World


def deploy(world: World, story: str) -> None:
    world.deploy((f"{story}.bpmn", (FOLDER / f"{story}.bpmn").read_bytes()))


def elements(world: World) -> list[str]:
    return sorted(task.element_id for task in world.tasks())


def awaited(world: World) -> list[tuple[str, str]]:
    """The messages and signals that running cases wait for."""
    return sorted((each.name, each.correlation_key) for each in world.subscriptions() if each.instance_key)


def test_a_message_begins_a_case_at_a_receive_task(world: World) -> None:
    deploy(world, "receive-begins")

    begun = world.do(CorrelateMessage("Paper", "", {"pages": 3}), OPERATOR)

    assert begun.is_new
    assert elements(world) == ["work"]
    world.complete("work")
    assert world.instance(begun.instance_key).status == "completed"


def test_a_message_or_a_signal_begins_a_case_at_an_event_gateway(world: World) -> None:
    deploy(world, "gateway-begins")

    world.do(CorrelateMessage("Paper", "O1", {"order": "O1"}), OPERATOR)
    assert world.do(BroadcastSignal("Go"), OPERATOR) == 1
    world.run_due()

    assert elements(world) == ["x", "y"]
    assert awaited(world) == []


@pytest.mark.parametrize(("story", "tasks"), [("gateway-begins-all", ["x", "y"]), ("all-begin", ["work"])])
def test_messages_that_belong_together_reach_one_case(world: World, story: str, tasks: list[str]) -> None:
    deploy(world, story)

    first = world.do(CorrelateMessage("Payment", "O1", {"order": "O1"}), OPERATOR)
    other = world.do(CorrelateMessage("Payment", "O2", {"order": "O2"}), OPERATOR)
    assert first.is_new and other.is_new and first.instance_key != other.instance_key
    assert awaited(world) == [("Paper", "O1"), ("Paper", "O2")]

    second = world.do(CorrelateMessage("Paper", "O1", {"pages": 3}), OPERATOR)

    assert (second.instance_key, second.is_new) == (first.instance_key, False)
    assert awaited(world) == [("Paper", "O2")]
    assert sorted(task.element_id for task in world.tasks() if task.root_key == first.instance_key) == tasks
    world.do(CancelInstance(other.instance_key, "enough"), OPERATOR)
    assert awaited(world) == []


def test_conditions_begin_cases_with_the_variables_that_make_them_true(world: World) -> None:
    deploy(world, "condition-begins")

    assert world.do(EvaluateConditions({"amount": 10}), OPERATOR) == ()
    assert world.do(EvaluateConditions({}), OPERATOR) == ()
    assert world.do(EvaluateConditions({"amount": 11}, "another"), OPERATOR) == ()
    (begun,) = world.do(EvaluateConditions({"amount": 11}), OPERATOR)

    assert world.instance(begun.instance_key).variables["amount"] == 11
    assert elements(world) == ["work"]


def test_conditions_are_for_those_who_may_send_messages_and_end_with_the_process(world: World) -> None:
    deploy(world, "condition-begins")

    with pytest.raises(Forbidden):
        world.do(EvaluateConditions({"amount": 11}), ANNA)
    world.do(RetireDefinition("process"), OWNER)
    assert world.do(EvaluateConditions({"amount": 11}), OPERATOR) == ()


def test_what_waits_together_at_a_border_leaves_nothing_behind(world: World) -> None:
    deploy(world, "all-at-border")
    reference = world.start("process", amount=1).reference
    assert awaited(world) == [("Go", ""), ("Paper", reference)]

    world.complete("work")

    assert awaited(world) == []
    assert world.jobs() == []
    with pytest.raises(NotFound):
        world.do(CorrelateMessage("Paper", "x"), OPERATOR)
