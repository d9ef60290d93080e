"""Decision tables: inputs, rules, outputs, and the evaluation that says which rules apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from engine import feel
from engine.dmn.columns import Cell, Column
from engine.dmn.policies import Hit, Policy, answer, nothing
from engine.dmn.results import RuleFired
from engine.dmn.running import PLAIN, Logic, Run, Scope, plain, typed
from engine.feel.types import BOOLEAN, NUMBER, STRING, Type

_CLASSES: Mapping[Type, frozenset[type]] = {
    STRING: frozenset((str, type(None))),
    NUMBER: frozenset((int, Decimal, type(None))),
    BOOLEAN: frozenset((bool, type(None))),
}

_HIT_STEPS = 10
"""What a rule that applies costs of the budget: its outputs are worked out, kept and told."""

BLOCK = 512
"""Rules whose columns are indexed together; longer tables are searched block by block."""


@dataclass(frozen=True)
class Input:
    """A column of conditions: what is looked at, and the values it may have."""

    id: str
    label: str
    text: str
    logic: Logic
    kind: Type | None = None
    allowed: feel.UnaryTests | None = None
    line: int | None = None

    @cached_property
    def classes(self) -> frozenset[type]:
        """Python's classes whose values are of the column's type, whatever they are; a short cut."""
        return _CLASSES.get(self.kind, frozenset()) if self.kind is not None else PLAIN


@dataclass(frozen=True)
class Output:
    """A column of results: its name in the result, its values in the order of their rank, its default."""

    id: str
    label: str
    name: str
    kind: Type | None = None
    values: tuple[Any, ...] = ()
    default: Logic | None = None
    line: int | None = None


@dataclass(frozen=True)
class Rule:
    """A row: its conditions, its outputs and what is noted beside it."""

    id: str
    cells: tuple[Cell, ...]
    outputs: tuple[Logic, ...]
    annotations: tuple[str, ...] = ()
    constants: tuple[Any, ...] | None = None
    """The outputs where none of them needs evaluating."""
    line: int | None = None


@dataclass(frozen=True)
class Block:
    """Some rules in a row, with their columns indexed."""

    rules: Sequence[Rule]
    first: int
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, rules: Sequence[Rule], first: int, width: int) -> Block:
        columns = tuple(Column([rule.cells[place] for rule in rules]) for place in range(width))
        return cls(rules, first, columns)

    def candidates(self, values: Sequence[Any]) -> tuple[int, int]:
        """The rules that may apply, and those of them that apply for sure."""
        likely = sure = (1 << len(self.rules)) - 1
        for column, value in zip(self.columns, values):  # noqa: B905 - as many by construction, and this is hot
            fitting, open_ = column.fits(value)
            likely &= fitting | open_
            if not likely:
                return 0, 0
            sure &= fitting
        return likely, sure & likely


@dataclass(frozen=True)
class Table:
    """A decision table."""

    id: str
    name: str
    policy: Policy
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    line: int | None = None

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        width = len(self.inputs)
        starts = range(0, len(self.rules), BLOCK)
        return tuple(Block.of(self.rules[start : start + BLOCK], start, width) for start in starts)

    def run(self, scope: Scope, run: Run) -> Any:
        values = self._looked_at(scope, run)
        hits = self._hits(values, scope, run)
        if not hits:
            return self._default(scope, run)
        if len(hits) == 1 and self._answers_with_one:
            return hits[0].value
        return answer(self.policy, self.aggregation, hits, self._rank, run, self.name)

    def _looked_at(self, scope: Scope, run: Run) -> list[Any]:
        values = []
        inputs = run.inputs
        for column in self.inputs:
            value = scope[column.text] if column.text in scope else column.logic.run(scope, run)
            kind = value.__class__
            if kind not in column.classes and column.kind is not None:
                value = typed(column.kind, value, run, column.label)
            if column.allowed is not None and value is not None:
                if column.allowed.run(value, scope, run.runtime) is not True:
                    template = "'{input}' of '{table}' is none of the values it may have."
                    run.runtime.warn(template, input=column.label, table=self.name)
            values.append(value)
            inputs[column.label] = value if kind in PLAIN else plain(value)
        return values

    def _hits(self, values: list[Any], scope: Scope, run: Run) -> list[Hit]:
        hits: list[Hit] = []
        for block in self.blocks:
            likely, sure = block.candidates(values)
            before = len(hits)
            while likely:
                lowest = likely & -likely
                likely ^= lowest
                row = lowest.bit_length() - 1
                rule = block.rules[row]
                if not sure & lowest and not self._applies(rule, values, scope, run):
                    continue
                hits.append(self._hit(rule, block.first + row, scope, run))
                if self.policy.stops_at_first:
                    return hits
            run.runtime.spend(1 + _HIT_STEPS * (len(hits) - before))
        return hits

    def _applies(self, rule: Rule, values: list[Any], scope: Scope, run: Run) -> bool:
        run.runtime.spend(len(values))
        return all(
            cell.is_any or _fits(cell, value, scope, run) for cell, value in zip(rule.cells, values, strict=True)
        )

    def _hit(self, rule: Rule, row: int, scope: Scope, run: Run) -> Hit:
        outputs = rule.constants
        if outputs is None:
            outputs = tuple(
                typed(column.kind, logic.run(scope, run), run, column.label)
                for column, logic in zip(self.outputs, rule.outputs, strict=True)
            )
        told = self._told.get(row)
        if told is None:
            names = [column.name if len(outputs) > 1 else column.label for column in self.outputs]
            fired = RuleFired(
                self.name, row + 1, rule.id, rule.annotations, dict(zip(names, map(plain, outputs), strict=True))
            )
            told = fired, dict(zip(self._names, outputs, strict=True))
            if rule.constants is not None:
                self._told[row] = told
        run.fired.append(told[0])
        return Hit(row, outputs[0] if len(outputs) == 1 else told[1].copy(), outputs)

    @cached_property
    def _answers_with_one(self) -> bool:
        return not self.policy.gives_list and not self.aggregation

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.outputs)

    @cached_property
    def _told(self) -> dict[int, tuple[RuleFired, dict[str, Any]]]:
        """What is told of rules with constant outputs, which is always the same, and their outputs by name."""
        return {}

    def _rank(self, hit: Hit) -> tuple[int, ...]:
        return tuple(
            column.values.index(output) if output in column.values else len(column.values)
            for column, output in zip(self.outputs, hit.outputs, strict=True)
        )

    def _default(self, scope: Scope, run: Run) -> Any:
        if any(column.default is None for column in self.outputs):
            if self.policy is not Policy.COLLECT:
                run.runtime.warn("No rule of '{table}' applies.", table=self.name)
            return nothing(self.policy, self.aggregation)
        values: Mapping[str, Any] = {
            column.name: typed(column.kind, column.default.run(scope, run), run, column.label)
            for column in self.outputs
            if column.default is not None
        }
        value = dict(values) if len(self.outputs) > 1 else next(iter(values.values()))
        return [value] if self.policy.gives_list and not self.aggregation else value


def _fits(cell: Cell, value: Any, scope: Scope, run: Run) -> bool:
    tests = cell.tests
    if tests is None:
        tests = feel.compile_unary_tests(cell.text)
    run.miss(tests.required, scope)
    return tests.run(value, scope, run.runtime) is True
