"""Hit policies: what a decision table answers when several of its rows apply, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from engine.dmn.running import Run
from engine.feel.numbers import is_number


class Policy(StrEnum):
    """A hit policy, spelled as in the file."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"

    @property
    def stops_at_first(self) -> bool:
        return self is Policy.FIRST

    @property
    def gives_list(self) -> bool:
        return self in (Policy.COLLECT, Policy.RULE_ORDER, Policy.OUTPUT_ORDER)

    @property
    def ranks_outputs(self) -> bool:
        return self in (Policy.PRIORITY, Policy.OUTPUT_ORDER)


class Hit(NamedTuple):
    """A row that applies, with its value: that of the one output, or a context of all."""

    row: int
    value: Any
    outputs: tuple[Any, ...]


Rank = Callable[[Hit], tuple[int, ...]]
"""The place of a row's outputs in the lists of allowed values, most important first."""


def answer(policy: Policy, aggregation: str | None, hits: Sequence[Hit], rank: Rank, run: Run, table: str) -> Any:
    """The value of the table for the rows that apply; there is at least one."""
    if policy is Policy.UNIQUE and len(hits) > 1:
        rows = ", ".join(str(hit.row + 1) for hit in hits)
        run.runtime.warn(
            "Rules {rows} of '{table}' apply, but only one may; the result is null.", rows=rows, table=table
        )
        return None
    if policy is Policy.ANY and any(hit.value != hits[0].value for hit in hits):
        rows = ", ".join(str(hit.row + 1) for hit in hits)
        template = "Rules {rows} of '{table}' apply and say different things; the result is null."
        run.runtime.warn(template, rows=rows, table=table)
        return None
    if policy is Policy.PRIORITY:
        return min(hits, key=rank).value
    if policy is Policy.COLLECT and aggregation:
        return _AGGREGATIONS[aggregation]([hit.value for hit in hits], run, table)
    if policy.gives_list:
        ordered = sorted(hits, key=rank) if policy is Policy.OUTPUT_ORDER else hits
        return [hit.value for hit in ordered]
    return hits[0].value


def nothing(policy: Policy, aggregation: str | None) -> Any:
    """The value of a table without default outputs when no row applies."""
    if policy is Policy.COLLECT and aggregation == "COUNT":
        return 0
    return [] if policy.gives_list and not aggregation else None


def _count(values: list[Any], run: Run, table: str) -> Any:
    return len(values)


def _sum(values: list[Any], run: Run, table: str) -> Any:
    return _computed("sum", values, run, table)


def _min(values: list[Any], run: Run, table: str) -> Any:
    return _computed("min", values, run, table)


def _max(values: list[Any], run: Run, table: str) -> Any:
    return _computed("max", values, run, table)


_PYTHON: Mapping[str, Callable[[list[Any]], Any]] = {"sum": sum, "min": min, "max": max}


def _computed(name: str, values: list[Any], run: Run, table: str) -> Any:
    """Of numbers only for a sum; the lowest and highest also of texts, dates and durations of one kind."""
    kinds = {type(value) for value in values}
    if not all(map(is_number, values)) and (name == "sum" or len(kinds) > 1 or kinds <= {bool, dict, list, type(None)}):
        run.runtime.warn("'{table}' cannot make a {name} of these outputs.", table=table, name=name)
        return None
    return _PYTHON[name](values)


_AGGREGATIONS: Mapping[str, Callable[[list[Any], Run, str], Any]] = {
    "SUM": _sum,
    "MIN": _min,
    "MAX": _max,
    "COUNT": _count,
}
AGGREGATIONS = frozenset(_AGGREGATIONS)
