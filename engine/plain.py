"""Plain data (null, truth, numbers, text, lists, objects) to and from JSON text, exact for decimal numbers.

Process variables, events, commands and instance states all pass here; nothing else in the engine encodes JSON.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import simplejson


def _plain(value: Any) -> Any:
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "template") and hasattr(value, "values"):
        # A sentence of the engine inside another one stays a sentence, so that readers of any language can have it.
        return {"template": value.template, "values": dict(value.values)}
    raise TypeError(f"{type(value).__name__} is not plain data")


_writer, _canonical_writer = (
    simplejson.JSONEncoder(
        use_decimal=True,
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
        default=_plain,
        sort_keys=is_canonical,
    )
    for is_canonical in (False, True)
)
_reader = simplejson.JSONDecoder(parse_float=Decimal)


def dumps(value: Any) -> str:
    """JSON text of plain data; tuples become lists, dates ISO 8601 text. Raises TypeError for anything else."""
    text: str = _writer.encode(value)
    return text


def canonical(value: Any) -> bytes:
    """The one spelling of plain data that hashes are taken of: sorted keys, no spaces, UTF-8."""
    text: str = _canonical_writer.encode(value)
    return text.encode()


def loads(text: str | bytes) -> Any:
    """Plain data of JSON text; numbers with a fraction become Decimal. Raises ValueError for broken text."""
    return _reader.decode(text if isinstance(text, str) else text.decode())
