"""Two versions of a form, table or catalogue as one table, in which each cell has what was before and what is after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from engine import forms
from engine.analysis import facts
from engine.analysis.changes import Said, Sign, Value, name, spoken
from engine.analysis.decision_tables import TABLE, Table, paired_columns, paired_rows, read_table
from engine.analysis.form_comparison import called, fields, options, paired_fields
from engine.analysis.text_comparison import scenario_facts, translations
from engine.dmn.documents import child, children, read_document

NOTHING = Said("")


@dataclass(frozen=True)
class Cell:
    """What stood in a place, and what stands there."""

    before: Value
    after: Value

    @property
    def is_new(self) -> bool:
        return not spoken(self.before)

    @property
    def is_gone(self) -> bool:
        return not spoken(self.after)

    @property
    def is_same(self) -> bool:
        return self.before == self.after


@dataclass(frozen=True)
class Line:
    """A row: a field, a rule, a text."""

    ids: tuple[str, ...]
    """Under which sentences know it: before and after."""
    sign: Sign | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """A table of a file; a form and a catalogue have one, a decision model one for each decision table."""

    title: Said
    heads: tuple[Cell, ...]
    lines: tuple[Line, ...]


def grids(kind: str, before: bytes | None, after: bytes | None, resource: str) -> tuple[Grid, ...]:
    """The tables of both versions of a file; one of them may be missing. Raises Invalid when one cannot be read."""
    match kind:
        case "form":
            return (_form(*(None if each is None else forms.parse(each, resource).schema for each in (before, after))),)
        case "decision":
            return tuple(_decisions(before, after, resource))
        case "catalogue":
            return (_pairs(*({} if each is None else translations(each, resource) for each in (before, after))),)
    return (_pairs(*({} if each is None else scenario_facts(each, resource) for each in (before, after))),)


def _form(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Grid:
    old, new = ([] if each is None else [component for component, _ in fields(each)] for each in (before, after))
    heads = (
        "the name",
        "the kind of field",
        "whether it must be answered",
        "the list of answers",
        "the condition that hides it",
    )
    lines = [
        _line(old, new, here, there, _field) for here, there in _in_order(len(old), len(new), paired_fields(old, new))
    ]
    return Grid(NOTHING, tuple(Cell(Said(each, "word"), Said(each, "word")) for each in heads), tuple(lines))


def _field(component: Mapping[str, Any]) -> tuple[str, tuple[Value, ...]]:
    hide = (component.get("conditional") or {}).get("hide")
    required = bool((component.get("validate") or {}).get("required"))
    return str(component.get("id", "")), (
        called(component),
        Said(str(component.get("type", "")), "kind"),
        Said("yes", "word") if required else NOTHING,
        tuple(name(each) for each in options(component).values()),
        Said(hide, "expression") if isinstance(hide, str) and hide else NOTHING,
    )


def _line(old: Sequence[Any], new: Sequence[Any], here: int | None, there: int | None, said: Any) -> Line:
    one, other = (None if here is None else said(old[here])), (None if there is None else said(new[there]))
    before, after = (() if each is None else each[1] for each in (one, other))
    cells = tuple(Cell(*pair) for pair in zip_longest(before, after, fillvalue=NOTHING))
    ids = tuple(dict.fromkeys(each[0] for each in (one, other) if each is not None and each[0]))
    sign: Sign | None = "added" if one is None else "removed" if other is None else None
    if sign is None and not all(cell.is_same for cell in cells):
        sign = "changed"
    return Line(ids, sign, cells)


def _in_order(before: int, after: int, pairs: Mapping[int, int]) -> Iterator[tuple[int | None, int | None]]:
    """All of both sides in the order of the new one; what is gone stands where it stood."""
    earlier, told = {there: here for here, there in pairs.items()}, 0
    for there in range(after):
        here = earlier.get(there)
        if here is not None:
            yield from ((gone, None) for gone in range(told, here) if gone not in pairs)
            told = max(told, here + 1)
        yield here, there
    yield from ((gone, None) for gone in range(told, before) if gone not in pairs)


def _decisions(before: bytes | None, after: bytes | None, resource: str) -> Iterator[Grid]:
    old, new = ({} if each is None else _tables(each, resource) for each in (before, after))
    for id in {**new, **old}:
        title = (new.get(id) or old[id])[0]
        yield _grid(title, old[id][1] if id in old else _EMPTY, new[id][1] if id in new else _EMPTY)


_EMPTY = Table("", (), ())


def _tables(content: bytes, resource: str) -> dict[str, tuple[Said, Table]]:
    found = {}
    for decision in children(read_document(content, resource), "decision"):
        table = child(decision, TABLE)
        if table is not None:
            id = decision.get("id", "")
            found[id] = name(decision.get("name") or id), read_table(table)
    return found


def _grid(title: Said, old: Table, new: Table) -> Grid:
    columns = paired_columns(old, new)
    order = list(_in_order(len(old.columns), len(new.columns), columns))
    heads = tuple(
        Cell(
            NOTHING if here is None else name(old.columns[here].label),
            NOTHING if there is None else name(new.columns[there].label),
        )
        for here, there in order
    )
    lines = []
    for here, there in _in_order(len(old.rows), len(new.rows), paired_rows(old, new, columns)):
        before, after = (None if here is None else old.rows[here]), (None if there is None else new.rows[there])
        cells = [
            Cell(
                NOTHING if before is None or left is None else _said(before.cells, left),
                NOTHING if after is None or right is None else _said(after.cells, right),
            )
            for left, right in order
        ]
        cells.append(Cell(_noted(before.notes if before else ""), _noted(after.notes if after else "")))
        sign: Sign | None = "added" if before is None else "removed" if after is None else None
        if sign is None and not all(cell.is_same for cell in cells):
            sign = "changed"
        ids = tuple(dict.fromkeys(each.id for each in (before, after) if each is not None and each.id))
        lines.append(Line(ids, sign, tuple(cells)))
    note = Said("the note", "word")
    return Grid(title, (*heads, Cell(note, note)), tuple(lines))


def _said(cells: tuple[str, ...], index: int) -> Said:
    return Said(cells[index] or "–") if index < len(cells) else NOTHING


def _noted(notes: str) -> Said:
    return name(notes) if notes else NOTHING


def _pairs(before: Mapping[str, str], after: Mapping[str, str]) -> Grid:
    """Texts by name, those alone that differ."""
    lines = []
    for said, old, new in facts.differing(dict(before), dict(after)):
        sign: Sign = "added" if old is None else "removed" if new is None else "changed"
        cells = (Cell(Said(said), Said(said)), Cell(Said(old or ""), Said(new or "")))
        lines.append(Line((said,), sign, cells))
    heads = (Said("the text", "word"), Said("what it says", "word"))
    return Grid(NOTHING, tuple(Cell(each, each) for each in heads), tuple(lines))
