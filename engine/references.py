"""What people call a case: its reference, and the secret that opens its public status page."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are misread or misheard."""


def new_reference(prefix: str, now: dt.datetime) -> str:
    """Such as `C-2611-7KQ4XM`: prefix, year and month, six letters and digits by chance.

    Not counted up, since a counter would make all starts wait for each other and tell customers how many there are.
    """
    chance = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{prefix}-{now:%y%m}-{chance}"


def status_secret(secret: bytes, reference: str) -> str:
    """The secret of a case's public page, made from the installation's own: nothing to store, nothing to steal."""
    digest = hmac.new(secret, b"status:" + reference.encode(), hashlib.sha256).digest()
    return "".join(_ALPHABET[byte % 32] for byte in digest[:12])


def is_status_secret(secret: bytes, reference: str, given: str) -> bool:
    """Whether the secret given is the case's; takes the same time whatever is wrong with it."""
    return hmac.compare_digest(status_secret(secret, reference).encode(), given.strip().upper().encode())


def status_path(secret: bytes, reference: str) -> str:
    """The path of a case's public status page."""
    return f"/status/{reference}/{status_secret(secret, reference)}"
