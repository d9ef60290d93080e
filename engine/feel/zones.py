"""Time zones: names of the IANA data base and their offset at a moment."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import lru_cache

UTC_NAMES = frozenset({"Z", "z"})


@lru_cache(maxsize=512)
def zone_named(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone, or None when there is none of that name."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def offset_at(name: str, year: int, month: int, day: int, second_of_day: int, fold: int = 0) -> int:
    """Seconds the zone's clock is ahead of UTC at that local time; `fold` 1 for the second time it shows it."""
    zone = zone_named(name)
    if zone is None:
        return 0
    moment = _moment(year, month, day, second_of_day).replace(tzinfo=zone, fold=fold)
    return _seconds(moment.utcoffset())


def offset_at_utc(name: str, year: int, month: int, day: int, second_of_day: int) -> int:
    """Seconds the zone's clock is ahead of UTC at that moment of UTC."""
    zone = zone_named(name)
    if zone is None:
        return 0
    moment = _moment(year, month, day, second_of_day).replace(tzinfo=dt.UTC)
    return _seconds(moment.astimezone(zone).utcoffset())


def _moment(year: int, month: int, day: int, second_of_day: int) -> dt.datetime:
    """The local time in a year that Python knows; far years take the rules of the nearest like one."""
    if year > 9998:
        year = 9600 + year % 400 - 400
    elif year < 2:
        year = 2 + (year - 2) % 400
    minutes, second = divmod(second_of_day, 60)
    hour, minute = divmod(minutes, 60)
    return dt.datetime(year, month, day, hour, minute, second)


def _seconds(offset: dt.timedelta | None) -> int:
    return 0 if offset is None else offset.days * 86400 + offset.seconds
