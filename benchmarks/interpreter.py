"""What one step costs without a database: load the state, complete a user task, run to the next, dump the state.

    python benchmarks/interpreter.py [--rounds 5000]

The case goes round in a rework loop; the cost must not grow with the rounds it has made. CPU time, medians.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engine import bpmn  # noqa: E402

DIAGRAM = ROOT / "tests" / "stories" / "rework-loop.bpmn"
SAMPLE = 200


def _no_decision(reference: Any, variables: dict[str, Any]) -> bpmn.Decided:
    raise NotImplementedError


def measure(rounds: int, kilobytes: int) -> None:
    """Print the cost of a step at the first rounds and at the last."""
    process = bpmn.compile(bpmn.parse(DIAGRAM.read_bytes(), DIAGRAM.name).processes[0])
    keys = itertools.count(1)
    environment = bpmn.Environment(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), lambda: next(keys), _no_decision)
    data = {"data": {f"field_{number}": "x" * 1000 for number in range(kilobytes)}}
    execution, _ = bpmn.Execution.start(process, data, environment)
    state = execution.dump()
    parts: list[tuple[float, float, float]] = []
    for _ in range(rounds):
        begun = time.thread_time()
        execution = bpmn.Execution.load(process, state, environment)
        loaded = time.thread_time()
        execution.complete(next(iter(execution.waits())), {"rework": True})
        completed = time.thread_time()
        state = execution.dump()
        parts.append((loaded - begun, completed - loaded, time.thread_time() - completed))
    for name, sample in (("first", parts[:SAMPLE]), (f"last of {rounds:,}", parts[-SAMPLE:])):
        load, complete, dump = (statistics.median(column) * 1000 for column in zip(*sample, strict=True))
        print(
            f"{kilobytes:>4} KB of data, {name:<14} {load + complete + dump:6.3f} ms"
            f"  (load {load:.3f}, complete {complete:.3f}, dump {dump:.3f})  state {len(state):,} bytes"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5_000)
    rounds = parser.parse_args().rounds
    for kilobytes in (0, 10, 100):
        measure(rounds, kilobytes)


if __name__ == "__main__":
    main()
