"""The operators + - * / ** and the sign, on numbers, texts, dates, times and durations."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import numbers
from engine.feel.numbers import is_number
from engine.feel.runtime import Runtime
from engine.feel.temporal import NANOS, Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.types import kind_of

_POWER_COST = 150
_MOMENT_COST = 8
_ZONE_COST = 20
_REFUSALS = {
    "+": "{left} and {right} cannot be added.",
    "-": "{right} cannot be subtracted from {left}.",
    "*": "{left} and {right} cannot be multiplied.",
    "/": "{left} cannot be divided by {right}.",
    "**": "{left} cannot be raised to the power of {right}.",
}


def add(left: Any, right: Any, runtime: Runtime) -> Any:
    """`left + right`"""
    kind, other = left.__class__, right.__class__
    if kind is int and other is int:
        return numbers.fit(left + right)
    if is_number(left) and is_number(right):
        return _calculate(numbers.add, left, right, runtime)
    if kind is str and other is str:
        runtime.text_of_length(len(left) + len(right))
        return left + right
    if isinstance(right, (DaysDuration, MonthsDuration)):
        return _shifted(left, right, 1, "+", runtime)
    if isinstance(left, (DaysDuration, MonthsDuration)):
        return _shifted(right, left, 1, "+", runtime)
    return _refuse("+", left, right, runtime, add)


def subtract(left: Any, right: Any, runtime: Runtime) -> Any:
    """`left - right`"""
    if left.__class__ is int and right.__class__ is int:
        return numbers.fit(left - right)
    if is_number(left) and is_number(right):
        return _calculate(numbers.subtract, left, right, runtime)
    if isinstance(right, (DaysDuration, MonthsDuration)):
        return _shifted(left, right, -1, "-", runtime)
    if isinstance(left, Time) and isinstance(right, Time):
        if left.is_local == right.is_local:
            offsets = (left.utc_offset or 0) - (right.utc_offset or 0)
            return DaysDuration(left.nanos - right.nanos - offsets * NANOS)
    elif isinstance(left, (Date, DateTime)) and isinstance(right, (Date, DateTime)):
        start, end = _moment(right), _moment(left)
        if start.is_local == end.is_local:
            return DaysDuration(end.instant - start.instant)
    return _refuse("-", left, right, runtime, subtract)


def multiply(left: Any, right: Any, runtime: Runtime) -> Any:
    """`left * right`"""
    if is_number(left):
        if is_number(right):
            return _calculate(numbers.multiply, left, right, runtime)
        left, right = right, left
    if is_number(right) and isinstance(left, (DaysDuration, MonthsDuration)):
        return _scaled(left, right, numbers.multiply, runtime)
    return _refuse("*", left, right, runtime, multiply)


def divide(left: Any, right: Any, runtime: Runtime) -> Any:
    """`left / right`"""
    if is_number(right):
        if not right:
            runtime.warn("Nothing can be divided by zero.")
            return None
        if is_number(left):
            return _calculate(numbers.divide, left, right, runtime)
        if isinstance(left, (DaysDuration, MonthsDuration)):
            return _scaled(left, right, numbers.divide, runtime)
    elif isinstance(left, (DaysDuration, MonthsDuration)) and left.__class__ is right.__class__:
        if not right.key:
            runtime.warn("Nothing can be divided by zero.")
            return None
        return _calculate(numbers.divide, left.key, right.key, runtime)
    return _refuse("/", left, right, runtime, divide)


def power(left: Any, right: Any, runtime: Runtime) -> Any:
    """`left ** right`"""
    if is_number(left) and is_number(right):
        runtime.spend(_POWER_COST)
        return _calculate(numbers.power, left, right, runtime)
    return _refuse("**", left, right, runtime, power)


def negate(value: Any, runtime: Runtime) -> Any:
    """`-value`"""
    if is_number(value):
        return -value if value.__class__ is int else numbers.CONTEXT.minus(value)
    if isinstance(value, DaysDuration):
        return DaysDuration(-value.nanos)
    if isinstance(value, MonthsDuration):
        return MonthsDuration(-value.months)
    if value.__class__ is float:
        return negate(numbers.from_float(value), runtime)
    runtime.warn("{kind} has no negative.", kind=kind_of(value))
    return None


def _calculate(operation: Callable[[Any, Any], Any], left: Any, right: Any, runtime: Runtime) -> Any:
    try:
        return operation(left, right)
    except ArithmeticError:
        runtime.warn("The calculation has no result, or one too large.")
        return None


def _shifted(value: Any, duration: DaysDuration | MonthsDuration, sign: int, operator: str, runtime: Runtime) -> Any:
    """A moment or duration moved by a duration; null where it has no meaning."""
    try:
        if isinstance(duration, MonthsDuration):
            return _shifted_months(value, duration.months * sign, operator, duration, runtime)
        runtime.spend(_MOMENT_COST)
        nanos = duration.nanos * sign
        if isinstance(value, DateTime):
            runtime.spend(0 if value.time.zone is None else _ZONE_COST)
            return DateTime.from_instant(value.instant + nanos, value.time)
        if isinstance(value, Date):
            return DateTime.from_nanos(DateTime(value, Time(0)).nanos + nanos, Time(0)).date
        if isinstance(value, Time):
            return value.with_nanos(value.nanos + nanos)
        if isinstance(value, DaysDuration):
            return DaysDuration(value.nanos + nanos)
    except ValueError:
        runtime.warn("The date would lie outside the years that are possible.")
        return None
    return _refuse(operator, value, duration, runtime)


def _shifted_months(value: Any, months: int, operator: str, duration: MonthsDuration, runtime: Runtime) -> Any:
    if isinstance(value, DateTime):
        return DateTime(value.date.plus_months(months), value.time)
    if isinstance(value, Date):
        return value.plus_months(months)
    if isinstance(value, MonthsDuration):
        return MonthsDuration(value.months + months)
    return _refuse(operator, value, duration, runtime)


def _scaled(
    duration: DaysDuration | MonthsDuration, factor: Any, operation: Callable[[Any, Any], Any], runtime: Runtime
) -> Any:
    result = _calculate(operation, duration.key, factor, runtime)
    if result is None:
        return None
    amount = int(result) if abs(result) < Decimal("1E30") else None
    if amount is None:
        runtime.warn("The duration would be too long.")
        return None
    return DaysDuration(amount) if isinstance(duration, DaysDuration) else MonthsDuration(amount)


def _moment(value: Date | DateTime) -> DateTime:
    """A date counts as its midnight in UTC."""
    return value if isinstance(value, DateTime) else DateTime(value, Time(0, 0))


def _refuse(
    operator: str, left: Any, right: Any, runtime: Runtime, again: Callable[[Any, Any, Runtime], Any] | None = None
) -> Any:
    if again is not None and (left.__class__ is float or right.__class__ is float):
        exact = [numbers.from_float(value) if value.__class__ is float else value for value in (left, right)]
        return again(exact[0], exact[1], runtime)
    runtime.warn(_REFUSALS[operator], left=kind_of(left), right=kind_of(right))
    return None
