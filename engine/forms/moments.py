"""Dates and times as form-js writes them."""

from __future__ import annotations

import datetime as dt
import re

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)

FAULTS = {
    "date": "Value is not a date such as 2026-11-30.",
    "time": "Value is not a time such as 09:30.",
    "datetime": "Value is not a date and time such as 2026-11-30T09:30.",
}
"""What to say of a text that is no moment of the subtype."""


def is_moment(text: str, subtype: str) -> bool:
    """Whether the text is a date, time or datetime (the subtype) that exists."""
    if subtype == "datetime":
        date, mark, time = text.partition("T")
        return mark == "T" and is_moment(date, "date") and is_moment(time, "time")
    if (_DATE if subtype == "date" else _TIME).fullmatch(text) is None:
        return False
    try:
        if subtype == "date":
            dt.date.fromisoformat(text)
        else:
            _time(text)
    except ValueError:
        return False
    return True


def is_past(text: str, now: dt.datetime) -> bool:
    """Whether the day named is over; without a time zone, when it is over everywhere on earth."""
    day, _, time = text.partition("T")
    zone = _time(time).tzinfo if time else None
    today = now.astimezone(zone or dt.timezone(dt.timedelta(hours=-12))).date()
    return dt.date.fromisoformat(day) < today


def _time(text: str) -> dt.time:
    if "." in text:  # Python reads six digits of a second, not nine
        text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    return dt.time.fromisoformat(text.replace("Z", "+00:00"))
