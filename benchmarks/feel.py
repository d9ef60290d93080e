"""How fast FEEL is parsed and evaluated, beside Python's own compiled `eval` on the same conditions.

    python benchmarks/feel.py [--json FILE]

Everything is timed in one run, in CPU time of this process, best of several rounds; conditions get a fresh scope each
time, as a process gives them. The import is timed in processes of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import dmn  # noqa: E402  (the benchmark beside this one)

from engine import feel  # noqa: E402
from engine.feel.expressions import Expression  # noqa: E402
from engine.feel.names import KnownNames  # noqa: E402
from engine.feel.parser import parse  # noqa: E402

SCOPE: dict[str, Any] = {
    "severity": "high",
    "amount": 1500,
    "channel": "mail",
    "days": 12,
    "customer": {"tier": "gold", "since": 2019},
    "items": [{"price": price, "name": f"item {price}"} for price in range(20)],
}
CONDITION = 'severity = "high" and amount > 1000'
PAIRS = (
    (CONDITION, 'severity == "high" and amount > 1000'),
    ("amount * 1.19 > 1000 or days <= 3", "amount * 1.19 > 1000 or days <= 3"),
    ('customer.tier = "gold"', 'customer["tier"] == "gold"'),
    ('if amount > 1000 then "much" else "little"', '"much" if amount > 1000 else "little"'),
    ('channel in ("mail", "phone")', 'channel in ("mail", "phone")'),
    ("sum(for i in 1..100 return i * i)", "sum([i * i for i in range(1, 101)])"),
    ("count(items[price > 10])", 'len([item for item in items if item["price"] > 10])'),
)
BUILTIN_NAMES = KnownNames(entry.name for entry in feel.BUILTINS)


def rate(run: Callable[[], Any], seconds: float = 0.2, rounds: int = 5) -> float:
    """Calls per second of CPU time, best of some rounds."""
    count, best = 1, 0.0
    while True:
        started = time.process_time()
        for _ in range(count):
            run()
        took = time.process_time() - started
        if took > seconds / 2:
            break
        count *= 2
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(count):
            run()
        best = max(best, count / (time.process_time() - started))
    return best


def loop(source: str, **bound: Any) -> Callable[[], Any]:
    """A function that does `source` a hundred times, so that calling it costs next to nothing."""
    names = ", ".join(f"{name}={name}" for name in bound)
    space: dict[str, Any] = dict(bound)
    exec(f"def run({names}):\n" + f"    {source}\n" * 100, space)  # noqa: S102
    made: Callable[[], Any] = space["run"]
    return made


def conditions() -> list[dict[str, Any]]:
    """Evaluations per second, each with a fresh copy of the scope."""
    results = []
    for text, source in PAIRS:
        expression = feel.compile(text)
        code = compile(source, "<python>", "eval")
        expression.value(SCOPE)
        ours = 100 * rate(loop("value(dict(scope))", value=expression.value, scope=SCOPE))
        pythons = 100 * rate(loop("eval(code, {}, dict(scope))", code=code, scope=SCOPE))
        results.append({"text": text, "per_second": ours, "python_per_second": pythons, "ratio": ours / pythons})
    return results


def milliseconds(run: Callable[[], Any]) -> float:
    return 1000 / rate(run)


def import_seconds() -> float:
    """CPU seconds of `import engine.feel` in a fresh interpreter, the least of five."""
    code = "import time; t = time.process_time(); import engine.feel; print(time.process_time() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--json", help="write the figures here too")
    options = arguments.parse_args()
    figures = {
        "conditions": conditions(),
        "parse_ms": milliseconds(lambda: parse(CONDITION, (), BUILTIN_NAMES)),
        "parse_compile_evaluate_ms": milliseconds(
            lambda: Expression(CONDITION, parse(CONDITION, (), BUILTIN_NAMES)).value(SCOPE)
        ),
        "import_seconds": import_seconds(),
        "tables_per_second": dmn.table_rates(),
    }
    print(f"{'evaluations per CPU second':<48}{'FEEL':>12}{'eval':>12}{'ratio':>8}")
    for row in figures["conditions"]:  # type: ignore[attr-defined]
        print(f"{row['text']:<48}{row['per_second']:>12,.0f}{row['python_per_second']:>12,.0f}{row['ratio']:>8.2f}")
    print(f"parse a condition                  {figures['parse_ms']:.3f} ms   (wanted: at most 0.3)")
    print(f"parse, compile and evaluate once   {figures['parse_compile_evaluate_ms']:.3f} ms")
    print(f"import engine.feel                 {figures['import_seconds']:.3f} s    (wanted: at most 0.15)")
    print("\na decision table of 20 rows (wanted: at least 50 times)")
    dmn.report(figures["tables_per_second"])  # type: ignore[arg-type]
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
