"""The Python source an expression becomes: inner functions, constants, and where names are found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar

from engine.feel.builtins import BY_NAME
from engine.feel.tree import Literal, Name, Node, Path

_DEEPEST_SOURCE = 10

Scope = dict[str, str]


class PythonSource:
    """Source of one expression; afterwards `constants`, `names`, `paths` and `needs_runtime` tell what it uses."""

    emitters: ClassVar[dict[type, Callable[[Any, Any], str]]]

    def __init__(self, functions_in_scope: Collection[str] = ()) -> None:
        self.constants: dict[str, Any] = {}
        self.names: dict[str, None] = {}
        self.required: dict[str, None] = {}
        self.paths: dict[tuple[str, ...], None] = {}
        self.needs_runtime = False
        self._functions_in_scope = functions_in_scope
        self._lines: list[list[str]] = [[]]
        self._scopes: list[Scope | str] = []
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
        emit = self.emitters[node.__class__]
        if self._level < _DEEPEST_SOURCE or isinstance(node, (Literal, Name)):
            self._level += 1
            source = emit(self, node)
            self._level -= 1
            return source
        return f"{self._function((), lambda: emit(self, node))}()"

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

    def _scoped(self, scope: Scope | str, parameters: Sequence[str], body: Node) -> tuple[str, int]:
        """An inner function whose body sees one more scope; its name and about how much a call costs."""
        self._scopes.append(scope)
        before = self._nodes
        name = self._function(parameters, lambda: self.emit(body))
        self._scopes.pop()
        return name, 1 + (self._nodes - before) // 2

    def _captured(self, name: str) -> bool:
        """Whether an inner function reads the variable."""
        return any(name in line for lines in self._lines for line in lines)

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
