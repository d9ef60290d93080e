"""Statements fail, commits are answered by silence, the disk is full: nothing is half done, and all goes on after."""

from __future__ import annotations

import os
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from engine.commands import CompleteTask, StartInstance
from engine.commands.leases import LEASE_SECONDS
from engine.connectors import Call, Outcome
from engine.engine import FULL, UNCONFIRMED
from engine.errors import EngineError, NotFound, Refused, Unavailable
from engine.model import Task
from engine.model.identity import ENGINE
from tests.checking import assert_all_holds
from tests.faults.injected import failing_statements, full_disk, lost_answers
from tests.faults.sizes import IS_NIGHT
from tests.world import ANNA, World, diagram, flow, service, task

WORK = diagram(
    "work",
    "<start/>" + task("a") + service("call", "ledger") + task("b") + "<end/>" + flow("start", "a", "call", "b", "end"),
)
CASES = 6


@pytest.fixture
def ledger(world: World) -> Counter[int]:
    """An outside service that counts how often it was called with each key."""
    calls: Counter[int] = Counter()

    def call(call: Call) -> Outcome:
        calls[call.key] += 1
        return Outcome({"entry": str(call.key)})

    world.connectors["ledger"] = call
    world.deploy(("work.bpmn", WORK))
    return calls


@pytest.mark.parametrize("percent", [1, 5, 20])
def test_errors_at_random_leave_nothing_half_done(world: World, ledger: Counter[int], percent: int) -> None:
    told: set[int] = set()
    started: set[str] = set()
    with failing_statements(world.engine.database, percent / 100, Random(percent)) as faults:
        for _ in range(200):
            if len(started) < CASES:
                persevering(lambda: started.add(world.do(StartInstance("work")).reference))
            for key in persevering(lambda: [each.key for each in world.tasks()]) or []:
                if persevering(lambda key=key: world.do(CompleteTask(key), ANNA) or True):  # type: ignore[misc]
                    told.add(key)
            persevering(world.run_due)
            world.clock.turn(seconds=LEASE_SECONDS)
            if len(told) == 2 * CASES:
                break
    assert faults.number > 0
    world.clock.turn(hours=1)
    while world.run_due() or world.tasks():
        for each in world.tasks():
            world.do(CompleteTask(each.key), ANNA)
        world.clock.turn(hours=1)
    assert_all_holds(world.engine, tasks=told, cases=started)
    assert {instance.status for instance in world.instances()} == {"completed"}
    assert len(world.data("JobCompleted")) == len(world.instances()) == len(ledger)


def persevering(attempt: Callable[[], Any]) -> Any:
    """What came of it, or None when the database could not, or the engine said no."""
    try:
        return attempt()
    except (DBAPIError, EngineError):
        return None


def test_a_commit_whose_answer_is_lost_is_not_done_twice(world: World, ledger: Counter[int]) -> None:
    world.start("work")
    (a,) = world.tasks()
    with lost_answers(world.engine.database), pytest.raises(Unavailable) as told:
        world.do(CompleteTask(a.key), ANNA)
    assert told.value.template == UNCONFIRMED
    assert [entry["activity_key"] for entry in world.data("TaskCompleted")] == [a.key]
    with pytest.raises(Refused, match="anna completed it"):
        world.do(CompleteTask(a.key), ANNA)
    assert len(world.data("TaskCompleted")) == 1


def test_a_job_whose_answer_is_lost_is_done_once(world: World, ledger: Counter[int]) -> None:
    world.start("work")
    world.complete("a", ANNA)
    (job,) = world.jobs()

    def call(call: Call) -> Outcome:
        ledger[call.key] += 1
        losing.__enter__()
        return Outcome({})

    losing = lost_answers(world.engine.database)
    world.connectors["ledger"] = call
    try:
        with pytest.raises((Unavailable, NotFound)):
            world.run_due()
            raise NotFound("the answer was booked after all")
    finally:
        losing.__exit__(None, None, None)
    world.clock.turn(hours=1)
    assert world.run_due() == 0
    assert ledger == {job.key: 1}
    assert len(world.data("JobCompleted")) == 1
    assert [each.element_id for each in world.tasks()] == ["b"]


def test_a_full_disk_is_told_and_nothing_is_half_done(world: World, ledger: Counter[int]) -> None:
    if not world.engine.database.is_sqlite:
        pytest.skip("a page limit is SQLite's own")
    for _ in range(3):
        world.start("work")
    with full_disk(world.engine.database):
        refused = 0
        for number in range(300):
            try:
                world.do(StartInstance("work", {"text": "x" * 5000, "number": number}), ENGINE)
            except Unavailable as error:
                assert error.template == FULL
                refused += 1
            if refused == 20:
                break
        assert refused == 20
        assert world.tasks()  # reading goes on
    before = len(world.instances())
    assert_all_holds(world.engine)
    world.start("work")
    assert len(world.instances()) == before + 1
    for each in world.rows(select(Task).where(Task.status == "open")):
        world.do(CompleteTask(each.key), ANNA)
    world.run_due()
    assert_all_holds(world.engine)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, with hardly more room than the tables need."""
    if not IS_NIGHT or os.geteuid() != 0:
        pytest.skip("only in the night, and by root: it mounts a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_fills_up_under_load_and_is_freed(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 12_000_000)
    world = World(f"sqlite:///{small_disk / 'casewright.db'}")
    world.connectors["ledger"] = lambda call: Outcome({"entry": str(call.key)})
    world.deploy(("work.bpmn", WORK))
    started: set[str] = set()
    refused: list[Unavailable] = []

    def load(number: int) -> None:
        random = Random(number)
        while len(refused) < 20:
            try:
                started.add(world.do(StartInstance("work", {"text": random.randbytes(20_000).hex()}), ENGINE).reference)
            except Unavailable as error:
                assert error.template == FULL
                refused.append(error)

    crowd = [threading.Thread(target=load, args=(number,)) for number in range(3)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert started and len(refused) >= 20
    ballast.unlink()
    started.add(world.start("work").reference)
    for _ in range(2):
        for each in world.tasks():
            world.do(CompleteTask(each.key), ANNA)
        world.run_due()
    assert {instance.status for instance in world.instances()} == {"completed"}
    assert_all_holds(world.engine, cases=started)
    world.engine.close()
