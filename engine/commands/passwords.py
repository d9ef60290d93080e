"""Passwords: what they must be, how they are kept, and whether one fits."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from engine.errors import Problem

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 200
"""Longer ones only make work for the machine."""


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
    return _hasher().hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; does the same work when none was kept."""
    from argon2.exceptions import InvalidHashError, VerificationError

    known = password_hash is not None
    try:
        _hasher().verify(password_hash if password_hash is not None else _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return known


@cache
def _hasher() -> PasswordHasher:
    # Most runs of the command line never hash anything.
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    return hashed("the password of nobody")
