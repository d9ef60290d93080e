"""The executor inside the server: it wakes by itself, and a kill at any point loses and doubles nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from engine.connectors import Call, Connectors, Outcome
from engine.engine import utc_now
from engine.executor import EmbeddedExecutor
from tests.world import World, diagram, flow, service, task

CASES, KILLS = 12, 6
BOOKING = diagram(
    "booking",
    "<start/>" + service("one", "book") + service("two", "book") + service("three", "book") + "<end/>"
    + flow("start", "one", "two", "three", "end"),
)  # fmt: skip


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it comes true in time; only for what another thread or process does."""
    pause, end = threading.Event(), time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        pause.wait(0.02)
    return True


def test_a_new_job_is_done_at_once_and_its_followers_too(world: World) -> None:
    calls: list[int] = []
    executor = EmbeddedExecutor(
        world.engine,
        Connectors({"book": lambda call: calls.append(call.key) or Outcome()}),
        status_link=lambda reference: "",
    )
    world.deploy(("booking.bpmn", BOOKING))
    executor.start()
    try:
        keys = [world.start("booking").key for _ in range(3)]
        assert eventually(lambda: all(world.instance(key).status == "completed" for key in keys))
    finally:
        executor.stop()
    assert len(calls) == len(set(calls)) == 9


def test_a_turn_of_the_clock_is_noticed(world: World) -> None:
    executor = EmbeddedExecutor(world.engine, Connectors(), status_link=lambda reference: "")
    wait = (
        '<bpmn:intermediateCatchEvent id="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    world.deploy(("slow.bpmn", diagram("slow", "<start/>" + wait + task("work") + flow("start", "wait", "work"))))
    world.start("slow")
    executor.start()
    try:
        world.clock.turn(days=3)
        assert eventually(lambda: bool(world.tasks()))
    finally:
        executor.stop()


def test_the_call_is_made_with_no_transaction_open_and_knows_its_case(world: World) -> None:
    seen: list[Call] = []

    def call(call: Call) -> Outcome:
        seen.append(call)
        world.start("other")
        return Outcome()

    world.connectors["book"] = call
    world.deploy(("booking.bpmn", BOOKING), ("other.bpmn", diagram("other", "<start/><end/>" + flow("start", "end"))))
    started = world.start("booking")
    assert world.run_due() == 3
    assert (seen[0].reference, seen[0].root_key) == (started.reference, started.key)
    assert seen[0].status_link == f"https://status/{started.reference}"
    assert len({each.key for each in seen}) == 3


def test_a_call_that_takes_longer_than_its_lease_is_held_on_to(world: World) -> None:
    world.deploy(("booking.bpmn", BOOKING))
    key = world.start("booking").key
    tokens: set[str | None] = set()

    def call(call: Call) -> Outcome:
        before = world.jobs()[0].lease_token
        assert eventually(lambda: world.jobs()[0].lease_token not in (None, before))
        tokens.update((before, world.jobs()[0].lease_token))
        return Outcome()

    executor = EmbeddedExecutor(
        world.engine, Connectors({"book": call}), status_link=lambda reference: "", lease_seconds=1
    )
    assert executor.run_due() == 3
    assert len(tokens) == 6
    assert world.instance(key).status == "completed"
    assert len(world.data("JobCompleted")) == 3


def test_killed_again_and_again_every_job_is_done_and_every_chain_holds(world: World, tmp_path: Path) -> None:
    world.engine.clock = utc_now
    world.deploy(("booking.bpmn", BOOKING))
    keys = [world.start("booking").key for _ in range(CASES)]
    effects = tmp_path / "effects"
    effects.touch()
    chance = random.Random(7)
    for _ in range(KILLS):
        with _working(world, effects) as process:
            time.sleep(chance.uniform(0.05, 0.4))
            os.kill(process.pid, signal.SIGKILL)
    with _working(world, effects) as process:
        done = eventually(lambda: {world.instance(key).status for key in keys} == {"completed"}, 60)
        process.kill()

    assert done
    assert world.jobs() == []
    assert all(world.verdict(key).holds for key in keys)
    booked = Counter(effects.read_text().split())
    assert len(booked) == CASES * 3, "each step was asked for under one key, however often it was repeated"
    assert all(len(world.story(key, "JobCompleted")) == 3 for key in keys)


def _working(world: World, effects: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.executor.killed", world.engine.database.url, str(effects)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    return process
