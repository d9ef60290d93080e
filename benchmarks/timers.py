"""Timers that come due all at once, and somebody who looks at an inbox meanwhile.

    python benchmarks/timers.py [--timers 10000]

On SQLite they are done by the executor in this process, as `casewright serve` does them; on PostgreSQL by workers in
processes of their own.  Each timer moves a case of its own to its end.  The cases are copies of one that was started as
usual, which saves the benchmark its longest part.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, insert, select  # noqa: E402

from benchmarks.rounds import NewDatabase, databases  # noqa: E402
from engine.cli.assembly import share_fairly  # noqa: E402
from engine.connectors import Connectors  # noqa: E402
from engine.engine import Engine, utc_now  # noqa: E402
from engine.executor import executor_for  # noqa: E402
from engine.keys import new_key  # noqa: E402
from engine.model import Job, ProcessInstance  # noqa: E402
from engine.queries import work  # noqa: E402
from tests.world import ANNA, World, diagram, flow, task  # noqa: E402

TIMERS = 10_000
TASKS = 100
WORKERS = 2
IDLE_LOOKS = 200
LOOK_EVERY_SECONDS = 0.02
SECRET = b"a secret of thirty-two bytes or so"
_WAIT = (
    '<bpmn:intermediateCatchEvent id="wait" name="wait"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1S'
    "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)


def measure(timers: int = TIMERS) -> dict[str, Any]:
    """For each database: timers drained in a second, and the inbox's p95 beside it and idle, in milliseconds."""
    with databases() as kinds:
        return {name: _measure(new, timers) for name, new in kinds.items()}


def _measure(new: NewDatabase, timers: int) -> dict[str, Any]:
    with new() as url:
        world = World(url)
        world.engine.clock = utc_now
        try:
            _fill(world, timers)
            idle = _looks(world, lambda seen: seen < IDLE_LOOKS)
            with _executor(world) as spent_by:
                begun = time.monotonic()
                busy = _looks(world, lambda seen: _left(world) > 0)
                seconds = time.monotonic() - begun
            spent = spent_by()
        finally:
            world.engine.close()
    return {
        "timers": timers,
        "seconds": seconds,
        "per_second": timers / seconds,
        "cpu_ms": spent / timers * 1000,
        "inbox_idle_p95_ms": _p95(idle),
        "inbox_busy_p95_ms": _p95(busy),
        "inbox_busy_to_idle": _p95(busy) / _p95(idle),
        "looks": len(busy),
    }


def _fill(world: World, timers: int) -> None:
    """Cases whose timers are due, and tasks for the inbox."""
    ends = "<end/>" + flow("start", "wait", "end")
    chores = diagram("chores", "<start/>" + task("chore") + "<end/>" + flow("start", "chore", "end"))
    world.deploy(("patient.bpmn", diagram("patient", "<start/>" + _WAIT + ends)), ("chores.bpmn", chores))
    for _ in range(TASKS):
        world.start("chores")
    first = world.start("patient", customer="Chen Wei", product="Order 4711").key
    with world.engine.database.writing() as session:
        case = _row(session, ProcessInstance, first)
        job = session.execute(select(Job.__table__).where(Job.root_key == first)).mappings().one()
        cases, jobs = [], []
        for number in range(timers - 1):
            key, job_key = new_key(), new_key()
            state = case["state"].replace(str(job["key"]).encode(), str(job_key).encode())
            assert state != case["state"]
            names = {"key": key, "root_key": key, "reference": f"COPY-{number}"}
            cases.append({**case, **names, "state": state})
            jobs.append({**job, "key": job_key, "instance_key": key, "root_key": key})
        session.execute(insert(ProcessInstance.__table__), cases)
        session.execute(insert(Job.__table__), jobs)
    while any(each.due > utc_now() for each in world.jobs()[:1]):
        time.sleep(0.1)


def _row(session: Any, kind: Any, key: int) -> dict[str, Any]:
    return dict(session.execute(select(kind.__table__).where(kind.key == key)).mappings().one())


def _looks(world: World, goes_on: Callable[[int], bool]) -> list[float]:
    """Milliseconds of each look at an inbox, one after another with a rest between them."""
    took: list[float] = []
    while goes_on(len(took)):
        begun = time.perf_counter()
        world.engine.query(work.inbox, ANNA, now=utc_now(), view="group")
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(LOOK_EVERY_SECONDS)
    return took


def _left(world: World) -> int:
    with world.engine.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


@contextmanager
def _executor(world: World) -> Iterator[Callable[[], float]]:
    """What does the timers: here, or in processes of its own; how many CPU seconds it took, looks included if here."""
    if world.engine.database.is_sqlite:
        executor = executor_for(
            world.engine, Connectors({}), status_link=lambda reference: "", threads=2, lease_seconds=60
        )
        share_fairly()
        begun = time.process_time()
        executor.start()
        try:
            yield lambda: time.process_time() - begun
        finally:
            executor.stop()
        return
    spent: list[float] = []
    workers = [
        subprocess.Popen(
            [sys.executable, __file__, "--worker", world.engine.database.url], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )
        for _ in range(WORKERS)
    ]  # fmt: skip
    try:
        for each in workers:
            assert each.stdout is not None and each.stdin is not None
            assert each.stdout.readline() == "ready\n"
        for each in workers:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        yield lambda: sum(spent)
    finally:
        for each in workers:
            told, _ = each.communicate()
            spent.append(float(told))


def _work(url: str) -> None:
    """One worker, until it is told to end."""
    engine = Engine(url, secret=SECRET)
    executor = executor_for(engine, Connectors({}), status_link=lambda reference: "", threads=2, lease_seconds=60)
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.process_time()
    executor.start()
    sys.stdin.read()
    print(time.process_time() - begun, flush=True)
    executor.stop()
    engine.close()


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--timers", type=int, default=TIMERS)
    parser.add_argument("--worker", metavar="DATABASE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        _work(arguments.worker)
        return
    for name, figures in measure(arguments.timers).items():
        print(f"{name:<11} {figures['timers']} timers in {figures['seconds']:.1f} s: {figures['per_second']:.0f}/s,"
              f" {figures['cpu_ms']:.2f} ms CPU each;"
              f" inbox p95 {figures['inbox_busy_p95_ms']:.1f} ms, idle {figures['inbox_idle_p95_ms']:.1f} ms:"
              f" {figures['inbox_busy_to_idle']:.1f} times")  # fmt: skip


if __name__ == "__main__":
    main()
