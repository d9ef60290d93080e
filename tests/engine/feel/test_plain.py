"""FEEL values to plain data and back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine import feel, plain


def test_temporal_values_become_text_that_feel_reads_back() -> None:
    for text in ("2024-05-06", "10:20:30+02:00", "2024-05-06T10:20:30@Europe/Berlin", "-P1DT2H", "P1Y2M", "PT0.5S"):
        value = feel.compile(f'@"{text}"').value({})
        assert feel.to_plain(value) == text


def test_everything_an_expression_gives_can_be_stored() -> None:
    value = feel.compile('{a: @"2024-01-01", b: [1, 2.50, "x", null, true], c: [1..5], d: function(x) x}').value({})
    stored = plain.loads(plain.dumps(feel.to_plain(value)))
    assert stored == {"a": "2024-01-01", "b": [1, Decimal("2.50"), "x", None, True], "c": "[1..5]", "d": None}


def test_pythons_dates_become_feels() -> None:
    moment = dt.datetime(2024, 5, 6, 10, 20, 30, 500_000, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(feel.from_plain(moment)) == "2024-05-06T10:20:30.5@Europe/Berlin"
    assert str(feel.from_plain(moment.astimezone(dt.UTC))) == "2024-05-06T08:20:30.5Z"
    assert str(feel.from_plain(dt.date(2024, 5, 6))) == "2024-05-06"
    assert str(feel.from_plain(dt.time(10, 0))) == "10:00:00"
    assert str(feel.from_plain(dt.timedelta(days=1, seconds=3))) == "P1DT3S"
    assert feel.from_plain({"x": (0.1, 2.0)}) == {"x": [Decimal("0.1"), 2]}
    assert feel.to_plain(dt.date(2024, 5, 6)) == "2024-05-06"


def test_other_objects_are_refused() -> None:
    with pytest.raises(TypeError):
        feel.from_plain(object())
    with pytest.raises(TypeError):
        feel.to_plain(object())
