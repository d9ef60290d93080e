"""One decision table checked: types of its cells, rules that never apply, overlaps and gaps.

Every finding names the table, the row and the column in its values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from engine.dmn import boxed
from engine.dmn.policies import Policy
from engine.dmn.regions import Region, column_kind, kind_of_piece, regions
from engine.dmn.running import Logic
from engine.dmn.tables import Input, Rule, Table
from engine.errors import Problem
from engine.feel.types import kind_of

MOST_FINDINGS = 20
"""Of one kind about one table; more would bury the rest."""

_MOST_STEPS = 50_000
_MOST_WORK = 1_000_000
_KIND_WORDS = {"text": "string", "number": "number", "truth": "boolean"}


class TableCheck:
    """The findings about one table."""

    def __init__(self, table: Table, resource: str) -> None:
        self.table = table
        self.resource = resource
        self.columns = [[rule.cells[place] for rule in table.rules] for place in range(len(table.inputs))]
        self.kinds = [column_kind(cells, column.kind) for cells, column in zip(self.columns, table.inputs, strict=True)]

    def findings(self) -> Iterator[Problem]:
        """All of them: cells first, then what the rules do together."""
        yield from _few(self._cell_faults())
        yield from _few(self._output_faults())
        if not self.table.rules:
            yield self._problem("no-rules", "'{table}' has no rules.", None)
            return
        pieces = sum(len(cell.pieces) for cells in self.columns for cell in cells)
        if (pieces + 1) * len(self.table.rules) > _MOST_WORK:
            yield self._problem("too-large", "'{table}' is too large to be checked for gaps and overlaps.", None)
            return
        grid = [
            regions(cells, kind, _allowed(column))
            for cells, kind, column in zip(self.columns, self.kinds, self.table.inputs, strict=True)
        ]
        yield from _few(self._unreachable(grid))
        if self.table.policy in (Policy.UNIQUE, Policy.ANY):
            yield from _few(self._overlaps(grid))
        if not self.table.policy.gives_list and any(column.default is None for column in self.table.outputs):
            yield from _few(self._gaps(grid))

    def _problem(
        self,
        rule: str,
        template: str,
        at: Rule | None,
        severity: Literal["error", "warning"] = "warning",
        **values: Any,
    ) -> Problem:
        named: dict[str, Any] = {"table": self.table.name, **values}
        return Problem(
            template,
            named,
            resource=self.resource,
            line=self.table.line if at is None else at.line,
            element_id=(self.table.id if at is None else at.id) or None,
            severity=severity,
            rule=rule,
        )

    def _cell_faults(self) -> Iterator[Problem]:
        for row, rule in enumerate(self.table.rules, 1):
            for cell, column, kind in zip(rule.cells, self.table.inputs, self.kinds, strict=True):
                found = next((each for each in map(kind_of_piece, cell.pieces) if each not in (None, kind)), None)
                if kind is None or found is None:
                    continue
                template = "Rule {row} of '{table}', column '{column}': {cell} is a {found}, but the column is {kind}."
                yield self._problem(
                    "wrong-type",
                    template,
                    rule,
                    row=row,
                    column=column.label,
                    cell=cell.text,
                    found=_KIND_WORDS[found],
                    kind=_KIND_WORDS[kind],
                )

    def _output_faults(self) -> Iterator[Problem]:
        for row, rule in enumerate(self.table.rules, 1):
            for logic, column in zip(rule.outputs, self.table.outputs, strict=True):
                text, value = _constant(logic)
                if value is None:
                    continue
                if column.kind is not None and not column.kind.accepts(value):
                    template = "Rule {row} of '{table}', column '{column}': {cell} is a {found}, not {kind}."
                elif column.values and value not in column.values:
                    template = "Rule {row} of '{table}', column '{column}': {cell} is none of the values it may have."
                else:
                    continue
                yield self._problem(
                    "wrong-output",
                    template,
                    rule,
                    row=row,
                    column=column.label,
                    cell=text,
                    found=kind_of(value),
                    kind=str(column.kind),
                )

    def _unreachable(self, grid: list[list[Region]]) -> Iterator[Problem]:
        steps = _Steps()
        for row, rule in enumerate(self.table.rules):
            own = [[region for region in column if region.possible >> row & 1] for column in grid]
            empty = next((place for place, column in enumerate(own) if not column), None)
            if empty is not None:
                template = "Rule {row} of '{table}' can never apply: no value fits {cell} in column '{column}'."
                yield self._problem(
                    "unreachable",
                    template,
                    rule,
                    row=row + 1,
                    column=self.table.inputs[empty].label,
                    cell=rule.cells[empty].text,
                )
            elif self.table.policy is Policy.FIRST and row:
                if _Search(own, (1 << row) - 1, steps, only_sure=True).first() is None:
                    template = "Rule {row} of '{table}' can never apply: the rules above it cover all its cases."
                    yield self._problem("unreachable", template, rule, row=row + 1, column="")

    def _overlaps(self, grid: list[list[Region]]) -> Iterator[Problem]:
        for row, rule in enumerate(self.table.rules):
            others = (1 << row) - 1
            for column in grid:
                together = 0
                for region in column:
                    if region.sure >> row & 1:
                        together |= region.sure
                others &= together
            while others:
                lowest = others & -others
                others ^= lowest
                other = lowest.bit_length() - 1
                if self.table.policy is Policy.ANY and self._say_the_same(row, other):
                    continue
                template = "Rules {other} and {row} of '{table}' can apply together: {example}."
                yield self._problem(
                    "overlap",
                    template,
                    rule,
                    row=row + 1,
                    other=other + 1,
                    column="",
                    example=self._example(grid, 1 << row | lowest),
                )

    def _say_the_same(self, row: int, other: int) -> bool:
        first, second = self.table.rules[row], self.table.rules[other]
        return first.constants is not None and first.constants == second.constants

    def _example(self, grid: list[list[Region]], rules: int) -> str:
        chosen = [next((each for each in column if each.sure & rules == rules), None) for column in grid]
        return self._in_words([region for region in chosen if region is not None])

    def _gaps(self, grid: list[list[Region]]) -> Iterator[Problem]:
        everything = (1 << len(self.table.rules)) - 1
        for case in _Search(grid, everything, _Steps(), only_sure=False).all():
            yield self._problem(
                "gap",
                "No rule of '{table}' applies for {example}.",
                None,
                row=0,
                column="",
                example=self._in_words(case),
            )

    def _in_words(self, case: list[Region]) -> str:
        told = [
            f"{column.label}: {region.words}"
            for column, region in zip(self.table.inputs, case, strict=False)
            if region.words
        ]
        return "; ".join(told) or "any values"


@dataclass
class _Steps:
    """How long may still be searched."""

    left: int = _MOST_STEPS


class _Search:
    """Looks for combinations of regions, one of each column, in which none of some rules applies."""

    def __init__(self, grid: list[list[Region]], rules: int, steps: _Steps, *, only_sure: bool) -> None:
        self.grid = grid
        self.rules = rules
        self.steps = steps
        self.only_sure = only_sure
        self.seen: set[tuple[int, int]] = set()

    def first(self) -> list[Region] | None:
        """One such combination, or None; a search that is given up finds one, so as to raise no false alarm."""
        found = next(self.all(), None)
        return [] if found is None and self.steps.left < 0 else found

    def all(self) -> Iterator[list[Region]]:
        """All of them, each ending with the column after which no rule is left."""
        if not self.grid:
            return
        yield from self._from(0, self.rules, [])

    def _from(self, place: int, rules: int, case: list[Region]) -> Iterator[list[Region]]:
        if not rules:
            yield list(case)
            return
        self.steps.left -= 1
        if place == len(self.grid) or self.steps.left < 0 or (place, rules) in self.seen:
            return
        self.seen.add((place, rules))
        for region in self.grid[place]:
            case.append(region)
            yield from self._from(place + 1, rules & (region.sure if self.only_sure else region.possible), case)
            case.pop()


def _constant(logic: Logic) -> tuple[str, Any]:
    """The text and value of an output that is always the same; null for one that is not."""
    if isinstance(logic, boxed.Constant):
        return logic.text, logic.value
    if isinstance(logic, boxed.Text) and not logic.expression.names:
        return logic.expression.text, logic.expression.value({})
    return "", None


def _allowed(column: Input) -> str:
    """The text of the values that a column may have, by itself or by its type."""
    tests = column.allowed or getattr(column.kind, "allowed", None)
    return "" if tests is None else str(tests.text)


def _few(problems: Iterator[Problem]) -> Iterator[Problem]:
    for count, problem in enumerate(problems, 1):
        if count > MOST_FINDINGS:
            return
        yield problem
