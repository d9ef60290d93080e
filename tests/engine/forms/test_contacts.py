"""E-mail addresses and telephone numbers."""

from __future__ import annotations

import pytest

from engine.forms.contacts import is_email, is_phone


@pytest.mark.parametrize("text", ["a@b", "ann.lee+x@mail.example.org", "o'neil@example.co.uk"])
def test_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize("text", ["", "a", "@b", "a@", "a b@c", "a@b..c", "a@-b", "a@b c", "a@b\n", "Ann <a@b>"])
def test_no_addresses(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize("text", ["+4930664040900", "008613812345678", "+12025550123", "+85291234567"])
def test_numbers(text: str) -> None:
    assert is_phone(text)


@pytest.mark.parametrize("text", ["", "030123456", "+49 30 123456", "+490301234567", "+999123456789", "+49", "+4930x"])
def test_no_numbers(text: str) -> None:
    assert not is_phone(text)
