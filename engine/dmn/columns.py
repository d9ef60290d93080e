"""A column of a decision table, made ready to say at once which rows a value fits.

Most cells compare with a text, a truth or a number. For those the column keeps, for each text and each stretch between
two numbers, a set of rows as the bits of an integer; only what else a cell may say is evaluated one by one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from engine import feel
from engine.feel.types import Type

_NUMBER = r"-?(?:[0-9]{1,30}(?:\.[0-9]{1,30})?|\.[0-9]{1,30})"
_PIECE = re.compile(
    rf"""\s*(?:
      "(?P<text>[^"\\]*)"
    | (?P<word>true|false|null)\b
    | (?P<operator><=|<|>=|>)?\s*(?P<number>{_NUMBER})(?![\w.])
    | (?P<opening>[\[\](])\s*(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})\s*(?P<closing>[\[\])])
    )\s*(?P<more>,|\Z)""",
    re.VERBOSE,
)
Types = Callable[[str], Mapping[str, Type] | None]
"""The named types that a text may mention."""

_WORDS = {"true": True, "false": False, "null": None}


class Stretch(NamedTuple):
    """All numbers between two ends; an end that is None is open."""

    low: int | Decimal | None
    low_included: bool
    high: int | Decimal | None
    high_included: bool


Piece = str | bool | None | Stretch
"""One thing a cell allows: a text, a truth, null, or a stretch of numbers."""


@dataclass(frozen=True)
class Cell:
    """A condition: anything at all, one of the pieces, or what only FEEL can say."""

    text: str
    pieces: tuple[Piece, ...] = ()
    tests: feel.UnaryTests | None = None

    @property
    def is_any(self) -> bool:
        return not self.pieces and self.tests is None


def read_cell(text: str, names: Collection[str] = (), types: Types = lambda text: None) -> Cell:
    """Read a condition. Raises FeelSyntaxError."""
    if text in ("", "-"):
        return Cell(text)
    pieces = pieces_of(text)
    if pieces:
        return Cell(text, pieces)
    return Cell(text, tests=feel.compile_unary_tests(text, names, types(text)))


def pieces_of(text: str) -> tuple[Piece, ...]:
    """The pieces of a cell that holds nothing else; none at all otherwise."""
    found: list[Piece] = []
    at = 0
    more = ","
    while more == ",":
        match = _PIECE.match(text, at)
        if match is None:
            return ()
        found.append(_piece(match))
        at, more = match.end(), match["more"]
    return tuple(found)


def literal_of(text: str) -> tuple[Any] | None:
    """The value of a text, truth, null or number literal, in a tuple; None for anything else."""
    pieces = pieces_of(text)
    if len(pieces) != 1:
        return None
    piece = pieces[0]
    if not isinstance(piece, Stretch):
        return (piece,)
    return (piece.low,) if piece.low == piece.high and text[0] in "-.0123456789" else None


def _piece(match: re.Match[str]) -> Piece:
    if match["text"] is not None:
        return match["text"]
    if match["word"] is not None:
        return _WORDS[match["word"]]
    if match["number"] is not None:
        number = _number(match["number"])
        operator = match["operator"] or "="
        above, below = operator in ("=", ">="), operator in ("=", "<=")
        low = number if operator[0] in "=>" else None
        high = number if operator[0] in "=<" else None
        return Stretch(low, above, high, below)
    return Stretch(_number(match["low"]), match["opening"] == "[", _number(match["high"]), match["closing"] == "]")


def _number(text: str) -> int | Decimal:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else value


class Column:
    """Which rows of a block fit a value, by one of its inputs."""

    __slots__ = ("_all", "_any", "_complex", "_texts", "_truths", "_null", "_numbers", "_stretches")

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._all = (1 << len(cells)) - 1
        self._any = _rows(index for index, cell in enumerate(cells) if cell.is_any)
        self._complex = _rows(index for index, cell in enumerate(cells) if cell.tests is not None)
        plain = [(index, piece) for index, cell in enumerate(cells) for piece in cell.pieces]
        self._texts: dict[str, int] = {}
        for index, piece in plain:
            if isinstance(piece, str):
                self._texts[piece] = self._texts.get(piece, self._any) | 1 << index
        self._truths = [self._any | _rows(index for index, piece in plain if piece is truth) for truth in (False, True)]
        self._null = self._any | _rows(index for index, piece in plain if piece is None)
        stretches = [(index, piece) for index, piece in plain if isinstance(piece, Stretch)]
        ends = {end for _, piece in stretches for end in (piece.low, piece.high) if end is not None}
        self._numbers: list[int | Decimal] = sorted(ends)
        self._stretches = self._regions(stretches)

    def _regions(self, stretches: list[tuple[int, Stretch]]) -> list[int]:
        """The rows that fit below the first number, at it, between it and the second, at the second, and so on."""
        regions = [self._any] * (2 * len(self._numbers) + 1)
        places = {number: 2 * index + 1 for index, number in enumerate(self._numbers)}
        for row, stretch in stretches:
            first = 0 if stretch.low is None else places[stretch.low] + (not stretch.low_included)
            last = len(regions) - 1 if stretch.high is None else places[stretch.high] - (not stretch.high_included)
            for region in range(first, last + 1):
                regions[region] |= 1 << row
        return regions

    def fits(self, value: Any) -> tuple[int, int]:
        """The rows that fit for sure, and those that only FEEL can decide."""
        kind = value.__class__
        if kind is str:
            return self._texts.get(value, self._any), self._complex
        if kind is int or kind is Decimal:
            place = bisect_left(self._numbers, value)
            at = place < len(self._numbers) and self._numbers[place] == value
            return self._stretches[2 * place + at], self._complex
        if kind is bool:
            return self._truths[value], self._complex
        if value is None:
            return self._null, self._complex
        return self._any, self._all & ~self._any


def _rows(indexes: Iterator[int]) -> int:
    rows = 0
    for index in indexes:
        rows |= 1 << index
    return rows
