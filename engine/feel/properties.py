"""What stands behind the dot: entries of contexts, parts of dates, times, durations and ranges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
from engine.feel.temporal import NANOS, Date, DateTime, DaysDuration, MonthsDuration, Temporal, Time
from engine.feel.types import kind_of


def property_of(value: Any, name: str, runtime: Runtime) -> Any:
    """`value.name`; of a list, that of each item."""
    if value.__class__ is dict:
        if name in value:
            return value[name]
        runtime.warn("There is no entry '{name}' in the context.", name=name)
        return None
    if value.__class__ is list:
        runtime.list_of_length(len(value))
        return [property_of(item, name, runtime) for item in value]
    if value is None:
        runtime.warn("Null has no entry '{name}'.", name=name)
        return None
    read = _PROPERTIES.get(value.__class__, {}).get(name)
    if read is None:
        runtime.warn("{kind} has no '{name}'.", kind=kind_of(value), name=name)
        return None
    return read(value)


def _offset(value: Any) -> DaysDuration | None:
    offset = value.utc_offset
    return None if offset is None else DaysDuration(offset * NANOS)


def _part(divisor: int, modulus: int | None) -> Callable[[DaysDuration], int]:
    """The whole units of a duration, with its sign, short of the next larger unit."""

    def read(duration: DaysDuration) -> int:
        units = abs(duration.nanos) // (divisor * NANOS)
        units = units if modulus is None else units % modulus
        return -units if duration.nanos < 0 else units

    return read


def _signed(months: int, units: int) -> int:
    return -units if months < 0 else units


_Properties = dict[str, Callable[[Any], Any]]
_DATE: _Properties = {
    "year": lambda date: date.year,
    "month": lambda date: date.month,
    "day": lambda date: date.day,
    "weekday": lambda date: date.weekday,
}
_TIME: _Properties = {
    "hour": lambda time: time.hour,
    "minute": lambda time: time.minute,
    "second": lambda time: time.second,
    "timezone": lambda time: time.zone,
    "time offset": _offset,
}
_DATE_TIME: _Properties = (
    {name: (lambda moment, read=read: read(moment.date)) for name, read in _DATE.items()}
    | {name: (lambda moment, read=read: read(moment.time)) for name, read in _TIME.items()}
    | {"time offset": _offset}
)
_PROPERTIES: dict[type, _Properties] = {
    Date: _DATE,
    Time: _TIME,
    DateTime: _DATE_TIME,
    DaysDuration: {
        "days": _part(86400, None),
        "hours": _part(3600, 24),
        "minutes": _part(60, 60),
        "seconds": _part(1, 60),
    },
    MonthsDuration: {
        "years": lambda duration: _signed(duration.months, abs(duration.months) // 12),
        "months": lambda duration: _signed(duration.months, abs(duration.months) % 12),
    },
    Range: {
        "start": lambda span: span.start,
        "end": lambda span: span.end,
        "start included": lambda span: span.start_included,
        "end included": lambda span: span.end_included,
    },
}


def entries_of(value: Temporal | Range) -> dict[str, Any]:
    """All parts of a temporal value or range by name."""
    return {name: read(value) for name, read in _PROPERTIES[value.__class__].items()}
