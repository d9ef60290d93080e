"""Lists at work: filters, positions, `for`, `some` and `every`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from engine.feel.numbers import is_number, whole
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
from engine.feel.temporal import Date
from engine.feel.types import kind_of

_DATE_COST = 3

Domain = Callable[..., Any]


def item_at(value: Any, position: Any, runtime: Runtime) -> Any:
    """`value[position]`: from 1, or from the end with -1."""
    items = value if value.__class__ is list else [] if value is None else [value]
    at = whole(position)
    if at is not None and 0 < at <= len(items):
        return items[at - 1]
    if at is not None and -len(items) <= at < 0:
        return items[at]
    runtime.warn("There is no item {position} in {value}.", position=str(position), value=f"a list of {len(items)}")
    return None


def filtered(value: Any, condition: Callable[[Any], Any], cost: int, runtime: Runtime) -> Any:
    """`value[condition]`; a condition that is a number is a position."""
    if value is None:
        return None
    items = value if value.__class__ is list else [value]
    if not items:
        answer = condition(None)
        return item_at(items, answer, runtime) if is_number(answer) else []
    runtime.list_of_length(len(items))
    result = []
    for item in items:
        runtime.spend(cost)
        answer = condition(item)
        if answer is True:
            result.append(item)
        elif answer is not False and answer is not None:
            if is_number(answer) and item is items[0] and not result:
                return item_at(items, answer, runtime)
            runtime.warn("A filter answers true or false, not {kind}.", kind=kind_of(answer))
            return None
    return result


def each(
    domains: Sequence[Domain], body: Callable[..., Any], cost: int, partial: list[Any] | None, runtime: Runtime
) -> list[Any] | None:
    """`for … return`: the body's value for every combination; null when a domain is no list."""
    results: list[Any] = [] if partial is None else partial
    try:
        for values in _combinations(domains, (), runtime):
            runtime.spend(cost)
            results.append(body(*values))
            if len(results) > runtime.items:
                runtime.list_of_length(len(results))
    except _NotIterable:
        return None
    return results


def quantified(
    every: bool, domains: Sequence[Domain], condition: Callable[..., Any], cost: int, runtime: Runtime
) -> bool | None:
    """`some … satisfies` and `every … satisfies`, three-valued."""
    undecided = False
    try:
        for values in _combinations(domains, (), runtime):
            runtime.spend(cost)
            answer = condition(*values)
            if answer is None:
                undecided = True
            elif answer.__class__ is not bool:
                runtime.warn("'satisfies' takes true or false, not {kind}.", kind=kind_of(answer))
                return None
            elif answer is not every:
                return not every
    except _NotIterable:
        return None
    return None if undecided else every


class _NotIterable(Exception):
    pass


def _combinations(domains: Sequence[Domain], outer: tuple[Any, ...], runtime: Runtime) -> Iterator[tuple[Any, ...]]:
    values = _items_of(domains[0](*outer), runtime)
    if len(domains) == 1:
        for value in values:
            yield (*outer, value)
        return
    for value in values:
        runtime.spend(1)
        yield from _combinations(domains[1:], (*outer, value), runtime)


def _items_of(domain: Any, runtime: Runtime) -> Any:
    if domain.__class__ in (list, range, _Dates):
        return domain
    if isinstance(domain, Range):
        return _items_of_range(domain, runtime)
    if domain is None:
        runtime.warn("Null is not a list to go through.")
        raise _NotIterable
    return [domain]


def _items_of_range(span: Range, runtime: Runtime) -> Any:
    start, end = span.start, span.end
    if not span.operator and is_number(start) and is_number(end):
        first, last = whole(start), whole(end)
        if first is not None and last is not None:
            return range(first + (not span.start_included), last + span.end_included)
    if not span.operator and isinstance(start, Date) and isinstance(end, Date):
        days = range(start.days + (not span.start_included), end.days + span.end_included)
        return _Dates(days, runtime)
    runtime.warn("The range {range} cannot be gone through item by item.", range=str(span))
    raise _NotIterable


def steps(start: Any, end: Any, runtime: Runtime) -> Any:
    """`start..end` after `in`: whole numbers or dates, upwards or downwards; null for anything else."""
    if is_number(start) and is_number(end):
        first, last = whole(start), whole(end)
        if first is not None and last is not None:
            return range(first, last + 1) if first <= last else range(first, last - 1, -1)
        if start.__class__ is Decimal or end.__class__ is Decimal:
            runtime.warn("Only whole numbers can be counted through.")
            return None
    if isinstance(start, Date) and isinstance(end, Date):
        first, last = start.days, end.days
        days = range(first, last + 1) if first <= last else range(first, last - 1, -1)
        return _Dates(days, runtime)
    runtime.warn("{start}..{end} cannot be gone through.", start=kind_of(start), end=kind_of(end))
    return None


class _Dates:
    """Days made dates one by one while they are gone through."""

    def __init__(self, days: range, runtime: Runtime) -> None:
        self.days = days
        self.runtime = runtime

    def __iter__(self) -> Iterator[Any]:
        for day in self.days:
            self.runtime.spend(_DATE_COST)
            yield Date.from_days(day)
