"""What differs between two versions of a decision table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from engine.analysis import facts
from engine.analysis.changes import Change, Said, Sign, Value, name, text
from engine.analysis.sequences import out_of_order
from engine.dmn.documents import child, children, text_in, text_of

TABLE = "decisionTable"
_FIRST_COUNTS = frozenset({"FIRST", "RULE ORDER", "OUTPUT ORDER"})


@dataclass(frozen=True)
class Column:
    """An input or output."""

    id: str
    side: Literal["input", "output", "annotation"]
    label: str
    facts: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Row:
    """A rule: what stands in each column."""

    id: str
    cells: tuple[str, ...]
    notes: str = ""


@dataclass(frozen=True)
class Table:
    """A decision table as it is written."""

    hit_policy: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def read_table(element: etree._Element) -> Table:
    columns = [
        Column(each.get("id", ""), side, _label(each), _column_facts(each))
        for side in ("input", "output")
        for each in children(element, side)
    ]
    rows = tuple(
        Row(
            rule.get("id", ""),
            tuple(_cell(each) for side in ("inputEntry", "outputEntry") for each in children(rule, side)),
            " · ".join(
                filter(None, [text_of(child(rule, "description")), *map(text_in, children(rule, "annotationEntry"))])
            ),
        )
        for rule in children(element, "rule")
    )
    policy = " ".join(filter(None, [element.get("hitPolicy", "UNIQUE"), element.get("aggregation")]))
    return Table(policy, tuple(columns), rows)


def _label(element: etree._Element) -> str:
    expression = child(element, "inputExpression")
    said = element.get("label") or element.get("name") or (text_in(expression) if expression is not None else "")
    return " ".join(said.split())


def _column_facts(element: etree._Element) -> facts.Facts:
    found = facts.of_xml(element)
    return {path: value for path, value in found.items() if path not in ("@label", "@width") and value}


def _cell(element: etree._Element) -> str:
    said = " ".join(text_in(element).split())
    others = {path: value for path, value in facts.of_xml(element).items() if value and path != "text"}
    others.pop("text/text", None)
    return said + "".join(f" [{path} {value}]" for path, value in others.items() if value != said)


def table_changes(before: etree._Element, after: etree._Element, called: Said) -> Iterator[Change]:
    """All differences of two versions of a table."""
    old, new = read_table(before), read_table(after)
    if old.hit_policy != new.hit_policy:
        values: dict[str, Value] = {"table": called, "before": Said(old.hit_policy), "after": Said(new.hit_policy)}
        yield Change("*{table}* now takes its rows by the rule {after} instead of {before}.", values, "behaviour", 2)
    columns = paired_columns(old, new)
    yield from _column_changes(old, new, columns, called)
    yield from _row_changes(old, new, columns, called)
    yield from _rest(before, after, called)


def _rest(before: etree._Element, after: etree._Element, called: Said) -> Iterator[Change]:
    """What a table says beside its columns and rows."""
    own = [facts.of_xml(each, is_apart=lambda inner: True) for each in (before, after)]
    for path, old, new in facts.differing(*own):
        if path not in ("@hitPolicy", "@aggregation", "@id"):
            values: dict[str, Value] = {"table": called, "name": Said(path.lstrip("@"))}
            values |= {"before": text(old or "")} | {"after": text(new or "")}
            weight: Literal["wording", "drawing"] = "wording" if path == "@outputLabel" else "drawing"
            yield Change("*{table}*: {name} is now {after} instead of {before}.", values, weight, 50)


def paired_rows(old: Table, new: Table, columns: Mapping[int, int]) -> dict[int, int]:
    """Which row is which: by its id, else by what stands in it."""
    ids = {row.id: index for index, row in enumerate(new.rows) if row.id}
    pairs = {index: ids[row.id] for index, row in enumerate(old.rows) if row.id in ids}
    free = [index for index in range(len(new.rows)) if index not in pairs.values()]
    for index, row in enumerate(old.rows):
        if index not in pairs:
            same = next((each for each in free if _aligned(row, columns) == _present(new.rows[each], columns)), None)
            if same is not None:
                pairs[index] = same
                free.remove(same)
    return pairs


def _aligned(row: Row, columns: Mapping[int, int]) -> dict[int, str]:
    return {there: row.cells[here] for here, there in columns.items() if here < len(row.cells)}


def _present(row: Row, columns: Mapping[int, int]) -> dict[int, str]:
    return {there: row.cells[there] for there in columns.values() if there < len(row.cells)}


def paired_columns(old: Table, new: Table) -> dict[int, int]:
    pairs: dict[int, int] = {}
    for mark in (lambda each: each.id, lambda each: tuple(sorted(each.facts.items())), lambda each: each.label):
        free = {
            (each.side, mark(each)): index
            for index, each in enumerate(new.columns)
            if mark(each) and index not in pairs.values()
        }
        for index, each in enumerate(old.columns):
            if index not in pairs and (each.side, mark(each)) in free:
                pairs[index] = free.pop((each.side, mark(each)))
    return pairs


def _column_changes(old: Table, new: Table, pairs: Mapping[int, int], called: Said) -> Iterator[Change]:
    for index, column in enumerate(new.columns):
        if index not in pairs.values():
            values: dict[str, Value] = {"table": called, "column": name(column.label)}
            yield Change("*{table}* has a new column: *{column}*.", values, "behaviour", 1, "added", after_id=column.id)
    for index, column in enumerate(old.columns):
        if index not in pairs:
            values = {"table": called, "column": name(column.label)}
            yield Change(
                "*{table}* no longer has the column *{column}*.", values, "behaviour", 1, "removed", before_id=column.id
            )
            continue
        now = new.columns[pairs[index]]
        if column.label != now.label:
            values = {"table": called, "before": name(column.label), "after": name(now.label)}
            yield Change("The column *{before}* of *{table}* is now called *{after}*.", values, "wording", 20,
                         before_id=column.id, after_id=now.id)  # fmt: skip
        for path, before, after in facts.differing(dict(column.facts), dict(now.facts)):
            values = {"table": called, "column": name(now.label), "name": Said(path.replace("@", ""))}
            values |= {"before": Said(before or "–"), "after": Said(after or "–")}
            yield Change("The column *{column}* of *{table}*: {name} is now {after} instead of {before}.", values,
                         "behaviour", 3, before_id=column.id, after_id=now.id)  # fmt: skip
    for index in out_of_order([pairs[each] for each in sorted(pairs)]):
        values = {"table": called, "column": name(new.columns[index].label)}
        yield Change("The column *{column}* of *{table}* stands in another place.", values, "drawing", 50, "moved")


def _row_changes(old: Table, new: Table, columns: Mapping[int, int], called: Said) -> Iterator[Change]:
    pairs = paired_rows(old, new, columns)
    earlier = {there: here for here, there in pairs.items()}
    for index, row in enumerate(new.rows):
        if index not in earlier:
            yield _whole_row("New row {row} in *{table}*: {cells}.", new, index, called, "added")
            continue
        before = old.rows[earlier[index]]
        yield from _cell_changes(before, row, index, columns, new, called)
        if before.notes != row.notes:
            values: dict[str, Value] = {
                "table": called,
                "row": index + 1,
                "before": text(before.notes),
                "after": text(row.notes),
            }
            template = "The note on row {row} of *{table}* is now {after} instead of {before}."
            yield Change(template, values, "wording", 30, before_id=before.id, after_id=row.id)
    for index in range(len(old.rows)):
        if index not in pairs:
            yield _whole_row("Row {row} of *{table}* is gone: {cells}.", old, index, called, "removed")
    is_order_of_weight = new.hit_policy in _FIRST_COUNTS or new.hit_policy.startswith("COLLECT")
    for index in _moved(pairs):
        values = {"table": called, "before": earlier[index] + 1, "after": index + 1}
        weight: Literal["behaviour", "drawing"] = "behaviour" if is_order_of_weight else "drawing"
        yield Change(
            "Row {before} of *{table}* is now row {after}.", values, weight, 6, "moved",
            before_id=old.rows[earlier[index]].id, after_id=new.rows[index].id,
        )  # fmt: skip


def _moved(pairs: Mapping[int, int]) -> list[int]:
    """The rows, as they are numbered now, that were moved: of two ways to see it the one whose numbers say more."""
    forwards = out_of_order([pairs[each] for each in sorted(pairs)])
    earlier = {there: here for here, there in pairs.items()}
    backwards = [pairs[each] for each in out_of_order([earlier[each] for each in sorted(earlier)])]
    return min(forwards, backwards, key=lambda rows: sum(earlier[row] == row for row in rows))


def _whole_row(template: str, table: Table, index: int, called: Said, sign: Sign) -> Change:
    row = table.rows[index]
    cells = tuple(
        Said(f"{column.label}: {cell or '–'}") for column, cell in zip(table.columns, row.cells, strict=False)
    )
    id = row.id or None
    return Change(
        template, {"table": called, "row": index + 1, "cells": cells}, "behaviour", 2, sign,
        before_id=id if sign == "removed" else None, after_id=id if sign == "added" else None,
    )  # fmt: skip


def _cell_changes(
    before: Row, after: Row, index: int, columns: Mapping[int, int], table: Table, called: Said
) -> Iterator[Change]:
    for here, there in columns.items():
        was = before.cells[here] if here < len(before.cells) else ""
        now = after.cells[there] if there < len(after.cells) else ""
        if was != now:
            values: dict[str, Value] = {
                "column": name(table.columns[there].label), "row": index + 1, "table": called,
                "before": Said(was or "–"), "after": Said(now or "–"),
            }  # fmt: skip
            yield Change("*{column}* {before} → {after} in row {row} of *{table}*.", values, "behaviour", 1,
                         before_id=before.id, after_id=after.id)  # fmt: skip
