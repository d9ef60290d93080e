"""Syntax tree to the source of one Python function.

Every piece of source comes from the tree alone: names of the scope enter as quoted text, constants as bound names,
and the function runs without Python's built-ins, so that no expression can reach anything but plain data.
Local names of FEEL become local variables of Python; what iterates or may be called later becomes an inner function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel.builtins import BY_NAME, Builtin
from engine.feel.comparison_source import ComparisonSource, is_number
from engine.feel.inference import function_type
from engine.feel.python_source import Scope
from engine.feel.tree import (
    TRUTHS,
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Iterator,
    ListOf,
    Literal,
    Name,
    Negate,
    Or,
    Path,
    Quantified,
    RangeOf,
    Test,
)
from engine.feel.types import Unknown

_LONGEST_CHAIN = 6
_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_ASK_FOR_NULL = frozenset({"is defined", "get or else"})


class Emitter(ComparisonSource):
    """Source of every kind of node."""

    def _if(self, node: If) -> str:
        if len(node.branches) == 1:
            condition, then = node.branches[0]
            test = self.emit(condition)
            name = self._fresh("t")
            chosen, other = self.emit(then), self.emit(node.otherwise)
            unclear = "" if isinstance(condition, TRUTHS) else f" if decision({name}, r) is False else None"
            return f"({chosen} if ({name} := {test}) is True else {other}{unclear})"

        def body() -> str:
            for condition, then in node.branches:
                name = self._fresh("t")
                test = self.emit(condition)
                chosen = self.emit(then)
                self._lines[-1].append(f"if ({name} := {test}) is True: return {chosen}")
                if not isinstance(condition, TRUTHS):
                    self._lines[-1].append(f"if decision({name}, r) is None: return None")
            return self.emit(node.otherwise)

        return f"{self._function((), body)}()"

    def _arithmetic(self, node: Arithmetic) -> str:
        operands = [node.first, *(operand for _, operand in node.rest)]
        if not any(isinstance(operand, Literal) and is_number(operand.value) for operand in operands):
            self.needs_runtime = True
        if len(node.rest) <= _LONGEST_CHAIN:
            source = self.emit(node.first)
            for operator, operand in node.rest:
                source = f"{_ARITHMETIC[operator]}({source}, {self.emit(operand)}, r)"
            return source

        def body() -> str:
            name = self._fresh("t")
            source = self.emit(node.first)
            self._lines[-1].append(f"{name} = {source}")
            for operator, operand in node.rest:
                source = self.emit(operand)
                self._lines[-1].append(f"{name} = {_ARITHMETIC[operator]}({name}, {source}, r)")
            return name

        return f"{self._function((), body)}()"

    def _negate(self, node: Negate) -> str:
        return f"negate({self.emit(node.operand)}, r)"

    def _list(self, node: ListOf) -> str:
        return f"[{', '.join(map(self.emit, node.items))}]"

    def _context(self, node: ContextOf) -> str:
        keys = [key for key, _ in node.entries]
        if len(set(keys)) < len(keys):
            return "twice(r)"
        scope: Scope = {}
        self._scopes.append(scope)
        entries = []
        for key, value in node.entries:
            name = self._fresh("v")
            if isinstance(value, FunctionOf):
                scope[key] = name
            entries.append(f"{key!r}: ({name} := {self.emit(value)})")
            scope[key] = name
        self._scopes.pop()
        return f"{{{', '.join(entries)}}}"

    def _range(self, node: RangeOf) -> str:
        flags = f"{node.start_included}, {node.end_included}"
        return f"make_range({self.emit(node.start)}, {self.emit(node.end)}, {flags}, r)"

    def _test(self, node: Test) -> str:
        return f"short_range({node.operator!r}, {self.emit(node.operand)})"

    def _filter(self, node: Filter) -> str:
        self.needs_runtime = True
        base = self.emit(node.base)
        if isinstance(node.condition, Literal) and is_number(node.condition.value):
            return f"item_at({base}, {self._literal(node.condition)}, r)"
        item = self._fresh("i")
        function, cost = self._scoped(item, (item,), node.condition)
        return f"filtered({base}, {function}, {cost}, r)"

    def _for(self, node: For) -> str:
        self.needs_runtime = True
        partial = self._fresh("v")
        self._scopes.append({"partial": partial})
        domains, variables, scopes = self._domains(node.iterators)
        before = self._nodes
        function = self._function(variables, lambda: self.emit(node.body))
        cost = 1 + (self._nodes - before) // 2
        del self._scopes[-scopes - 1 :]
        results = f"({partial} := [])" if self._captured(partial) else "None"
        return f"each(({domains},), {function}, {cost}, {results}, r)"

    def _quantified(self, node: Quantified) -> str:
        self.needs_runtime = True
        domains, variables, scopes = self._domains(node.iterators)
        before = self._nodes
        function = self._function(variables, lambda: self.emit(node.condition))
        cost = 1 + (self._nodes - before) // 2
        del self._scopes[-scopes:]
        return f"quantified({node.every}, ({domains},), {function}, {cost}, r)"

    def _domains(self, iterators: list[Iterator]) -> tuple[str, list[str], int]:
        """Functions of the domains, each seeing the iterators before it, and their variables; scopes stay pushed."""
        functions: list[str] = []
        variables: list[str] = []
        for iterator in iterators:
            functions.append(self._function(variables, lambda iterator=iterator: self._domain(iterator)))  # type: ignore[misc]
            variable = self._fresh("v")
            variables.append(variable)
            self._scopes.append({iterator.name: variable})
        return ", ".join(functions), variables, len(iterators)

    def _domain(self, iterator: Iterator) -> str:
        if iterator.end is None:
            return self.emit(iterator.domain)
        return f"steps({self.emit(iterator.domain)}, {self.emit(iterator.end)}, r)"

    def _function_of(self, node: FunctionOf) -> str:
        self.needs_runtime = True
        if node.body is None:
            return "external(r)"
        variables = [self._fresh("v") for _ in node.parameters]
        scope = {name: variable for (name, _), variable in zip(node.parameters, variables, strict=True)}
        function, _ = self._scoped(scope, variables, node.body)
        names = self._constant([name for name, _ in node.parameters])
        types = self._constant([kind for _, kind in node.parameters])
        returns = self._constant(function_type(node, {}).result)
        return f"Function({names}, {function}, types={types}, returns={returns})"

    def _call(self, node: Call) -> str:
        self.needs_runtime = True
        name = node.function.name if isinstance(node.function, (Name, Path)) else ""
        self._lenient += name in _ASK_FOR_NULL
        arguments = list(map(self.emit, node.arguments))
        self._lenient -= name in _ASK_FOR_NULL
        is_builtin = isinstance(node.function, Name) and name in BY_NAME
        if is_builtin and name not in self._functions_in_scope and not self._is_local(name):
            return self._call_builtin(BY_NAME[name], arguments, node.names)
        function = self.emit(node.function)
        values = f"({', '.join(arguments)},)" if arguments else "()"
        if node.names is None:
            return f"call(r, {function}, {values}, {name!r})"
        return f"call_named(r, {function}, {self._constant(node.names)}, {values}, {name!r})"

    def _call_builtin(self, builtin: Builtin, arguments: list[str], names: list[str] | None) -> str:
        if names is None:
            function = builtin.for_count(len(arguments))
        else:
            found = builtin.for_names(names)
            function = None if found is None else found[0]
            if found is not None:
                arguments = ["None" if at is None else arguments[at] for at in found[1]]
        if function is None:
            return f"unfit({self._constant(builtin)}, {len(arguments)}, {self._constant(names)}, r)"
        return f"{self._constant(function)}({', '.join(['r', *arguments])})"

    def _instance_of(self, node: InstanceOf) -> str:
        value = self.emit(node.value)
        if isinstance(node.type, Unknown):
            return f"unknown_type({node.type.name!r}, r)"
        return f"{self._constant(node.type)}.accepts({value})"


_EMITTERS: dict[type, Callable[[Any, Any], str]] = {
    Literal: Emitter._literal,
    Name: Emitter._name,
    Path: Emitter._path,
    Filter: Emitter._filter,
    Call: Emitter._call,
    ListOf: Emitter._list,
    ContextOf: Emitter._context,
    RangeOf: Emitter._range,
    Test: Emitter._test,
    If: Emitter._if,
    For: Emitter._for,
    Quantified: Emitter._quantified,
    FunctionOf: Emitter._function_of,
    And: Emitter._and,
    Or: Emitter._or,
    Compare: Emitter._compare,
    Between: Emitter._between,
    In: Emitter._in,
    Arithmetic: Emitter._arithmetic,
    Negate: Emitter._negate,
    InstanceOf: Emitter._instance_of,
}

Emitter.emitters = _EMITTERS
