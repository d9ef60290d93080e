"""Built-in functions on lists."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from engine.feel import arithmetic, comparison, numbers
from engine.feel.builtins.registry import Unsuitable, builtin
from engine.feel.functions import call, is_function
from engine.feel.numbers import CONTEXT, is_number
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime


@builtin("list contains", "list: list, element: any -> boolean", "Whether the list holds an element.")
def list_contains(runtime: Runtime, items: list[Any], element: Any) -> bool:
    runtime.spend(len(items))
    return any(_same(item, element, runtime) for item in items)


@builtin("count", "list: list -> number", "The number of items.")
def count(runtime: Runtime, items: list[Any]) -> int:
    return len(items)


def _extreme(name: str, sign: int, help: str) -> None:
    @builtin(name, "*list: list -> any", help)
    def extreme(runtime: Runtime, items: list[Any]) -> Any:
        runtime.spend(len(items))
        best = items[0] if items else None
        if items and comparison.order(best, best, runtime) is None:
            return None
        for item in items[1:]:
            found = comparison.order(item, best, runtime)
            if found is None:
                return None
            if found * sign > 0:
                best = item
        return best


_extreme("min", -1, "The smallest item.")
_extreme("max", 1, "The largest item.")


@builtin("sum", "*list: list -> any", "The sum of the items.")
def sum_(runtime: Runtime, items: list[Any]) -> Any:
    return _sum(runtime, items) if items else None


def _sum(runtime: Runtime, items: list[Any]) -> Any:
    runtime.spend(len(items))
    total = items[0]
    if not is_number(total) and getattr(total, "key", None) is None:
        raise Unsuitable("only numbers and durations can be added up.")
    for item in items[1:]:
        total = arithmetic.add(total, item, runtime)
    return total


@builtin("mean", "*list: list -> any", "The average of the items.")
def mean(runtime: Runtime, items: list[Any]) -> Any:
    return arithmetic.divide(_sum(runtime, items), len(items), runtime) if items else None


@builtin("product", "*list: list -> number", "The items multiplied.")
def product(runtime: Runtime, items: list[Any]) -> Any:
    runtime.spend(len(items))
    result: Any = 1
    for item in _numbers(items):
        result = numbers.multiply(result, item)
    return result if items else None


@builtin("median", "*list: list -> number", "The middle one of the items in order.")
def median(runtime: Runtime, items: list[Any]) -> Any:
    runtime.spend(2 * len(items))
    ordered = sorted(_numbers(items))
    if not ordered:
        return None
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return numbers.divide(numbers.add(ordered[middle - 1], ordered[middle]), 2)


@builtin("stddev", "*list: list -> number", "The standard deviation of a sample.")
def stddev(runtime: Runtime, items: list[Any]) -> Any:
    runtime.spend(4 * len(items))
    if len(_numbers(items)) < 2:
        return None
    average = numbers.divide(_sum(runtime, items), len(items))
    squares: Any = 0
    for item in items:
        distance = numbers.subtract(item, average)
        squares = numbers.add(squares, numbers.multiply(distance, distance))
    return numbers.tidy(CONTEXT.sqrt(numbers.divide(squares, len(items) - 1)))


@builtin("mode", "*list: list -> list<number>", "The items that occur most often, in order.")
def mode(runtime: Runtime, items: list[Any]) -> list[Any]:
    runtime.spend(2 * len(items))
    counts: dict[Any, int] = {}
    for item in _numbers(items):
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)


@builtin("all", "*list: list -> boolean", "Whether all items are true.")
def all_(runtime: Runtime, items: list[Any]) -> bool | None:
    return _decided(items, False, runtime)


@builtin("any", "*list: list -> boolean", "Whether one of the items is true.")
def any_(runtime: Runtime, items: list[Any]) -> bool | None:
    return _decided(items, True, runtime)


def _decided(items: list[Any], deciding: bool, runtime: Runtime) -> bool | None:
    runtime.spend(len(items))
    if any(item is deciding for item in items):
        return deciding
    return not deciding if all(item.__class__ is bool for item in items) else None


@builtin(
    "sublist", "list: list, start position: number, length?: number -> list", "Some items in a row, from a position."
)
def sublist(runtime: Runtime, items: list[Any], start: Any, length: Any = None) -> list[Any]:
    begin = _position(items, start)
    if length is None:
        return items[begin:]
    wanted = numbers.whole(length)
    if wanted is None or wanted < 1 or begin + wanted > len(items):
        raise Unsuitable("the length {length} does not fit.", length=str(length))
    runtime.list_of_length(wanted)
    return items[begin : begin + wanted]


@builtin("append", "list: list, ...item: any -> list", "The list with further items.")
def append(runtime: Runtime, items: list[Any], *further: Any) -> list[Any]:
    runtime.list_of_length(len(items) + len(further))
    return [*items, *further]


@builtin("concatenate", "...list: list -> list", "Several lists as one.")
def concatenate(runtime: Runtime, *lists: Any) -> list[Any]:
    runtime.list_of_length(sum(len(items) for items in lists))
    return [item for items in lists for item in items]


@builtin(
    "insert before", "list: list, position: number, newItem: any -> list", "The list with an item put in at a position."
)
def insert_before(runtime: Runtime, items: list[Any], position: Any, new_item: Any) -> list[Any]:
    at = _position(items, position)
    runtime.list_of_length(len(items))
    return [*items[:at], new_item, *items[at:]]


@builtin("remove", "list: list, position: number -> list", "The list without the item at a position.")
def remove(runtime: Runtime, items: list[Any], position: Any) -> list[Any]:
    at = _position(items, position)
    runtime.list_of_length(len(items))
    return [*items[:at], *items[at + 1 :]]


@builtin(
    "list replace",
    "list: list, position: number, newItem: any -> list",
    "The list with one item replaced, or those that match.",
)
def list_replace(runtime: Runtime, items: list[Any], position: Any, new_item: Any) -> list[Any]:
    at = _position(items, position)
    runtime.list_of_length(len(items))
    return [*items[:at], new_item, *items[at + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any -> list")
def list_replace_matching(runtime: Runtime, items: list[Any], match: Any, new_item: Any) -> list[Any]:
    runtime.list_of_length(len(items))
    result = []
    for item in items:
        answer = call(runtime, match, (item, new_item))
        if answer.__class__ is not bool:
            raise Unsuitable("the function must answer true or false.")
        result.append(new_item if answer else item)
    return result


@builtin("reverse", "list: list -> list", "The items the other way round.")
def reverse(runtime: Runtime, items: list[Any]) -> list[Any]:
    runtime.list_of_length(len(items))
    return items[::-1]


@builtin("index of", "list: list, match: any -> list<number>", "All positions at which an item equals the match.")
def index_of(runtime: Runtime, items: list[Any], match: Any) -> list[int]:
    runtime.spend(len(items))
    return [at for at, item in enumerate(items, 1) if _same(item, match, runtime)]


@builtin("union", "...list: list -> list", "Several lists as one, each item once.")
def union(runtime: Runtime, *lists: Any) -> list[Any]:
    return _distinct([item for items in lists for item in items], runtime)


@builtin("distinct values", "list: list -> list", "Each item once.")
def distinct_values(runtime: Runtime, items: list[Any]) -> list[Any]:
    return _distinct(items, runtime)


@builtin("duplicate values", "list: list -> list", "The items that occur more than once, each once.")
def duplicate_values(runtime: Runtime, items: list[Any]) -> list[Any]:
    distinct = _Distinct(runtime)
    twice = _Distinct(runtime)
    for item in items:
        if not distinct.add(item):
            twice.add(item)
    return twice.items


@builtin("flatten", "list: list -> list", "The items of all lists within lists.")
def flatten(runtime: Runtime, items: list[Any]) -> list[Any]:
    result: list[Any] = []
    pending = [iter(items)]
    while pending:
        for item in pending[-1]:
            runtime.spend(1)
            if item.__class__ is list:
                pending.append(iter(item))
                break
            result.append(item)
        else:
            pending.pop()
    runtime.list_of_length(len(result))
    return result


@builtin(
    "sort", "list: list, precedes?: function -> list", "The items in order; `precedes` says which of two comes first."
)
def sort(runtime: Runtime, items: list[Any], precedes: Any = None) -> list[Any]:
    runtime.list_of_length(len(items))

    def natural(left: Any, right: Any) -> int:
        runtime.spend(1)
        found = comparison.order(left, right, runtime)
        if found is None:
            raise Unsuitable("the items have no order.")
        return found

    def given(left: Any, right: Any) -> int:
        if call(runtime, precedes, (left, right)) is True:
            return -1
        return 1 if call(runtime, precedes, (right, left)) is True else 0

    return sorted(items, key=cmp_to_key(natural if precedes is None else given))


@builtin("partition", "list: list, size: number -> list", "The list in pieces of a size.")
def partition(runtime: Runtime, items: list[Any], size: Any) -> list[list[Any]]:
    width = numbers.whole(size)
    if width is None or width < 1:
        raise Unsuitable("the size must be a whole number above zero.")
    runtime.list_of_length(len(items))
    return [items[at : at + width] for at in range(0, len(items), width)]


def _position(items: list[Any], position: Any) -> int:
    """The Python index of a position; raises Unsuitable when there is none."""
    at = numbers.whole(position)
    if at is None or at == 0 or abs(at) > len(items):
        raise Unsuitable("there is no position {position}.", position=str(position))
    return at - 1 if at > 0 else len(items) + at


def _numbers(items: list[Any]) -> list[Any]:
    if not all(map(is_number, items)):
        raise Unsuitable("all items must be numbers.")
    return items


def _same(left: Any, right: Any, runtime: Runtime) -> bool:
    if is_function(left) or isinstance(left, Range):
        return bool(left == right)
    return comparison.equal(left, right, runtime) is True


def _distinct(items: list[Any], runtime: Runtime) -> list[Any]:
    distinct = _Distinct(runtime)
    for item in items:
        distinct.add(item)
    return distinct.items


class _Distinct:
    """Items in the order they came, each once; numbers, texts and truth values are found by hash."""

    def __init__(self, runtime: Runtime) -> None:
        self.items: list[Any] = []
        self._simple: set[tuple[bool, Any]] = set()
        self._others: list[Any] = []
        self._runtime = runtime

    def add(self, item: Any) -> bool:
        """Whether the item is new."""
        self._runtime.spend(1)
        if item is None or item.__class__ in (str, bool) or is_number(item):
            key = (item.__class__ is bool, item)
            if key in self._simple:
                return False
            self._simple.add(key)
        else:
            self._runtime.spend(len(self._others))
            if any(_same(item, other, self._runtime) for other in self._others):
                return False
            self._others.append(item)
        self.items.append(item)
        return True
