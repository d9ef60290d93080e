"""Two sequences beside each other: what stays in order, and what was moved."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence


def out_of_order(numbers: Sequence[int]) -> list[int]:
    """The fewest of these different numbers that have to be taken out so that the others rise."""
    tails: list[int] = []
    places: list[int] = []
    previous: list[int] = []
    for index, number in enumerate(numbers):
        at = bisect_left(tails, number)
        previous.append(places[at - 1] if at else -1)
        if at == len(tails):
            tails.append(number)
            places.append(index)
        else:
            tails[at], places[at] = number, index
    kept, index = set(), places[-1] if places else -1
    while index >= 0:
        kept.add(numbers[index])
        index = previous[index]
    return [number for number in numbers if number not in kept]
