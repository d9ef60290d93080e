"""What a tree of calls costs: one case calls fifty processes at once, each with 11 KB of data, and goes on after them.

    python benchmarks/call_tree.py [--cases 10]

Each called process is an instance of its own that takes a decision and ends. A case is one transaction.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.rounds import DECISION, NewDatabase, Rounds, databases  # noqa: E402
from engine.commands import StartInstance  # noqa: E402
from engine.model import LogEntry, ProcessInstance  # noqa: E402
from engine.model.identity import ENGINE  # noqa: E402
from tests.world import diagram, flow  # noqa: E402

CHILDREN = 50
DATA = {"isSafety": False, "records": [{"name": f"record {number}", "text": "x" * 200} for number in range(48)]}
CALLER = diagram(
    "caller",
    '<start/><bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called"/>'
    "</bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=amounts" inputElement="amount" outputCollection="limits" '
    'outputElement="=limit.limit"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    "</bpmn:callActivity><end/>" + flow("start", "call", "end"),
)
CALLED = diagram(
    "called",
    '<start/><bpmn:businessRuleTask id="decide"><bpmn:extensionElements>'
    '<zeebe:calledDecision decisionId="compensation-limit" resultVariable="limit"/>'
    "</bpmn:extensionElements></bpmn:businessRuleTask><end/>" + flow("start", "decide", "end"),
)
SHORT = 8


def measure(cases: int = SHORT) -> dict[str, Any]:
    """For each database: cases and flow nodes a second, and milliseconds of CPU a called process."""
    with databases() as kinds:
        return {name: _measure(new, cases) for name, new in kinds.items()}


def _measure(new: NewDatabase, cases: int) -> dict[str, Any]:
    with new() as url, Rounds(url) as bench:
        bench.world.deploy(("caller.bpmn", CALLER), ("called.bpmn", CALLED), (DECISION.name, DECISION.read_bytes()))
        start = StartInstance("caller", {**DATA, "amounts": list(range(0, 100 * CHILDREN, 100))}, start_form=False)
        bench.world.do(start, ENGINE)
        before = _nodes(bench)
        begun, begun_cpu = time.perf_counter(), time.process_time()
        for _ in range(cases):
            bench.world.do(start, ENGINE)
        seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - begun_cpu
        with bench.database.reading() as session:
            ended = session.scalar(select(func.count()).where(ProcessInstance.status == "completed"))
        expected = (cases + 1) * (CHILDREN + 1)
        if ended != expected:
            raise AssertionError(f"{expected} instances should have ended, but {ended} did")
        return {
            "children": CHILDREN,
            "cases_per_second": cases / seconds,
            "nodes_per_second": (_nodes(bench) - before) / seconds,
            "cpu_ms_per_child": cpu_seconds * 1000 / cases / CHILDREN,
        }


def _nodes(bench: Rounds) -> int:
    """How many flow nodes were passed so far."""
    with bench.database.reading() as session:
        passed = select(func.count()).where(LogEntry.event.in_(("ActivityCompleted", "EventOccurred")))
        return session.scalar(passed) or 0


def show(measured: dict[str, Any]) -> None:
    """Print what was measured, one line a database."""
    for name, found in measured.items():
        print(
            f"{name:<11} {found['cases_per_second']:.2f} cases/s with {found['children']} called processes each,"
            f" {found['nodes_per_second']:.0f} nodes/s, {found['cpu_ms_per_child']:.2f} ms CPU a called process"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=SHORT)
    show(measure(parser.parse_args().cases))


if __name__ == "__main__":
    main()
