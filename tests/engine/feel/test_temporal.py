"""Dates and times against Python's own, and beyond where Python's own end."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import feel
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, civil_of, days_of
from engine.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_temporal, parse_time


@given(st.dates())
def test_days_are_counted_like_python_counts_them(date: dt.date) -> None:
    days = days_of(date.year, date.month, date.day)
    assert days == date.toordinal() - dt.date(1970, 1, 1).toordinal()
    assert civil_of(days) == (date.year, date.month, date.day)
    assert Date(date.year, date.month, date.day).weekday == date.isoweekday()


@given(st.integers(-(10**11), 10**11))
def test_days_and_dates_match_in_any_year(days: int) -> None:
    assert days_of(*civil_of(days)) == days


@given(st.datetimes(), st.timedeltas(dt.timedelta(-1000), dt.timedelta(1000)))
def test_moments_move_like_pythons(moment: dt.datetime, length: dt.timedelta) -> None:
    scope = {"moment": feel.from_plain(moment), "length": feel.from_plain(length)}
    try:
        expected = moment + length
    except OverflowError:
        return
    assert feel.compile("moment + length").value(scope) == feel.from_plain(expected)
    assert feel.compile("moment + length - moment").value(scope) == scope["length"]


@given(st.integers(-(10**20), 10**20))
def test_durations_survive_their_text(amount: int) -> None:
    assert parse_duration(str(DaysDuration(amount))) == DaysDuration(amount)
    assert parse_duration(str(MonthsDuration(amount))) == MonthsDuration(amount)


@pytest.mark.parametrize(
    "text",
    [
        "2024-13-01",
        "2024-02-30",
        "24-01-01",
        "02024-01-01",
        "2024-1-1",
        "2024-01-01T25:00:00",
        "2024-01-01T24:00:01",
        "10:60:00",
        "10:00:00+19:00",
        "10:00:00@No/Where",
        "10:00:00+01:00@Europe/Berlin",
        "P",
        "PT",
        "P1Y1D",
        "P1S",
        "",
        "P" + "9" * 200 + "D",
    ],
)
def test_other_texts_are_no_temporal_values(text: str) -> None:
    assert parse_temporal(text) is None
    assert parse_date(text) is None and parse_time(text) is None
    assert parse_date_time(text) is None and parse_duration(text) is None


def test_the_clock_that_is_set_forward_and_back() -> None:
    value = feel.compile(
        '[date and time("2024-03-31T01:30:00@Europe/Berlin") + @"PT1H",'
        ' date and time("2024-10-27T02:30:00@Europe/Berlin") + @"PT1H",'
        ' date and time("2024-03-31T01:30:00@Europe/Berlin") + @"P1M"]'
    ).value({})
    assert feel.to_plain(value) == [
        "2024-03-31T03:30:00@Europe/Berlin",
        "2024-10-27T02:30:00@Europe/Berlin",
        "2024-04-30T01:30:00@Europe/Berlin",
    ]


def test_the_hour_that_comes_twice_passes() -> None:
    start = dt.datetime(2024, 10, 27, 0, 30, tzinfo=dt.UTC).astimezone(ZoneInfo("Europe/Berlin"))
    hours = feel.compile('for i in 0..3 return string(now() + @"PT1H" * i)').value({}, start)
    assert [text[11:16] for text in hours] == ["02:30", "02:30", "03:30", "04:30"]
    assert feel.compile('now() + @"PT1H" + @"PT1H" - now()').value({}, start) == DaysDuration(7200 * 10**9)


def test_zones_in_far_years() -> None:
    assert str(parse_date_time("12024-07-01T12:00:00@Europe/Berlin")) == "12024-07-01T12:00:00@Europe/Berlin"
    far = parse_date_time("12024-07-01T12:00:00@Europe/Berlin")
    assert isinstance(far, DateTime) and far.utc_offset == 7200
    early = parse_date_time("-0500-07-01T12:00:00@Asia/Shanghai")
    assert isinstance(early, DateTime) and early.utc_offset is not None


def test_what_would_leave_the_calendar_is_null() -> None:
    assert feel.compile('@"999999999-12-31" + @"P1D"').value({}) is None
    assert feel.compile('@"2024-01-01" + @"P99999999999999D"').value({}) is None
