"""Built-in functions that make one kind of value of another, and those that ask about any value."""

from __future__ import annotations

import json
import re
from typing import Any

from engine.feel import numbers
from engine.feel.builtins.registry import Unsuitable, builtin
from engine.feel.display import json_of, text_of
from engine.feel.functions import is_function
from engine.feel.runtime import Runtime
from engine.feel.temporal import Date, DateTime, DaysDuration, Duration, MonthsDuration, Time
from engine.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?")


@builtin("not", "negand: any -> boolean", "The opposite of a truth value.")
def not_(runtime: Runtime, negand: Any) -> Any:
    if negand.__class__ is bool:
        return not negand
    if negand is not None:
        raise Unsuitable("only true and false have an opposite.")
    return None


@builtin(
    "is", "value1?: any, value2?: any -> boolean", "Whether two values are the same, their kind and zone included."
)
def is_(runtime: Runtime, value1: Any = None, value2: Any = None) -> bool:
    if numbers.is_number(value1) and numbers.is_number(value2):
        return bool(value1 == value2)
    return value1.__class__ is value2.__class__ and bool(value1 == value2)


@builtin("is defined", "value: any -> boolean", "Whether the value is there, that is, not null.")
def is_defined(runtime: Runtime, value: Any) -> bool:
    return value is not None


@builtin("get or else", "value: any, default: any -> any", "The value, or the default where it is null.")
def get_or_else(runtime: Runtime, value: Any, default: Any) -> Any:
    return default if value is None else value


@builtin(
    "assert", "value: any, condition: any, cause?: string -> any", "The value if the condition is true, else null."
)
def assert_(runtime: Runtime, value: Any, condition: Any, cause: str | None = None) -> Any:
    if condition is True:
        return value
    raise Unsuitable("{cause}", cause=cause or "the condition is not fulfilled.")


@builtin(
    "number",
    "from: string, grouping separator?: string|null, decimal separator?: string|null -> number",
    "The number a text stands for.",
)
def number(runtime: Runtime, text: str, grouping: str | None = None, decimal: str | None = None) -> Any:
    if grouping not in (None, " ", ",", ".") or decimal not in (None, ",", ".") or (grouping and grouping == decimal):
        raise Unsuitable("the separators must be different, and one of comma, point and space.")
    if grouping:
        text = text.replace(grouping, "")
    if decimal:
        text = text.replace(decimal, ".") if decimal != "," or "." not in text else "?"
    if not _NUMBER.fullmatch(text) or len(text) > 100:
        raise Unsuitable("{text} is not a number.", text=text[:40])
    return (
        numbers.tidy(numbers.CONTEXT.create_decimal(text)) if "." not in text else numbers.CONTEXT.create_decimal(text)
    )


@builtin("number", "from: number -> number")
def number_of_number(runtime: Runtime, value: Any) -> Any:
    return value


@builtin("string", "from: any -> string", "The value as text.")
def string(runtime: Runtime, value: Any) -> str | None:
    return None if value is None else text_of(value, runtime)


@builtin("to json", "value: any -> string", "The value as JSON text.")
def to_json(runtime: Runtime, value: Any) -> str:
    if is_function(value):
        raise Unsuitable("a function cannot be written as JSON.")
    text = json_of(value, runtime)
    runtime.text_of_length(len(text))
    return text


@builtin("from json", "value: string -> any", "The value that is given as JSON text.")
def from_json(runtime: Runtime, text: str) -> Any:
    runtime.spend(len(text))
    try:
        return json.loads(
            text, parse_float=numbers.CONTEXT.create_decimal, parse_int=_json_integer, parse_constant=_refused
        )
    except RecursionError:
        raise Unsuitable("the text is nested too deeply.") from None


def _json_integer(digits: str) -> Any:
    return numbers.fit(int(digits))


def _refused(word: str) -> None:
    raise Unsuitable("{word} is no number.", word=word)


@builtin(
    "date", "from: string|date|date and time -> date", "The date a text stands for, or the date of a date and time."
)
def date(runtime: Runtime, value: Any) -> Date:
    if isinstance(value, DateTime):
        return value.date
    if isinstance(value, Date):
        return value
    found = parse_date(value)
    if found is None:
        raise Unsuitable("{text} is not a date; write it like 2025-12-31.", text=value[:40])
    return found


@builtin("date", "year: number, month: number, day: number -> date")
def date_of_parts(runtime: Runtime, year: Any, month: Any, day: Any) -> Date:
    return Date(*(_integer(part) for part in (year, month, day)))


@builtin(
    "time",
    "from: string|time|date|date and time -> time",
    "The time a text stands for, or the time of a date and time.",
)
def time(runtime: Runtime, value: Any) -> Time:
    if isinstance(value, Time):
        return value
    if isinstance(value, DateTime):
        return value.time
    if isinstance(value, Date):
        return Time(0, 0)
    found = parse_time(value.removeprefix("T"))
    if found is None:
        raise Unsuitable("{text} is not a time; write it like 14:30:00.", text=value[:40])
    return found


@builtin("time", "hour: number, minute: number, second: number, offset?: days and time duration|null -> time")
def time_of_parts(runtime: Runtime, hour: Any, minute: Any, second: Any, offset: DaysDuration | None = None) -> Time:
    whole = int(second)
    fraction = int((second - whole) * 1_000_000_000)
    seconds = None if offset is None else offset.nanos // 1_000_000_000
    if seconds is not None and abs(seconds) > 18 * 3600:
        raise Unsuitable("an offset is at most 18 hours.")
    made = Time.of(_integer(hour), _integer(minute), whole, seconds)
    return Time(made.nanos + fraction, seconds)


@builtin(
    "date and time",
    "from: string|date|date and time -> date and time",
    "The date and time a text stands for, or one made of a date and a time.",
)
def date_and_time(runtime: Runtime, value: Any) -> DateTime:
    if isinstance(value, DateTime):
        return value
    if isinstance(value, Date):
        return DateTime(value, Time(0))
    found = parse_date_time(value)
    if found is None:
        raise Unsuitable("{text} is not a date and time; write it like 2025-12-31T14:30:00.", text=value[:40])
    return found


@builtin("date and time", "date: date|date and time, time: time -> date and time")
def date_and_time_of_parts(runtime: Runtime, day: Date | DateTime, clock: Time) -> DateTime:
    return DateTime(day.date if isinstance(day, DateTime) else day, clock)


@builtin("date and time", "date: date and time, timezone: string -> date and time")
def date_and_time_in_zone(runtime: Runtime, moment: DateTime, zone: str) -> DateTime:
    target = parse_time("00:00:00" + (zone if zone[:1] in "Zz+-" else "@" + zone))
    if target is None or not zone:
        raise Unsuitable("there is no time zone {zone}.", zone=zone[:40])
    if moment.is_local:
        return DateTime(moment.date, Time(moment.time.nanos, target.offset, target.zone))
    return DateTime.from_instant(moment.instant, target)


@builtin(
    "duration",
    "from: string|days and time duration|years and months duration -> any",
    "The duration a text stands for.",
)
def duration(runtime: Runtime, value: Any) -> Duration:
    if isinstance(value, (DaysDuration, MonthsDuration)):
        return value
    found = parse_duration(value)
    if found is None:
        raise Unsuitable("{text} is not a duration; write it like P3D or PT4H30M.", text=value[:40])
    return found


@builtin(
    "years and months duration",
    "from: date|date and time, to: date|date and time -> years and months duration",
    "The whole months between two dates.",
)
def years_and_months_duration(runtime: Runtime, start: Any, end: Any) -> MonthsDuration:
    first, last = (day.date if isinstance(day, DateTime) else day for day in (start, end))
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return MonthsDuration(months)


def _integer(value: Any) -> int:
    found = numbers.whole(value)
    if found is None:
        raise Unsuitable("{number} is not a whole number.", number=str(value))
    return found
