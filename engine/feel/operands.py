"""Small steps of evaluation that the emitted functions call by name."""

from __future__ import annotations

from typing import Any

from engine.feel import comparison
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
from engine.feel.types import kind_of


def truth(value: Any, runtime: Runtime) -> bool | None:
    """An operand of and, or: anything but a truth value counts as null."""
    if value is True or value is False or value is None:
        return value
    runtime.warn("Expected true or false, but found {kind}.", kind=kind_of(value))
    return None


def decision(value: Any, runtime: Runtime) -> bool | None:
    """The condition of `if`, when it is not plainly true: False or null take the `else`; None is neither."""
    if value is None or value is False:
        return False
    runtime.warn("'if' takes true or false, not {kind}.", kind=kind_of(value))
    return None


def condition(value: Any, answer: Any, runtime: Runtime) -> bool | None:
    """A unary test that mentions the input: its truth, or else whether the input equals or lies in it."""
    if answer is True or answer is False:
        return answer
    return None if answer is None else comparison.member(value, answer, runtime)


def make_range(start: Any, end: Any, start_included: bool, end_included: bool, runtime: Runtime) -> Range | None:
    """A range; null when its ends have no order."""
    if start is not None and end is not None and comparison.order(start, end, runtime) is None:
        return None
    return Range(start, end, start_included, end_included)


def short_range(operator: str, value: Any) -> Range:
    return Range.short(operator, value)


def twice(runtime: Runtime) -> None:
    """A context that has an entry twice."""
    runtime.warn("A context has two entries of the same name.")


def external(runtime: Runtime) -> None:
    """A function written in another language."""
    runtime.warn("Functions in other languages are not supported.")


def unknown_type(name: str, runtime: Runtime) -> None:
    """`instance of` with a type nobody defined."""
    runtime.warn("There is no type '{name}'.", name=name)
