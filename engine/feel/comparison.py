"""Equality, order and membership with FEEL's null: what cannot be compared compares as null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.numbers import from_float, is_number
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
from engine.feel.temporal import DateTime, Temporal, Time
from engine.feel.types import kind_of

_DEEPEST = 200


def equal(left: Any, right: Any, runtime: Runtime, depth: int = 0) -> bool | None:
    """`left = right`"""
    if left is None or right is None:
        return left is right
    kind = left.__class__
    if kind is right.__class__:
        if kind is int or kind is str or kind is bool or kind is Decimal:
            return bool(left == right)
        return _equal_of_kind(left, right, runtime, depth)
    if kind is float or right.__class__ is float:
        return equal(_exact(left), _exact(right), runtime)
    if is_number(left) and is_number(right):
        return bool(left == right)
    if isinstance(left, Range) and isinstance(right, Range):
        return left == right
    _incomparable(left, right, runtime)
    return None


def _equal_of_kind(left: Any, right: Any, runtime: Runtime, depth: int) -> bool | None:
    if depth > _DEEPEST:
        return None
    if isinstance(left, Temporal):
        if isinstance(left, (DateTime, Time)) and left.is_local != right.is_local:
            _incomparable(left, right, runtime)
            return None
        return bool(left.key == right.key)
    if isinstance(left, list):
        if len(left) != len(right):
            return False
        runtime.spend(8 + len(left))
        return _all_equal(zip(left, right, strict=True), runtime, depth)
    if isinstance(left, dict):
        if left.keys() != right.keys():
            return False
        runtime.spend(8 + len(left))
        return _all_equal(((left[key], right[key]) for key in left), runtime, depth)
    return bool(left == right)


def _all_equal(pairs: Any, runtime: Runtime, depth: int) -> bool | None:
    result: bool | None = True
    for left, right in pairs:
        same = equal(left, right, runtime, depth + 1)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def unequal(left: Any, right: Any, runtime: Runtime) -> bool | None:
    """`left != right`"""
    same = equal(left, right, runtime)
    return None if same is None else not same


def order(left: Any, right: Any, runtime: Runtime) -> int | None:
    """Negative, zero or positive as `left` is before, at or after `right`; None when they have no order."""
    kind, other = left.__class__, right.__class__
    if kind is bool or other is bool:
        pass
    elif (kind is str and other is str) or (is_number(left) and is_number(right)):
        return int(left > right) - int(left < right)
    elif kind is float or other is float:
        return order(_exact(left), _exact(right), runtime)
    elif kind is other and isinstance(left, Temporal):
        if not isinstance(left, (DateTime, Time)) or left.is_local == right.is_local:
            return int(left.key > right.key) - int(left.key < right.key)
    _incomparable(left, right, runtime)
    return None


def less(left: Any, right: Any, runtime: Runtime) -> bool | None:
    """`left < right`"""
    found = order(left, right, runtime)
    return None if found is None else found < 0


def less_or_equal(left: Any, right: Any, runtime: Runtime) -> bool | None:
    """`left <= right`"""
    found = order(left, right, runtime)
    return None if found is None else found <= 0


def greater(left: Any, right: Any, runtime: Runtime) -> bool | None:
    """`left > right`"""
    found = order(left, right, runtime)
    return None if found is None else found > 0


def greater_or_equal(left: Any, right: Any, runtime: Runtime) -> bool | None:
    """`left >= right`"""
    found = order(left, right, runtime)
    return None if found is None else found >= 0


def between(value: Any, low: Any, high: Any, runtime: Runtime) -> bool | None:
    """`value between low and high`"""
    if value is None or low is None or high is None:
        runtime.warn("'between' takes three values, and one of them is null.")
        return None
    return both(less_or_equal(low, value, runtime), less_or_equal(value, high, runtime))


def both(left: bool | None, right: bool | None) -> bool | None:
    """Three-valued and."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def contains(span: Range, value: Any, runtime: Runtime) -> bool | None:
    """Whether `value` lies in the range."""
    if span.operator == "=":
        return equal(value, span.start, runtime)
    if span.operator == "!=":
        return unequal(value, span.start, runtime)
    if span.operator:
        return OPERATORS[span.operator](value, span.sample, runtime)
    if span.start is None or span.end is None:
        return None
    after = (less_or_equal if span.start_included else less)(span.start, value, runtime)
    before = (less_or_equal if span.end_included else less)(value, span.end, runtime)
    return both(after, before)


def member(value: Any, test: Any, runtime: Runtime) -> bool | None:
    """`value in test`: in a range, an item of a list, or equal."""
    if isinstance(test, Range):
        return contains(test, value, runtime)
    if isinstance(test, list):
        runtime.spend(len(test))
        if isinstance(value, list) and equal(value, test, runtime) is True:
            return True
        return any(_holds(value, item, runtime) for item in test)
    return equal(value, test, runtime)


def _holds(value: Any, item: Any, runtime: Runtime) -> bool:
    if isinstance(item, Range):
        return contains(item, value, runtime) is True
    if isinstance(item, list) and not isinstance(value, list):
        return False
    return equal(value, item, runtime) is True


def unit_test(value: Any, answer: Any, runtime: Runtime) -> bool | None:
    """A unary test that reads as a condition: its truth, unless the input itself is a truth value."""
    if answer is True or answer is False:
        return equal(value, answer, runtime) if isinstance(value, bool) else answer
    return member(value, answer, runtime)


def _exact(value: Any) -> Any:
    return from_float(value) if value.__class__ is float else value


def _incomparable(left: Any, right: Any, runtime: Runtime) -> None:
    if runtime.warnings is not None:
        runtime.warn("{left} and {right} cannot be compared.", left=_named(left), right=_named(right))


def _named(value: Any) -> str:
    """A date and time says whether it knows its zone, for that is what keeps two of them apart."""
    if isinstance(value, (DateTime, Time)):
        return f"{value.feel_type} {'without' if value.is_local else 'with'} zone"
    return kind_of(value)


OPERATORS = {"<": less, "<=": less_or_equal, ">": greater, ">=": greater_or_equal, "=": equal, "!=": unequal}
