"""Dates, times and durations as FEEL knows them: any year, nanoseconds, named zones, two kinds of durations.

Python's own types end at the year 9999, know microseconds only and lose the name of a zone in their text form.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from engine.feel import zones

NANOS = 1_000_000_000
DAY_NANOS = 86400 * NANOS
MAX_YEAR = 999_999_999


def days_of(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def civil_of(days: int) -> tuple[int, int, int]:
    """Year, month and day of a number of days since 1970-01-01."""
    era, day_of_era = divmod(days + 719468, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


class Temporal:
    """What dates, times and durations share: `feel_type` names the kind, `key` compares values of one kind."""

    __slots__ = ()
    feel_type = ""

    @property
    def key(self) -> int:
        raise NotImplementedError

    def _identity(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self.__class__ is other.__class__ and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def __repr__(self) -> str:
        return f'@"{self}"'


class Date(Temporal):
    """A day of the calendar, of any year."""

    __slots__ = ("year", "month", "day")
    feel_type = "date"

    def __init__(self, year: int, month: int, day: int) -> None:
        if not (-MAX_YEAR <= year <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
            raise ValueError("no such day")
        self.year, self.month, self.day = year, month, day

    @classmethod
    def from_days(cls, days: int) -> Date:
        return cls(*civil_of(days))

    @property
    def days(self) -> int:
        """Days since 1970-01-01."""
        return days_of(self.year, self.month, self.day)

    @property
    def key(self) -> int:
        return (self.year * 16 + self.month) * 32 + self.day

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.days + 3) % 7 + 1

    def plus_months(self, months: int) -> Date:
        """The same day some months on, or the month's last day where it is shorter."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))

    def _identity(self) -> tuple[Any, ...]:
        return (self.year, self.month, self.day)

    def __str__(self) -> str:
        year = f"{self.year:04d}" if self.year >= 0 else f"-{-self.year:04d}"
        return f"{year}-{self.month:02d}-{self.day:02d}"


class Time(Temporal):
    """A time of the day: local, at an offset from UTC, or in a named zone."""

    __slots__ = ("nanos", "offset", "zone")
    feel_type = "time"

    def __init__(self, nanos: int, offset: int | None = None, zone: str | None = None) -> None:
        self.nanos = nanos
        self.zone = zone
        self.offset = offset

    @classmethod
    def of(cls, hour: int, minute: int, second: int, offset: int | None = None, zone: str | None = None) -> Time:
        if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 59):
            raise ValueError("no such time")
        return cls((hour * 3600 + minute * 60 + second) * NANOS, offset, zone)

    @property
    def is_local(self) -> bool:
        return self.offset is None and self.zone is None

    @property
    def utc_offset(self) -> int | None:
        """Seconds ahead of UTC; of a named zone its offset in January 2000, for want of a day."""
        if self.zone is not None:
            return zones.offset_at(self.zone, 2000, 1, 1, self.nanos // NANOS)
        return self.offset

    @property
    def hour(self) -> int:
        return self.nanos // (3600 * NANOS)

    @property
    def minute(self) -> int:
        return self.nanos // (60 * NANOS) % 60

    @property
    def second(self) -> int:
        return self.nanos // NANOS % 60

    @property
    def key(self) -> int:
        return self.nanos // NANOS - (self.utc_offset or 0)

    def with_nanos(self, nanos: int) -> Time:
        return Time(nanos % DAY_NANOS, self.offset, self.zone)

    def _identity(self) -> tuple[Any, ...]:
        return (self.nanos, self.offset, self.zone)

    def clock(self) -> str:
        """The text without offset or zone."""
        seconds, fraction = divmod(self.nanos, NANOS)
        text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return f"{text}.{fraction:09d}".rstrip("0") if fraction else text

    def __str__(self) -> str:
        if self.zone is not None:
            return f"{self.clock()}@{self.zone}"
        return self.clock() + offset_text(self.offset)


def offset_text(offset: int | None) -> str:
    """ "" for local, "Z" or "+02:00"."""
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    minutes, seconds = divmod(abs(offset), 60)
    text = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


class DateTime(Temporal):
    """A day and a time of it; `fold` is 1 the second time a clock that is set back shows it."""

    __slots__ = ("date", "time", "fold")
    feel_type = "date and time"

    def __init__(self, date: Date, time: Time, fold: int = 0) -> None:
        self.date = date
        self.time = time
        self.fold = fold

    @classmethod
    def from_nanos(cls, nanos: int, time: Time) -> DateTime:
        """The local date and time `nanos` after 1970-01-01, with the offset or zone of `time`."""
        days, rest = divmod(nanos, DAY_NANOS)
        return cls(Date.from_days(days), time.with_nanos(rest))

    @classmethod
    def from_instant(cls, nanos: int, time: Time) -> DateTime:
        """The moment `nanos` after 1970-01-01 UTC, told in the offset or zone of `time`."""
        if time.zone is None:
            return cls.from_nanos(nanos + (time.offset or 0) * NANOS, time)
        days, rest = divmod(nanos, DAY_NANOS)
        offset = zones.offset_at_utc(time.zone, *civil_of(days), rest // NANOS)
        moment = cls.from_nanos(nanos + offset * NANOS, time)
        moment.fold = int(moment.utc_offset != offset)
        return moment

    @classmethod
    def from_python(cls, moment: dt.datetime) -> DateTime:
        """A Python datetime; a ZoneInfo keeps its name."""
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        name = getattr(moment.tzinfo, "key", None)
        offset = moment.utcoffset()
        time = Time(
            seconds * NANOS + moment.microsecond * 1000,
            None if offset is None or name else offset.days * 86400 + offset.seconds,
            name,
        )
        return cls(Date(moment.year, moment.month, moment.day), time, moment.fold)

    @property
    def is_local(self) -> bool:
        return self.time.is_local

    @property
    def utc_offset(self) -> int | None:
        zone = self.time.zone
        if zone is not None:
            date = self.date
            return zones.offset_at(zone, date.year, date.month, date.day, self.time.nanos // NANOS, self.fold)
        return self.time.offset

    @property
    def nanos(self) -> int:
        """Local nanoseconds since 1970-01-01."""
        return self.date.days * DAY_NANOS + self.time.nanos

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01 UTC; a local time counts as UTC."""
        return self.nanos - (self.utc_offset or 0) * NANOS

    @property
    def key(self) -> int:
        return self.instant // NANOS

    def _identity(self) -> tuple[Any, ...]:
        return (self.date, self.time)

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


class DaysDuration(Temporal):
    """A days and time duration: an exact length of time."""

    __slots__ = ("nanos",)
    feel_type = "days and time duration"

    def __init__(self, nanos: int) -> None:
        self.nanos = nanos

    @property
    def key(self) -> int:
        return self.nanos

    def _identity(self) -> tuple[Any, ...]:
        return (self.nanos,)

    def __str__(self) -> str:
        if not self.nanos:
            return "PT0S"
        seconds, fraction = divmod(abs(self.nanos), NANOS)
        days, rest = divmod(seconds, 86400)
        hours, rest = divmod(rest, 3600)
        minutes, second = divmod(rest, 60)
        text = f"P{days}D" if days else "P"
        if hours or minutes or second or fraction:
            text += "T"
            text += f"{hours}H" if hours else ""
            text += f"{minutes}M" if minutes else ""
            if fraction:
                text += f"{second}.{fraction:09d}".rstrip("0") + "S"
            elif second:
                text += f"{second}S"
        return ("-" if self.nanos < 0 else "") + text


class MonthsDuration(Temporal):
    """A years and months duration."""

    __slots__ = ("months",)
    feel_type = "years and months duration"

    def __init__(self, months: int) -> None:
        self.months = months

    @property
    def key(self) -> int:
        return self.months

    def _identity(self) -> tuple[Any, ...]:
        return (self.months,)

    def __str__(self) -> str:
        if not self.months:
            return "P0M"
        years, months = divmod(abs(self.months), 12)
        text = "P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-" if self.months < 0 else "") + text


Duration = DaysDuration | MonthsDuration
