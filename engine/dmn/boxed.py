"""The boxed expressions of DMN: text, contexts, lists, relations, invocations, conditions, iterations and functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine import feel
from engine.dmn.running import Logic, Run, Scope, typed
from engine.feel.functions import Function, call_named
from engine.feel.ranges import Range
from engine.feel.types import Type, kind_of


@dataclass(frozen=True, slots=True)
class Missing:
    """In place of an expression that is not there or cannot be read: null, and a warning that says so."""

    template: str
    values: dict[str, Any]

    def run(self, scope: Scope, run: Run) -> Any:
        run.runtime.warn(self.template, **self.values)
        return None


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, or nothing at all where that is meant."""

    value: Any
    text: str

    def run(self, scope: Scope, run: Run) -> Any:
        return self.value


@dataclass(frozen=True, slots=True)
class Text:
    """A literal expression."""

    expression: feel.Expression

    def run(self, scope: Scope, run: Run) -> Any:
        run.miss(self.expression.required, scope)
        run.runtime.spend(1)
        return self.expression.run(scope, run.runtime)


@dataclass(frozen=True, slots=True)
class Typed:
    """Any expression whose result is of a type."""

    logic: Logic
    kind: Type
    name: str

    def run(self, scope: Scope, run: Run) -> Any:
        return typed(self.kind, self.logic.run(scope, run), run, self.name)


@dataclass(frozen=True, slots=True)
class Context:
    """Named entries, each of which sees those before it; with a result box, a calculation in steps."""

    entries: tuple[tuple[str, Logic], ...]
    result: Logic | None

    def run(self, scope: Scope, run: Run) -> Any:
        inner = _widened(scope, run)
        found: dict[str, Any] = {}
        for name, logic in self.entries:
            found[name] = inner[name] = logic.run(inner, run)
        return found if self.result is None else self.result.run(inner, run)


@dataclass(frozen=True, slots=True)
class ListBox:
    items: tuple[Logic, ...]

    def run(self, scope: Scope, run: Run) -> Any:
        return [item.run(scope, run) for item in self.items]


@dataclass(frozen=True, slots=True)
class Relation:
    """A list of contexts, written as a grid."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Logic, ...], ...]

    def run(self, scope: Scope, run: Run) -> Any:
        return [{name: cell.run(scope, run) for name, cell in zip(self.columns, row, strict=True)} for row in self.rows]


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a knowledge model, service or function, its arguments named."""

    function: Logic
    name: str
    bindings: tuple[tuple[str, Logic], ...]

    def run(self, scope: Scope, run: Run) -> Any:
        function = self.function.run(scope, run)
        values = [logic.run(scope, run) for _, logic in self.bindings]
        return call_named(run.runtime, function, [name for name, _ in self.bindings], values, self.name)


@dataclass(frozen=True, slots=True)
class Conditional:
    condition: Logic
    then: Logic
    otherwise: Logic

    def run(self, scope: Scope, run: Run) -> Any:
        found = self.condition.run(scope, run)
        if not _is_truth(found, run):
            return None
        return (self.then if found is True else self.otherwise).run(scope, run)


@dataclass(frozen=True, slots=True)
class Filter:
    """The items of a list for which a condition is true; a number picks one."""

    source: Logic
    match: Logic

    def run(self, scope: Scope, run: Run) -> Any:
        source = self.source.run(scope, run)
        if source is None:
            return None
        items = source if isinstance(source, list) else [source]
        run.runtime.list_of_length(len(items))
        kept = []
        for item in items:
            inner = _widened(scope, run)
            if isinstance(item, dict):
                inner.update(item)
            inner["item"] = item
            found = self.match.run(inner, run)
            if found.__class__ is int:
                return _picked(items, found)
            if not _is_truth(found, run):
                return None
            if found is True:
                kept.append(item)
        return kept


def _picked(items: list[Any], index: int) -> Any:
    place = index - 1 if index > 0 else len(items) + index
    return items[place] if index and 0 <= place < len(items) else None


@dataclass(frozen=True, slots=True)
class For:
    """One result for each item of a list; `partial` is the results so far, made only where it is asked for."""

    variable: str
    source: Logic
    result: Logic
    wants_partial: bool

    def run(self, scope: Scope, run: Run) -> Any:
        items = _items(self.source.run(scope, run), run)
        if items is None:
            return None
        results: list[Any] = []
        for item in items:
            inner = _widened(scope, run)
            if self.wants_partial:
                run.runtime.list_of_length(len(results))
                inner["partial"] = list(results)
            inner[self.variable] = item
            results.append(self.result.run(inner, run))
        return results


@dataclass(frozen=True, slots=True)
class Quantified:
    """Whether a condition is true for some item of a list, or for every one."""

    every: bool
    variable: str
    source: Logic
    condition: Logic

    def run(self, scope: Scope, run: Run) -> Any:
        items = _items(self.source.run(scope, run), run)
        if items is None:
            return None
        outcome: bool | None = self.every
        for item in items:
            inner = _widened(scope, run)
            inner[self.variable] = item
            found = self.condition.run(inner, run)
            if not _is_truth(found, run):
                return None
            if found is None:
                outcome = None
            elif found is not self.every:
                return found
        return outcome


def _is_truth(value: Any, run: Run) -> bool:
    """Whether a condition gave true, false or null; told if it gave anything else."""
    if value is None or value is True or value is False:
        return True
    run.runtime.warn("A condition is to be true or false, not {kind}.", kind=kind_of(value))
    return False


def _widened(scope: Scope, run: Run) -> dict[str, Any]:
    """A scope of its own for a box inside."""
    run.runtime.spend(1 + (len(scope) >> 5))
    return dict(scope)


def _items(source: Any, run: Run) -> list[Any] | None:
    """What an iteration goes through: a list, the whole numbers of a range, or one value alone."""
    if source is None:
        run.runtime.warn("There is nothing to go through; the list is null.")
        return None
    if isinstance(source, Range) and source.start.__class__ is int and source.end.__class__ is int:
        first = source.start if source.start_included else source.start + 1
        last = source.end if source.end_included else source.end - 1
        run.runtime.list_of_length(max(0, last - first + 1))
        return list(range(first, last + 1))
    items = source if isinstance(source, list) else [source]
    run.runtime.list_of_length(len(items))
    return items


@dataclass(frozen=True, slots=True)
class FunctionBox:
    """A function definition: its parameters with their types, and the expression they feed."""

    name: str
    parameters: tuple[str, ...]
    types: tuple[Type | None, ...]
    body: Logic
    result: Type | None = None

    def run(self, scope: Scope, run: Run) -> Function:
        def body(*values: Any) -> Any:
            inner = _widened(scope, run)
            inner.update(zip(self.parameters, values, strict=True))
            return self.body.run(inner, run)

        return Function(self.parameters, body, types=self.types, result=self.result, name=self.name)
