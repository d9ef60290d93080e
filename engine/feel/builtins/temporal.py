"""Built-in functions on dates and times."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.runtime import Runtime
from engine.feel.temporal import NANOS, Date, DateTime, DaysDuration, Time, days_in_month, days_of

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ANY_DATE = "date: date|date and time"


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("now", "-> date and time", "The date and time now.")
def now(runtime: Runtime) -> DateTime:
    return DateTime.from_python(runtime.now)


@builtin("today", "-> date", "The date today.")
def today(runtime: Runtime) -> Date:
    return DateTime.from_python(runtime.now).date


@builtin("day of year", f"{_ANY_DATE} -> number", "The number of the day in its year, from 1.")
def day_of_year(runtime: Runtime, date: Any) -> int:
    day = _day(date)
    return day.days - days_of(day.year, 1, 1) + 1


@builtin("day of week", f"{_ANY_DATE} -> string", "The name of the day of the week, in English.")
def day_of_week(runtime: Runtime, date: Any) -> str:
    return _DAYS[_day(date).weekday - 1]


@builtin("month of year", f"{_ANY_DATE} -> string", "The name of the month, in English.")
def month_of_year(runtime: Runtime, date: Any) -> str:
    return _MONTHS[_day(date).month - 1]


@builtin("week of year", f"{_ANY_DATE} -> number", "The number of the week in its year, after ISO 8601.")
def week_of_year(runtime: Runtime, date: Any) -> int:
    day = _day(date)
    thursday = Date.from_days(day.days - day.weekday + 4)
    return (thursday.days - days_of(thursday.year, 1, 1)) // 7 + 1


@builtin("last day of month", f"{_ANY_DATE} -> date", "The last day of the date's month.")
def last_day_of_month(runtime: Runtime, date: Any) -> Date:
    day = _day(date)
    return Date(day.year, day.month, days_in_month(day.year, day.month))


@builtin("to epoch milliseconds", "date: date and time -> number", "Milliseconds since 1970-01-01 in UTC.")
def to_epoch_milliseconds(runtime: Runtime, moment: DateTime) -> int:
    return moment.instant // 1_000_000


@builtin(
    "from unix timestamp",
    "timestamp: number -> date and time",
    "The date and time of a number of milliseconds since 1970-01-01 in UTC.",
)
def from_unix_timestamp(runtime: Runtime, timestamp: Any) -> DateTime:
    return DateTime.from_instant(int(timestamp * 1_000_000), Time(0, 0))


@builtin("to unix timestamp", "date: date and time -> number", "Milliseconds since 1970-01-01 in UTC.")
def to_unix_timestamp(runtime: Runtime, moment: DateTime) -> int:
    return moment.instant // 1_000_000


@builtin("duration in seconds", "duration: days and time duration -> number", "The duration as a number of seconds.")
def duration_in_seconds(runtime: Runtime, duration: DaysDuration) -> int:
    return duration.nanos // NANOS
