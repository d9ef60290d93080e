"""Measures all there is to measure and prints one report; `benchmarks/out/report.json` has the figures as well.

    python benchmarks/report.py [step age call_tree size throughput timers replay interpreter feel complaints]

Without names all are measured but the last two, which take long: `feel` compares with other engines, `complaints` works
802 recorded complaints over HTTP. Targets that are missed are told, and the report is then a failure.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from engine import plain  # noqa: E402

OUT = HERE / "out" / "report.json"
PARTS = ("step", "age", "call_tree", "size", "throughput", "timers", "replay", "interpreter")
LONG_PARTS = ("feel", "complaints")
AT_MOST, AT_LEAST = "at most", "at least"
BOTH = ("sqlite", "postgresql")
TARGETS: tuple[tuple[tuple[str, ...], str, float], ...] = (
    *((("step", kind, "commits"), AT_MOST, 1) for kind in BOTH),
    *((("step", kind, "statements"), AT_MOST, 10) for kind in BOTH),
    *((("step", kind, "cpu_ms"), AT_MOST, 4.0) for kind in BOTH),
    *((("step", kind, "times_floor"), AT_MOST, 4.0) for kind in BOTH),
    (("age", "ratio_last_first"), AT_MOST, 1.2),
    (("age", "complaint_state_bytes"), AT_MOST, 4_096),
    (("throughput", "sqlite", "post", "per_second"), AT_LEAST, 60),
    (("throughput", "postgresql", "post", "per_second"), AT_LEAST, 100),
    *((("throughput", kind, "memory_mb"), AT_MOST, 150) for kind in BOTH),
    (("throughput", "import_seconds", "cpu"), AT_MOST, 1.5),
    *((("timers", kind, "per_second"), AT_LEAST, 500) for kind in BOTH),
    *((("timers", kind, "inbox_busy_to_idle"), AT_MOST, 2.0) for kind in BOTH),
)
"""Where a figure stands in the report, and what it may be; what was not measured is not judged."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join((*PARTS, *LONG_PARTS))}")
    parts = parser.parse_args().parts or [part for part in PARTS if (HERE / f"{part}.py").exists()]
    report: dict[str, Any] = {"machine": {"cores": os.cpu_count(), "python": platform.python_version()}}
    for part in parts:
        print(f"\n{part.replace('_', ' ')}", flush=True)
        begun = time.perf_counter()
        report[part] = _measured(part)
        print(f"  ({time.perf_counter() - begun:.0f} s)", flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(plain.dumps(_rounded(report)) + "\n")
    missed = list(_missed(report))
    print("\n" + "\n".join(missed or ["Every target is met."]) + f"\n{OUT}")
    return 1 if missed else 0


def _measured(part: str) -> Any:
    """What a part gives as figures; of one that only prints, its lines."""
    module = importlib.import_module(f"benchmarks.{part}")
    measure: Callable[[], dict[str, Any]] | None = getattr(module, "measure", None)
    if measure is None or part in ("interpreter", *LONG_PARTS):
        said = subprocess.run([sys.executable, HERE / f"{part}.py"], check=True, capture_output=True, text=True).stdout
        print(said, end="")
        return said.splitlines()
    measured = measure()
    if hasattr(module, "show"):
        module.show(measured)
    else:
        for name, value in measured.items():
            print(f"{name}: {plain.dumps(_rounded(value))}")
    return measured


def _missed(report: dict[str, Any]) -> Iterator[str]:
    for place, most_or_least, bound in TARGETS:
        found = _at(report, place)
        if found is not None and (found > bound if most_or_least == AT_MOST else found < bound):
            yield f"MISSED: {' '.join(place)} should be {most_or_least} {bound:g}, but is {found:.2f}."


def _at(report: dict[str, Any], place: tuple[str, ...]) -> float | None:
    """The figure at a place of the report; none when it was not measured."""
    found: Any = report
    for name in place:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _rounded(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
