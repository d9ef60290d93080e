"""FEEL values to the plain data of process variables, and back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from engine.feel.functions import is_function
from engine.feel.numbers import from_float
from engine.feel.ranges import Range
from engine.feel.temporal import NANOS, Date, DateTime, DaysDuration, Temporal, Time


def to_plain(value: Any) -> Any:
    """Plain data of a value: temporal values and ranges as text, functions as null."""
    kind = value.__class__
    if value is None or kind is str or kind is int or kind is bool or kind is Decimal:
        return value
    if kind is list or kind is tuple:
        return [to_plain(item) for item in value]
    if kind is dict:
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (Temporal, Range)):
        return str(value)
    if kind is float:
        return from_float(value)
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return str(from_plain(value))
    if is_function(value):
        return None
    raise TypeError(f"{kind.__name__} is not a FEEL value")


def from_plain(value: Any) -> Any:
    """The FEEL value of plain data or of Python's dates and times; floats become exact decimals."""
    kind = value.__class__
    if value is None or kind is str or kind is int or kind is bool or kind is Decimal:
        return value
    if kind is float:
        return from_float(value)
    if isinstance(value, (list, tuple)):
        return [from_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): from_plain(item) for key, item in value.items()}
    if isinstance(value, dt.datetime):
        return DateTime.from_python(value)
    if isinstance(value, dt.date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return DateTime.from_python(dt.datetime.combine(dt.date(2000, 1, 1), value)).time
    if isinstance(value, dt.timedelta):
        return DaysDuration((value.days * 86400 + value.seconds) * NANOS + value.microseconds * 1000)
    if isinstance(value, (Temporal, Range, Time)) or is_function(value):
        return value
    raise TypeError(f"{kind.__name__} is not a FEEL value")
