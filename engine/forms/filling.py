"""A form filled: what was sent, over what the server holds, each field by the rule of its state.

A hidden, disabled or read-only field keeps the server's value, an expression field is computed here, and only what is
left is taken from the person. States are decided by FEEL over the data, and the data depends on the states (a hidden
field's answer does not count), so the form is filled in rounds until nothing changes any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import feel
from engine.errors import Problem
from engine.forms import places, values
from engine.forms.components import Component, Condition, every
from engine.forms.places import ABSENT, Path

MAX_ROWS = 1_000
_ROUNDS = 8
_NEVER = Condition()


@dataclass
class Filled:
    """The outcome of a round: all data of the form, what the person may set of it, what is wrong."""

    data: dict[str, Any]
    changed: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def fill(
    components: tuple[Component, ...],
    sent: Mapping[str, Any],
    variables: Mapping[str, Any],
    now: dt.datetime,
) -> Filled:
    """Fill the form with what was sent, until the data and the states of the fields agree."""
    roots = {path[0] for _, path in every(components) if path}
    own = {key: value for key, value in variables.items() if key in roots}
    before = defaults(components, own)
    data = places.merged(before, sent)
    for _ in range(_ROUNDS):
        filled = _Round(variables, data, now).run(components, sent, own, before)
        if filled.data == data:
            break
        data = filled.data
    return filled


def defaults(components: tuple[Component, ...], variables: Mapping[str, Any]) -> dict[str, Any]:
    """What the form shows when it is opened: the server's values, defaults where there are none."""
    data: dict[str, Any] = places.copied(variables)
    _apply_defaults(components, data, ())
    return data


def _apply_defaults(components: tuple[Component, ...], data: dict[str, Any], prefix: Path) -> None:
    for component in components:
        path = prefix + component.path
        if component.is_list:
            rows = places.get(data, path)
            if not isinstance(rows, list):
                rows = [{} for _ in range(_first_rows(component))]
            rows = [row if isinstance(row, dict) else {} for row in rows]
            places.put(data, path, rows)
            for row in rows:
                _apply_defaults(component.children, row, ())
        elif component.children:
            _apply_defaults(component.children, data, path)
        elif component.is_field and places.get(data, path, ABSENT) is ABSENT:
            default = component.schema.get("defaultValue")
            places.put(data, path, component.empty if default is None else places.copied(default))


def _first_rows(component: Component) -> int:
    count = component.schema.get("defaultRepetitions", 1)
    return min(count, MAX_ROWS) if isinstance(count, int) else 1


@dataclass(frozen=True)
class _Level:
    """The object being filled: the form as a whole, or one row of a list.

    `own` is what the server holds of it, `before` the same with the defaults of fields that nothing is known of.
    """

    sent: Mapping[str, Any]
    own: Mapping[str, Any]
    before: Mapping[str, Any]
    out: dict[str, Any]
    scope: Mapping[str, Any]
    place: tuple[str | int, ...] = ()
    root: str | None = None


@dataclass
class _Round:
    variables: Mapping[str, Any]
    data: Mapping[str, Any]
    now: dt.datetime
    filled: Filled = field(default_factory=lambda: Filled({}))

    def run(
        self,
        components: tuple[Component, ...],
        sent: Mapping[str, Any],
        own: Mapping[str, Any],
        before: Mapping[str, Any],
    ) -> Filled:
        self.filled.data = places.copied(own)
        scope = root_scope({**self.variables, **before, **self.data})
        level = _Level(sent, own, before, self.filled.data, scope)
        self._fill(components, level, (), hidden=False)
        return self.filled

    def _fill(self, components: tuple[Component, ...], level: _Level, prefix: Path, hidden: bool) -> None:
        for component in components:
            path = prefix + component.path
            is_hidden = hidden or component.hide.holds(level.scope, self.now)
            if component.is_list:
                if not is_hidden:
                    self._fill_list(component, level, path)
            elif component.children:
                self._fill(component.children, level, path, is_hidden)
            elif component.is_field and not is_hidden:
                self._fill_field(component, level, path)

    def _fill_field(self, component: Component, level: _Level, path: Path) -> None:
        if component.expression is not None:
            value = feel.to_plain(component.expression.value(level.scope, self.now))
            self._set(level, path, value)
            return
        if component.disabled.holds(level.scope, self.now):
            return
        held = places.get(level.before, path)
        if component.read_only.holds(level.scope, self.now):
            if "defaultValue" in component.schema and places.get(level.own, path, ABSENT) is ABSENT:
                self._set(level, path, held)
            return
        try:
            value = values.read(component, places.get(level.sent, path, held))
        except values.WrongType as wrong:
            self._blame(component, level, path, wrong.fault)
            return
        self._set(level, path, value)
        for fault in values.faults(component, value, held, level.scope, self.now):
            self._blame(component, level, path, fault)

    def _fill_list(self, component: Component, level: _Level, path: Path) -> None:
        rows = places.get(level.sent, path)
        rows = [] if rows is None else rows
        if not isinstance(rows, list) or not all(row is None or isinstance(row, dict) for row in rows):
            self._blame(component, level, path, ("Value is not a list of rows.", {}))
            return
        if len(rows) > MAX_ROWS:
            self._blame(component, level, path, ("There may be at most {limit} rows.", {"limit": MAX_ROWS}))
            return
        held = places.get(level.before, path) or []
        own = places.get(level.own, path)
        own = own if isinstance(own, list) else [{}] * len(held)
        if not component.schema.get("allowAddRemove") and len(rows) != len(held):
            self._blame(component, level, path, ("Rows may not be added or removed here.", {}))
            return
        out: list[dict[str, Any]] = []
        self._set(level, path, out)
        known = list(zip(own, held, strict=True))
        for index, (row, base, before) in enumerate(_matched(component, [row or {} for row in rows], known)):
            new = places.copied(base)
            out.append(new)
            inner = _Level(
                sent=row,
                own=base,
                before=before,
                out=new,
                scope=row_scope(level.scope, self._row_now(level, path, index, row), index),
                place=(*level.place, *path, index),
                root=level.root or path[0],
            )
            self._fill(component.children, inner, (), hidden=False)

    def _row_now(self, level: _Level, path: Path, index: int, row: Mapping[str, Any]) -> Any:
        """The row as the round before left it."""
        rows = places.get(level.scope["_this_"], path)
        return rows[index] if isinstance(rows, list) and index < len(rows) and rows[index] is not None else row

    def _set(self, level: _Level, path: Path, value: Any) -> None:
        places.put(level.out, path, value)
        self.filled.changed.add(level.root or path[0])

    def _blame(self, component: Component, level: _Level, path: Path, fault: values.Fault) -> None:
        template, named = fault
        self.filled.problems.append(
            Problem(template, named, element_id=component.id, field=(*level.place, *path), rule="form")
        )


def root_scope(data: Mapping[str, Any]) -> dict[str, Any]:
    """The names that FEEL knows outside of lists, as form-js gives them."""
    return _scope(data, data, None, [])


def row_scope(outer: Mapping[str, Any], row: Any, index: int) -> dict[str, Any]:
    """The names that FEEL knows in the row of a list: `this`, `parent`, `i`, and the data of the whole form."""
    data = outer["_data"]
    parent = {**outer, **outer["_this_"]} if isinstance(outer["_this_"], Mapping) else outer
    return _scope(data, row, parent, [*outer["_i_"], index + 1])


def _scope(data: Mapping[str, Any], this: Any, parent: Any, index: list[int]) -> dict[str, Any]:
    return {
        "this": this,
        "parent": parent,
        "i": index,
        **data,
        "_this_": this,
        "_parent_": parent,
        "_i_": index,
        "_data": data,
    }


_Row = dict[str, Any]


def _matched(
    component: Component, rows: list[_Row], known: list[tuple[Any, _Row]]
) -> Iterator[tuple[_Row, _Row, _Row]]:
    """Each row sent, with what the server holds of the row that it changes, as it is and with defaults.

    So values that a person may not change stay the server's. Where rows may be added and removed, a row is known again
    by those of its values that cannot be changed in the browser.
    """
    if not component.schema.get("allowAddRemove"):
        for row, (own, before) in zip(rows, known, strict=True):
            yield row, own if isinstance(own, dict) else {}, before
        return
    kept = [child.path for child in component.children if child.is_field and child.read_only != _NEVER]
    free = list(known) if kept else []
    for row in rows:
        marks = [places.get(row, path) for path in kept]
        found = next((each for each in free if [places.get(each[1], path) for path in kept] == marks), None)
        if found is not None:
            free.remove(found)
            yield row, found[0] if isinstance(found[0], dict) else {}, found[1]
        else:
            new: _Row = {}
            _apply_defaults(component.children, new, ())
            yield row, {}, new
