"""What one evaluation works with: the moment it takes for now, its budget and its warnings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Budget:
    """How much one evaluation may cost; a step is about a microsecond, an item or 16 characters."""

    steps: int = 500_000
    depth: int = 100
    text: int = 1_000_000
    items: int = 1_000_000


DEFAULT_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class Warning:
    """Why an evaluation gave null somewhere."""

    template: str
    values: Mapping[str, Any]

    @property
    def message(self) -> str:
        return self.template.format(**self.values)

    def __str__(self) -> str:
        return self.message


class BudgetExceeded(Exception):
    """An evaluation was stopped because it would cost too much."""

    def __init__(self, template: str, **values: Any) -> None:
        self.warning = Warning(template, values)
        super().__init__(self.warning.message)


_MOST_WARNINGS = 100


class Runtime:
    """The moment, the budget left and the warnings of one evaluation."""

    __slots__ = ("_now", "steps", "depth", "text", "items", "warnings")

    def __init__(self, now: dt.datetime | None = None, budget: Budget = DEFAULT_BUDGET, collect: bool = False) -> None:
        self._now = now
        self.steps = budget.steps
        self.depth = budget.depth
        self.text = budget.text
        self.items = budget.items
        self.warnings: list[Warning] | None = [] if collect else None

    @property
    def now(self) -> dt.datetime:
        """The moment given, or the system's clock, read once for the whole evaluation."""
        if self._now is None:
            self._now = dt.datetime.now(dt.UTC)
        return self._now

    def warn(self, template: str, **values: Any) -> None:
        """Remember a reason for a null; costs nothing when nobody asked for reasons."""
        if self.warnings is not None and len(self.warnings) < _MOST_WARNINGS:
            self.warnings.append(Warning(template, values))

    def spend(self, steps: int) -> None:
        """Take steps from the budget."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetExceeded("The expression needs too many steps; let it work on shorter lists.")

    def enter(self) -> None:
        """A function is called; `depth` goes up again by hand when it is done."""
        self.depth -= 1
        if self.depth < 0:
            raise BudgetExceeded("The expression's functions call one another too deeply.")

    def text_of_length(self, length: int) -> None:
        """Ask for room for a new text."""
        if length > self.text:
            raise BudgetExceeded("The expression makes a text of more than {limit} characters.", limit=self.text)
        self.spend(length >> 4)

    def list_of_length(self, length: int) -> None:
        """Ask for room for a new list."""
        if length > self.items:
            raise BudgetExceeded("The expression makes a list of more than {limit} items.", limit=self.items)
        self.spend(length)


class QuietRuntime(Runtime):
    """For expressions without loops and calls: what they cost is bounded by their data, so nothing is counted.

    It has no state, and all evaluations share it.
    """

    __slots__ = ()

    def spend(self, steps: int) -> None:
        pass
