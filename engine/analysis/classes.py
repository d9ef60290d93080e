"""Classes of values: which data decides the way through a process, and which of its values make a difference.

What is only compared with constants is reduced to the interval or the value that it falls in; of anything else the
exact value counts. Names are taken together over all processes and scopes: that makes more differences, never fewer.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from engine import feel, plain
from engine.bpmn.elements import Node, ProcessModel
from engine.dmn import DecisionModel, boxed
from engine.dmn.columns import Stretch
from engine.dmn.free_names import free_names
from engine.dmn.graph import Decision
from engine.dmn.tables import Table
from engine.feel import tree

Path = tuple[str, ...]
EXACT = object()
"""Among the constants of a path: its very value makes a difference."""
CLOCK = frozenset({"now", "today"})
SAME_IN_EVERY_CASE = frozenset({"reference"})
"""A number that differs from case to case, and is only compared with itself."""


class Classes:
    """What makes a difference in a process with all that it calls and decides by."""

    def __init__(self, models: Iterable[ProcessModel], decisions: Callable[[str], DecisionModel | None]) -> None:
        self._decisions = decisions
        self.depends_on_time = False
        """Whether the way depends on the clock otherwise than by timers."""
        self.is_unknown = False
        """Whether it depends on what only a run can tell, such as a decision whose name is computed."""
        self._sources: dict[str, list[_Flow]] = defaultdict(list)
        models = tuple(models)
        for model in models:
            for node in model.nodes.values():
                self._assignments(node)
        ways = list(self._ways(models))
        self._spread(ways)
        self.depends_on_time = self._reads_clock(ways)
        self._spread([*ways, *self._times(models)])

    # -- what a case brings -------------------------------------------------------------------------------------

    def reduced(self, variables: Mapping[str, Any]) -> tuple[Any, ...]:
        """What of some variables makes a difference; equal for all that go the same way."""
        return tuple(
            (path, _reduced(_at(variables, path), constants))
            for path, constants in self._table
            if path[0] in variables and path[0] not in SAME_IN_EVERY_CASE
        )

    @property
    def constants(self) -> Mapping[Path, frozenset[Any]]:
        """Path → what it is compared with."""
        return {path: frozenset(_plain(each) for each in found) for path, found in self._found.items()}

    # -- the facts of a diagram ---------------------------------------------------------------------------------

    def _ways(self, models: Iterable[ProcessModel]) -> Iterator[_Flow]:
        """Expressions that decide the way, or who gets a task."""
        for model in models:
            for flow in model.flows.values():
                yield from _flow(flow.condition, is_condition=True)
            for node in model.nodes.values():
                yield from _conditions_of(node)
                for text in _texts_of(node):
                    yield from _flow(text)
                if node.decision is not None and node.decision.decision.id.startswith("="):
                    self.is_unknown = True
                if node.call is not None and node.call.process.id.startswith("="):
                    self.is_unknown = True

    def _times(self, models: Iterable[ProcessModel]) -> Iterator[_Flow]:
        for model in models:
            for node in model.nodes.values():
                for event in node.event.single if node.event else ():
                    if event.trigger == "timer":
                        yield from _flow(event.expression)
                if node.assignment is not None:
                    yield from _flow(node.assignment.due)

    def _assignments(self, node: Node) -> None:
        for mapping in (*node.inputs, *node.outputs):
            self._assign(mapping.target, mapping.source)
        if node.script is not None:
            text = node.script.expression
            self._assign(node.script.result_variable, text if text.startswith("=") else f"={text}")
        if node.decision is not None:
            self._sources[node.decision.result_variable].append(_Flow(None, decision=node.decision.decision.id))
        loop = node.loop
        if loop is not None:
            if loop.element:
                self._assign(loop.element, loop.collection or "")
            if loop.output_collection:
                self._assign(loop.output_collection, loop.output_element or "")

    def _assign(self, target: str, text: str) -> None:
        self._sources[target.split(".")[0]].extend(_flow(text))

    # -- how far a difference reaches ---------------------------------------------------------------------------

    def _spread(self, ways: Iterable[_Flow]) -> None:
        """Follow each value that makes a difference to the values that it is made of."""
        self._found: dict[Path, set[Any]] = defaultdict(set)
        self._reached: list[_Flow] = []
        ahead: list[tuple[_Flow, frozenset[Any]]] = [(way, frozenset({EXACT})) for way in ways]
        done: set[tuple[int, frozenset[Any]]] = set()
        while ahead:
            flow, wanted = ahead.pop()
            if (id(flow), wanted) in done:
                continue
            done.add((id(flow), wanted))
            self._reached.append(flow)
            before = {path: len(found) for path, found in self._found.items()}
            if flow.decision is not None:
                self._read_decision(flow.decision)
            elif flow.tree is not None:
                read = _condition if flow.is_condition else _value
                for path, constant in read(flow.tree, wanted):
                    self._found[path].add(constant)
            for path, found in list(self._found.items()):
                if len(found) != before.get(path, 0):
                    name_wanted = frozenset(found) if len(path) == 1 else frozenset({EXACT})
                    ahead += [(source, name_wanted) for source in self._sources.get(path[0], ())]
        for path, found in list(self._found.items()):
            if len(path) > 1 and EXACT in self._found.get(path[:1], ()):
                del self._found[path]
            elif EXACT in found:
                self._found[path] = {EXACT}
        self._table = [(path, None if EXACT in found else _Order(found)) for path, found in sorted(self._found.items())]

    def _reads_clock(self, ways: Iterable[_Flow]) -> bool:
        return any(flow.tree is not None and _names(flow.tree) & CLOCK for flow in self._reached)

    def _read_decision(self, decision_id: str) -> None:
        model = self._decisions(decision_id)
        if model is None or not isinstance(model.decisions.get(decision_id), Decision):
            self.is_unknown = True
            return
        for element in model.graph.elements.values():
            logic: Any = getattr(element, "logic", None)
            if logic is None:
                continue
            while isinstance(logic, boxed.Typed):
                logic = logic.logic
            for path, constant in _table(logic) if isinstance(logic, Table) else _all(free_names(logic)):
                self._found[path].add(constant)


@dataclasses.dataclass(frozen=True, eq=False)
class _Flow:
    """An expression whose value goes somewhere."""

    tree: Any
    is_condition: bool = False
    decision: str | None = None


class _Order:
    """The constants that values of a path are compared with, in order."""

    def __init__(self, constants: Iterable[Any]) -> None:
        known = [_plain(each) for each in constants]
        self.numbers = sorted(
            {each for each in known if isinstance(each, int | Decimal) and not isinstance(each, bool)}
        )
        self.texts = sorted({each for each in known if isinstance(each, str)})


def _reduced(value: Any, order: _Order | None) -> Any:
    """The class of a value: itself, or where it stands among the constants."""
    if value is None or isinstance(value, bool):
        return value
    if order is None or isinstance(value, list | dict):
        return plain.dumps(value)
    if isinstance(value, int | float | Decimal):
        return ("number", *_place(value, order.numbers))
    if isinstance(value, str):
        return ("text", *_place(value, order.texts))
    return plain.dumps(value)


def _place(value: Any, constants: list[Any]) -> tuple[int, bool]:
    place = bisect_left(constants, value)
    return place, place < len(constants) and constants[place] == value


def _conditions_of(node: Node) -> Iterator[_Flow]:
    for event in node.event.single if node.event else ():
        if event.trigger == "conditional":
            yield from _flow(event.expression, is_condition=True)
    yield from _flow(node.ad_hoc_completion, is_condition=True)
    if node.loop is not None:
        for text in (node.loop.completion_condition, node.loop.loop_condition):
            yield from _flow(text, is_condition=True)
        for throw in node.loop.throws:
            yield from _flow(throw.condition, is_condition=True)


def _texts_of(node: Node) -> Iterator[str | None]:
    """Texts whose very value makes a difference."""
    for event in node.event.single if node.event else ():
        yield event.name
        if event.correlation_key and event.correlation_key.strip().removeprefix("=").strip() not in SAME_IN_EVERY_CASE:
            yield event.correlation_key
    if node.assignment is not None:
        yield from (node.assignment.assignee, node.assignment.candidate_users, node.assignment.candidate_groups)
        yield node.assignment.priority
    if node.service is not None:
        yield from (node.service.type, node.service.retries)
    if node.loop is not None:
        yield from (node.loop.collection, node.loop.cardinality, node.loop.loop_maximum)


def _flow(text: str | None, *, is_condition: bool = False) -> Iterator[_Flow]:
    formula = (text or "").strip()
    if formula.startswith("="):
        yield _Flow(feel.compile(formula[1:].strip()).tree, is_condition)


Use = tuple[Path, Any]


def _condition(node: Any, wanted: frozenset[Any]) -> Iterator[Use]:
    """What a condition reads, with the constants that it compares it with."""
    match node:
        case tree.And() | tree.Or():
            for operand in node.operands:
                yield from _condition(operand, wanted)
        case tree.Compare():
            yield from _compared(node.left, [node.right])
        case tree.Between():
            yield from _compared(node.value, [node.low, node.high])
        case tree.In():
            yield from _compared(node.value, node.tests)
        case tree.Call(function=tree.Name(name="not"), arguments=[one]):
            yield from _condition(one, wanted)
        case _:
            yield from _exact(node)


def _value(node: Any, wanted: frozenset[Any]) -> Iterator[Use]:
    """What a value is made of, of which it matters where it stands among `wanted`."""
    path = _path(node)
    match node:
        case _ if path is not None:
            yield from ((path, constant) for constant in wanted)
        case tree.If():
            for test, branch in node.branches:
                yield from _condition(test, wanted)
                yield from _value(branch, wanted)
            yield from _value(node.otherwise, wanted)
        case tree.Compare() | tree.And() | tree.Or() | tree.In() | tree.Between():
            yield from _condition(node, wanted)
        case _:
            yield from _exact(node)


def _compared(left: Any, others: list[Any]) -> Iterator[Use]:
    constants: list[Any] = []
    for other in others:
        found = _constants(other)
        if found is None:
            break
        constants += found
    else:
        path = _path(left)
        if path is not None:
            yield from ((path, constant) for constant in constants)
            return
    if len(others) == 1 and (path := _path(others[0])) is not None and (found := _constants(left)) is not None:
        yield from ((path, constant) for constant in found)
        return
    yield from _exact(left)
    for other in others:
        yield from _exact(other)


def _constants(node: Any) -> list[Any] | None:
    """The constants of a test; None when it is about anything else."""
    match node:
        case tree.Literal():
            return [node.value]
        case tree.Negate(operand=tree.Literal(value=value)):
            return [-value] if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
        case tree.Test():
            return _constants(node.operand)
        case tree.RangeOf():
            start, end = _constants(node.start), _constants(node.end)
            return None if start is None or end is None else start + end
        case tree.ListOf():
            found = [_constants(item) for item in node.items]
            return None if any(each is None for each in found) else [value for each in found for value in each or ()]
        case _:
            return None


def _table(table: Table) -> Iterator[Use]:
    for number, column in enumerate(table.inputs):
        logic: Any = column.logic
        while isinstance(logic, boxed.Typed):
            logic = logic.logic
        cells = [rule.cells[number] for rule in table.rules]
        tests = [test for cell in cells if cell.tests for test in cell.tests.tests]
        constants = [_constants(test) for test in tests]
        path = _path(logic.expression.tree) if isinstance(logic, boxed.Text) else None
        if path is not None and all(each is not None for each in constants):
            yield from ((path, value) for each in constants for value in each or ())
            yield from ((path, value) for cell in cells for piece in cell.pieces for value in _ends(piece))
            yield path, None
        elif isinstance(logic, boxed.Text):
            yield from _exact(logic.expression.tree)
            yield from _all({name for cell in cells if cell.tests for name in cell.tests.names})
        else:
            yield from _all(free_names(logic))
    for rule in table.rules:
        for output in rule.outputs:
            yield from _all(free_names(output))


def _ends(piece: Any) -> tuple[Any, ...]:
    """The constants of one thing that a cell allows."""
    return (piece.low, piece.high) if isinstance(piece, Stretch) else (piece,)


def _all(names: Iterable[str]) -> Iterator[Use]:
    yield from (((name,), EXACT) for name in names)


def _exact(node: Any) -> Iterator[Use]:
    path = _path(node)
    if path is not None:
        yield path, EXACT
        return
    if isinstance(node, tree.Name):
        yield (node.name,), EXACT
        return
    for part in _parts(node):
        yield from _exact(part)


def _path(node: Any) -> Path | None:
    match node:
        case tree.Name():
            return (node.name,)
        case tree.Path():
            base = _path(node.base)
            return None if base is None else (*base, node.name)
        case _:
            return None


def _names(node: Any) -> set[str]:
    found = {node.name} if isinstance(node, tree.Name) else set()
    for part in _parts(node):
        found |= _names(part)
    return found


def _parts(node: Any) -> Iterator[Any]:
    """The nodes below a node of the tree."""
    if isinstance(node, list | tuple):
        for each in node:
            yield from _parts(each) if isinstance(each, list | tuple) else [each]
    elif dataclasses.is_dataclass(node):
        for each in dataclasses.fields(node):
            value = getattr(node, each.name)
            if isinstance(value, list | tuple):
                yield from _parts(value)
            elif dataclasses.is_dataclass(value):
                yield value


def _at(scope: Any, path: Path) -> Any:
    value = scope
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _plain(constant: Any) -> Any:
    return constant if constant is EXACT else feel.to_plain(constant)
