"""The values of a column cut into regions that its cells cannot tell apart: the ground on which tables are checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.dmn.columns import Cell, Piece, Stretch, pieces_of
from engine.feel.types import BOOLEAN, NUMBER, STRING, Type

Kind = Literal["text", "number", "truth"]
_KINDS: dict[Type, Kind] = {STRING: "text", NUMBER: "number", BOOLEAN: "truth"}


@dataclass(frozen=True)
class Region:
    """Some values of a column: in words, the rules whose cell holds for them, and the rules of which one cannot say."""

    words: str
    sure: int
    open: int

    @property
    def possible(self) -> int:
        return self.sure | self.open


def kind_of_piece(piece: Piece) -> Kind | None:
    """What a piece of a cell compares with; None for null, which goes with everything."""
    if isinstance(piece, bool):
        return "truth"
    if isinstance(piece, str):
        return "text"
    return None if piece is None else "number"


def column_kind(cells: Sequence[Cell], declared: Type | None) -> Kind | None:
    """What a column holds: as declared, else as its cells agree; None when they do not."""
    if declared is not None:
        return _KINDS.get(getattr(declared, "base", declared))
    kinds = {kind_of_piece(piece) for cell in cells for piece in cell.pieces} - {None}
    return kinds.pop() if len(kinds) == 1 else None


def regions(cells: Sequence[Cell], kind: Kind | None, allowed: str) -> list[Region]:
    """All regions of a column; `allowed` is the text of the values it may have, or empty."""
    open_ = _rows(cell.tests is not None for cell in cells)
    any_ = _rows(cell.is_any for cell in cells)
    if kind is None:
        undecided = ((1 << len(cells)) - 1) & ~any_
        return [Region("", any_, undecided)]
    made = {"text": _texts, "truth": _truths, "number": _numbers}[kind](cells, pieces_of(allowed) if allowed else ())
    return _joined([Region(words, rows | any_, open_) for words, rows in made])


def _rows(flags: Iterable[bool]) -> int:
    return sum(1 << row for row, flag in enumerate(flags) if flag)


_Named = tuple[str, int]


def _texts(cells: Sequence[Cell], allowed: tuple[Piece, ...]) -> Iterator[_Named]:
    permitted = [piece for piece in allowed if isinstance(piece, str)]
    used = [piece for cell in cells for piece in cell.pieces if isinstance(piece, str)]
    for text in dict.fromkeys(permitted or used):
        yield f'"{text}"', _rows([text in cell.pieces for cell in cells])
    if not permitted:
        yield "any other text" if used else "", 0


def _truths(cells: Sequence[Cell], allowed: tuple[Piece, ...]) -> Iterator[_Named]:
    for truth, word in ((True, "true"), (False, "false")):
        yield word, _rows([any(piece is truth for piece in cell.pieces) for cell in cells])


def _numbers(cells: Sequence[Cell], allowed: tuple[Piece, ...]) -> Iterator[_Named]:
    stretches = [[piece for piece in cell.pieces if isinstance(piece, Stretch)] for cell in cells]
    limits = [piece for piece in allowed if isinstance(piece, Stretch)]
    ends = {end for found in (*stretches, limits) for each in found for end in (each.low, each.high) if end is not None}
    for low, high in _gaps(sorted(ends)):
        sample = Stretch(low, low is not None and low == high, high, low is not None and low == high)
        if limits and not any(_holds(limit, sample) for limit in limits):
            continue
        yield _in_words(low, high), _rows([any(_holds(each, sample) for each in found) for found in stretches])


_End = int | Decimal | None


def _gaps(ends: list[int | Decimal]) -> Iterator[tuple[_End, _End]]:
    """Below the first number, the number, between it and the next, the next, and so on."""
    below: _End = None
    for end in ends:
        yield below, end
        yield end, end
        below = end
    yield below, None


def _holds(stretch: Stretch, region: Stretch) -> bool:
    """Whether a stretch holds all of a region that none of its ends cuts."""
    if region.low is not None and region.low == region.high:
        value = region.low
        above = stretch.low is None or value > stretch.low or (value == stretch.low and stretch.low_included)
        below = stretch.high is None or value < stretch.high or (value == stretch.high and stretch.high_included)
        return above and below
    above = stretch.low is None or (region.low is not None and region.low >= stretch.low)
    below = stretch.high is None or (region.high is not None and region.high <= stretch.high)
    return above and below


def _in_words(low: _End, high: _End) -> str:
    if low is None:
        return "" if high is None else f"< {high}"
    if high is None:
        return f"> {low}"
    return str(low) if low == high else f"({low}..{high})"


def _joined(found: list[Region]) -> list[Region]:
    """Regions of the same rules as one, so that there are fewer to go through."""
    groups: dict[tuple[int, int], list[str]] = {}
    for region in found:
        groups.setdefault((region.sure, region.open), []).append(region.words)
    return [Region(_short(words), sure, open_) for (sure, open_), words in groups.items()]


def _short(words: list[str]) -> str:
    told = [word for word in words if word]
    return ", ".join(told[:4]) + (" …" if len(told) > 4 else "")
