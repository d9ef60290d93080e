"""Two threads, one task: exactly one wins, the other is told, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

from engine.commands import CompleteJob, CompleteTask, TakeJobs
from engine.errors import EngineError, NotFound, Refused
from tests.world import ANNA, BEN, World, diagram, flow, service, task

CHAIN = diagram("chain", "<start/>" + task("a") + task("b") + "<end/>" + flow("start", "a", "b", "end"))
ROUNDS = 10


def compete(*rivals: Callable[[], object]) -> list[object]:
    """Let all begin at the same moment; what each got, or the error that it met."""
    barrier, results = threading.Barrier(len(rivals)), [None] * len(rivals)  # type: list[object]

    def run(place: int, rival: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = rival()
        except EngineError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(rivals)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_who_complete_the_same_task_one_wins(world: World) -> None:
    world.deploy(("chain.bpmn", CHAIN))
    for _ in range(ROUNDS):
        key = world.start("chain").key
        (open_task,) = [each for each in world.tasks() if each.root_key == key]
        command = CompleteTask(open_task.key)
        results = compete(lambda: world.do(command, ANNA), lambda: world.do(command, BEN))  # noqa: B023
        assert sorted(type(each) for each in results if each is not None) == [Refused]
        assert [each.element_id for each in world.tasks() if each.root_key == key] == ["b"]
        assert world.story(key, "TaskCompleted") == ["TaskCompleted:a"]
        assert world.verdict(key).holds


def test_a_job_is_taken_by_one_and_answered_once(world: World) -> None:
    world.deploy(("s.bpmn", diagram("s", "<start/>" + service("call", "x") + "<end/>" + flow("start", "call", "end"))))
    for _ in range(ROUNDS):
        key = world.start("s").key
        taken = [job for jobs in compete(*[lambda: world.do(TakeJobs())] * 3) for job in jobs]  # type: ignore[union-attr]
        (job,) = taken
        answer = CompleteJob(job.key, job.token)
        results = compete(lambda: world.do(answer), lambda: world.do(answer))  # noqa: B023
        assert [type(each) for each in results if each is not None] == [NotFound]
        assert world.instance(key).status == "completed"


def test_many_steps_of_many_cases_at_once_are_all_done(world: World) -> None:
    world.deploy(("chain.bpmn", CHAIN))
    keys = [world.start("chain").key for _ in range(12)]

    def work(mine: list[int]) -> None:
        for element_id in ("a", "b"):
            for open_task in world.tasks():
                if open_task.root_key in mine and open_task.element_id == element_id:
                    world.do(CompleteTask(open_task.key), ANNA)

    assert compete(*[lambda place=place: work(keys[place::4]) for place in range(4)]) == [None] * 4  # type: ignore[misc]
    assert {world.instance(key).status for key in keys} == {"completed"}
    assert all(world.verdict(key).holds for key in keys)
