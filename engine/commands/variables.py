"""Data handed to a case: plain, named so that FEEL can name it, and not larger than a case should carry."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine import plain
from engine.errors import Invalid, Problem

MAXIMUM_BYTES = 1_000_000
MAXIMUM_DEPTH = 32


def checked(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables as plain data, floats as the decimals they are written as. Raises Invalid."""
    problems = [
        Problem(
            "'{name}' cannot name a variable: a name is made of letters, digits and _, and starts with no digit.",
            {"name": name},
            field=(name,),
        )
        for name in variables
        if not (isinstance(name, str) and name.isidentifier())
    ]
    try:
        clean: dict[str, Any] = {} if problems else _plain(dict(variables), 0)
    except (TypeError, ValueError) as error:
        clean = {}
        problems.append(Problem("The data cannot be kept: {reason}.", {"reason": str(error)}))
    if not problems and len(plain.dumps(clean)) > MAXIMUM_BYTES:
        problems.append(Problem("The data is larger than {limit} bytes.", {"limit": MAXIMUM_BYTES}))
    if problems:
        raise Invalid("Expected data that a case can keep, but some of it cannot be kept.", problems=problems)
    return clean


def _plain(value: Any, depth: int) -> Any:
    if depth > MAXIMUM_DEPTH:
        raise ValueError("it is nested too deeply")
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number is not finite")
        return Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("a number is not finite")
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(each, depth + 1) for name, each in value.items()}
    raise TypeError(f"{type(value).__name__} is not plain data")
