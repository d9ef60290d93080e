"""Passwords: what they must be, how they are kept, and whether one fits."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import Problem

SHORTEST = 10
LONGEST = 200
"""Longer ones only make work for the machine."""
_hasher = PasswordHasher()


def problems(password: str) -> list[Problem]:
    """What is wrong with a new password: length alone makes it strong."""
    if SHORTEST <= len(password) <= LONGEST:
        return []
    return [
        Problem(
            "A password has {shortest} to {longest} letters, digits or signs.",
            {"shortest": SHORTEST, "longest": LONGEST},
            field=("password",),
        )
    ]


def hashed(password: str) -> str:
    """What is kept of a password (Argon2id)."""
    return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; does the same work when none was kept."""
    known = password_hash is not None
    try:
        _hasher.verify(password_hash if password_hash is not None else _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return known


@cache
def _nobodys() -> str:
    return hashed("the password of nobody")
