"""Measures all there is to measure and prints one report; `benchmarks/out/report.json` has the figures as well.

    python benchmarks/report.py [step age call_tree size throughput timers interpreter feel complaints]

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
PARTS = ("step", "age", "call_tree", "size", "throughput", "timers", "interpreter")
LONG_PARTS = ("feel", "complaints")
TARGETS: tuple[tuple[str, str, float], ...] = (
    ("step", "commits", 1),
    ("step", "statements", 10),
    ("step", "cpu_ms", 4.0),
    ("step", "times_floor", 4.0),
    ("age", "ratio_last_first", 1.2),
    ("age", "complaint_state_bytes", 4_096),
)
"""Part, figure, and what it may be at most."""


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
    for part, figure, most in TARGETS:
        measured = report.get(part, {})
        for name, found in measured.items() if part == "step" else [("", measured)]:
            if found and found[figure] > most:
                where = " ".join(filter(None, (part, name)))
                yield f"MISSED: {where} {figure} should be at most {most:g}, but is {found[figure]:.2f}."


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _rounded(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
