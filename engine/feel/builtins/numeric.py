"""Built-in functions on numbers."""

from __future__ import annotations

import os
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from engine.feel import numbers
from engine.feel.builtins.registry import Unsuitable, builtin
from engine.feel.numbers import CONTEXT
from engine.feel.runtime import Runtime
from engine.feel.temporal import DaysDuration, MonthsDuration

_MOST_DIGITS = 6176


def _scaled(value: Any, scale: Any, rounding: str) -> Any:
    digits = numbers.whole(numbers.CONTEXT.to_integral_value(Decimal(scale)) if isinstance(scale, Decimal) else scale)
    if isinstance(scale, Decimal):
        digits = int(scale)
    if digits is None or not -6111 <= digits <= _MOST_DIGITS:
        raise Unsuitable("the scale must lie between -6111 and 6176.")
    number = Decimal(value)
    if number.is_zero() or number.adjusted() + digits > 33:
        return value
    wide = CONTEXT.copy()
    wide.prec = 80
    wide.Emin = -7000
    return numbers.tidy(number.quantize(Decimal(1).scaleb(-digits, wide), rounding=rounding, context=wide))


@builtin(
    "decimal", "n: number, scale: number -> number", "The number rounded to `scale` decimals, a half to the even digit."
)
def decimal(runtime: Runtime, n: Any, scale: Any) -> Any:
    return _scaled(n, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale?: number -> number", "The number rounded down.")
def floor(runtime: Runtime, n: Any, scale: Any = 0) -> Any:
    return _scaled(n, scale, ROUND_FLOOR)


@builtin("ceiling", "n: number, scale?: number -> number", "The number rounded up.")
def ceiling(runtime: Runtime, n: Any, scale: Any = 0) -> Any:
    return _scaled(n, scale, ROUND_CEILING)


def _rounding(name: str, mode: str, help: str) -> None:
    @builtin(name, "n: number, scale?: number -> number", help)
    def rounded(runtime: Runtime, n: Any, scale: Any = 0) -> Any:
        return _scaled(n, scale, mode)


_rounding("round up", ROUND_UP, "The number rounded away from zero.")
_rounding("round down", ROUND_DOWN, "The number rounded towards zero.")
_rounding("round half up", ROUND_HALF_UP, "The number rounded to the nearest, a half away from zero.")
_rounding("round half down", ROUND_HALF_DOWN, "The number rounded to the nearest, a half towards zero.")


@builtin(
    "abs",
    "n: number|days and time duration|years and months duration -> any",
    "The number or duration without its sign.",
)
def abs_(runtime: Runtime, n: Any) -> Any:
    if isinstance(n, DaysDuration):
        return DaysDuration(abs(n.nanos))
    if isinstance(n, MonthsDuration):
        return MonthsDuration(abs(n.months))
    return abs(n) if n.__class__ is int else CONTEXT.abs(n)


@builtin(
    "modulo", "dividend: number, divisor: number -> number", "What is left of a division; it has the divisor's sign."
)
def modulo(runtime: Runtime, dividend: Any, divisor: Any) -> Any:
    if not divisor:
        raise Unsuitable("nothing can be divided by zero.")
    if dividend.__class__ is int and divisor.__class__ is int:
        return dividend % divisor
    quotient = CONTEXT.divide(dividend, divisor).to_integral_value(ROUND_FLOOR)
    return CONTEXT.subtract(dividend, CONTEXT.multiply(divisor, quotient))


@builtin("sqrt", "number: number -> number", "The square root.")
def sqrt(runtime: Runtime, number: Any) -> Any:
    runtime.spend(10)
    return numbers.tidy(CONTEXT.sqrt(number))


@builtin("log", "number: number -> number", "The natural logarithm.")
def log(runtime: Runtime, number: Any) -> Any:
    runtime.spend(60)
    if number <= 0:
        raise Unsuitable("only numbers above zero have a logarithm.")
    return numbers.tidy(CONTEXT.ln(number))


@builtin("exp", "number: number -> number", "The number e raised to a power.")
def exp(runtime: Runtime, number: Any) -> Any:
    runtime.spend(60)
    return numbers.tidy(CONTEXT.exp(number))


def _parity(name: str, remainder: int, help: str) -> None:
    @builtin(name, "number: number -> boolean", help)
    def parity(runtime: Runtime, number: Any) -> bool:
        value = numbers.whole(number)
        if value is None and number == number.to_integral_value():
            return remainder == 0
        return value is not None and value % 2 == remainder


_parity("even", 0, "Whether the number is even.")
_parity("odd", 1, "Whether the number is odd.")


@builtin("random number", "-> number", "A number from 0 up to 1, by chance.")
def random_number(runtime: Runtime) -> Any:
    return CONTEXT.divide(int.from_bytes(os.urandom(6), "big"), 1 << 48)
