"""Whether a case costs more the older it is: the step of `benchmarks/step.py` in its rounds 10, 100, 1,000 and 5,000.

    python benchmarks/age.py [--rounds 5000]

The old case and a young one are then stepped in turn, so that the ratio is not that of the machine's moods. And how
large the state of a complaint is whose customer said nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.rounds import ROOT, Rounds, cpu, sqlite  # noqa: E402
from engine.commands import CompleteJob, CompleteTask, Deploy, StartInstance, TakeJobs  # noqa: E402
from engine.model import ProcessInstance  # noqa: E402
from engine.model.identity import CONSOLE, ENGINE  # noqa: E402

MARKS = (10, 100, 1_000, 5_000)
WINDOW = 9
IN_TURN = 100
ASSESSED = {"nature": "service", "impact": "individual", "severity": "minor"}


def measure(rounds: int = MARKS[-1]) -> dict[str, Any]:
    """Milliseconds of CPU at each age, what the oldest costs beside the youngest, and bytes of state."""
    with sqlite() as url, Rounds(url) as bench:
        bench.deploy()
        for warm_up in (bench.start() for _ in range(20)):
            bench.step(bench.task_of(warm_up))
        old = bench.start()
        ages = [
            cpu(bench.step, bench.task_of(old))
            for _ in range(rounds)
        ]  # fmt: skip
        young = bench.start()
        both = [(cpu(bench.step, bench.task_of(young)), cpu(bench.step, bench.task_of(old))) for _ in range(IN_TURN)]
        first, last = (statistics.median(column) for column in zip(*both, strict=True))
        return {
            "cpu_ms": {mark: statistics.median(ages[max(0, mark - WINDOW) : mark]) for mark in MARKS if mark <= rounds},
            "first_cpu_ms": first,
            "last_cpu_ms": last,
            "ratio_last_first": last / first,
            "state_bytes": {"first": _state(bench, young), "last": _state(bench, old)},
            "complaint_state_bytes": _complaint_state_bytes(),
        }


def _state(bench: Rounds, case: int) -> int:
    with bench.database.reading() as session:
        return len(session.scalars(select(ProcessInstance.state).where(ProcessInstance.key == case)).one())


def _complaint_state_bytes() -> int:
    """The state of a complaint of a customer who said nothing, when it is assessed or investigated; the larger one."""
    with sqlite() as url, Rounds(url) as bench:
        files = [*ROOT.glob("processes/*"), *ROOT.glob("forms/*")]
        bench.world.do(Deploy("library", tuple((path.name, path.read_bytes()) for path in files)), CONSOLE)
        received = {"receivedAt": bench.world.clock().isoformat()}
        case = bench.world.do(StartInstance("complaint-handling", received, start_form=False), ENGINE).key
        for job in bench.world.do(TakeJobs(limit=5), ENGINE):
            bench.world.do(CompleteJob(job.key, job.token), ENGINE)
        begun = _state(bench, case)
        bench.world.do(CompleteTask(bench.task_of(case), ASSESSED), ENGINE)
        return max(begun, _state(bench, case))


def show(measured: dict[str, Any]) -> None:
    """Print what was measured."""
    ages = ", ".join(f"{mark:,}: {ms:.2f}" for mark, ms in measured["cpu_ms"].items())
    print(f"ms CPU in round {ages}; in turn {measured['last_cpu_ms']:.2f} / {measured['first_cpu_ms']:.2f}"
          f" = {measured['ratio_last_first']:.2f}")  # fmt: skip
    print(f"state {measured['state_bytes']['last']:,} bytes; of a complaint without data"
          f" {measured['complaint_state_bytes']:,} bytes")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=MARKS[-1])
    show(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
