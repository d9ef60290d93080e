"""How long a replay takes: 20,000 generated cases of the complaint process, through a change with one more step.

    python benchmarks/replay.py [cases]

Cases of an office that works through the real engine are varied in their data, their outcomes and their times, so that
each is one of its own. Reading them from the log is measured by itself, case by case.
"""

from __future__ import annotations

import copy
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from engine.analysis.libraries import Library  # noqa: E402
from engine.analysis.recordings import Recording  # noqa: E402
from engine.analysis.replay import Replay, library_of, recordings_of  # noqa: E402
from engine.queries import recorded as records  # noqa: E402
from tests.engine.analysis import drafts  # noqa: E402
from tests.simulated.offices import Office  # noqa: E402
from tests.world import OWNER, World  # noqa: E402

CASES = 20_000
MODELS = 120
"""So many cases are worked through the engine; the others are made from these."""


def main() -> int:
    measured = measure(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)
    for name, value in measured.items():
        print(f"{name}: {value}")
    return 0


def measure(cases: int = CASES) -> dict[str, Any]:
    """Seconds for all cases and what they came to; milliseconds to run and to read one case."""
    with tempfile.TemporaryDirectory() as folder:
        models, library, read = _recorded(Path(folder))
    recordings = list(_varied(models, cases))
    begun, cpu = time.perf_counter(), time.process_time()
    replay = Replay(library, "complaint-handling")
    replay.add(recordings)
    report = replay.tally.report()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    full = Replay(library, "complaint-handling", memo=False)
    begun = time.process_time()
    full.add(models)
    return {
        "cases": cases,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "run_in_full": replay.runs,
        "verdicts": report["verdicts"],
        "ms_a_case_in_full": round((time.process_time() - begun) * 1000 / len(models), 2),
        "ms_a_case_to_read": round(read * 1000 / len(models), 2),
        "entries_a_case": round(sum(len(each.path) for each in models) / len(models)),
    }


def _recorded(folder: Path) -> tuple[list[Recording], Library, float]:
    world = World(f"sqlite:///{folder}/office.db")
    office = Office(world, Random(11))
    for number in range(MODELS):
        office.file(number)
        world.clock.turn(hours=1)
    office.work(12)
    version = world.engine.query(records.newest_version, OWNER, "complaint-handling")
    assert version is not None
    begun = time.process_time()
    found = [each for page in recordings_of(world.engine, OWNER, version, None, MODELS) for each in page]
    read = time.process_time() - begun
    library = library_of(world.engine, OWNER, drafts.with_call())
    world.engine.close()
    return found, library, read


def _varied(models: list[Recording], cases: int) -> Iterator[Recording]:
    """Cases like those that were recorded, each with a number, a start, texts and amounts of its own."""
    chance = Random(5)
    for number in range(cases):
        made = copy.copy(models[number % len(models)])
        by = dt.timedelta(minutes=chance.randrange(60 * 24 * 60))
        made.key, made.reference = number + 1, f"C-{number:06}"
        made.variables = {
            **made.variables, "reference": made.reference, "customerName": f"Customer {number}",
            "description": f"It leaks for the {number}th time.",
        }  # fmt: skip
        made.started_at += by
        made.ended_at = made.ended_at + by if made.ended_at else None
        made.seen_at = made.seen_at + by if made.seen_at else None
        made.openings = {place: [_moved(each, by, chance) for each in all] for place, all in made.openings.items()}
        yield made


def _moved(opening: Any, by: dt.timedelta, chance: Random) -> Any:
    made = copy.copy(opening)
    made.at, made.due = made.at + by, made.due + by if made.due else None
    if made.outcome is not None:
        made.outcome = copy.copy(made.outcome)
        made.outcome.at += by
        amount = made.outcome.variables.get("compensationAmount")
        if amount is not None:
            # The same side of every limit, and hardly ever the same amount.
            step = 5000 if amount > 5000 else 500 if amount > 500 else 1
            made.outcome.variables = {
                **made.outcome.variables,
                "compensationAmount": step + 1 + chance.randrange(450) if step > 1 else 1 + chance.randrange(500),
            }
    return made


if __name__ == "__main__":
    sys.exit(main())
