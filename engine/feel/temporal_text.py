"""The ISO 8601 texts that FEEL reads as dates, times and durations; None for any other text."""

from __future__ import annotations

import re

from engine.feel.temporal import NANOS, Date, DateTime, DaysDuration, Duration, MonthsDuration, Temporal, Time
from engine.feel.zones import zone_named

_DATE = re.compile(r"(-?)((?:[1-9][0-9]{4,8})|[0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    r"(?:([zZ])|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+\-/]+))?"
)
_DURATION = re.compile(
    r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?)?"
)
_WEEKS = re.compile(r"(-?)P([0-9]+)W")
_LONGEST_TEXT = 100
_END_OF_DAY = re.compile(r"24:00:00(?:\.0+)?(?![0-9.])")


def parse_date(text: str) -> Date | None:
    """The date of a text such as 2025-12-31."""
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        return None
    sign, year, month, day = match.groups()
    try:
        return Date(-int(year) if sign else int(year), int(month), int(day))
    except ValueError:
        return None


def parse_time(text: str) -> Time | None:
    """The time of a text; 24:00:00 is 00:00:00."""
    text = _END_OF_DAY.sub("00:00:00", text[: _LONGEST_TEXT + 1], count=1) if text[:2] == "24" else text
    match = _TIME.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        return None
    hour, minute, second, fraction, utc, sign, hours, minutes, seconds, zone = match.groups()
    offset = 0 if utc else None
    if sign:
        if int(hours) > 18 or int(minutes) > 59 or int(seconds or 0) > 59:
            return None
        offset = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
        if offset > 18 * 3600:
            return None
        offset = -offset if sign == "-" else offset
    if zone and zone_named(zone) is None:
        return None
    try:
        time = Time.of(int(hour), int(minute), int(second or 0), offset, zone)
    except ValueError:
        return None
    return Time(time.nanos + _fraction(fraction), offset, zone)


def parse_date_time(text: str) -> DateTime | None:
    """The date and time of a text; midnight when it is only a date."""
    day, letter, clock = text.partition("T")
    date = parse_date(day)
    if date is None:
        return None
    if not letter:
        return DateTime(date, Time(0))
    time = parse_time(clock)
    if time is None:
        return None
    return DateTime(Date.from_days(date.days + 1) if clock[:2] == "24" else date, time)


def parse_duration(text: str) -> Duration | None:
    """The duration of a text such as P1Y2M, P3D or PT4H30M."""
    if len(text) > _LONGEST_TEXT:
        return None
    weeks = _WEEKS.fullmatch(text)
    if weeks:
        return DaysDuration((-1 if weeks.group(1) else 1) * int(weeks.group(2)) * 7 * 86400 * NANOS)
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    sign, years, months, days, clock, hours, minutes, seconds, fraction = match.groups()
    factor = -1 if sign else 1
    if years is not None or months is not None:
        if days is not None or clock is not None:
            return None
        return MonthsDuration(factor * (int(years or 0) * 12 + int(months or 0)))
    if clock == "T" or (days is None and clock is None):
        return None
    total = int(days or 0) * 86400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return DaysDuration(factor * (total * NANOS + _fraction(fraction)))


def parse_temporal(text: str) -> Temporal | None:
    """What `@"…"` stands for."""
    if text[:1] == "P" or text[:2] == "-P":
        return parse_duration(text)
    if ":" not in text:
        return parse_date(text)
    return parse_date_time(text) if "T" in text else parse_time(text)


def _fraction(digits: str | None) -> int:
    return int(digits[:9].ljust(9, "0")) if digits else 0
