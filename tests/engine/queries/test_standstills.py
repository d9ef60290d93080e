"""What stands still without having failed is found, with its age."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from engine.commands import CorrelateMessage, ResumeInstance, SuspendInstance, TakeJobs
from engine.errors import Forbidden
from engine.queries import standstills
from tests.world import ANNA, LENA, MONDAY, OPERATOR, World, diagram, flow, service, task

CALLING = diagram("calling", "<start/>" + service("call", "shop") + "<end/>" + flow("start", "call", "end"))
WORK = diagram("work", "<start/>" + task("do") + "<end/>" + flow("start", "do", "end"))
HEARING = diagram(
    "hearing",
    '<start/><bpmn:receiveTask id="hear" name="Hear" messageRef="M"/><end/>' + flow("start", "hear", "end"),
    outside='<bpmn:message id="M" name="said"><bpmn:extensionElements><zeebe:subscription correlationKey="=order"/>'
    "</bpmn:extensionElements></bpmn:message>",
)
WATCHING = diagram(
    "watching",
    '<start/><bpmn:intermediateCatchEvent id="watch"><bpmn:conditionalEventDefinition>'
    "<bpmn:condition>=done = true</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>"
    "<end/>" + flow("start", "watch", "end"),
)


def ask(world: World, question: Any, *args: Any, actor: Any = OPERATOR) -> Any:
    return world.engine.query(question, actor, *args)


@pytest.fixture
def still(world: World) -> World:
    world.deploy(("calling.bpmn", CALLING), ("work.bpmn", WORK), ("hearing.bpmn", HEARING), ("watching.bpmn", WATCHING))
    return world


def test_a_job_that_no_worker_asks_for_is_listed_with_its_age(still: World) -> None:
    key = still.start("calling").key
    still.clock.turn(minutes=4)
    assert ask(still, standstills.untaken_jobs, still.clock()) == ()
    still.do(TakeJobs(services=("bank",)))
    still.clock.turn(minutes=2)
    (job,) = ask(still, standstills.untaken_jobs, still.clock())
    assert (job.case_key, job.service, job.since) == (key, "shop", MONDAY)
    still.do(TakeJobs(services=("shop",)))
    assert ask(still, standstills.untaken_jobs, still.clock()) == ()


def test_a_case_that_rests_for_long_is_listed_from_when_it_last_began_to(still: World) -> None:
    key = still.start("work").key
    still.do(SuspendInstance(key, "court"), OPERATOR)
    still.clock.turn(days=3)
    still.do(ResumeInstance(key), OPERATOR)
    still.do(SuspendInstance(key, "court"), OPERATOR)
    still.clock.turn(days=6)
    assert ask(still, standstills.long_resting, still.clock()) == ()
    still.clock.turn(days=1)
    (case,) = ask(still, standstills.long_resting, still.clock())
    assert (case.key, case.since) == (key, MONDAY + dt.timedelta(days=3))


def test_cases_that_only_wait_are_told_from_those_that_something_moves_on(still: World) -> None:
    for each in ("work", "calling"):
        still.start(each)
    heard, watched = still.start("hearing", order="7").key, still.start("watching", done=False).key
    found = ask(still, standstills.only_waiting)
    assert [(case.key, case.awaits) for case in found] == [(heard, ("Hear",)), (watched, ())]
    still.do(CorrelateMessage("said", "7"))
    assert [case.key for case in ask(still, standstills.only_waiting)] == [watched]


def test_operators_alone_see_them(still: World) -> None:
    for actor in (ANNA, LENA):
        for question, *args in (
            (standstills.untaken_jobs, MONDAY), (standstills.long_resting, MONDAY), (standstills.only_waiting,)
        ):  # fmt: skip
            with pytest.raises(Forbidden):
                ask(still, question, *args, actor=actor)
