"""Numbers: exact int, or Decimal with 34 digits rounded half to even, as DMN asks for."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

Number = int | Decimal

CONTEXT = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_EXACT = 10**34
_TEXT_DIGITS = 1000


def is_number(value: Any) -> bool:
    """Whether `value` is a FEEL number (truth values are none)."""
    kind = value.__class__
    return kind is int or kind is Decimal


def fit(number: int) -> Number:
    """An exact int of at most 34 digits, or the Decimal rounded to 34."""
    return number if -_EXACT < number < _EXACT else rounded(Decimal(number))


def rounded(number: Decimal) -> Decimal:
    return CONTEXT.plus(number)


def add(left: Number, right: Number) -> Number:
    if left.__class__ is int and right.__class__ is int:
        return fit(left + right)
    return CONTEXT.add(left, right)


def subtract(left: Number, right: Number) -> Number:
    if left.__class__ is int and right.__class__ is int:
        return fit(left - right)
    return CONTEXT.subtract(left, right)


def multiply(left: Number, right: Number) -> Number:
    if left.__class__ is int and right.__class__ is int:
        return fit(left * right)
    return CONTEXT.multiply(left, right)


def divide(left: Number, right: Number) -> Number:
    """The quotient; raises ArithmeticError for a divisor of zero."""
    if left.__class__ is int and right.__class__ is int and right and left % right == 0:
        return left // right
    return CONTEXT.divide(left, right)


def power(base: Number, exponent: Number) -> Number:
    """`base ** exponent`, at most 34 digits; raises ArithmeticError where there is no such number."""
    if base.__class__ is int and exponent.__class__ is int and 0 <= exponent <= 64 and -1000 < base < 1000:
        return fit(base**exponent)
    if not exponent:
        return 1
    return tidy(CONTEXT.power(base, exponent))


def tidy(number: Decimal) -> Number:
    """An int where the Decimal is whole and of at most 34 digits."""
    if number == number.to_integral_value() and abs(number) < _EXACT:
        return int(number)
    return number


def whole(number: Number) -> int | None:
    """The number as int when it is whole, else None."""
    if number.__class__ is int:
        return number
    if isinstance(number, Decimal) and number == number.to_integral_value() and number.adjusted() < 40:
        return int(number)
    return None


def from_float(number: float) -> Number | None:
    """The decimal a float is written as; None for what is not a number."""
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else Decimal(repr(number))


def parse(text: str) -> Number:
    """The number a literal stands for; raises ArithmeticError when it is too large."""
    if text.isdigit() and len(text) <= 34:
        return int(text)
    if len(text) > _TEXT_DIGITS:
        raise InvalidOperation
    return rounded(Decimal(text))


def text_of(number: Number) -> str:
    """The number in digits, without exponent."""
    if number.__class__ is int:
        return str(number)
    return format(number, "f")
