"""Several takers: of one case only one job is in hand at a time, and a kept message never misses who waits for it."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from engine.commands import CompleteTask, CorrelateMessage, DeliverMessage, TakeJobs
from tests.competing.test_completions import ROUNDS, compete
from tests.engine.commands.test_messages import waiting
from tests.world import ANNA, World, diagram, flow, service

BRANCHES = 4
PROCESSES = 3


def parallel(kind: str) -> tuple[str, str]:
    """Services that are due together, in one case."""
    fork = '<bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
    calls = "".join(service(f"call{number}", kind) for number in range(BRANCHES))
    flows = "".join(flow("fork", f"call{number}", "join") for number in range(BRANCHES))
    body = "<start/>" + fork + calls + "<end/>" + flow("start", "fork") + flows + flow("join", "end")
    return "parallel.bpmn", diagram("parallel", body)


def test_of_one_case_one_job_is_taken_at_a_time(world: World) -> None:
    world.deploy(parallel("x"))
    for _ in range(ROUNDS):
        key = world.start("parallel").key
        taken = [job for jobs in compete(*[lambda: world.do(TakeJobs(BRANCHES))] * 4) for job in jobs]  # type: ignore[attr-defined]
        assert len([job for job in taken if job.root_key == key]) <= 1
        assert len([job for job in world.jobs() if job.root_key == key and job.lease_until]) <= 1
        world.clock.turn(seconds=61)
        world.run_due()


def test_whoever_takes_a_job_is_alone_with_its_case_until_that_is_committed(world: World) -> None:
    """The second one looks at the worst moment: the first has taken, and nothing of it can be seen yet."""
    if world.engine.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: the second could not even look")
    world.deploy(parallel("x"))
    world.start("parallel")
    second: list[object] = []
    world.do(TakeJobs(hand_on=lambda session, jobs: second.extend(compete(lambda: world.do(TakeJobs(BRANCHES))))))
    assert second == [()]
    assert len([job for job in world.jobs() if job.lease_until]) == 1


def test_a_kept_message_meets_who_begins_to_wait_at_the_same_moment(world: World) -> None:
    world.deploy(waiting())
    for number in range(ROUNDS * 2):
        key = world.start("waiting", order=str(number)).key
        world.do(CorrelateMessage("answer", str(number), {}, time_to_live=3600))
        (job,) = world.do(TakeJobs())
        (before,) = [each for each in world.tasks() if each.root_key == key]
        command, answer = CompleteTask(before.key), DeliverMessage(job.key, job.token)
        assert compete(lambda: world.do(command, ANNA), lambda: world.do(answer)) == [None, None]  # noqa: B023
        world.run_due()  # the clock stands still: whoever has to wait for the next look has lost
        assert [each.element_id for each in world.tasks() if each.root_key == key] == ["after"]


def test_takers_in_processes_of_their_own_do_each_job_once_and_one_at_a_time_of_a_case(
    world: World, tmp_path: Path
) -> None:
    world.deploy(parallel("note"))
    cases = [world.start("parallel").key for _ in range(10)]
    effects = tmp_path / "effects"
    takers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.competing.takers", world.engine.database.url, str(effects)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    for taker in takers:
        assert taker.stdout is not None and taker.stdout.readline() == "ready\n"
    for taker in takers:
        taker.communicate("go\n")
        assert taker.returncode == 0
    world.run_due()

    assert {world.instance(key).status for key in cases} == {"completed"}
    told = [tuple(line.split()) for line in effects.read_text().splitlines()]
    for key in cases:
        words = [word for root_key, word in told if root_key == str(key)]
        assert len(words) == 2 * BRANCHES
        assert all(a != b for a, b in pairwise(words))
