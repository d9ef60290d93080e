"""Compiled expressions and unary tests: what the rest of the engine works with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.feel import arithmetic, comparison, functions, operands, properties, sequences
from engine.feel.builtins import BUILTINS, BY_NAME, unfit
from engine.feel.emitter import Emitter
from engine.feel.names import KnownNames, is_odd
from engine.feel.parser import parse, parse_unary_tests
from engine.feel.plain import to_plain
from engine.feel.runtime import DEFAULT_BUDGET, Budget, BudgetExceeded, QuietRuntime, Runtime, Warning
from engine.feel.tree import Node
from engine.feel.types import NAMED, Type

_BUILTIN_NAMES = KnownNames(builtin.name for builtin in BUILTINS)
_LONG = 1000
_FAILURES = (BudgetExceeded, RecursionError, ArithmeticError)
_QUIET = QuietRuntime()
_ENVIRONMENT: dict[str, Any] = {
    "__builtins__": {},
    **{kind.__name__: kind for kind in (str, int, bool, dict, Decimal)},
    "Function": functions.Function,
    "Runtime": Runtime,
    "QUIET": _QUIET,
    "FAILURES": _FAILURES,
    "unfit": unfit,
}
for _module, _names in (
    (arithmetic, "add subtract multiply divide power negate"),
    (comparison, "equal unequal less less_or_equal greater greater_or_equal between member unit_test"),
    (functions, "call call_named"),
    (operands, "truth decision condition twice external unknown_type make_range short_range"),
    (properties, "property_of"),
    (sequences, "item_at filtered each quantified steps"),
):
    _ENVIRONMENT.update({_name: getattr(_module, _name) for _name in _names.split()})


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A value with the reasons for its nulls; `exceeded` when the budget did not suffice."""

    value: Any
    warnings: tuple[Warning, ...] = ()
    exceeded: bool = False


class _Compiled:
    """What expressions and unary tests share: source made once, functions made when first used.

    `names` are all names that may be read from the scope; `required` those of them that cannot be an item's entry
    in a filter instead, and are not asked for only to see whether they are there.
    """

    def __init__(self, text: str, emitter: Emitter, source: str, parameters: str) -> None:
        self.text = text
        self.names: frozenset[str] = frozenset(emitter.names)
        self.required: frozenset[str] = frozenset(emitter.required) - {"?"}
        self.paths: tuple[tuple[str, ...], ...] = tuple(emitter.paths)
        self._emitter = emitter
        self._source = source
        self._parameters = parameters
        self._careful: Callable[..., Any] | None = None

    def _body(self) -> list[str]:
        return [f" {line}" for line in self._emitter.lines]

    def _function(self, lines: list[str]) -> Callable[..., Any]:
        """Python's own compiler at work on source that holds nothing of the text but quoted names."""
        environment = dict(_ENVIRONMENT, **self._emitter.constants)
        exec(compile("\n".join(lines), "<feel>", "exec"), environment)  # noqa: S102
        made: Callable[..., Any] = environment["evaluate"]
        return made

    def _quick(self) -> Callable[..., Any]:
        """The function that gives null instead of raising, with a runtime of its own where one is needed."""
        runtime = "Runtime(now)" if self._emitter.needs_runtime else "QUIET"
        return self._function(
            [
                f"def evaluate({self._parameters}s, now=None):",
                f" r = {runtime}",
                *self._body(),
                " try:",
                f"  return {self._source}",
                " except FAILURES:",
                "  return None",
            ]
        )

    def _with_runtime(self) -> Callable[..., Any]:
        """The function that takes a runtime and lets a spent budget show."""
        if self._careful is None:
            self._careful = self._function(
                [f"def evaluate({self._parameters}s, r):", *self._body(), f" return {self._source}"]
            )
        return self._careful

    def _evaluated(self, arguments: tuple[Any, ...], scope: Mapping[str, Any], runtime: Runtime) -> Evaluation:
        for name in self.required:
            if name not in scope and name != "?":
                runtime.warn("There is no value named '{name}'.", name=name)
        exceeded = False
        value = None
        try:
            value = self._with_runtime()(*arguments, scope, runtime)
        except BudgetExceeded as failure:
            exceeded = True
            runtime.warn(failure.warning.template, **failure.warning.values)
        except RecursionError:
            exceeded = True
            runtime.warn("The expression or its data is nested too deeply.")
        except ArithmeticError:
            runtime.warn("A number in the data cannot be calculated with.")
        return Evaluation(value, tuple(runtime.warnings or ()), exceeded)


class Expression(_Compiled):
    """One FEEL expression. `value` is the fast way to its value and never raises for bad data."""

    def __init__(self, text: str, tree: Node, functions_in_scope: Collection[str] = ()) -> None:
        emitter = Emitter(functions_in_scope)
        source = emitter.emit(tree)
        super().__init__(text, emitter, source, "")
        self.tree = tree
        self.value: Callable[..., Any] = self._first_value

    def _first_value(self, scope: Mapping[str, Any], now: dt.datetime | None = None) -> Any:
        self.value = self._quick()
        return self.value(scope, now)

    def evaluate(
        self, scope: Mapping[str, Any], now: dt.datetime | None = None, budget: Budget | None = None
    ) -> Evaluation:
        """The value with the reasons for its nulls, within a budget."""
        return self._evaluated((), scope, Runtime(now, budget or DEFAULT_BUDGET, collect=True))

    def run(self, scope: Mapping[str, Any], runtime: Runtime) -> Any:
        """The value as part of a larger evaluation, whose budget and warnings it shares; raises BudgetExceeded."""
        return self._with_runtime()(scope, runtime)

    def reads(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """What the expression reads of the scope, by dotted path, as plain data."""
        return {".".join(path): to_plain(_at(scope, path)) for path in self.paths}

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


class UnaryTests(_Compiled):
    """The cell of a decision table: tests of an input."""

    def __init__(self, text: str, negated: bool, tests: list[Node], functions_in_scope: Collection[str] = ()) -> None:
        emitter = Emitter(functions_in_scope)
        source = emitter.unary_tests(tests, negated)
        super().__init__(text, emitter, source, "q, ")
        self.names -= {"?"}
        self.tests = tests
        self.negated = negated
        self.is_irrelevant = not tests
        self._matches: Callable[..., Any] | None = None

    def matches(self, value: Any, scope: Mapping[str, Any], now: dt.datetime | None = None) -> bool | None:
        """Whether the input's value passes; None when that cannot be said."""
        if self._matches is None:
            self._matches = self._quick()
        answer: bool | None = self._matches(value, scope, now)
        return answer

    def evaluate(
        self, value: Any, scope: Mapping[str, Any], now: dt.datetime | None = None, budget: Budget | None = None
    ) -> Evaluation:
        """Whether the input's value passes, with the reasons for a null."""
        return self._evaluated((value,), scope, Runtime(now, budget or DEFAULT_BUDGET, collect=True))

    def run(self, value: Any, scope: Mapping[str, Any], runtime: Runtime) -> bool | None:
        """As part of a larger evaluation, whose budget and warnings it shares; raises BudgetExceeded."""
        answer: bool | None = self._with_runtime()(value, scope, runtime)
        return answer


def _at(scope: Any, path: tuple[str, ...]) -> Any:
    value: Any = scope
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def compile_expression(text: str, names: Collection[str] = (), types: Mapping[str, Type] | None = None) -> Expression:
    """The expression a text stands for; raises FeelSyntaxError.

    `names` are the names in scope that are not plain words, and those of functions in scope; `types` the named types
    of a model.
    """
    telling = frozenset(name for name in names if is_odd(name) or name in BY_NAME)
    if types is None:
        return (_compiled if len(text) <= _LONG else _compiled_long)(text, telling)
    return Expression(text, parse(text, telling, _BUILTIN_NAMES, {**NAMED, **types}), telling)


def compile_unary_tests(text: str, names: Collection[str] = (), types: Mapping[str, Type] | None = None) -> UnaryTests:
    """The tests in a decision table's cell; raises FeelSyntaxError."""
    telling = frozenset(name for name in names if is_odd(name) or name in BY_NAME)
    if types is None and len(text) <= _LONG:
        return _compiled_tests(text, telling)
    negated, tests = parse_unary_tests(text, telling, _BUILTIN_NAMES, {**NAMED, **(types or {})})
    return UnaryTests(text, negated, tests, telling)


@lru_cache(maxsize=4096)
def _compiled(text: str, names: frozenset[str]) -> Expression:
    return Expression(text, parse(text, names, _BUILTIN_NAMES), names)


@lru_cache(maxsize=32)
def _compiled_long(text: str, names: frozenset[str]) -> Expression:
    return Expression(text, parse(text, names, _BUILTIN_NAMES), names)


@lru_cache(maxsize=4096)
def _compiled_tests(text: str, names: frozenset[str]) -> UnaryTests:
    negated, tests = parse_unary_tests(text, names, _BUILTIN_NAMES)
    return UnaryTests(text, negated, tests, names)
