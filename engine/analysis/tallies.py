"""Tallies: what many replayed cases add up to, against what they were."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.analysis.recordings import ROOT, Recording

EXAMPLES = 5
"""So many cases are named with each finding."""
Task = tuple[tuple[str, ...], dt.datetime, dt.datetime | None, dt.datetime | None]
"""Groups, when it came, when it was done, and its due date."""


@dataclass
class Side:
    """What cases were, or would have been."""

    by_day: dict[str, Counter[dt.date]] = field(default_factory=lambda: defaultdict(Counter))
    """Group → day → tasks that came."""
    hours: list[float] = field(default_factory=list)
    """From start to end, of the cases that ended."""
    due: int = 0
    met: int = 0
    flows: Counter[str] = field(default_factory=Counter)
    """Beginning and end of a flow of the process itself → how often it was taken."""

    def add(self, tasks: Iterable[Task], flows: Mapping[str, int], hours: float | None) -> None:
        for groups, came, done, due in tasks:
            for group in groups or ("",):
                self.by_day[group][came.date()] += 1
            if due is not None and done is not None:
                self.due += 1
                self.met += done <= due
        self.flows.update(flows)
        if hours is not None:
            self.hours.append(hours)


@dataclass
class Tally:
    """Counts of verdicts, reasons with examples, and both sides."""

    verdicts: Counter[str] = field(default_factory=Counter)
    rows: list[dict[str, Any]] = field(default_factory=list)
    """The cases that are not the same."""
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    first: dt.datetime | None = None
    last: dt.datetime | None = None

    def note(self, recording: Recording, kind: str, row: dict[str, Any] | None) -> None:
        self.verdicts[kind] += 1
        self.first = min(self.first or recording.started_at, recording.started_at)
        self.last = max(self.last or recording.started_at, recording.started_at)
        if row is not None:
            self.rows.append({"key": recording.key, "reference": recording.reference, "verdict": kind, **row})

    def report(self) -> dict[str, Any]:
        """All of it as plain data."""
        days = self._days()
        groups = sorted(set(self.before.by_day) | set(self.after.by_day))
        return {
            "cases": sum(self.verdicts.values()),
            "verdicts": dict(self.verdicts),
            "rows": self.rows,
            "findings": _findings(self.rows),
            "first": self.first,
            "last": self.last,
            "groups": [
                {
                    "group": group,
                    "before": _per_day(self.before.by_day.get(group, Counter()), days),
                    "after": _per_day(self.after.by_day.get(group, Counter()), days),
                }
                for group in groups
            ],
            "hours": {"before": _spread(self.before.hours), "after": _spread(self.after.hours)},
            "deadlines": {
                "before": {"due": self.before.due, "met": self.before.met},
                "after": {"due": self.after.due, "met": self.after.met},
            },
            "flows": {
                flow: [self.before.flows[flow], self.after.flows[flow]]
                for flow in sorted(set(self.before.flows) | set(self.after.flows))
            },
        }

    def _days(self) -> list[dt.date]:
        """All days from the first task to the last: a day on which nothing came counts as well."""
        found = [day for side in (self.before, self.after) for days in side.by_day.values() for day in days]
        if not found:
            return []
        first = min(found)
        return [first + dt.timedelta(days=number) for number in range((max(found) - first).days + 1)]


def recorded_tasks(recording: Recording) -> list[Task]:
    return [
        (each.groups, each.at, each.outcome.at if each.outcome and each.outcome.kind == "done" else None, each.due)
        for place, openings in recording.openings.items()
        if place[2] == "task"
        for each in openings
    ]


def recorded_flows(recording: Recording) -> Counter[str]:
    return Counter(
        f"{step.element} {step.target}" for step in recording.path if step.what == "flow" and step.lineage == ROOT
    )


def hours_between(start: dt.datetime, end: dt.datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds() / 3600


def _per_day(counts: Counter[dt.date], days: list[dt.date]) -> dict[str, Any]:
    return {"count": sum(counts.values()), **_spread([counts[day] for day in days])}


def _spread(values: Iterable[float]) -> dict[str, Any]:
    """Median, 95th percentile (nearest rank) and maximum."""
    ranked = sorted(values)
    if not ranked:
        return {"p50": None, "p95": None, "max": None}
    return {name: ranked[max(0, -(-share * len(ranked) // 100) - 1)] for name, share in (("p50", 50), ("p95", 95))} | {
        "max": ranked[-1]
    }


def _findings(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reasons, with how many cases each has and some of them; what stops cases first."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        name = (row["verdict"], row["template"], repr(sorted(row["values"].items())))
        finding = found.setdefault(
            name,
            {
                "verdict": row["verdict"], "template": row["template"], "values": row["values"],
                "cause": row["cause"], "element": row["element"], "count": 0, "examples": [],
            },
        )  # fmt: skip
        finding["count"] += 1
        if len(finding["examples"]) < EXAMPLES:
            finding["examples"].append({"key": row["key"], "reference": row["reference"]})
    order = {"stuck": 0, "missing": 1, "changed": 2}
    return sorted(found.values(), key=lambda each: (order.get(each["verdict"], 3), -each["count"]))
