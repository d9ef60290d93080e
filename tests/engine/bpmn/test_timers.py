"""When timers are due."""

from __future__ import annotations

import datetime as dt

import pytest

from engine.bpmn.cron import next_after
from engine.bpmn.scripting import Attribute, Failure
from engine.bpmn.timers import FOREVER, Due, Timer, add_duration, parse_cycle, parse_moment

NOW = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("PT1H", "2026-01-31T13:00"),
        ("P1D", "2026-02-01T12:00"),
        ("P1M", "2026-02-28T12:00"),
        ("P1Y1M", "2027-02-28T12:00"),
        ("P2W", "2026-02-14T12:00"),
        ("-PT5M", "2026-01-31T11:55"),
        ("P1DT2H3M4.5S", "2026-02-01T14:03:04.500"),
        ("P11M", "2026-12-31T12:00"),
    ],
)
def test_durations(duration: str, expected: str) -> None:
    assert add_duration(NOW, duration) == at(expected)


@pytest.mark.parametrize("wrong", ["P", "PT", "1H", "PT1", "P1H", "", "PT1H30"])
def test_no_duration(wrong: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        add_duration(NOW, wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T09:00:00Z", "2026-05-01T09:00"),
        ("2026-05-01T09:00:00+02:00", "2026-05-01T07:00"),
        ("2026-05-01T09:00:00@Europe/Berlin", "2026-05-01T07:00"),
        ("2026-12-01T09:00:00[Europe/Berlin]", "2026-12-01T08:00"),
        ("2026-05-01T09:00", "2026-05-01T09:00"),
        ("2026-05-01", "2026-05-01T00:00"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    assert parse_moment(text, NOW) == at(expected)


@pytest.mark.parametrize("wrong", ["soon", "2026-13-01", "2026-05-01T09:00@Nowhere/Land", "2026-05-01T09:00@../x"])
def test_no_moment(wrong: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(wrong, NOW)


def test_cycles() -> None:
    assert parse_cycle("R3/PT10M", NOW) == Due(at("2026-01-31T12:10"), 2, "PT10M")
    assert parse_cycle("R/P1M", NOW) == Due(at("2026-02-28T12:00"), FOREVER, "P1M")
    assert parse_cycle("R2/2026-02-01T00:00:00Z/P1D", NOW) == Due(at("2026-02-01T00:00"), 1, "P1D")
    for wrong in ("R0/PT1M", "R/PT0S", "R/-PT1M", "PT1M", "R/", "every day"):
        with pytest.raises(ValueError):
            parse_cycle(wrong, NOW)


def test_a_cycle_leaves_out_what_was_missed() -> None:
    due = Due(at("2026-01-31T12:00"), FOREVER, "PT10M")

    assert due.after(NOW) == Due(at("2026-01-31T12:10"), FOREVER, "PT10M")
    assert due.after(at("2026-01-31T12:35")) == Due(at("2026-01-31T12:40"), FOREVER, "PT10M")
    assert Due(NOW, 1, "P1M").after(at("2026-05-01T00:00")) == Due(at("2026-05-28T12:00"), 0, "P1M")
    assert Due(NOW, 0, "PT10M").after(NOW) is None
    assert Due(NOW).after(NOW) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 9 * * *", "2026-02-01T09:00"),
        ("0 0 9 * * MON", "2026-02-02T09:00"),
        ("*/15 * * * * *", "2026-01-31T12:00:15"),
        ("0 30 12 31 * *", "2026-01-31T12:30"),
        ("0 0 0 29 FEB ?", "2028-02-29T00:00"),
        ("@monthly", "2026-02-01T00:00"),
        ("0 0 8-17/4 * * MON-FRI", "2026-02-02T08:00"),
        ("0 0 12 * * 7", "2026-02-01T12:00"),
    ],
)
def test_cron(expression: str, expected: str) -> None:
    assert next_after(expression, NOW) == at(expected)
    assert parse_cycle(expression, NOW) == Due(at(expected), FOREVER, expression)


@pytest.mark.parametrize("wrong", ["0 0 0 30 2 *", "61 * * * *", "* * *", "a b c d e", "0 0 0 5-1 * *", "*/0 * * * *"])
def test_no_cron(wrong: str) -> None:
    with pytest.raises(ValueError):
        next_after(wrong, NOW)


def test_a_timer_that_makes_no_sense_says_what_it_expects() -> None:
    with pytest.raises(Failure, match=r"The timer 'tomorrow' must give a duration such as PT4H or P7D"):
        Timer("duration", Attribute("tomorrow", "timer")).first({}, NOW)
    assert Timer("date", Attribute("2026-05-01T09:00:00Z", "timer")).first({}, NOW) == Due(at("2026-05-01T09:00"))


def times(text: str, since: dt.datetime, count: int) -> list[str]:
    """The first times of a cycle, each caught as soon as it is due."""
    due: Due | None = parse_cycle(text, since)
    found = []
    for _ in range(count):
        assert due is not None
        found.append(due.moment.strftime("%m-%dT%H:%M"))
        due = due.after(due.moment)
    return found


def test_a_daily_time_stays_the_same_on_the_clocks_of_its_zone() -> None:
    spring, autumn = at("2026-03-27T12:00"), at("2026-10-23T12:00")

    for text in ("R/2026-03-28T09:00@Europe/Berlin/P1D", "0 0 9 * * *@Europe/Berlin", "0 9 * * * @Europe/Berlin"):
        assert times(text, spring, 3) == ["03-28T08:00", "03-29T07:00", "03-30T07:00"]
    assert times("0 9 * * *@Europe/Berlin", autumn, 3) == ["10-24T07:00", "10-25T08:00", "10-26T08:00"]
    assert times("R/2026-03-28T09:00@Europe/Berlin/PT12H", spring, 3) == ["03-28T08:00", "03-28T20:00", "03-29T08:00"]
    assert times("@daily@Asia/Shanghai", spring, 2) == ["03-27T16:00", "03-28T16:00"]


def test_the_hour_that_does_not_come_and_the_one_that_comes_twice() -> None:
    assert times("30 2 * * *@Europe/Berlin", at("2026-03-28T12:00"), 2) == ["03-29T01:30", "03-30T00:30"]
    assert times("30 2 * * *@Europe/Berlin", at("2026-10-24T12:00"), 2) == ["10-25T00:30", "10-26T01:30"]
    every = times("*/20 * * * *@Europe/Berlin", at("2026-10-24T23:50"), 12)
    assert every == sorted(set(every))
    assert parse_cycle("*/20 * * * *@Europe/Berlin", at("2026-10-25T01:15")).moment == at("2026-10-25T01:20")


def test_missed_days_are_left_out_in_the_zone_too() -> None:
    due = parse_cycle("R/2026-03-20T09:00@Europe/Berlin/P1D", at("2026-03-19T12:00"))

    following = due.after(at("2026-04-02T12:00"))
    assert following is not None
    assert following.moment == at("2026-04-03T07:00")


@pytest.mark.parametrize("wrong", ["0 9 * * *@Nowhere/Land", "R/2026-03-28T09:00@Nowhere/P1D", "0 9 * * *@"])
def test_no_zone(wrong: str) -> None:
    with pytest.raises(ValueError):
        parse_cycle(wrong, NOW)
