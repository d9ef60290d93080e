"""The syntax tree of a FEEL expression; the parser builds it, the emitter turns it into Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.feel.types import Type


@dataclass(slots=True, eq=False)
class Literal:
    """A constant: null, truth, number, text or a temporal value."""

    value: Any


@dataclass(slots=True, eq=False)
class Name:
    name: str
    at: int


@dataclass(slots=True, eq=False)
class Path:
    """`base.name`"""

    base: Node
    name: str


@dataclass(slots=True, eq=False)
class Filter:
    """`base[condition]`, also `base[1]`"""

    base: Node
    condition: Node


@dataclass(slots=True, eq=False)
class Call:
    """`function(1, 2)` or `function(a: 1, b: 2)`; `names` is None for the first form."""

    function: Node
    arguments: list[Node]
    names: list[str] | None
    at: int


@dataclass(slots=True, eq=False)
class ListOf:
    items: list[Node]


@dataclass(slots=True, eq=False)
class ContextOf:
    entries: list[tuple[str, Node]]


@dataclass(slots=True, eq=False)
class RangeOf:
    """`[start..end)`"""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(slots=True, eq=False)
class Test:
    """`< 5` as an operand of `in`, in a unary test, or in parentheses as a range."""

    operator: str
    operand: Node


@dataclass(slots=True, eq=False)
class If:
    """`if … then …`, as many branches as `else if` follow, and the last `else`"""

    branches: list[tuple[Node, Node]]
    otherwise: Node


@dataclass(slots=True, eq=False)
class Iterator:
    """`name in domain` or `name in domain..end`"""

    name: str
    domain: Node
    end: Node | None


@dataclass(slots=True, eq=False)
class For:
    iterators: list[Iterator]
    body: Node


@dataclass(slots=True, eq=False)
class Quantified:
    """`some … satisfies` (every is False) or `every … satisfies`"""

    every: bool
    iterators: list[Iterator]
    condition: Node


@dataclass(slots=True, eq=False)
class FunctionOf:
    parameters: list[tuple[str, Type | None]]
    body: Node | None


@dataclass(slots=True, eq=False)
class And:
    operands: list[Node]


@dataclass(slots=True, eq=False)
class Or:
    operands: list[Node]


@dataclass(slots=True, eq=False)
class Compare:
    operator: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Between:
    value: Node
    low: Node
    high: Node


@dataclass(slots=True, eq=False)
class In:
    """`value in (test, …)`"""

    value: Node
    tests: list[Node]


@dataclass(slots=True, eq=False)
class Arithmetic:
    """A chain of operators of one precedence, evaluated from the left: `first + a - b`"""

    first: Node
    rest: list[tuple[str, Node]]


@dataclass(slots=True, eq=False)
class Negate:
    operand: Node


@dataclass(slots=True, eq=False)
class InstanceOf:
    value: Node
    type: Type


Node = (
    Literal
    | Name
    | Path
    | Filter
    | Call
    | ListOf
    | ContextOf
    | RangeOf
    | Test
    | If
    | For
    | Quantified
    | FunctionOf
    | And
    | Or
    | Compare
    | Between
    | In
    | Arithmetic
    | Negate
    | InstanceOf
)

# What gives true, false or null and nothing else.
TRUTHS = (Compare, And, Or, Between, In, Quantified, InstanceOf)
