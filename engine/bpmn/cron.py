"""Cron expressions of timer cycles: five fields, or six with seconds in front, and the usual @names."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

_NAMED = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS = {
    name: str(number) for number, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)
}
_DAYS = {name: str(number) for number, name in enumerate("SUN MON TUE WED THU FRI SAT".split())}
_YEARS_AHEAD = 8
"""Far enough for 29 February on a certain weekday to be told apart from a day that never comes, cheaply."""


def next_after(expression: str, moment: dt.datetime) -> dt.datetime:
    """The first time after a moment that a cron expression names. Raises ValueError when there is none."""
    seconds, minutes, hours, days, months, weekdays = _fields(expression)
    start = moment.replace(microsecond=0) + dt.timedelta(seconds=1)
    day = start.date()
    for _ in range(366 * _YEARS_AHEAD):
        if day.month in months and _names(day, days, weekdays):
            time = _first_time(start.time() if day == start.date() else dt.time(), hours, minutes, seconds)
            if time is not None:
                return dt.datetime.combine(day, time, moment.tzinfo)
        day += dt.timedelta(days=1)
    raise ValueError(f"no time matches {expression}")


def _names(day: dt.date, days: frozenset[int], weekdays: frozenset[int]) -> bool:
    return day.day in days and day.isoweekday() % 7 in weekdays


def _first_time(
    since: dt.time, hours: frozenset[int], minutes: frozenset[int], seconds: frozenset[int]
) -> dt.time | None:
    for hour in sorted(hour for hour in hours if hour >= since.hour):
        later_hour = hour > since.hour
        for minute in sorted(minute for minute in minutes if later_hour or minute >= since.minute):
            later = later_hour or minute > since.minute
            for second in sorted(second for second in seconds if later or second >= since.second):
                return dt.time(hour, minute, second)
    return None


@lru_cache(maxsize=256)
def _fields(expression: str) -> tuple[frozenset[int], ...]:
    parts = _NAMED.get(expression, expression).upper().split()
    if len(parts) == 5:
        parts = ["0", *parts]
    if len(parts) != 6:
        raise ValueError(f"not a cron expression: {expression}")
    second, minute, hour, day, month, weekday = parts
    for number, name in enumerate(_MONTHS, 1):
        month = month.replace(name, str(number))
    for number, name in enumerate(_DAYS):
        weekday = weekday.replace(name, str(number))
    week = frozenset(number % 7 for number in _numbers(weekday, 0, 7))
    return (
        _numbers(second, 0, 59),
        _numbers(minute, 0, 59),
        _numbers(hour, 0, 23),
        _numbers(day, 1, 31),
        _numbers(month, 1, 12),
        week,
    )


def _numbers(field: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            first, last = map(int, span.split("-"))
        else:
            first = int(span)
            last = high if step else first
        stride = int(step) if step else 1
        if not (low <= first <= last <= high and stride > 0):
            raise ValueError(f"not a cron field: {field}")
        found.update(range(first, last + 1, stride))
    return frozenset(found)
