"""The type a function's body can be seen to have before it runs; Any where that cannot be seen."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel.builtins import BY_NAME
from engine.feel.tree import (
    TRUTHS,
    Arithmetic,
    Call,
    ContextOf,
    For,
    FunctionOf,
    If,
    ListOf,
    Literal,
    Name,
    Negate,
    Node,
    Path,
    RangeOf,
)
from engine.feel.types import (
    ANY,
    BOOLEAN,
    DAYS_DURATION,
    MONTHS_DURATION,
    NAMED,
    NULL,
    NUMBER,
    STRING,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
    kind_of,
)

_CALCULABLE = (NUMBER, DAYS_DURATION, MONTHS_DURATION)


def type_of(node: Node, names: Mapping[str, Type]) -> Type:
    """The type of an expression in which some names are of known types."""
    if isinstance(node, Literal):
        return NULL if node.value is None else NAMED.get(kind_of(node.value), ANY)
    if isinstance(node, TRUTHS):
        return BOOLEAN
    if isinstance(node, Name):
        return names.get(node.name, ANY)
    if isinstance(node, If):
        return _common([type_of(chosen, names) for _, chosen in node.branches] + [type_of(node.otherwise, names)])
    if isinstance(node, ListOf):
        return ListType(_common([type_of(item, names) for item in node.items]))
    if isinstance(node, ContextOf):
        return _context(node, names)
    if isinstance(node, RangeOf):
        return RangeType(_common([type_of(node.start, names), type_of(node.end, names)]))
    if isinstance(node, FunctionOf):
        return function_type(node, names)
    if isinstance(node, For):
        inner = {**names, **{iterator.name: ANY for iterator in node.iterators}, "partial": ANY}
        return ListType(type_of(node.body, inner))
    return _computed(node, names)


def function_type(node: FunctionOf, names: Mapping[str, Type]) -> FunctionType:
    """The type of a function written in FEEL."""
    parameters = {name: kind or ANY for name, kind in node.parameters}
    result = ANY if node.body is None else type_of(node.body, {**names, **parameters})
    return FunctionType(list(parameters.values()), result)


def _computed(node: Node, names: Mapping[str, Type]) -> Type:
    if isinstance(node, Negate):
        inner = type_of(node.operand, names)
        return inner if inner in _CALCULABLE else ANY
    if isinstance(node, Arithmetic):
        kinds = {type_of(operand, names) for operand in (node.first, *(operand for _, operand in node.rest))}
        adds = all(operator == "+" for operator, _ in node.rest)
        return NUMBER if kinds == {NUMBER} else STRING if kinds == {STRING} and adds else ANY
    if isinstance(node, Path):
        base = type_of(node.base, names)
        return base.fields.get(node.name, ANY) if isinstance(base, ContextType) else ANY
    if isinstance(node, Call):
        return _called(node, names)
    return ANY


def _called(node: Call, names: Mapping[str, Type]) -> Type:
    function = node.function
    if isinstance(function, Name) and function.name not in names and function.name in BY_NAME:
        return BY_NAME[function.name].function_type.result
    kind = type_of(function, names)
    return kind.result if isinstance(kind, FunctionType) else ANY


def _context(node: ContextOf, names: Mapping[str, Type]) -> Type:
    fields: dict[str, Type] = {}
    for key, value in node.entries:
        fields[key] = type_of(value, {**names, **fields})
    return ContextType(fields)


def _common(kinds: list[Type]) -> Type:
    """The type all are of; null is of every type."""
    telling = [kind for kind in kinds if kind is not NULL]
    if not telling:
        return NULL if kinds else ANY
    first = telling[0]
    return first if all(kind.conforms_to(first) for kind in telling) else ANY
