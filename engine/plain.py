"""Plain data (null, truth, numbers, text, lists, objects) to and from JSON text, exact for decimal numbers.

Process variables, events, commands and instance states all pass here; nothing else in the engine encodes JSON.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import simplejson


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not plain data")


def dumps(value: Any) -> str:
    """JSON text of plain data; tuples become lists, dates ISO 8601 text. Raises TypeError for anything else."""
    return simplejson.dumps(
        value, use_decimal=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain
    )


def canonical(value: Any) -> bytes:
    """The one spelling of plain data that hashes are taken of: sorted keys, no spaces, UTF-8."""
    return simplejson.dumps(
        value,
        use_decimal=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        sort_keys=True,
        default=_plain,
    ).encode()


def loads(text: str | bytes) -> Any:
    """Plain data of JSON text; numbers with a fraction become Decimal. Raises ValueError for broken text."""
    return simplejson.loads(text, use_decimal=True)
