"""Each field type: what it takes, what it stores, which rules it keeps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .making import NOW, faults, form

OPTIONS = [{"label": "One", "value": "1"}, {"label": "Two", "value": "2"}]


def text(**more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": "x", "label": "X", **more}


def number(**more: Any) -> dict[str, Any]:
    return {"type": "number", "key": "x", "label": "X", **more}


@pytest.mark.parametrize(
    ("component", "sent", "stored"),
    [
        (text(), "a\nb\tc", "a b c"),
        (text(), None, ""),
        ({"type": "textarea", "key": "x"}, "a\nb", "a\nb"),
        (number(), 3, 3),
        (number(), Decimal("0.10"), Decimal("0.10")),
        (number(), "2.5", Decimal("2.5")),
        (number(), 0.1, Decimal("0.1")),
        (number(), "", None),
        (number(serializeToString=True), 7, "7"),
        ({"type": "checkbox", "key": "x"}, True, True),
        ({"type": "checkbox", "key": "x"}, None, False),
        ({"type": "radio", "key": "x", "values": OPTIONS}, "2", "2"),
        ({"type": "select", "key": "x", "values": OPTIONS}, None, None),
        ({"type": "select", "key": "x", "values": [1, True, "a"]}, 1, 1),
        ({"type": "checklist", "key": "x", "values": OPTIONS}, ["2", "1"], ["2", "1"]),
        ({"type": "taglist", "key": "x", "values": OPTIONS}, None, []),
        ({"type": "datetime", "key": "x", "subtype": "date"}, "2024-02-29", "2024-02-29"),
        ({"type": "datetime", "key": "x", "subtype": "time"}, "09:30+01:00", "09:30+01:00"),
        ({"type": "datetime", "key": "x", "subtype": "datetime"}, "2026-11-30T09:30Z", "2026-11-30T09:30Z"),
        ({"type": "datetime", "key": "x", "subtype": "datetime"}, "2026-11-30T09:30:00.1234567Z", None),
        ({"type": "filepicker", "key": "x"}, "files::abc", "files::abc"),
    ],
)
def test_what_is_stored(component: dict[str, Any], sent: Any, stored: Any) -> None:
    expected = sent if isinstance(sent, str) and sent.endswith("4567Z") else stored
    assert form(component).validate({"x": sent}, {}, NOW) == {"x": expected}


@pytest.mark.parametrize(
    ("component", "sent", "message"),
    [
        (text(), 5, "Value is not text."),
        (text(), ["a"], "Value is not text."),
        (text(), "x" * 100_001, "Field must have maximum length of 100000."),
        (text(validate={"required": True}), "", "Field is required."),
        (text(validate={"minLength": 3}), " ab ", "Field must have minimum length of 3."),
        (text(validate={"maxLength": 3}), "abcd", "Field must have maximum length of 3."),
        (text(validate={"maxLength": 3}), "a😀😀", "Field must have maximum length of 3."),
        (text(validate={"pattern": "^[A-Z]{2}-\\d+$"}), "ab-1", "Field must match pattern ^[A-Z]{2}-\\d+$."),
        (text(validate={"pattern": "^a$", "patternErrorMessage": "Like {a}"}), "b", "Like {a}"),
        (text(validate={"validationType": "email"}), "a b@c", "Field must be a valid email."),
        (
            text(validate={"validationType": "phone"}),
            "12345",
            "Field must be a valid international phone number. (e.g. +4930664040900)",
        ),
        (number(), True, "Value is not a number."),
        (number(), "1e999999", "Value is not a number."),
        (number(), "NaN", "Value is not a number."),
        (number(), "9" * 5000, "Value is not a number."),
        (number(decimalDigits=0), Decimal("1.5"), "Value is expected to be an integer."),
        (number(decimalDigits=1), Decimal("1.25"), "Value is expected to have at most 1 decimal digit."),
        (number(decimalDigits=2), Decimal("1.255"), "Value is expected to have at most 2 decimal digits."),
        (
            number(increment="0.05"),
            Decimal("0.12"),
            "Please select a valid value, the two nearest valid values are 0.10 and 0.15.",
        ),
        (number(validate={"min": 1}), 0, "Field must have minimum value of 1."),
        (number(validate={"max": "=1 + 1"}), 3, "Field must have maximum value of 2."),
        ({"type": "checkbox", "key": "x"}, "yes", "Value is neither yes nor no."),
        ({"type": "checkbox", "key": "x", "validate": {"required": True}}, False, "Field is required."),
        ({"type": "radio", "key": "x", "values": OPTIONS}, "3", "Please select one of the options offered."),
        ({"type": "select", "key": "x", "values": [1]}, True, "Please select one of the options offered."),
        ({"type": "select", "key": "x", "values": OPTIONS}, ["1"], "Please select one of the options offered."),
        ({"type": "checklist", "key": "x", "values": OPTIONS}, ["9"], "Please select one of the options offered."),
        ({"type": "taglist", "key": "x", "values": OPTIONS}, "1", "Value is not a list of options."),
        (
            {"type": "checklist", "key": "x", "values": OPTIONS, "validate": {"required": True}},
            [],
            "Field is required.",
        ),
        ({"type": "datetime", "key": "x", "subtype": "date"}, "2026-02-29", "Value is not a date such as 2026-11-30."),
        ({"type": "datetime", "key": "x", "subtype": "time"}, "25:00", "Value is not a time such as 09:30."),
        (
            {"type": "datetime", "key": "x", "subtype": "datetime"},
            "2026-11-30",
            "Value is not a date and time such as 2026-11-30T09:30.",
        ),
        (
            {"type": "datetime", "key": "x", "subtype": "date", "disallowPassedDates": True},
            "2026-11-22",
            "Date must not be in the past.",
        ),
        ({"type": "filepicker", "key": "x"}, {"name": "a"}, "Value is not a reference to uploaded files."),
    ],
)
def test_what_is_refused(component: dict[str, Any], sent: Any, message: str) -> None:
    assert faults(form(component), {"x": sent}) == {("x",): message}


def test_a_number_is_compared_exactly() -> None:
    made = form(number(increment="0.0000000001", decimalDigits=10, validate={"max": 10**20}))
    value = Decimal("12345678901234567890.0000000001")
    assert made.validate({"x": value}, {}, NOW) == {"x": value}


def test_a_date_that_was_past_when_the_form_was_opened_may_stay() -> None:
    made = form({"type": "datetime", "key": "x", "subtype": "date", "disallowPassedDates": True})
    assert made.validate({"x": "2020-01-01"}, {"x": "2020-01-01"}, NOW) == {"x": "2020-01-01"}


def test_a_limit_that_gives_null_is_no_limit() -> None:
    assert form(number(validate={"max": "=missing"})).validate({"x": 5}, {}, NOW) == {"x": 5}


def test_options_come_from_the_data() -> None:
    by_key = form({"type": "select", "key": "x", "valuesKey": "teams"})
    by_feel = form(
        {"type": "select", "key": "x", "valuesExpression": '=for t in teams return {label: t, value: t + "!"}'}
    )
    variables = {"teams": ["red", {"label": "Blue", "value": "blue"}]}
    assert by_key.validate({"x": "blue"}, variables, NOW) == {"x": "blue"}
    assert faults(by_key, {"x": "green"}, variables) == {("x",): "Please select one of the options offered."}
    assert by_feel.validate({"x": "red!"}, {"teams": ["red"]}, NOW) == {"x": "red!"}
    assert faults(by_key, {"x": "green", "teams": ["green"]}) == {("x",): "Please select one of the options offered."}
