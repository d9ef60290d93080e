"""The names that a boxed expression reads from outside of itself."""

from __future__ import annotations

from collections.abc import Iterable

from engine.dmn import boxed
from engine.dmn.running import Logic
from engine.dmn.tables import Table


def free_names(logic: Logic) -> frozenset[str]:
    """The names an expression reads, less those it defines itself."""
    match logic:
        case boxed.Text():
            return logic.expression.names
        case boxed.Typed():
            return free_names(logic.logic)
        case boxed.Context():
            return _of_context(logic)
        case boxed.ListBox():
            return _of_all(logic.items)
        case boxed.Relation():
            return _of_all(cell for row in logic.rows for cell in row)
        case boxed.Invocation():
            return _of_all((logic.function, *(argument for _, argument in logic.bindings)))
        case boxed.Conditional():
            return _of_all((logic.condition, logic.then, logic.otherwise))
        case boxed.Filter():
            return free_names(logic.source)  # what else its condition names may be an entry of the items
        case boxed.For():
            return free_names(logic.source) | (free_names(logic.result) - {logic.variable, "partial"})
        case boxed.Quantified():
            return free_names(logic.source) | (free_names(logic.condition) - {logic.variable})
        case boxed.FunctionBox():
            return free_names(logic.body) - set(logic.parameters)
        case Table():
            return _of_table(logic)
        case _:
            return frozenset()


def _of_all(parts: Iterable[Logic]) -> frozenset[str]:
    return frozenset().union(*(free_names(part) for part in parts))


def _of_context(context: boxed.Context) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    known: set[str] = set()
    for name, logic in context.entries:
        known.add(name)
        found |= free_names(logic) - known
    return found if context.result is None else found | (free_names(context.result) - known)


def _of_table(table: Table) -> frozenset[str]:
    cells = {name for rule in table.rules for cell in rule.cells if cell.tests for name in cell.tests.names}
    parts = [column.logic for column in table.inputs]
    parts += [logic for rule in table.rules for logic in rule.outputs]
    return _of_all(parts) | cells
