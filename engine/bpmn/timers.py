"""When timers of a diagram are due: ISO 8601 dates, durations and repeating intervals, and cron.

The due time is worked out once, when the token arrives, from the moment it is given; no clock is read here.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from engine.bpmn.cron import next_after
from engine.bpmn.scripting import Attribute, Variables

FOREVER = -1

_DURATION = re.compile(
    r"(?P<sign>[+-])?P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_REPEATING = re.compile(r"R(?P<count>\d*)/(?:(?P<start>.+)/)?(?P<interval>[^/]+)")
_RULE = re.compile(r"(?P<rule>@?[^@]+)(?:@(?P<zone>.+))?")
"""A duration or cron expression, and the time zone in which it counts days."""
_ZONE = re.compile(r"(?P<local>[^@\[]+)(?:@(?P<zone>[^\]]+)|\[(?P<bracketed>[^\]]+)\])")


@dataclass(frozen=True)
class Due:
    """When a timer fires, and how it goes on afterwards."""

    moment: dt.datetime
    repeats: int | None = None
    """How often it still fires after this time; none for a single time, -1 for without end."""
    interval: str = ""
    """ISO 8601 duration or cron expression between the times of a cycle; `@` and a time zone may follow, so that a
    daily time stays the same on the clocks there when summer time begins and ends."""

    def after(self, now: dt.datetime) -> Due | None:
        """The next time of a cycle that has just fired; times that were missed meanwhile are left out."""
        if not self.repeats:
            return None
        moment = _following(self.moment, self.interval)
        if moment <= now:
            moment = _caught_up(moment, self.interval, now)
        return Due(moment, self.repeats if self.repeats == FOREVER else self.repeats - 1, self.interval)


class Timer:
    """A timer of the diagram, ready to be set."""

    def __init__(self, kind: Literal["date", "duration", "cycle"], attribute: Attribute) -> None:
        self._kind = kind
        self._attribute = attribute

    def first(self, variables: Variables, now: dt.datetime) -> Due:
        """When it is due for the first time. Raises Failure when its text makes no sense."""
        text = self._attribute.required_text(variables, now)
        try:
            match self._kind:
                case "date":
                    return Due(parse_moment(text, now))
                case "duration":
                    return Due(add_duration(now, text))
                case "cycle":
                    return parse_cycle(text, now)
        except (ValueError, OverflowError) as error:
            raise self._attribute.wrong(_EXPECTED[self._kind], text) from error


_EXPECTED = {
    "date": "a date and time such as 2026-05-01T09:00:00Z",
    "duration": "a duration such as PT4H or P7D",
    "cycle": "a repeating interval such as R3/PT10M",
}


def moment_of(attribute: Attribute, variables: Variables, now: dt.datetime) -> dt.datetime | None:
    """The moment that an attribute names; None when it has no value. Raises Failure when it is no moment."""
    text = attribute.text_value(variables, now)
    if not text:
        return None
    try:
        return parse_moment(text, now)
    except ValueError as error:
        raise attribute.wrong(_EXPECTED["date"], text) from error


def parse_moment(text: str, now: dt.datetime) -> dt.datetime:
    """A moment in time of ISO 8601 text; without a zone it is taken to be in the zone of `now`."""
    zone: dt.tzinfo | None = now.tzinfo
    if zoned := _ZONE.fullmatch(text):
        text, zone = zoned["local"], _zone(zoned["zone"] or zoned["bracketed"])
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None or zoned:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(dt.UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"no time zone {name}") from error


def add_duration(moment: dt.datetime, text: str) -> dt.datetime:
    """The moment an ISO 8601 duration later; months and years keep the day, or take the last of the month.

    Days are those of the moment's time zone, hours are hours wherever one is.
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"no duration {text}")
    sign = -1 if found["sign"] == "-" else 1
    months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
    if months:
        moment = _add_months(moment, sign * months)
    days = dt.timedelta(weeks=int(found["weeks"] or 0), days=int(found["days"] or 0))
    hours = dt.timedelta(
        hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0), seconds=float(found["seconds"] or 0)
    )
    return (moment + sign * days).astimezone(dt.UTC) + sign * hours


def is_duration(text: str) -> bool:
    """Whether it is an ISO 8601 duration that leads forward."""
    return _DURATION.fullmatch(text) is not None and not text.startswith("-")


def parse_cycle(text: str, now: dt.datetime) -> Due:
    """The first time of a repeating interval `R[n]/[start/]duration` or of a cron expression."""
    repeating = _REPEATING.fullmatch(text)
    if repeating is None:
        if text.startswith("P"):
            raise ValueError(f"no cycle {text}")
        return Due(_following(now, text), FOREVER, text)
    count, interval = repeating["count"], repeating["interval"]
    if count and int(count) == 0:
        raise ValueError("a cycle that never fires")
    if add_duration(now, interval) <= now:
        raise ValueError("a cycle that stands still")
    start = repeating["start"]
    moment = parse_moment(start, now) if start else add_duration(now, interval)
    if start and (zoned := _ZONE.fullmatch(start)):
        interval = f"{interval}@{zoned['zone'] or zoned['bracketed']}"
    return Due(moment, int(count) - 1 if count else FOREVER, interval)


def _following(moment: dt.datetime, interval: str) -> dt.datetime:
    rule, zone = _rule(interval)
    local = moment.astimezone(zone)
    if rule.startswith("P"):
        return add_duration(local, rule)
    found = next_after(rule, local)
    if found.astimezone(dt.UTC) <= moment:
        found = found.replace(fold=1)  # in the hour that comes twice when summer time ends
    return found.astimezone(dt.UTC)


def _rule(interval: str) -> tuple[str, dt.tzinfo]:
    parts = _RULE.fullmatch(interval)
    if parts is None:
        raise ValueError(f"no interval {interval}")
    return parts["rule"].strip(), _zone(parts["zone"]) if parts["zone"] else dt.UTC


def _caught_up(moment: dt.datetime, interval: str, now: dt.datetime) -> dt.datetime:
    """The first time of a cycle after now."""
    rule, zone = _rule(interval)
    if not rule.startswith("P"):
        return _following(now, interval)
    days = rule.partition("T")[0]
    if days == "P" or (zone is dt.UTC and not re.search("[YM]", days)):
        step = add_duration(moment, rule) - moment
        return moment + ((now - moment) // step + 1) * step
    while moment <= now:
        moment = _following(moment, interval)
    return moment


def _add_months(moment: dt.datetime, months: int) -> dt.datetime:
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - dt.timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
