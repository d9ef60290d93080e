"""What an evaluation gives back: the value, and how it came about in a form that can be put into words.

What is made anew at each evaluation is a named tuple: a backlog is decided again a hundred thousand times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.feel.runtime import Warning


@dataclass(frozen=True, slots=True)
class RuleFired:
    """A row of a decision table that applied."""

    decision: str
    index: int
    """The row's number in the table, from 1."""
    id: str
    annotations: tuple[str, ...]
    outputs: Mapping[str, Any]


class DecisionTrace(NamedTuple):
    """One decision that was made: what it looked at, which rows applied, what came out; plain data."""

    decision_id: str
    name: str
    inputs: Mapping[str, Any]
    rules: tuple[RuleFired, ...]
    value: Any


class DecisionResult(NamedTuple):
    """The value of the decision asked for (plain data), and every decision made on the way, in order."""

    value: Any
    trace: tuple[DecisionTrace, ...] = ()
    warnings: tuple[Warning, ...] = ()
    exceeded: bool = False
    """The evaluation was stopped because it cost too much; the value is null and the last warning says so."""
