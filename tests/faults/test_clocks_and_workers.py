"""Workers that stand still, many rivals at once, many timers at once, clocks that jump, a database that crashes."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import select

from engine.commands import CompleteTask, StartInstance
from engine.commands.leases import LEASE_SECONDS
from engine.engine import Engine
from engine.errors import EngineError, Refused, Unavailable
from engine.model import Job
from engine.model.identity import ENGINE
from tests import postgres
from tests.checking import assert_all_holds
from tests.faults.fleet import PROCESS, SECRET, Ledger, executor_of, process_calling, stopped
from tests.faults.sizes import IS_NIGHT, RIVALS, TIMERS
from tests.world import ANNA, BEN, MONDAY, Clock, World, diagram, flow, task

CHAIN = diagram("chain", "<start/>" + task("a") + task("b") + "<end/>" + flow("start", "a", "b", "end"))


def timer(kind: str, text: str) -> str:
    return (
        '<bpmn:boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><bpmn:timerEventDefinition>'
        f"<bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:endEvent id="reminded"/>'
    )


def guarded(kind: str, text: str) -> str:
    """A task that a timer reminds of."""
    body = "<start/>" + task("work") + timer(kind, text) + "<end/>"
    return diagram("guarded", body + flow("start", "work", "end") + flow("late", "reminded"))


def test_of_two_who_complete_at_the_same_moment_one_wins_each_time(world: World) -> None:
    world.deploy(("chain.bpmn", CHAIN))
    for _ in range(RIVALS):
        world.start("chain")
    keys = [each.key for each in world.tasks()]
    barrier = threading.Barrier(2)
    won: Counter[int] = Counter()
    lost: list[Refused] = []

    def complete(actor: object) -> None:
        for key in keys:
            barrier.wait()
            try:
                world.do(CompleteTask(key), actor)  # type: ignore[arg-type]
                won[key] += 1
            except Refused as error:
                lost.append(error)

    rivals = [threading.Thread(target=complete, args=(actor,)) for actor in (ANNA, BEN)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    assert won == Counter(keys)
    assert len(lost) == RIVALS == len(world.data("AttemptRefused"))
    assert [each.element_id for each in world.tasks()] == ["b"] * RIVALS


def test_a_worker_that_stood_still_beyond_its_lease_changes_nothing(database_url: str) -> None:
    clock = Clock(dt.datetime.now(dt.UTC))
    called, go_on = threading.Event(), threading.Event()
    with Ledger() as ledger:
        world = World(database_url)
        world.engine.clock = clock
        world.deploy(("moved.bpmn", process_calling(ledger.address)))
        world.start(PROCESS)
        world.complete("a", ANNA)
        (job,) = world.jobs()
        world.engine.close()

        def wait_at_first() -> None:
            called.set()
            if ledger.calls.total() == 1:
                go_on.wait()

        ledger.on_call = wait_at_first
        fork = multiprocessing.get_context("fork")
        worker = fork.Process(target=_do_one_job, args=(database_url, clock), daemon=True)
        worker.start()
        assert called.wait(60)
        assert worker.pid is not None
        with stopped(worker.pid):
            clock.turn(seconds=LEASE_SECONDS + 1)
            world.engine = Engine(database_url, secret=SECRET, clock=clock)
            assert executor_of(world.engine).run_due() == 1
        go_on.set()
        worker.join(60)
        assert worker.exitcode == 0
        assert ledger.calls == {str(job.key): 2}
    assert len(world.data("JobCompleted")) == 1
    assert world.data("JobFailed") == []
    assert_all_holds(world.engine)
    world.engine.close()


def _do_one_job(url: str, clock: Clock) -> None:
    engine = Engine(url, secret=SECRET, clock=clock)
    executor_of(engine, LEASE_SECONDS).run_due(1)
    engine.close()


def test_many_timers_of_one_second_each_fire_once_also_late(world: World) -> None:
    world.deploy(("g.bpmn", guarded("timeDuration", "PT1H")))
    for _ in range(TIMERS):
        world.start("guarded")
    world.clock.turn(hours=2)  # the worker was away for an hour
    rivals = [threading.Thread(target=world.run_due) for _ in range(3)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    world.run_due()
    assert world.jobs() == []
    fired = [each["activity_key"] for each in world.data("EventOccurred") if each["trigger"] == "timer"]
    assert len(fired) == len(set(fired)) == TIMERS


def test_a_cycle_catches_up_once(world: World) -> None:
    world.deploy(("g.bpmn", guarded("timeCycle", "R/PT10M")))
    world.start("guarded")
    world.clock.turn(hours=1, minutes=5)
    world.run_due()
    assert len([each for each in world.data("EventOccurred") if each["trigger"] == "timer"]) == 1
    (job,) = world.jobs()
    assert job.due == MONDAY + dt.timedelta(hours=1, minutes=10)


def test_a_clock_that_goes_back_fires_nothing_twice_and_loses_nothing(world: World) -> None:
    world.deploy(("g.bpmn", guarded("timeCycle", "R3/PT1H")))
    world.start("guarded")
    for turn in ({"hours": 1}, {"hours": -5}, {"minutes": 10}, {"hours": 5}, {"days": -1}, {"days": 2}):
        world.clock.turn(**turn)
        world.run_due()
        assert_all_holds(world.engine)
    # At its first hour and, for all that came due while the clock ran here and there, once more.
    assert len([each for each in world.data("EventOccurred") if each["trigger"] == "timer"]) == 2


@pytest.mark.parametrize(
    ("begun", "first", "second"),
    [("2026-03-28T12:00", "2026-03-29T07:00", "2026-03-30T07:00"),
     ("2026-10-24T12:00", "2026-10-25T08:00", "2026-10-26T08:00")],
    ids=["to summer time", "to winter time"],
)  # fmt: skip
def test_nine_in_berlin_stays_nine_over_the_change_of_the_clocks(
    world: World, begun: str, first: str, second: str
) -> None:
    world.clock.now = dt.datetime.fromisoformat(f"{begun}+00:00")
    world.deploy(("g.bpmn", guarded("timeCycle", "0 0 9 * * *@Europe/Berlin")))
    world.start("guarded")
    for due in (first, second):
        (job,) = world.jobs()
        assert job.due == dt.datetime.fromisoformat(f"{due}+00:00")
        world.clock.now = job.due
        world.run_due()


@pytest.fixture
def own_cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL of the test's own, which may crash; what was committed must survive that."""
    if reason := postgres.why_not():
        pytest.skip(reason)
    if postgres.programs() is None:
        pytest.skip("no PostgreSQL on this machine that a test may crash")
    with postgres.cluster(is_durable=True) as cluster:
        yield cluster


def test_postgresql_crashes_under_load_and_all_goes_on(own_cluster: postgres.Cluster) -> None:
    with own_cluster.database() as url, Ledger() as ledger:
        world = World(url)
        world.engine.clock = lambda: dt.datetime.now(dt.UTC)
        world.deploy(("moved.bpmn", process_calling(ledger.address)))
        executor = executor_of(world.engine, 2)
        executor.start()
        tasks, cases, unsure, over = set(), set(), [], threading.Event()

        def work() -> None:
            while not over.is_set():
                try:
                    cases.add(world.do(StartInstance(PROCESS), ENGINE).reference)
                    for each in world.tasks():
                        with suppress(Refused):
                            world.do(CompleteTask(each.key), ANNA)
                            tasks.add(each.key)
                except EngineError as error:
                    assert isinstance(error, Unavailable)
                    unsure.append(error)
                    over.wait(0.1)
                except Exception:  # `world.tasks` reads beside the engine
                    over.wait(0.1)

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for _ in range(3 if IS_NIGHT else 1):
            _until_more(tasks)
            own_cluster.crash()
        _until_more(tasks)
        over.set()
        for worker in workers:
            worker.join()
        for _ in range(2):
            for each in world.tasks():
                world.do(CompleteTask(each.key), ANNA)
            _until(lambda: not world.rows(select(Job.key)))
        executor.stop()
        assert_all_holds(world.engine, tasks=tasks, cases=cases)
        assert unsure
        assert len(world.data("JobCompleted")) == len(ledger.calls)
        world.engine.close()


def _until_more(tasks: set[int]) -> None:
    before = len(tasks)
    _until(lambda: len(tasks) > before + 5)


def _until(found: object) -> None:
    end = time.monotonic() + 60
    while not found():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)
