"""What tests say at their end: everything in the database tells the same story."""

from __future__ import annotations

from collections.abc import Iterable

from engine.checks import Acknowledged, Finding, survey
from engine.engine import Engine
from engine.queries.console import CONSOLE


def findings(engine: Engine, *, tasks: Iterable[int] = (), cases: Iterable[str] = ()) -> list[Finding]:
    """All that is wrong; `tasks` and `cases` are what somebody was told is done."""
    acknowledged = Acknowledged(frozenset(tasks), frozenset(cases))
    return [finding for page in survey(engine, CONSOLE, acknowledged=acknowledged) for finding in page.findings]


def assert_all_holds(engine: Engine, *, tasks: Iterable[int] = (), cases: Iterable[str] = ()) -> None:
    """Nothing is wrong."""
    assert [str(each) for each in findings(engine, tasks=tasks, cases=cases)] == []
