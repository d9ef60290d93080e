"""Syntax tree to the source of one Python function.

Every piece of source comes from the tree alone: names of the scope enter as quoted text, constants as bound names,
and the function runs without Python's built-ins, so that no expression can reach anything but plain data.
Local names of FEEL become local variables of Python; what iterates or may be called later becomes an inner function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any

from engine.feel.builtins import BY_NAME, Builtin
from engine.feel.inference import function_type
from engine.feel.tree import (
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
    Node,
    Or,
    Path,
    Quantified,
    RangeOf,
    Test,
)
from engine.feel.types import Unknown

_DEEPEST_SOURCE = 10
_LONGEST_CHAIN = 6
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_PYTHON = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "==", "!=": "!="}
OPERATOR_NAMES = {
    "<": "less",
    "<=": "less_or_equal",
    ">": "greater",
    ">=": "greater_or_equal",
    "=": "equal",
    "!=": "unequal",
}
_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_TRUTHS = (Compare, And, Or, Between, In, Quantified, InstanceOf)

_ASK_FOR_NULL = frozenset({"is defined", "get or else"})

_Scope = dict[str, str]


class Emitter:
    """Source of one expression; afterwards `constants`, `names`, `paths` and `needs_runtime` tell what it uses."""

    def __init__(self, functions_in_scope: Collection[str] = ()) -> None:
        self.constants: dict[str, Any] = {}
        self.names: dict[str, None] = {}
        self.required: dict[str, None] = {}
        self.paths: dict[tuple[str, ...], None] = {}
        self.needs_runtime = False
        self._functions_in_scope = functions_in_scope
        self._lines: list[list[str]] = [[]]
        self._scopes: list[_Scope | str] = []
        self._counter = 0
        self._nodes = 0
        self._level = 0
        self._question_marks = 0
        self._lenient = 0

    @property
    def lines(self) -> list[str]:
        """The inner functions the emitted source relies on."""
        return self._lines[0]

    def emit(self, node: Node) -> str:
        """Source of a Python expression with the node's value."""
        self._nodes += 1
        emit = _EMIT[node.__class__]
        if self._level < _DEEPEST_SOURCE or isinstance(node, (Literal, Name)):
            self._level += 1
            source = emit(self, node)
            self._level -= 1
            return source
        return f"{self._function((), lambda: emit(self, node))}()"

    # ------------------------------------------------------------ building blocks

    def _fresh(self, letter: str) -> str:
        self._counter += 1
        return f"{letter}{self._counter}"

    def _constant(self, value: Any) -> str:
        name = self._fresh("K")
        self.constants[name] = value
        return name

    def _function(self, parameters: Sequence[str], body: Callable[[], str]) -> str:
        """An inner function ahead of the current statement; its name."""
        name = self._fresh("f")
        level, self._level = self._level, 0
        self._lines.append([])
        result = body()
        lines = self._lines.pop()
        self._level = level
        self._lines[-1].append(f"def {name}({', '.join(parameters)}):")
        self._lines[-1].extend(f" {line}" for line in lines)
        self._lines[-1].append(f" return {result}")
        return name

    def _scoped(self, scope: _Scope | str, parameters: Sequence[str], body: Node) -> tuple[str, int]:
        """An inner function whose body sees one more scope; its name and about how much a call costs."""
        self._scopes.append(scope)
        before = self._nodes
        name = self._function(parameters, lambda: self.emit(body))
        self._scopes.pop()
        return name, 1 + (self._nodes - before) // 2

    # ------------------------------------------------------------ names

    def _literal(self, node: Literal) -> str:
        value = node.value
        if value is None or value is True or value is False or value.__class__ is str:
            return repr(value)
        if value.__class__ is int and 0 <= value < 10**18:
            return repr(value)
        return self._constant(value)

    def _name(self, node: Name) -> str:
        if node.name == "?":
            self._question_marks += 1
        self._read((node.name,))
        return self._resolve(node.name, len(self._scopes))

    def _read(self, path: tuple[str, ...]) -> None:
        """Note that a path is read from the scope handed in."""
        if self._is_local(path[0]) or (path[0] in BY_NAME and path[0] not in self._functions_in_scope):
            return
        self.names[path[0]] = None
        self.paths[path] = None
        if not self._lenient and all(isinstance(scope, dict) for scope in self._scopes):
            self.required[path[0]] = None

    def _is_local(self, name: str) -> bool:
        return any(
            name in scope if isinstance(scope, dict) else name == "item" or name == "?" for scope in self._scopes
        )

    def _resolve(self, name: str, depth: int) -> str:
        """Source that reads a name: inner scopes first, then the scope handed in, then the built-ins."""
        while depth:
            depth -= 1
            scope = self._scopes[depth]
            if isinstance(scope, dict):
                if name in scope:
                    return scope[name]
            elif name == "item":
                return scope
            else:
                outer = self._resolve(name, depth)
                return f"({scope}[{name!r}] if {scope}.__class__ is dict and {name!r} in {scope} else {outer})"
        if name in BY_NAME:
            return f"(s[{name!r}] if {name!r} in s else {self._constant(BY_NAME[name])})"
        return f"s.get({name!r})"

    def _path(self, node: Path) -> str:
        names = [node.name]
        base = node.base
        while isinstance(base, Path):
            names.append(base.name)
            base = base.base
        if isinstance(base, Name):
            self._read((base.name, *reversed(names)))
            source = self._resolve(base.name, len(self._scopes))
            for name in reversed(names):
                source = f"property_of({source}, {name!r}, r)"
            return source
        return f"property_of({self.emit(node.base)}, {node.name!r}, r)"

    # ------------------------------------------------------------ logic

    def _truth(self, node: Node) -> str:
        """Source whose value is True, False or None."""
        source = self.emit(node)
        if isinstance(node, _TRUTHS):
            return source
        return f"truth({source}, r)"

    def _and(self, node: And) -> str:
        return self._joined(node.operands, And, "False", "True")

    def _or(self, node: Or) -> str:
        return self._joined(node.operands, Or, "True", "False")

    def _joined(self, operands: list[Node], kind: type[And] | type[Or], decides: str, neutral: str) -> str:
        """Two operands, each perhaps half of a longer list: the deciding value wins, null is neither."""
        middle = len(operands) // 2
        left, right = (half[0] if len(half) == 1 else kind(half) for half in (operands[:middle], operands[middle:]))
        return self._either(self._truth(left), self._truth(right), decides, neutral)

    def _either(self, left: str, right: str, decides: str, neutral: str) -> str:
        a, b = self._fresh("t"), self._fresh("t")
        return (
            f"({decides} if ({a} := {left}) is {decides} "
            f"else {b} if ({b} := {right}) is {decides} or {a} is {neutral} else None)"
        )

    def _if(self, node: If) -> str:
        if len(node.branches) == 1:
            condition, then = node.branches[0]
            test = self.emit(condition)
            name = self._fresh("t")
            chosen, other = self.emit(then), self.emit(node.otherwise)
            unclear = "" if isinstance(condition, _TRUTHS) else f" if decision({name}, r) is False else None"
            return f"({chosen} if ({name} := {test}) is True else {other}{unclear})"

        def body() -> str:
            for condition, then in node.branches:
                name = self._fresh("t")
                test = self.emit(condition)
                chosen = self.emit(then)
                self._lines[-1].append(f"if ({name} := {test}) is True: return {chosen}")
                if not isinstance(condition, _TRUTHS):
                    self._lines[-1].append(f"if decision({name}, r) is None: return None")
            return self.emit(node.otherwise)

        return f"{self._function((), body)}()"

    # ------------------------------------------------------------ comparison

    def _compare(self, node: Compare) -> str:
        if isinstance(node.right, Literal):
            return self._compare_with(node.operator, self.emit(node.left), node.right)
        if isinstance(node.left, Literal):
            return self._compare_with(_SWAPPED[node.operator], self.emit(node.right), node.left)
        return f"{OPERATOR_NAMES[node.operator]}({self.emit(node.left)}, {self.emit(node.right)}, r)"

    def _compare_with(self, operator: str, source: str, literal: Literal) -> str:
        """A comparison with a constant, done by Python itself when the value is of the constant's kind."""
        value, constant = literal.value, self._literal(literal)
        name = self._fresh("t")
        if value is None and operator in ("=", "!="):
            return f"(({name} := {source}) is {'' if operator == '=' else 'not '}None)"
        slow = f"{OPERATOR_NAMES[operator]}({name}, {constant}, r)"
        fast = f"{name} {_PYTHON[operator]} {constant}"
        if value.__class__ is str:
            return f"({fast} if ({name} := {source}).__class__ is str else {slow})"
        if value.__class__ is bool and operator in ("=", "!="):
            return f"({fast} if ({name} := {source}).__class__ is bool else {slow})"
        if _is_number(value):
            return f"({fast} if ({name} := {source}).__class__ is int or {name}.__class__ is Decimal else {slow})"
        return f"{OPERATOR_NAMES[operator]}({source}, {constant}, r)"

    def _between(self, node: Between) -> str:
        return f"between({self.emit(node.value)}, {self.emit(node.low)}, {self.emit(node.high)}, r)"

    def _in(self, node: In) -> str:
        name = self._fresh("v")
        value = self.emit(node.value)
        self._scopes.append({"?": name})
        tests = [self.emit_test(name, test) for test in node.tests]
        self._scopes.pop()
        return f"({name} := {value}, {self._any(tests)})[1]"

    def _captured(self, name: str) -> bool:
        """Whether an inner function reads the variable."""
        return any(name in line for lines in self._lines for line in lines)

    def _any(self, tests: list[str]) -> str:
        if len(tests) == 1:
            return tests[0]
        middle = len(tests) // 2
        return self._either(self._any(tests[:middle]), self._any(tests[middle:]), "True", "False")

    def emit_test(self, name: str, test: Node) -> str:
        """Source of whether the value in variable `name` passes a test; `?` is bound to the variable."""
        self._nodes += 1
        if isinstance(test, Test):
            if isinstance(test.operand, Literal):
                return self._compare_with(test.operator, name, test.operand)
            return f"{OPERATOR_NAMES[test.operator]}({name}, {self.emit(test.operand)}, r)"
        if isinstance(test, Literal):
            return self._compare_with("=", name, test)
        if isinstance(test, RangeOf):
            return self._within(name, test)
        before = self._question_marks
        source = self.emit(test)
        if self._question_marks > before:
            return f"condition({name}, {source}, r)"
        if isinstance(test, _TRUTHS):
            return f"unit_test({name}, {source}, r)"
        return f"member({name}, {source}, r)"

    def _within(self, name: str, span: RangeOf) -> str:
        source = self.emit(span)
        slow = f"member({name}, {source}, r)"
        if not (isinstance(span.start, Literal) and isinstance(span.end, Literal)):
            return slow
        if not (_is_number(span.start.value) and _is_number(span.end.value)):
            return slow
        after = "<=" if span.start_included else "<"
        before = "<=" if span.end_included else "<"
        fast = f"{self._literal(span.start)} {after} {name} {before} {self._literal(span.end)}"
        return f"({fast} if {name}.__class__ is int or {name}.__class__ is Decimal else {slow})"

    def unary_tests(self, tests: list[Node], negated: bool) -> str:
        """Source of whether the value in variable `q` passes the tests of a decision table's cell."""
        if not tests:
            return "True"
        self._scopes.append({"?": "q"})
        source = self._any([self.emit_test("q", test) for test in tests])
        self._scopes.pop()
        if not negated:
            return source
        name = self._fresh("t")
        return f"(None if ({name} := {source}) is None else not {name})"

    # ------------------------------------------------------------ arithmetic

    def _arithmetic(self, node: Arithmetic) -> str:
        operands = [node.first, *(operand for _, operand in node.rest)]
        if not any(isinstance(operand, Literal) and _is_number(operand.value) for operand in operands):
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

    # ------------------------------------------------------------ values with parts

    def _list(self, node: ListOf) -> str:
        return f"[{', '.join(map(self.emit, node.items))}]"

    def _context(self, node: ContextOf) -> str:
        keys = [key for key, _ in node.entries]
        if len(set(keys)) < len(keys):
            return "twice(r)"
        scope: _Scope = {}
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
        if isinstance(node.condition, Literal) and _is_number(node.condition.value):
            return f"item_at({base}, {self._literal(node.condition)}, r)"
        item = self._fresh("i")
        function, cost = self._scoped(item, (item,), node.condition)
        return f"filtered({base}, {function}, {cost}, r)"

    # ------------------------------------------------------------ iteration

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

    # ------------------------------------------------------------ functions

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


def _is_number(value: Any) -> bool:
    return value.__class__ is int or value.__class__ is Decimal


_EMIT: dict[type, Callable[[Emitter, Any], str]] = {
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
