"""How fast a 20-row decision table is evaluated, beside SpiffWorkflow's own DMN engine on the same table.

    python benchmarks/dmn.py

Both are timed in one run, in CPU time of this process; data varies from call to call.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lxml import etree

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine import dmn  # noqa: E402

SEVERITIES = ("safety", "high", "medium", "low")
BANDS = ((None, 100), (100, 500), (500, 1000), (1000, 5000), (5000, None))


def table(quote: Callable[[str], str], compare: Callable[[Any, Any], str]) -> bytes:
    """Severity by amount band, UNIQUE, two outputs."""
    rules = []
    for number, severity in enumerate(SEVERITIES):
        for place, (low, high) in enumerate(BANDS):
            rules.append(
                f'<rule id="r{number}{place}">'
                f'<inputEntry id="a{number}{place}"><text>{quote(severity)}</text></inputEntry>'
                f'<inputEntry id="b{number}{place}"><text><![CDATA[{compare(low, high)}]]></text></inputEntry>'
                f'<outputEntry id="c{number}{place}"><text>"team-{number}"</text></outputEntry>'
                f'<outputEntry id="d{number}{place}"><text>{10 * number + place}</text></outputEntry></rule>'
            )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="routing" name="routing"><decisionTable id="t" hitPolicy="UNIQUE">'
        '<input id="i1" label="severity"><inputExpression id="e1" typeRef="string"><text>severity</text>'
        '</inputExpression></input><input id="i2" label="amount">'
        '<inputExpression id="e2" typeRef="number"><text>amount</text>'
        '</inputExpression></input><output id="o1" name="team" typeRef="string"/>'
        f'<output id="o2" name="hours" typeRef="number"/>{"".join(rules)}</decisionTable></decision></definitions>'
    ).encode()


def feel_range(low: int | None, high: int | None) -> str:
    if low is None:
        return f"< {high}"
    return f">= {low}" if high is None else f"[{low}..{high})"


def python_range(low: int | None, high: int | None) -> str:
    return feel_range(low, high) if low is None or high is None else f"{low} <= ? < {high}"


def rates(calls: dict[str, tuple[Callable[[dict[str, Any]], Any], list[dict[str, Any]]]]) -> dict[str, float]:
    """Calls a second of CPU time: the best of five rounds, in each of which all have their turn."""
    best = dict.fromkeys(calls, 0.0)
    for _ in range(5):
        for name, (call, data) in calls.items():
            count, started = 0, time.process_time()
            while (spent := time.process_time() - started) < 0.3:
                for item in data:
                    call(item)
                count += len(data)
            best[name] = max(best[name], count / spent)
    return best


def spiff() -> Callable[[dict[str, Any]], Any]:
    """SpiffWorkflow's engine for the table in its own dialect."""
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
    from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
    from SpiffWorkflow.dmn.parser.DMNParser import DMNParser

    root = etree.fromstring(table(lambda text: f'"{text}"', python_range))
    parser = DMNParser(None, root, {"dmn": etree.QName(root).namespace}, filename="routing.dmn")
    parser.parse()
    engine, scripts = DMNEngine(parser.decision.decisionTables[0]), PythonScriptEngine()

    def call(data: dict[str, Any]) -> Any:
        return engine.result(SimpleNamespace(data=data, workflow=SimpleNamespace(script_engine=scripts)))

    return call


def table_rates() -> dict[str, float]:
    """Evaluations a second of the same table: SpiffWorkflow's engine first, then ours in several ways."""
    model = dmn.parse(table(lambda text: f'"{text}"', feel_range), "routing.dmn")
    data = [{"severity": SEVERITIES[i % 4], "amount": i * 37 % 6000, "note": "x"} for i in range(200)]
    decimals = [{**item, "amount": Decimal(item["amount"]) + Decimal("0.25")} for item in data]
    theirs = spiff()
    for item in data:
        ours = model.evaluate("routing", item)
        assert ours.value == theirs(dict(item)), (item, ours.value, theirs(dict(item)))
        assert len(ours.trace[0].rules) == 1
    return rates(
        {
            "SpiffWorkflow's DMN engine": (theirs, data),
            "value and trace": (lambda item: model.evaluate("routing", item), data),
            "value and trace, decimal amounts": (lambda item: model.evaluate("routing", item), decimals),
            "value alone": (lambda item: model.value("routing", item), data),
        }
    )


def report(found: dict[str, float]) -> None:
    slowest = next(iter(found.values()))
    for name, rate in found.items():
        print(f"{name:37s} {rate:12,.0f} /s   {rate / slowest:6.1f} times")


def main() -> None:
    report(table_rates())


if __name__ == "__main__":
    main()
