"""What a step costs: a person completes a task, a decision is taken, a gateway chooses, the next task is there.

    python benchmarks/step.py [--steps 300] [--statements]

Everything passes `Engine.execute`, on SQLite and on PostgreSQL: statements, commits, CPU time of this process, bytes
written ahead. Beside it the floor: the same writes of the same rows, made by the driver alone in a bare transaction.
Both are measured in turn, case by case, and the medians are told.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.rounds import NewDatabase, Rounds, Statements, cpu, databases  # noqa: E402

HALF = 15
CASES = 2 * HALF
WARM_UP = 3
SHORT = 300


def measure(steps: int = SHORT) -> dict[str, Any]:
    """For each database: what a step says to it, what it costs and writes, and what its floor costs."""
    with databases() as kinds:
        return {name: _measure(new, steps) for name, new in kinds.items()}


def _measure(new: NewDatabase, steps: int) -> dict[str, Any]:
    with new() as url, new() as floor_url, Rounds(url) as bench, Rounds(floor_url) as floor:
        return _figures(bench, floor, steps)


def _figures(bench: Rounds, floor: Rounds, steps: int) -> dict[str, Any]:
    bench.deploy()
    cases = [bench.start() for _ in range(CASES)]
    for case in cases * WARM_UP:
        bench.step(bench.task_of(case))
    replay = Replay(bench, floor)
    whole: list[float] = []
    bare: list[float] = []
    for number in range(steps):
        whole.append(cpu(bench.step, bench.task_of(cases[number % HALF])))
        bare.append(replay.once(cases[HALF + number % HALF]))
    task_key = bench.task_of(cases[0])
    with bench.counting() as said:
        bench.step(task_key)
    cpu_ms, floor_ms = statistics.median(whole), statistics.median(bare)
    return {
        "commits": said.commits,
        "statements": said.count + said.pings,
        "cpu_ms": cpu_ms,
        "floor_cpu_ms": floor_ms,
        "times_floor": cpu_ms / floor_ms,
        "bytes": bench.bytes_of(lambda: [bench.step(bench.task_of(case)) for case in cases]) / CASES,
        "kinds": dict(said.by_kind),
    }


class Replay:
    """The floor: the writes of a real step, made again by the driver alone on a copy of the database."""

    def __init__(self, bench: Rounds, floor: Rounds) -> None:
        self._bench = bench
        bench.copy_to(floor)
        self._connection = floor.database.sql.raw_connection()
        self._driver: Any = self._connection.driver_connection
        self._is_sqlite = floor.database.is_sqlite

    def once(self, case: int) -> float:
        """CPU milliseconds of the bare writes of a step, which is made in earnest just before."""
        task_key = self._bench.task_of(case)
        with self._bench.counting() as said:
            self._bench.step(task_key)
        return cpu(self._write, said)

    def _write(self, said: Statements) -> None:
        cursor = self._driver.cursor()
        if self._is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for statement, parameters, many in said.writes:
            (cursor.executemany if many else cursor.execute)(statement, parameters)
        self._driver.commit()


def show(measured: dict[str, Any]) -> None:
    """Print what was measured, one line a database."""
    for name, found in measured.items():
        print(
            f"{name:<11} {found['statements']} statements, {found['commits']} commit, {found['cpu_ms']:.2f} ms CPU"
            f" = {found['times_floor']:.1f} x the floor of {found['floor_cpu_ms']:.2f} ms,"
            f" {found['bytes']:,.0f} bytes written ahead"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=SHORT)
    parser.add_argument("--statements", action="store_true", help="tell what each statement was about")
    options = parser.parse_args()
    measured = measure(options.steps)
    show(measured)
    if options.statements:
        for name, found in measured.items():
            print(name, *(f"{number:>4}  {kind}" for kind, number in found["kinds"].items()), sep="\n")


if __name__ == "__main__":
    main()
