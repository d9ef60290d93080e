"""Functions as values: those written in FEEL or handed in by a model, and the built-in ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from engine.feel.runtime import Runtime
from engine.feel.types import ANY, FunctionType, Mismatch, Type, coerce, kind_of


class Callee(Protocol):
    """Anything FEEL can call."""

    name: str

    def call(self, runtime: Runtime, arguments: Sequence[Any]) -> Any: ...

    def call_named(self, runtime: Runtime, names: Sequence[str], arguments: Sequence[Any]) -> Any: ...


class Function:
    """A function with parameters, some of them typed, and a body that takes the values by position.

    Results are coerced to `result`; `returns` only tells what they are known to be.
    """

    __slots__ = ("name", "parameters", "types", "result", "body", "function_type")

    def __init__(
        self,
        parameters: Sequence[str],
        body: Callable[..., Any],
        *,
        types: Sequence[Type | None] = (),
        result: Type | None = None,
        returns: Type = ANY,
        name: str = "function",
    ) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.types = tuple(types) or (None,) * len(self.parameters)
        self.result = result
        self.body = body
        self.function_type = FunctionType([kind or ANY for kind in self.types], result or returns)

    def call(self, runtime: Runtime, arguments: Sequence[Any]) -> Any:
        """The result for values in order; null, with a warning, when they do not fit."""
        if len(arguments) != len(self.parameters):
            runtime.warn(
                "'{function}' takes {expected} values, not {given}.",
                function=self.name,
                expected=len(self.parameters),
                given=len(arguments),
            )
            return None
        runtime.enter()
        runtime.spend(4)
        try:
            result = self.body(*map(self._fit, self.types, arguments, self.parameters))
            return result if self.result is None else coerce(self.result, result)
        except _Unfit as unfit:
            runtime.warn(
                "'{function}' wants {expected} for '{parameter}', not {given}.", function=self.name, **unfit.values
            )
            return None
        except Mismatch:
            runtime.warn("The result of '{function}' is not {expected}.", function=self.name, expected=str(self.result))
            return None
        finally:
            runtime.depth += 1

    def call_named(self, runtime: Runtime, names: Sequence[str], arguments: Sequence[Any]) -> Any:
        """The result for values given by parameter name."""
        given = dict(zip(names, arguments, strict=True))
        unknown = [name for name in names if name not in self.parameters]
        missing = [name for name in self.parameters if name not in given]
        if unknown or missing:
            runtime.warn(
                "'{function}' has the parameters {parameters}, not {names}.",
                function=self.name,
                parameters=", ".join(self.parameters),
                names=", ".join(names),
            )
            return None
        return self.call(runtime, [given[name] for name in self.parameters])

    @staticmethod
    def _fit(kind: Type | None, value: Any, parameter: str) -> Any:
        if kind is None:
            return value
        try:
            return coerce(kind, value)
        except Mismatch:
            raise _Unfit(expected=str(kind), given=kind_of(value), parameter=parameter) from None

    def __repr__(self) -> str:
        return f"function({', '.join(self.parameters)})"


class _Unfit(Exception):
    def __init__(self, **values: str) -> None:
        self.values = values


def call(runtime: Runtime, function: Any, arguments: Sequence[Any], name: str = "") -> Any:
    """Call whatever value stands before the parentheses."""
    method = getattr(function, "call", None)
    if method is None:
        _not_a_function(runtime, function, name)
        return None
    return method(runtime, arguments)


def call_named(runtime: Runtime, function: Any, names: Sequence[str], arguments: Sequence[Any], name: str = "") -> Any:
    """Call whatever value stands before the parentheses, with named arguments."""
    method = getattr(function, "call_named", None)
    if method is None:
        _not_a_function(runtime, function, name)
        return None
    return method(runtime, names, arguments)


def is_function(value: Any) -> bool:
    return getattr(value, "call_named", None) is not None


def _not_a_function(runtime: Runtime, value: Any, name: str) -> None:
    if value is None:
        runtime.warn("There is no function '{name}'.", name=name or "here")
    else:
        runtime.warn("'{name}' is {kind}, not a function.", name=name or "this", kind=kind_of(value))
