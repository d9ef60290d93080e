"""Processes and cases at rest: nothing is lost, all is done in its order; and batches over many cases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from engine.commands import (
    BroadcastSignal,
    CancelInstance,
    CompleteJob,
    CorrelateMessage,
    MigrateInstances,
    ResumeDefinition,
    ResumeInstance,
    StartInstance,
    SuspendDefinition,
    SuspendInstance,
    TakeJobs,
    ThrowJobError,
)
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.model import ProcessInstance
from engine.model.identity import ENGINE
from engine.queries import migration
from tests.checking import findings
from tests.world import ANNA, MONDAY, OPERATOR, World, diagram, flow, service, task

SUBSCRIPTION = '<bpmn:extensionElements><zeebe:subscription correlationKey="=order"/></bpmn:extensionElements>'
OUTSIDE = f'<bpmn:message id="M" name="said">{SUBSCRIPTION}</bpmn:message><bpmn:signal id="S" name="all"/>'


def noted(id: str, definition: str) -> str:
    """An event sub-process that keeps what comes, each time it comes."""
    return (
        f'<bpmn:subProcess id="on-{id}" triggeredByEvent="true"><bpmn:startEvent id="{id}" isInterrupting="false">'
        f'{definition}</bpmn:startEvent><bpmn:scriptTask id="keep-{id}"><bpmn:extensionElements><zeebe:script '
        f'expression="=append(got, what)" resultVariable="got"/></bpmn:extensionElements></bpmn:scriptTask>'
        f'<bpmn:endEvent id="end-{id}"/>' + flow(id, f"keep-{id}", f"end-{id}") + "</bpmn:subProcess>"
    )


HOURLY = "<bpmn:timerEventDefinition><bpmn:timeCycle>R/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>"
LISTENING = diagram(
    "listening",
    "<start/>" + task("work") + "<end/>" + flow("start", "work", "end")
    + noted("said", '<bpmn:messageEventDefinition messageRef="M"/>')
    + noted("all", '<bpmn:signalEventDefinition signalRef="S"/>'),
    outside=OUTSIDE,
)  # fmt: skip


@pytest.fixture
def listening(world: World) -> tuple[World, int]:
    world.deploy(("listening.bpmn", LISTENING))
    return world, world.start("listening", order="7", got=[]).key


def say(world: World, what: str) -> None:
    world.do(CorrelateMessage("said", "7", {"what": what}))


def settle(world: World) -> None:
    while world.run_due():
        pass


def got(world: World, key: int) -> list[str]:
    found: list[str] = world.instance(key).variables["got"]
    return found


def test_messages_and_signals_of_a_resting_case_are_taken_in_their_order(listening: tuple[World, int]) -> None:
    world, key = listening
    world.do(SuspendInstance(key, "court"), OPERATOR)
    for number in range(4):
        say(world, f"said {number}")
        world.do(BroadcastSignal("all", {"what": f"all {number}"}), ENGINE)
        settle(world)
        world.clock.turn(hours=5)
    assert got(world, key) == []
    world.do(ResumeInstance(key), OPERATOR)
    settle(world)
    assert got(world, key) == [f"{kind} {number}" for number in range(4) for kind in ("said", "all")]
    assert (world.jobs(), world.incidents()) == ([], [])


def test_a_message_does_not_overtake_those_that_were_kept(listening: tuple[World, int]) -> None:
    world, key = listening
    world.do(SuspendInstance(key, "court"), OPERATOR)
    say(world, "first")
    world.clock.turn(minutes=1)
    world.do(ResumeInstance(key), OPERATOR)
    say(world, "second")
    settle(world)
    say(world, "third")
    assert got(world, key) == ["first", "second", "third"]


def test_the_same_message_is_taken_once_although_it_was_kept(listening: tuple[World, int]) -> None:
    world, key = listening
    world.do(SuspendInstance(key, "court"), OPERATOR)
    for _ in range(3):
        taken = world.do(CorrelateMessage("said", "7", {"what": "x"}, message_id="m1"))
        assert taken.instance_key == key
    world.do(ResumeInstance(key), OPERATOR)
    settle(world)
    assert got(world, key) == ["x"]


def test_what_was_kept_for_a_case_that_is_ended_is_seen(listening: tuple[World, int]) -> None:
    world, key = listening
    world.do(SuspendInstance(key, "court"), OPERATOR)
    say(world, "lost?")
    world.do(CancelInstance(key, "over"), OPERATOR)
    settle(world)
    assert [(job.kind, job.status) for job in world.jobs()] == [("message", "failed")]


def test_a_cycle_catches_up_once(world: World) -> None:
    world.deploy(("p.bpmn", diagram(
        "p", "<start/>" + task("work") + "<end/>" + flow("start", "work", "end") + noted("tick", HOURLY))
    ))  # fmt: skip
    key = world.start("p", got=[], what="tick").key
    world.do(SuspendInstance(key, "court"), OPERATOR)
    world.clock.turn(hours=10, minutes=30)
    settle(world)
    assert got(world, key) == []
    world.do(ResumeInstance(key), OPERATOR)
    settle(world)
    assert got(world, key) == ["tick"]
    (job,) = world.jobs()
    assert job.due == MONDAY + dt.timedelta(hours=11)


CALLING = diagram(
    "calling",
    "<start/>" + service("call", "bank", outputs={"receipt": "=number"}) + task("after") + "<end/>"
    + '<bpmn:boundaryEvent id="bad" attachedToRef="call"><bpmn:errorEventDefinition errorRef="E"/></bpmn:boundaryEvent>'
    + task("mend") + '<bpmn:endEvent id="end2"/>'
    + flow("start", "call", "after", "end") + flow("bad", "mend", "end2"),
    outside='<bpmn:error id="E" errorCode="BAD"/>',
)  # fmt: skip


@pytest.mark.parametrize("is_error", [False, True])
def test_the_answer_of_a_service_is_kept_and_it_is_not_called_again(world: World, is_error: bool) -> None:
    world.deploy(("calling.bpmn", CALLING))
    key = world.start("calling").key
    (job,) = world.do(TakeJobs())
    world.do(SuspendInstance(key, "court"), OPERATOR)
    if is_error:
        world.do(ThrowJobError(job.key, job.token, "BAD", "no"))
    else:
        world.do(CompleteJob(job.key, job.token, {"number": 5}))
    settle(world)
    assert findings(world.engine) == []
    assert world.tasks() == []
    world.do(ResumeInstance(key), OPERATOR)
    settle(world)
    assert [row.element_id for row in world.tasks()] == ["mend" if is_error else "after"]
    assert world.verdict(key).holds


STARTED = diagram(
    "started",
    '<bpmn:startEvent id="start"/>'
    f'<bpmn:startEvent id="hourly">{HOURLY}</bpmn:startEvent>'
    '<bpmn:startEvent id="by-message"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>'
    '<bpmn:startEvent id="by-signal"><bpmn:signalEventDefinition signalRef="S"/></bpmn:startEvent>'
    + task("work") + "<end/>" + flow("start", "work", "end") + flow("hourly", "work") + flow("by-message", "work")
    + flow("by-signal", "work"),
    outside='<bpmn:message id="M" name="said"/><bpmn:signal id="S" name="all"/>',
)  # fmt: skip


def test_what_would_start_a_resting_process_is_kept_and_starts_it_later(world: World) -> None:
    world.deploy(("started.bpmn", STARTED))
    assert world.do(SuspendDefinition("started", reason="holidays"), OPERATOR) is None
    with pytest.raises(Refused, match="at rest"):
        world.start("started")
    world.do(CorrelateMessage("said", "", {"what": 1}))
    world.do(BroadcastSignal("all", {}), ENGINE)
    world.clock.turn(hours=7, minutes=30)
    settle(world)
    assert world.instances() == []
    with pytest.raises(Refused, match="it is at rest"):
        world.do(SuspendDefinition("started", reason="again"), OPERATOR)
    world.do(ResumeDefinition("started"), OPERATOR)
    settle(world)
    assert len(world.instances()) == 3
    settle(world)
    assert len(world.instances()) == 3
    world.start("started")


def test_a_call_of_a_resting_process_begins_when_that_goes_on(world: World) -> None:
    call = (
        '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called"/>'
        "</bpmn:extensionElements></bpmn:callActivity>"
    )
    called = diagram("called", "<start/>" + task("work") + "<end/>" + flow("start", "work", "end"))
    world.deploy(("called.bpmn", called))
    world.deploy(("calling.bpmn", diagram("calling", "<start/>" + call + "<end/>" + flow("start", "call", "end"))))
    world.do(SuspendDefinition("called", cases=False, reason="reform"), OPERATOR)
    keys = [world.start("calling").key for _ in range(3)]
    settle(world)
    assert world.tasks() == []
    assert [job.kind for job in world.jobs()] == ["call"] * 3
    assert findings(world.engine) == []
    world.do(CancelInstance(keys[0], "not needed"), OPERATOR)
    world.do(SuspendInstance(keys[1], "court"), OPERATOR)
    world.do(ResumeDefinition("called", cases=False), OPERATOR)
    settle(world)
    assert [each.root_key for each in world.tasks()] == [keys[2]]
    assert findings(world.engine) == []
    world.do(ResumeInstance(keys[1]), OPERATOR)
    settle(world)
    for each in world.tasks():
        world.complete_key(each.key, ANNA)
    assert [world.instance(key).status for key in keys] == ["cancelled", "completed", "completed"]
    assert world.jobs() == []


def test_a_message_kept_for_a_resting_process_starts_the_version_in_force(world: World) -> None:
    world.deploy(("started.bpmn", STARTED))
    world.do(SuspendDefinition("started", reason="holidays"), OPERATOR)
    world.do(CorrelateMessage("said", "", {"what": 1}))
    world.deploy(("started.bpmn", STARTED.replace('name="done"', 'name="over"')))
    settle(world)
    (instance,) = world.instances()
    assert world.data("InstanceStarted")[0]["version"] == 2
    assert instance.variables["what"] == 1


ONE = diagram("p", "<start/>" + task("a") + "<end/>" + flow("start", "a", "end"))
TWO = diagram("p", "<start/>" + task("a") + task("b") + "<end/>" + flow("start", "a", "b", "end"))
THREE = diagram("p", "<start/>" + task("b") + "<end/>" + flow("start", "b", "end"))


def test_many_cases_rest_and_go_on_each_by_itself(world: World) -> None:
    world.deploy(("p.bpmn", ONE))
    keys = [world.start("p").key for _ in range(20)]
    world.do(CancelInstance(keys[0], "x"), OPERATOR)
    world.do(SuspendInstance(keys[1], "x"), OPERATOR)
    batch = world.do(SuspendDefinition("p", reason="holidays"), OPERATOR)
    view = world.engine.query(migration.batch, OPERATOR, batch)
    assert (view.total, view.waiting, view.done) == (18, 18, 0)
    settle(world)
    view = world.engine.query(migration.batch, OPERATOR, batch)
    assert (view.total, view.waiting, view.done, view.refused) == (18, 0, 18, 0)
    assert {each.status for each in world.instances()} == {"cancelled", "suspended"}
    batch = world.do(ResumeDefinition("p"), OPERATOR)
    settle(world)
    assert world.engine.query(migration.batch, OPERATOR, batch).done == 19
    assert world.jobs() == []


def test_many_cases_move_and_those_that_do_not_fit_stay(world: World) -> None:
    world.deploy(("p.bpmn", TWO))
    keys = [world.start("p").key for _ in range(6)]
    for row in world.tasks()[:4]:
        world.complete_key(row.key)
    world.do(SuspendInstance(keys[0], "rest"), OPERATOR)
    world.deploy(("p.bpmn", THREE))
    batch = world.do(MigrateInstances("p", 1, 2, reason="better"), OPERATOR)
    ended = world.tasks()[-1]
    world.complete_key(ended.key)
    settle(world)
    view = world.engine.query(migration.batch, OPERATOR, batch)
    assert (view.total, view.done, view.refused, view.waiting) == (6, 3, 3, 0)
    assert all("say where it goes on" in problem.message for row in view.cases for problem in row.problems)
    versions = {each.key: each.definition.version for each in _with_versions(world)}
    assert sorted(versions.values()) == [1, 1, 1, 2, 2, 2]
    assert {data["requested_by"] for data in world.data("InstanceMigrated")} == {"otto"}
    batch = world.do(MigrateInstances("p", 1, 2, mapping={"a": "b"}, reason="better"), OPERATOR)
    settle(world)
    assert world.engine.query(migration.batch, OPERATOR, batch).done == 2
    assert findings(world.engine) == []
    assert [row.open for row in world.engine.query(migration.running_versions, OPERATOR, "p")] == [5, 0]


def _with_versions(world: World) -> list[Any]:
    return world.rows(select(ProcessInstance).options(joinedload(ProcessInstance.definition)))


def test_a_batch_needs_the_right_a_reason_and_what_is_there(world: World) -> None:
    world.deploy(("p.bpmn", ONE))
    world.deploy(("p.bpmn", TWO))
    for command, kind in (
        (MigrateInstances("p", 1, 2), Invalid),
        (MigrateInstances("p", 1, 1, reason="x"), Refused),
        (MigrateInstances("p", 1, 3, reason="x"), NotFound),
        (MigrateInstances("q", 1, 2, reason="x"), NotFound),
        (MigrateInstances("p", 1, 2, mapping={"a": "zzz"}, reason="x"), Invalid),
        (SuspendDefinition("q"), NotFound),
        (ResumeDefinition("p"), Refused),
    ):
        with pytest.raises(kind):
            world.do(command, OPERATOR)
    for command in (MigrateInstances("p", 1, 2, reason="x"), SuspendDefinition("p")):
        with pytest.raises(Forbidden):
            world.do(command, ANNA)


def test_a_batch_that_breaks_says_so_and_leaves_the_case(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deploy(("p.bpmn", ONE))
    world.do(StartInstance("p"), ENGINE)
    world.deploy(("p.bpmn", TWO))
    batch = world.do(MigrateInstances("p", 1, 2, reason="better"), OPERATOR)

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("engine.commands.batches.migrate", broken)
    for _ in range(5):
        settle(world)
        world.clock.turn(hours=2)
    view = world.engine.query(migration.batch, OPERATOR, batch)
    assert (view.refused, view.waiting) == (1, 0)
    assert view.cases[0].refusal is not None and "a bug" in view.cases[0].refusal.message
    assert world.jobs() == []
