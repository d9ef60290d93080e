"""FEEL's types: what `instance of` asks, what parameters of functions demand, and how values are coerced to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.feel.numbers import is_number
from engine.feel.ranges import Range
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Temporal, Time


class Type:
    """A type; `accepts` says whether a value is of it. Null is of no type but Any and Null."""

    name = "Any"

    def accepts(self, value: Any) -> bool:
        raise NotImplementedError

    def conforms_to(self, other: Type) -> bool:
        """Whether every value of this type is also one of `other`."""
        return other is ANY or self is other or self is NULL or self.name == other.name

    def __str__(self) -> str:
        return self.name


class Simple(Type):
    """A type that is a set of Python classes."""

    def __init__(self, name: str, *classes: type) -> None:
        self.name = name
        self._classes = frozenset(classes)

    def accepts(self, value: Any) -> bool:
        return value.__class__ in self._classes


class _Any(Type):
    def accepts(self, value: Any) -> bool:
        return value is not None


class _Number(Type):
    name = "number"

    def accepts(self, value: Any) -> bool:
        return is_number(value)


class Unknown(Type):
    """A type name nobody defined; no value is of it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def accepts(self, value: Any) -> bool:
        return False


class ListType(Type):
    """`list<item>`"""

    def __init__(self, item: Type) -> None:
        self.item = item
        self.name = f"list<{item}>"

    def accepts(self, value: Any) -> bool:
        return isinstance(value, list) and all(element is None or self.item.accepts(element) for element in value)

    def conforms_to(self, other: Type) -> bool:
        return other is ANY or isinstance(other, ListType) and self.item.conforms_to(other.item)


class RangeType(Type):
    """`range<point>`"""

    def __init__(self, point: Type) -> None:
        self.point = point
        self.name = f"range<{point}>"

    def accepts(self, value: Any) -> bool:
        return isinstance(value, Range) and all(
            end is None or self.point.accepts(end) for end in (value.start, value.end)
        )

    def conforms_to(self, other: Type) -> bool:
        return other is ANY or isinstance(other, RangeType) and self.point.conforms_to(other.point)


class ContextType(Type):
    """`context<name: type, …>`; further entries are allowed."""

    def __init__(self, fields: Mapping[str, Type], name: str = "") -> None:
        self.fields = dict(fields)
        self.name = name or f"context<{', '.join(f'{key}: {kind}' for key, kind in fields.items())}>"

    def accepts(self, value: Any) -> bool:
        return isinstance(value, dict) and all(
            key in value and (value[key] is None or kind.accepts(value[key])) for key, kind in self.fields.items()
        )

    def conforms_to(self, other: Type) -> bool:
        return other is ANY or (
            isinstance(other, ContextType)
            and all(key in self.fields and self.fields[key].conforms_to(kind) for key, kind in other.fields.items())
        )


class FunctionType(Type):
    """`function<parameter, …> -> result`; without parameters given, any function."""

    def __init__(self, parameters: Sequence[Type] | None, result: Type) -> None:
        self.parameters = None if parameters is None else tuple(parameters)
        self.result = result
        inner = ", ".join(map(str, parameters)) if parameters is not None else ""
        self.name = f"function<{inner}> -> {result}"

    def accepts(self, value: Any) -> bool:
        kind = getattr(value, "function_type", None)
        return isinstance(kind, FunctionType) and kind.conforms_to(self)

    def conforms_to(self, other: Type) -> bool:
        if other is ANY:
            return True
        if not isinstance(other, FunctionType):
            return False
        if other.parameters is None:
            return True
        return (
            self.parameters is not None
            and len(self.parameters) == len(other.parameters)
            and all(theirs.conforms_to(ours) for ours, theirs in zip(self.parameters, other.parameters, strict=True))
            and self.result.conforms_to(other.result)
        )


ANY: Type = _Any()
NULL: Type = Simple("Null", type(None))
BOOLEAN: Type = Simple("boolean", bool)
NUMBER: Type = _Number()
STRING: Type = Simple("string", str)
DATE: Type = Simple("date", Date)
TIME: Type = Simple("time", Time)
DATE_TIME: Type = Simple("date and time", DateTime)
DAYS_DURATION: Type = Simple("days and time duration", DaysDuration)
MONTHS_DURATION: Type = Simple("years and months duration", MonthsDuration)
LIST: Type = ListType(ANY)
CONTEXT: Type = ContextType({})
RANGE: Type = RangeType(ANY)
FUNCTION: Type = FunctionType(None, ANY)

NAMED: dict[str, Type] = {
    kind.name: kind
    for kind in (ANY, NULL, BOOLEAN, NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS_DURATION, MONTHS_DURATION)
} | {
    "list": LIST,
    "context": CONTEXT,
    "range": RANGE,
    "function": FUNCTION,
    "dateTime": DATE_TIME,
    "dayTimeDuration": DAYS_DURATION,
    "yearMonthDuration": MONTHS_DURATION,
}


class Mismatch(Exception):
    """A value is not of the type asked for, and cannot be coerced to it."""


def coerce(kind: Type, value: Any) -> Any:
    """The value as one of `kind`: as is, out of a list of one, into such a list, a date as its midnight.

    Null stays null. Raises Mismatch when nothing helps.
    """
    if value is None or kind.accepts(value):
        return value
    if isinstance(value, list) and len(value) == 1 and not isinstance(kind, ListType) and kind.accepts(value[0]):
        return value[0]
    if isinstance(kind, ListType) and not isinstance(value, list) and kind.item.accepts(value):
        return [value]
    if kind is DATE_TIME and isinstance(value, Date):
        return DateTime(value, Time(0, 0))
    raise Mismatch


def kind_of(value: Any) -> str:
    """The name of a value's type, for warnings."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "boolean"
    if is_number(value):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "context"
    if isinstance(value, Temporal):
        return value.feel_type
    return "range" if isinstance(value, Range) else "function"
