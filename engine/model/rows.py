"""Writing what a command made and changed, below SQLAlchemy's unit of work, which costs more than the step itself.

It is the last thing a transaction does: the rows of each table that cases live in are inserted by one prepared
statement, changed rows are updated by another for each set of columns, and nothing is asked back. Whatever is less
common than that (rows taken away, a task offered to others, other tables) goes the unit of work's own way.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.orm import InstanceState, Mapper, Session
from sqlalchemy.orm.exc import StaleDataError

from engine.database import Base
from engine.model.instances import Incident, ProcessInstance, Subscription
from engine.model.jobs import Job
from engine.model.tasks import Task, TaskCandidate

_ORDER: tuple[type[Base], ...] = (ProcessInstance, Task, TaskCandidate, Job, Subscription, Incident)
"""The tables that cases live in, those that others refer to first."""


def write(session: Session, connection: Connection) -> None:
    """Write all that is new or changed. Nothing may be done with the session's rows afterwards.

    Raises StaleDataError when an instance was saved by somebody else since it was read.
    """
    made: dict[Any, list[Any]] = {}
    for row in session.new:
        made.setdefault(type(row), []).append(row)
    changed = [cast(InstanceState[Any], inspect(row)) for row in session.dirty]
    kinds = {*made, *(state.class_ for state in changed)}
    if session.deleted or not kinds.issubset(_ORDER) or any(map(_is_regrouped, changed)):
        session.flush()
        return
    for table in _ORDER:
        if table in made:
            statement, attributes = _inserting(table)
            connection.execute(statement, [_values(row, attributes) for row in made[table]])
    alike: dict[tuple[Any, tuple[str, ...]], list[dict[str, Any]]] = {}
    for state in changed:
        kind: Any = state.class_
        names = tuple(sorted(name for name in state.committed_state if name in _columns(kind)))
        if not names:
            continue
        values = {f"new_{name}": state.dict[name] for name in names}
        keys = {f"old_{name}": getattr(state.obj(), name) for name in _keys(kind)}
        alike.setdefault((kind, names), []).append({**values, **keys})
    for (kind, names), values_of_each in alike.items():
        _update(connection, kind, names, values_of_each)
    session.expunge_all()


def _update(connection: Connection, kind: Any, names: tuple[str, ...], values_of_each: list[dict[str, Any]]) -> None:
    one_or_many = values_of_each if len(values_of_each) > 1 else values_of_each[0]
    if connection.execute(_updating(kind, names), one_or_many).rowcount != len(values_of_each):
        raise StaleDataError(f"{kind.__tablename__}: a row was changed or taken away meanwhile")


def _is_regrouped(state: InstanceState[Any]) -> bool:
    """Whether the rows that belong to a changed row changed as well."""
    return state.class_ is Task and "candidates" in state.committed_state


def _values(row: Any, attributes: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    said = row.__dict__
    return {name: said.get(name, default) for name, default in attributes}


@cache
def _inserting(kind: Any) -> tuple[Insert, tuple[tuple[str, Any], ...]]:
    """The statement, and each attribute with the value it has where none is given."""
    columns = _columns(kind)
    defaults = tuple((name, getattr(column.default, "arg", None)) for name, column in columns.items())
    return insert(_table(kind)).values({columns[name]: bindparam(name) for name in columns}), defaults


@cache
def _updating(kind: Any, names: tuple[str, ...]) -> Update:
    columns, mapper = _columns(kind), _mapper(kind)
    statement = update(_table(kind)).values({columns[name]: bindparam(f"new_{name}") for name in names})
    if mapper.version_id_col is not None:
        statement = statement.values({mapper.version_id_col: mapper.version_id_col + 1})
    return statement.where(*(columns[name] == bindparam(f"old_{name}") for name in _keys(kind)))


@cache
def _keys(kind: Any) -> tuple[str, ...]:
    """By what a row is found: its primary key, and its version where it has one."""
    mapper = _mapper(kind)
    found = [*mapper.primary_key, *([] if mapper.version_id_col is None else [mapper.version_id_col])]
    return tuple(mapper.get_property_by_column(column).key for column in found)


@cache
def _columns(kind: Any) -> dict[str, Any]:
    """Attribute → column."""
    table = _table(kind)
    return {each.key: each.columns[0] for each in _mapper(kind).column_attrs if each.columns[0] in set(table.columns)}


def _table(kind: Any) -> Table:
    return cast(Table, kind.__table__)


def _mapper(kind: Any) -> Mapper[Any]:
    return cast(Mapper[Any], inspect(kind))
