"""Built-in functions that compare points and ranges, and the one that reads a range from text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel import comparison
from engine.feel.builtins.registry import BY_NAME, Unsuitable, builtin
from engine.feel.names import KnownNames
from engine.feel.parser import parse
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
from engine.feel.syntax import FeelSyntaxError
from engine.feel.tree import Call, Literal, Name, Node, RangeOf

_MAKERS = ("date", "time", "date and time", "duration")


@builtin("range", "from: string -> range", "The range a text stands for, such as [1..10].")
def range_(runtime: Runtime, text: str) -> Range:
    try:
        tree = parse(text, (), KnownNames(_MAKERS))
    except FeelSyntaxError:
        raise Unsuitable("{text} is not a range; write it like [1..10].", text=text[:40]) from None
    if not isinstance(tree, RangeOf):
        raise Unsuitable("{text} is not a range; write it like [1..10].", text=text[:40])
    start, end = _constant(tree.start, runtime), _constant(tree.end, runtime)
    found = None if start is None or end is None else comparison.order(start, end, runtime)
    if found is None or found > 0:
        raise Unsuitable("the ends of {text} are not in order.", text=text[:40])
    return Range(start, end, tree.start_included, tree.end_included)


def _constant(node: Node, runtime: Runtime) -> Any:
    """The value of a literal, or of a date, time or duration made of one."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Call) and isinstance(node.function, Name) and node.function.name in _MAKERS:
        if len(node.arguments) == 1 and isinstance(node.arguments[0], Literal):
            return BY_NAME[node.function.name].call(runtime, [node.arguments[0].value])
    raise Unsuitable("a range in a text has constant ends.")


class _Edges:
    """Two ranges, or points taken as ranges of one value, and how their ends lie to one another."""

    def __init__(self, first: Any, second: Any, runtime: Runtime) -> None:
        self._runtime = runtime
        self.first = _as_range(first)
        self.second = _as_range(second)

    def compare(self, left: Any, right: Any, when_open: int) -> int:
        """The order of two ends; an end that is not there lies beyond all others, on the side of `when_open`."""
        if left is None or right is None:
            return when_open
        found = comparison.order(left, right, self._runtime)
        if found is None:
            raise Unsuitable("the values have no order.")
        return found

    def swapped(self) -> _Edges:
        edges = _Edges.__new__(_Edges)
        edges._runtime, edges.first, edges.second = self._runtime, self.second, self.first
        return edges

    def before(self) -> bool:
        """The first ends before the second starts."""
        found = self.compare(self.first.end, self.second.start, 1)
        return found < 0 or (found == 0 and not (self.first.end_included and self.second.start_included))

    def meets(self) -> bool:
        """The first ends where the second starts, and both hold that value."""
        included = self.first.end_included and self.second.start_included
        return included and self.compare(self.first.end, self.second.start, 1) == 0

    def starts_order(self) -> int:
        """Negative, zero, positive as the first starts before, with or after the second."""
        left, right = self.first, self.second
        if left.start is None or right.start is None:
            return int(right.start is None) - int(left.start is None)
        found = self.compare(left.start, right.start, 0)
        return found if found else int(right.start_included) - int(left.start_included)

    def ends_order(self) -> int:
        """Negative, zero, positive as the first ends before, with or after the second."""
        left, right = self.first, self.second
        if left.end is None or right.end is None:
            return int(left.end is None) - int(right.end is None)
        found = self.compare(left.end, right.end, 0)
        return found if found else int(left.end_included) - int(right.end_included)


def _as_range(value: Any) -> Range:
    if not isinstance(value, Range):
        if value is None:
            raise Unsuitable("null is neither a point nor a range.")
        return Range(value, value)
    if value.operator == "!=" or (not value.operator and (value.start is None or value.end is None)):
        raise Unsuitable("the range {range} has no ends.", range=str(value))
    return value


def _relation(name: str, shapes: str, help: str, holds: Callable[[_Edges], bool]) -> None:
    """Declares a relation for the shapes it allows, e.g. "pp pr" for two points, and a point and a range."""
    allowed = {tuple(shape) for shape in shapes.split()}

    def relation(runtime: Runtime, first: Any, second: Any) -> bool:
        shape = tuple("r" if isinstance(value, Range) else "p" for value in (first, second))
        if shape not in allowed:
            raise Unsuitable("it does not compare these kinds of values.")
        return holds(_Edges(first, second, runtime))

    names = {"pp": ("point1", "point2"), "pr": ("point", "range"), "rp": ("range", "point"), "rr": ("range1", "range2")}
    for shape in shapes.split():
        first, second = names[shape]
        builtin(name, f"{first}: any, {second}: any -> boolean", help)(relation)


def _overlaps(edges: _Edges) -> bool:
    return not edges.before() and not edges.swapped().before()


def _overlaps_before(edges: _Edges) -> bool:
    return _overlaps(edges) and edges.starts_order() < 0 and edges.ends_order() <= 0


def _finishes(edges: _Edges) -> bool:
    return edges.ends_order() == 0 and edges.starts_order() >= 0


def _starts(edges: _Edges) -> bool:
    return edges.starts_order() == 0 and edges.ends_order() <= 0


def _includes(edges: _Edges) -> bool:
    return edges.starts_order() <= 0 and edges.ends_order() >= 0


def _coincides(edges: _Edges) -> bool:
    return edges.starts_order() == 0 and edges.ends_order() == 0


_relation("before", "pp pr rp rr", "Whether the first lies before the second.", _Edges.before)
_relation("after", "pp pr rp rr", "Whether the first lies after the second.", lambda edges: edges.swapped().before())
_relation("meets", "rr", "Whether the first ends where the second starts.", _Edges.meets)
_relation("met by", "rr", "Whether the first starts where the second ends.", lambda edges: edges.swapped().meets())
_relation("overlaps", "rr", "Whether two ranges share values.", _overlaps)
_relation("overlaps before", "rr", "Whether the first starts before the second and ends within it.", _overlaps_before)
_relation(
    "overlaps after",
    "rr",
    "Whether the first starts within the second and ends after it.",
    lambda edges: _overlaps_before(edges.swapped()),
)
_relation("finishes", "pr rr", "Whether the first ends together with the second.", _finishes)
_relation(
    "finished by", "rp rr", "Whether the second ends together with the first.", lambda edges: _finishes(edges.swapped())
)
_relation("includes", "rp rr", "Whether the first holds all of the second.", _includes)
_relation("during", "pr rr", "Whether the first lies within the second.", lambda edges: _includes(edges.swapped()))
_relation("starts", "pr rr", "Whether the first starts together with the second.", _starts)
_relation(
    "started by", "rp rr", "Whether the second starts together with the first.", lambda edges: _starts(edges.swapped())
)
_relation("coincides", "pp rr", "Whether both are the same.", _coincides)
