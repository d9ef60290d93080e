"""What a decision model allows itself and should not: found when it is deployed, told to its author.

Every finding about a table names the table, the row and the column in its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.dmn import boxed
from engine.dmn.free_names import free_names
from engine.dmn.graph import Decision, Graph, InputData, KnowledgeModel
from engine.dmn.running import Logic
from engine.dmn.table_checks import TableCheck
from engine.dmn.tables import Table
from engine.errors import Problem
from engine.feel.types import ANY, ListType


def check(elements: Iterable[Decision | KnowledgeModel], graph: Graph, resource: str) -> Iterator[Problem]:
    """All findings about the decisions and knowledge models of a file."""
    for element in elements:
        if isinstance(element, Decision):
            yield from _unknown_names(element, graph, resource)
            yield from _list_for_one(element, resource)
        for table in tables_in(element.logic):
            yield from TableCheck(table, resource).findings()


def tables_in(logic: Logic) -> Iterator[Table]:
    """The tables of an expression that stand alone, in a function or as an entry of a context."""
    match logic:
        case Table():
            yield logic
        case boxed.Typed():
            yield from tables_in(logic.logic)
        case boxed.FunctionBox():
            yield from tables_in(logic.body)
        case boxed.Context():
            for _, entry in logic.entries:
                yield from tables_in(entry)
            if logic.result is not None:
                yield from tables_in(logic.result)


def _unknown_names(decision: Decision, graph: Graph, resource: str) -> Iterator[Problem]:
    """Names without an arrow: a name that is an element of the model, or any name once there is input data."""
    if not decision.inputs:
        return
    required = {need.through for need in decision.requirements}
    for need in decision.requirements:
        element = graph.elements.get(need.key)
        if element is not None:
            required.update((element.name, *element.aliases))
    has_data = any(isinstance(element, InputData) for element in graph.elements.values())
    for name in sorted(free_names(decision.logic) - required):
        if name in graph.declared:
            template = "'{decision}' reads '{name}', but no arrow leads from it; it is null there."
        elif has_data:
            template = "'{decision}' reads '{name}', which is no input data of the model."
        else:
            continue
        yield Problem(
            template,
            {"decision": decision.name, "name": name},
            resource=resource,
            line=decision.line,
            element_id=decision.id,
            severity="warning",
            rule="unknown-input",
        )


def _list_for_one(decision: Decision, resource: str) -> Iterator[Problem]:
    table = decision.logic
    if not isinstance(table, Table) or not table.policy.gives_list or table.aggregation or decision.type in (None, ANY):
        return
    if not isinstance(decision.type, ListType):
        template = "'{table}' answers with a list, but is to be {kind}; with several rules it is null."
        yield Problem(
            template,
            {"table": table.name, "row": 0, "column": "", "kind": str(decision.type)},
            resource=resource,
            line=table.line,
            element_id=decision.id,
            severity="warning",
            rule="wrong-type",
        )
