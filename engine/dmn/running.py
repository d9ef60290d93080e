"""One evaluation under way: the data it was given, what has been decided so far, its budget and its trace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from engine import feel
from engine.dmn.results import DecisionTrace, RuleFired
from engine.feel.runtime import Runtime
from engine.feel.types import Mismatch, Type, coerce, kind_of

Scope = Mapping[str, Any]


class Run:
    """The state of one evaluation; `values` holds each decision's value and each function, by element."""

    __slots__ = ("variables", "runtime", "values", "trace", "fired", "inputs", "missed")

    def __init__(self, variables: Mapping[str, Any], runtime: Runtime) -> None:
        self.variables = variables
        self.runtime = runtime
        self.values: dict[Hashable, Any] = {}
        self.trace: list[DecisionTrace] = []
        self.fired: list[RuleFired] = []
        self.inputs: dict[str, Any] = {}
        self.missed: set[str] | None = None

    def miss(self, names: Iterable[str], scope: Mapping[str, Any]) -> None:
        """Tell of names that stand for nothing, each once."""
        for name in names:
            if name in scope:
                continue
            if self.missed is None:
                self.missed = set()
            if name not in self.missed:
                self.missed.add(name)
                self.runtime.warn("There is no value named '{name}'.", name=name)

    def inner(self, variables: Mapping[str, Any], values: Mapping[Any, Any]) -> Run:
        """An evaluation within this one, of other data, told in the same trace and paid from the same budget."""
        run = Run(variables, self.runtime)
        run.values.update(values)
        run.trace = self.trace
        run.missed = self.missed
        return run

    @property
    def now(self) -> dt.datetime:
        return self.runtime.now


class Logic(Protocol):
    """An expression of a model: text, table, or one of the boxes that hold others."""

    def run(self, scope: Scope, run: Run) -> Any: ...


def typed(kind: Type | None, value: Any, run: Run, name: str) -> Any:
    """The value as one of the type, coerced where DMN says so; null, with a warning, where it cannot be."""
    if kind is None or value is None:
        return value
    try:
        return coerce(kind, value)
    except Mismatch:
        run.runtime.warn(
            "'{name}' is to be {expected}, not {given}.", name=name, expected=str(kind), given=kind_of(value)
        )
        return None


PLAIN: frozenset[type] = frozenset((str, int, Decimal, bool, type(None)))


def plain(value: Any) -> Any:
    """The value as plain data."""
    if value.__class__ in PLAIN or (value.__class__ is dict and PLAIN.issuperset(map(type, value.values()))):
        return value
    return feel.to_plain(value)
