"""Plugs the engine into the runner of the DMN TCK, so that its cases can be counted.

    TCK=path/to/tck python path/to/runner/tck.py benchmarks/tck_adapter.py [--by-folder] [--show 20]

`evaluate` takes whole models, `evaluate_feel` and `unary_test` take FEEL alone.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from engine import dmn, feel  # noqa: E402

NAME = "Casewright"


def evaluate(dmn_path: str, decision_name: str, inputs: dict[str, Any]) -> Any:
    """The value of a decision, or of a decision service, of a model file."""
    model = _model(str(Path(dmn_path).resolve()))
    named = {element.name: element.id for element in (*model.services.values(), *model.decisions.values())}
    variables = {name: _value(value) for name, value in inputs.items()}
    return _told(model.value(named[decision_name], variables))


def evaluate_feel(expr: str, context: dict[str, Any]) -> Any:
    """The value of an expression."""
    scope = {name: _value(value) for name, value in context.items()}
    return _told(feel.compile(expr, tuple(scope)).evaluate(scope).value)


def unary_test(test: str, value: Any, context: dict[str, Any]) -> bool | None:
    """Whether a value passes the tests of a cell."""
    scope = {name: _value(inner) for name, inner in context.items()}
    return feel.compile_unary_tests(test, tuple(scope)).matches(_value(value), scope)


@lru_cache(maxsize=8)
def _model(path: str) -> dmn.DecisionModel:
    folder = Path(path).parent

    def find(namespace: str, location: str) -> dmn.DecisionModel | None:
        """The model beside this one that has the namespace."""
        for other in folder.glob("*.dmn"):
            if f'namespace="{namespace}"' in other.read_text("utf-8").partition("<import")[0] and str(other) != path:
                return _model(str(other))
        return None

    return dmn.parse(Path(path).read_bytes(), Path(path).name, find)


_FUNCTIONS = {"date": "date", "time": "time", "dateTime": "date and time", "duration": "duration"}


def _value(value: Any) -> Any:
    """FEEL's value for one of the runner's."""
    kind = getattr(value, "kind", None)
    if kind in _FUNCTIONS:
        return feel.compile(f"{_FUNCTIONS[kind]}(text)").value({"text": value.text})
    if isinstance(value, dict):
        return {name: _value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_value(inner) for inner in value]
    if isinstance(value, dt.timedelta):
        return feel.from_plain(value)
    return feel.from_plain(value)


class _Micro:
    """A temporal value as exact as the runner's own, which are read as Python's and so end at microseconds."""

    def __init__(self, feel_type: str, text: str) -> None:
        self.feel_type = feel_type
        self.text = text

    def __str__(self) -> str:
        return self.text


_BEYOND_MICROS = re.compile(r"(\.\d{6})\d{1,3}")


def _told(value: Any) -> Any:
    """The value as the runner compares it."""
    if isinstance(value, dict):
        return {name: _told(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_told(inner) for inner in value]
    kind = getattr(value, "feel_type", "")
    if kind == "days and time duration" and value.nanos % 1000 and abs(value.nanos) < 10**20:
        return dt.timedelta(seconds=value.nanos / 10**9)
    if kind in ("time", "date and time"):
        return _Micro(kind, _BEYOND_MICROS.sub(r"\1", str(value)))
    return value
