"""References and secrets of cases."""

from __future__ import annotations

import datetime as dt
import re

from engine.keys import KeySource
from engine.references import is_status_secret, new_reference, status_path, status_secret

NOW = dt.datetime(2026, 11, 3, tzinfo=dt.UTC)


def test_references_are_readable_and_differ() -> None:
    made = {new_reference("C", NOW) for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"C-2611-[0-9A-HJKMNP-TV-Z]{6}", each) for each in made)


def test_a_secret_fits_one_reference_of_one_installation() -> None:
    secret = status_secret(b"installation", "C-2611-AAAAAA")
    assert len(secret) == 12
    assert is_status_secret(b"installation", "C-2611-AAAAAA", f" {secret.lower()} ")
    assert not is_status_secret(b"installation", "C-2611-AAAAAB", secret)
    assert not is_status_secret(b"another", "C-2611-AAAAAA", secret)
    assert not is_status_secret(b"installation", "C-2611-AAAAAA", "ü")
    assert status_path(b"installation", "C-2611-AAAAAA") == f"/status/C-2611-AAAAAA/{secret}"


def test_keys_grow_and_fit_63_bits() -> None:
    source = KeySource()
    keys = [source() for _ in range(10_000)]
    assert keys == sorted(set(keys))
    assert keys[-1] < 2**63
