"""Jobs of many cases in one transaction: each case fares as it would alone, and what is not as usual is left out."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from sqlalchemy import select

from engine import plain
from engine.command import Command
from engine.commands import (
    BroadcastSignal,
    CancelInstance,
    DeliverSignal,
    DoJobs,
    Pack,
    PackSpoilt,
    SuspendInstance,
    TakeJobs,
    TriggerTimer,
)  # fmt: skip
from engine.commands import packs as packing
from engine.errors import Forbidden, Refused
from engine.model import LogEntry, ProcessInstance
from tests.competing.test_completions import compete
from tests.world import ANNA, OPERATOR, World, diagram, flow, service, task


def timer(id: str, kind: str, value: str, *, around: str = "") -> str:
    """A timer that is waited for, or around an activity without interrupting it."""
    inside = f"<bpmn:timerEventDefinition><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition>"
    if around:
        place = f'attachedToRef="{around}" cancelActivity="false"'
        return f'<bpmn:boundaryEvent id="{id}" {place}>{inside}</bpmn:boundaryEvent>'
    return f'<bpmn:intermediateCatchEvent id="{id}">{inside}</bpmn:intermediateCatchEvent>'


WAIT = timer("wait", "timeDuration", "PT1H")
SIGNAL = '<bpmn:signal id="S" name="storm"/>'
MESSAGE = (
    '<bpmn:message id="M" name="answer"><bpmn:extensionElements><zeebe:subscription correlationKey="=order"/>'
    "</bpmn:extensionElements></bpmn:message>"
)
CALLED = diagram("called", "<start/>" + WAIT + "<end/>" + flow("start", "wait", "end"))
DIAGRAMS = (
    diagram("ends", "<start/>" + WAIT + "<end/>" + flow("start", "wait", "end")),
    diagram("asks", "<start/>" + WAIT + task("next", form="") + "<end/>" + flow("start", "wait", "next", "end")),
    diagram("fails", "<start/>" + WAIT + service("call", "x", inputs={"a": "=assert(1, 1 = 2)"}) + "<end/>"
            + flow("start", "wait", "call", "end")),
    diagram("calls", '<start/><bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement '
            'processId="called"/></bpmn:extensionElements></bpmn:callActivity>' + task("next") + "<end/>"
            + flow("start", "call", "next", "end")),
    diagram("cycle", "<start/>" + task("work") + timer("late", "timeCycle", "R3/PT1H", around="work")
            + service("call", "x") + "<end/>" + flow("start", "work", "end") + flow("late", "call")),
    diagram("hears", "<start/>" + WAIT + '<bpmn:receiveTask id="hear" messageRef="M"/><end/>'
            + flow("start", "wait", "hear", "end"), outside=MESSAGE),
    diagram("tells", "<start/>" + WAIT + '<bpmn:endEvent id="tell"><bpmn:signalEventDefinition signalRef="S"/>'
            "</bpmn:endEvent>" + flow("start", "wait", "tell"), outside=SIGNAL),
)  # fmt: skip
LISTENS = diagram(
    "listens",
    '<start/><bpmn:intermediateCatchEvent id="hear"><bpmn:signalEventDefinition signalRef="S"/>'
    "</bpmn:intermediateCatchEvent>" + task("next") + "<end/>" + flow("start", "hear", "next", "end"),
    outside=SIGNAL,
)


def deploy(world: World, *diagrams: str) -> list[str]:
    """Put diagrams into force; the ids of their processes."""
    ids = [re.findall('<bpmn:process id="([^"]+)"', each)[0] for each in diagrams]
    world.deploy(*zip((f"{id}.bpmn" for id in ids), diagrams, strict=True))
    return ids


def taken(world: World) -> tuple[tuple[int, str], ...]:
    return tuple((job.key, job.token) for job in world.do(TakeJobs(100)))


def told(world: World, key: int) -> list[Any]:
    """The log of a case, with what differs from case to case taken out of it."""
    with world.engine.database.reading() as session:
        entries = session.scalars(select(LogEntry).where(LogEntry.stream_key == key).order_by(LogEntry.position)).all()
        return [
            (each.position, each.at, each.actor, each.event, each.element_id, each.definition_digest,
             re.sub(r"\d{15,}|CASE-\w+-\w+", "KEY", plain.dumps(each.data)))
            for each in entries
        ]  # fmt: skip


def ahead(world: World, key: int) -> list[Any]:
    """What a case waits for, and how it stands."""
    return [
        [(each.element_id, each.status) for each in world.tasks() if each.root_key == key],
        [(each.element_id, each.kind, each.due, each.status) for each in world.jobs() if each.root_key == key],
        [(each.element_id, each.name, each.correlation_key) for each in world.subscriptions() if each.root_key == key],
        [(each.element_id, each.template) for each in world.incidents() if each.root_key == key],
        [(each.process_id, each.status) for each in world.instances() if each.root_key == key],
    ]


def test_a_case_fares_in_a_pack_as_it_does_alone(world: World) -> None:
    deploy(world, CALLED)
    ids = deploy(world, *DIAGRAMS)
    together = [world.start(id, order="7").key for id in ids for _ in range(2)]
    world.clock.turn(hours=1)
    held = taken(world)
    pack: Pack = world.do(DoJobs(held))
    assert pack.done == {key for key, _ in held}
    world.clock.turn(hours=-1)
    alone = [world.start(id, order="7").key for id in ids for _ in range(2)]
    world.clock.turn(hours=1)
    for key, token in taken(world):
        if any(job.key == key and job.kind == "timer" for job in world.jobs()):
            world.do(TriggerTimer(key, token))

    for one, other in zip(together, alone, strict=True):
        assert told(world, one) == told(world, other)
        assert ahead(world, one) == ahead(world, other)
        assert world.verdict(one).holds and len(told(world, one)) > 3


def test_a_signal_reaches_many_cases_together(world: World) -> None:
    deploy(world, LISTENS)
    cases = [world.start("listens").key for _ in range(6)]
    world.do(BroadcastSignal("storm", {"wind": 12}))
    held = taken(world)
    assert len(held) == 6
    world.do(DeliverSignal(*held[0]))
    assert world.do(DoJobs(held[1:])).done == {key for key, _ in held[1:]}

    assert len({plain.dumps([entry[3:] for entry in told(world, key)]) for key in cases}) == 1
    assert [each.element_id for each in world.tasks()] == ["next"] * 6
    assert (world.jobs(), world.subscriptions()) == ([], [])


def test_what_is_not_as_usual_is_left_out_and_loses_nothing(world: World) -> None:
    deploy(world, DIAGRAMS[1], LISTENS)
    usual, resting, gone, lost = (world.start("asks").key for _ in range(4))
    world.clock.turn(hours=1)
    held = dict(taken(world))
    job_of = {job.root_key: job.key for job in world.jobs()}
    world.do(SuspendInstance(resting), OPERATOR)
    world.do(CancelInstance(gone, "not needed"), OPERATOR)
    held[job_of[lost]] = "the token of somebody else"

    assert world.do(DoJobs(tuple(held.items()))).done == {job_of[usual]}
    assert world.do(DoJobs(tuple(held.items()))).done == frozenset()
    assert world.do(DoJobs(())).done == frozenset()

    assert world.story(usual, "TaskCreated") == ["TaskCreated:next"]
    assert {job.root_key for job in world.jobs()} == {resting, lost}
    assert world.data("AttemptRefused") == []


def test_a_job_that_fails_leaves_the_others_to_be_done_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(world, DIAGRAMS[0])
    good, bad, fine = (world.start("ends").key for _ in range(3))
    world.clock.turn(hours=1)
    whole = packing.step.load

    def load(tx: Any, instance: ProcessInstance) -> Any:
        if instance.key == bad:
            raise Refused("Expected to go on, but {reason}.", reason="this one is spoilt")
        return whole(tx, instance)

    monkeypatch.setattr(packing.step, "load", load)
    held = taken(world)
    with pytest.raises(PackSpoilt):
        world.do(DoJobs(held))
    assert {world.instance(key).status for key in (good, bad, fine)} == {"active"}
    world.clock.turn(minutes=2)  # the leases are over

    assert len(world.do(TakeJobs(100))) == 3
    world.clock.turn(minutes=2)
    world.run_due()

    assert [world.instance(key).status for key in (good, bad, fine)] == ["completed", "active", "completed"]
    (job,) = world.jobs()
    assert (job.root_key, job.last_error) == (bad, "Expected to go on, but this one is spoilt.")
    assert world.story(bad, "JobFailed") == ["JobFailed:wait"]
    assert world.data("AttemptRefused") and not world.incidents()


def test_of_two_packs_with_the_same_jobs_each_fires_once(world: World) -> None:
    deploy(world, DIAGRAMS[1])
    cases = [world.start("asks").key for _ in range(20)]
    world.clock.turn(hours=1)
    held = taken(world)
    first, second, backwards = compete(
        lambda: world.do(DoJobs(held)), lambda: world.do(DoJobs(held)), lambda: world.do(DoJobs(held[::-1]))
    )
    done = [pack.done for pack in (first, second, backwards)]  # type: ignore[attr-defined]
    assert sum(map(len, done)) == len(frozenset().union(*done)) == 20
    for key in cases:
        assert world.story(key, "TaskCreated") == ["TaskCreated:next"]


def test_a_case_that_somebody_else_is_at_is_not_waited_for(world: World) -> None:
    if world.engine.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: whoever waits holds nothing")
    deploy(world, DIAGRAMS[1])
    busy, free = (world.start("asks").key for _ in range(2))
    world.clock.turn(hours=1)
    held = taken(world)
    is_locked, may_go = threading.Event(), threading.Event()

    def work() -> None:
        with world.engine.database.writing() as session:
            session.execute(select(ProcessInstance.key).where(ProcessInstance.key == busy).with_for_update())
            is_locked.set()
            assert may_go.wait(20)

    person = threading.Thread(target=work)
    person.start()
    try:
        assert is_locked.wait(20)
        pack: Pack = world.do(DoJobs(held))
    finally:
        may_go.set()
        person.join()
    assert len(pack.done) == 1
    assert [each.root_key for each in world.tasks()] == [free]


def test_only_the_engine_does_jobs(world: World) -> None:
    command: Command = DoJobs(())
    with pytest.raises(Forbidden):
        world.do(command, ANNA)
