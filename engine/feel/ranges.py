"""Ranges such as `[1..10)` and `(> 5)`."""

from __future__ import annotations

from typing import Any


class Range:
    """All values between two ends; `operator` is set for the short form, e.g. `<` for `(< 10)`."""

    __slots__ = ("start", "end", "start_included", "end_included", "operator")
    feel_type = "range"

    def __init__(
        self, start: Any, end: Any, start_included: bool = True, end_included: bool = True, operator: str = ""
    ) -> None:
        self.start = start
        self.end = end
        self.start_included = start_included
        self.end_included = end_included
        self.operator = operator

    @classmethod
    def short(cls, operator: str, value: Any) -> Range:
        """The range written `(< 10)`, `(>= 10)`, `(= 10)` or `(!= 10)`."""
        if operator[0] == "<":
            return cls(None, value, False, operator == "<=", operator)
        if operator[0] == ">":
            return cls(value, None, operator == ">=", False, operator)
        return cls(value, value, True, True, operator)

    @property
    def sample(self) -> Any:
        """The end that is there."""
        return self.end if self.start is None else self.start

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Range) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash((self.start_included, self.end_included, self.operator))

    def _identity(self) -> tuple[Any, ...]:
        return (self.start, self.end, self.start_included, self.end_included, self.operator)

    def __str__(self) -> str:
        if self.operator:
            return f"({self.operator} {self.sample})"
        opening = "[" if self.start_included else "("
        closing = "]" if self.end_included else ")"
        return f"{opening}{self.start}..{self.end}{closing}"

    __repr__ = __str__
