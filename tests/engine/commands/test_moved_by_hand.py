"""Moving cases by hand: what is stopped, where they go on, and what makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands import CheckMove, FindPlaces, Foreseen, ModifyInstance, SuspendInstance
from engine.errors import EngineError, Forbidden, Invalid, NotFound, Refused
from tests.world import ANNA, OPERATOR, World, diagram, flow, task

WHY = "it stood at the wrong place"
FORK = '<bpmn:parallelGateway id="fork" name="fork"/><bpmn:parallelGateway id="join" name="join"/>'
HOUR = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
SUB = (
    '<bpmn:subProcess id="sub" name="sub"><bpmn:startEvent id="in"/>' + task("c") + task("d")
    + '<bpmn:endEvent id="out"/>' + flow("in", "c", "d", "out") + "</bpmn:subProcess>"
    + f'<bpmn:boundaryEvent id="late" name="late" attachedToRef="sub">{HOUR}</bpmn:boundaryEvent>'
)  # fmt: skip
SEVERAL = (
    '<bpmn:subProcess id="several" name="several"><bpmn:multiInstanceLoopCharacteristics>'
    '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=items"/></bpmn:extensionElements>'
    '</bpmn:multiInstanceLoopCharacteristics><bpmn:startEvent id="in2"/>' + task("each") + task("then")
    + '<bpmn:endEvent id="out2"/>' + flow("in2", "each", "then", "out2") + "</bpmn:subProcess>"
)  # fmt: skip
EVENT_SUBPROCESS = (
    '<bpmn:subProcess id="ask" name="ask" triggeredByEvent="true"><bpmn:startEvent id="asked" isInterrupting="false">'
    f"{HOUR}</bpmn:startEvent>" + task("answer")
    + '<bpmn:endEvent id="answered"/>' + flow("asked", "answer", "answered")
    + "</bpmn:subProcess>"
)  # fmt: skip
RACE = (
    '<bpmn:eventBasedGateway id="race" name="race"/>'
    f'<bpmn:intermediateCatchEvent id="soon" name="soon">{HOUR}</bpmn:intermediateCatchEvent>'
    f'<bpmn:intermediateCatchEvent id="later" name="later">{HOUR.replace("PT1H", "P1D")}</bpmn:intermediateCatchEvent>'
)
PROCESS = diagram(
    "p",
    "<start/>" + task("a") + FORK + task("b1") + task("b2") + SUB + SEVERAL + EVENT_SUBPROCESS + RACE + task("z")
    + '<bpmn:endEvent id="end2"/>' + "<end/>"
    + flow("start", "a", "fork", "b1", "join", "sub", "several", "race", "soon", "z", "end")
    + flow("fork", "b2", "join")
    + flow("race", "later", "end2") + flow("late", "end2"),
)  # fmt: skip


@pytest.fixture
def case(world: World) -> tuple[World, int]:
    world.deploy(("p.bpmn", PROCESS))
    return world, world.start("p", items=[1, 2]).key


def move(world: World, key: int, **moves: Any) -> None:
    world.do(ModifyInstance(key, reason=WHY, **moves), OPERATOR)


def tasks(world: World) -> list[str]:
    return sorted(row.element_id for row in world.tasks())


def test_a_case_is_stopped_at_one_place_and_goes_on_at_another(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), before=("z",), variables={"items": [3]})
    assert tasks(world) == ["z"]
    (told,) = world.data("InstanceModified")
    assert told == {"stopped": ["a"], "before": ["z"], "after": [], "reason": WHY}
    assert world.instance(key).variables["items"] == [3]
    world.complete("z")
    assert world.instance(key).status == "completed"
    assert world.verdict(key).holds
    assert world.jobs() == []


def test_it_goes_on_after_an_element_as_if_that_had_been_done(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), after=("a",))
    assert tasks(world) == ["b1", "b2"]
    for element in ("b1", "b2", "c", "d"):
        world.complete(element)
    assert tasks(world) == ["each", "each"]


def test_into_a_sub_process_that_is_begun_without_its_start(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), before=("d",))
    assert tasks(world) == ["d"]
    assert {job.element_id for job in world.jobs()} == {"asked", "late"}
    story = world.story(key)
    assert "ActivityStarted:sub" in story
    assert "EventOccurred:in" not in story
    world.complete("d")
    assert tasks(world) == ["each", "each"]
    assert "late" not in {job.element_id for job in world.jobs()}


def test_into_a_sub_process_that_runs_already(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), before=("c",))
    move(world, key, before=("d",))
    assert tasks(world) == ["c", "d"]
    world.complete("d")
    assert tasks(world) == ["c"]
    assert world.story(key, "ActivityStarted").count("ActivityStarted:sub") == 1


def test_a_sub_process_in_which_nothing_is_left_is_stopped_with_it(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), before=("c",))
    move(world, key, stop=("c",), before=("z",))
    assert "ActivityCancelled:sub" in world.story(key)
    assert tasks(world) == ["z"]
    assert {job.element_id for job in world.jobs()} == {"asked"}


def test_a_gateway_that_waits_takes_the_way_that_is_named(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), after=("a",))
    world.complete("b1")
    move(world, key, stop=("b2",), before=("b2-join",))
    assert tasks(world) == ["c"]


def test_a_token_at_a_join_is_stopped(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), after=("a",))
    world.complete("b1")
    move(world, key, stop=("join", "b2"), before=("z",))
    world.complete("z")
    assert world.instance(key).status == "completed"


def test_one_round_of_several_is_named_by_its_key(case: tuple[World, int]) -> None:
    world, key = case
    move(world, key, stop=("a",), before=("several",))
    with pytest.raises(Refused, match="running 2 times"):
        move(world, key, before=("then",))
    (first, _) = world.do(FindPlaces(key), OPERATOR)[-2:]
    started = [entry["activity_key"] for entry in world.data("ActivityStarted") if entry["label"] == "several"]
    assert first.inside == "several"
    move(world, key, before=("then",), inside=started[0])
    assert tasks(world) == ["each", "each", "then"]


def test_what_would_happen_is_told_before_and_nothing_is_done(case: tuple[World, int]) -> None:
    world, key = case
    story = world.story(key)
    foreseen: Foreseen = world.do(CheckMove(key, stop=("a",), before=("d",)), OPERATOR)
    assert [element for element, _ in foreseen.stops] == ["a"]
    assert [element for element, _ in foreseen.starts] == ["sub", "d"]
    assert ("d", "d") in foreseen.waits
    assert (foreseen.fails, foreseen.ends) == ((), False)
    assert tasks(world) == ["a"]
    assert world.story(key) == story
    foreseen = world.do(CheckMove(key, stop=("a",), before=("end",)), OPERATOR)
    assert foreseen.ends


def test_a_resting_case_is_moved_and_stays_at_rest(case: tuple[World, int]) -> None:
    world, key = case
    world.do(SuspendInstance(key, "wait"), OPERATOR)
    move(world, key, stop=("a",), before=("race",))
    assert {(job.element_id, job.status) for job in world.jobs()} == {
        ("asked", "suspended"), ("soon", "suspended"), ("later", "suspended"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("moves", "kind", "sentence"),
    [
        ({"stop": ("z",)}, NotFound, "Expected to stop 'z', but the case is not there."),
        ({"stop": (17,)}, NotFound, "Expected to stop '17', but the case is not there."),
        ({"stop": ("asked",), "before": ("z",)}, Refused, "Expected to stop 'asked', but it belongs to 'p'"),
        ({"stop": ("a",)}, Refused, "nothing would be left in it"),
        ({}, Refused, "nothing is said to stop or to begin"),
        ({"before": ("nowhere",)}, NotFound, "the diagram has no such element"),
        ({"before": ("then",)}, Refused, "it runs several times and none of its rounds is running"),
        ({"before": ("answer",)}, Refused, "only its event starts that"),
        ({"before": ("ask",)}, Refused, "only its event starts that"),
        ({"before": ("asked",)}, Refused, "only its event starts that"),
        ({"before": ("late",)}, Refused, "go on after it instead"),
        ({"before": ("soon",)}, Refused, "one of the events that 'race' waits for"),
        ({"before": ("join",)}, Refused, "name the way that counts, one of 'b1-join', 'b2-join'"),
        ({"after": ("race",)}, Refused, "only the events behind it say which way"),
        ({"after": ("end",)}, Refused, "no way leads on from there"),
        ({"after": ("b1-join",)}, Refused, "a way can only be started"),
        ({"before": ("c",), "inside": 4}, Refused, "does not lie in it"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    case: tuple[World, int], moves: dict[str, Any], kind: type[EngineError], sentence: str
) -> None:
    world, key = case
    before, story = world.instance(key).version, world.story(key)
    with pytest.raises(kind) as caught:
        move(world, key, **moves)
    assert sentence in str(caught.value)
    assert (world.instance(key).version, world.story(key)) == (before, story)


def test_it_needs_a_reason_and_the_right(case: tuple[World, int]) -> None:
    world, key = case
    with pytest.raises(Invalid, match="reason"):
        world.do(ModifyInstance(key, stop=("a",), before=("z",)), OPERATOR)
    with pytest.raises(Forbidden):
        world.do(ModifyInstance(key, stop=("a",), before=("z",), reason=WHY), ANNA)
