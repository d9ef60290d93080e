"""The table of built-in functions: name, parameters, help text and implementation, declared side by side.

`@builtin("string length", "string: string -> number", "…")` declares one signature.
A `?` behind a name makes the parameter optional, `...` before it lets it take any number of values, and `*` before
it takes a list or, instead of it, any number of values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.feel.functions import is_function
from engine.feel.numbers import from_float, is_number
from engine.feel.patterns import BadPattern
from engine.feel.ranges import Range
from engine.feel.runtime import Runtime
from engine.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from engine.feel.types import ANY, NAMED, FunctionType, ListType, Type, kind_of


class Unsuitable(Exception):
    """Raised by an implementation when its values make no sense; the function's value is null then."""

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values


_MISFIT = object()
_ACCEPTS: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "null": lambda value: value is None,
    "number": is_number,
    "string": lambda value: value.__class__ is str,
    "boolean": lambda value: value.__class__ is bool,
    "list": lambda value: value.__class__ is list,
    "context": lambda value: value.__class__ is dict,
    "function": is_function,
    "range": lambda value: value.__class__ is Range,
    "date": lambda value: value.__class__ is Date,
    "time": lambda value: value.__class__ is Time,
    "date and time": lambda value: value.__class__ is DateTime,
    "days and time duration": lambda value: value.__class__ is DaysDuration,
    "years and months duration": lambda value: value.__class__ is MonthsDuration,
}


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name and the kinds of values it takes."""

    name: str
    kinds: tuple[str, ...]
    optional: bool = False
    variadic: bool = False
    gathers: bool = False

    @property
    def type(self) -> str:
        return " or ".join(self.kinds)

    @cached_property
    def fit(self) -> Callable[[Any], Any]:
        """A function that gives the value as this parameter takes it, or _MISFIT."""
        tests = [_ACCEPTS[kind] for kind in self.kinds]
        first = tests[0]
        wants_list = "list" in self.kinds

        def fit(value: Any) -> Any:
            if first(value) or any(test(value) for test in tests[1:]):
                return value
            if value.__class__ is float:
                return fit(from_float(value))
            if wants_list and value is not None:
                return [value]
            if value.__class__ is list and len(value) == 1 and any(test(value[0]) for test in tests):
                return value[0]
            return _MISFIT

        return fit


@dataclass(frozen=True)
class Signature:
    """One way to call a built-in function."""

    function: str
    parameters: tuple[Parameter, ...]
    result: str
    implementation: Callable[..., Any]

    @property
    def is_variadic(self) -> bool:
        return bool(self.parameters) and (self.parameters[-1].variadic or self.parameters[-1].gathers)

    def takes(self, count: int) -> bool:
        required = sum(not parameter.optional for parameter in self.parameters)
        return count >= required and (self.is_variadic or count <= len(self.parameters))

    def suits(self, arguments: Sequence[Any]) -> bool:
        """Whether the kinds of all values are right as they are."""
        return all(
            value is None or any(_ACCEPTS[kind](value) for kind in parameter.kinds)
            for value, parameter in zip(arguments, self.parameters, strict=False)
        )

    def placed(self, names: Sequence[str]) -> list[int | None] | None:
        """For each parameter the index of its value among `names`; None when they do not fit."""
        own = [parameter.name for parameter in self.parameters]
        if len(set(names)) < len(names) or any(name not in own for name in names):
            return None
        places = [names.index(name) if name in names else None for name in own]
        while places and places[-1] is None and self.parameters[len(places) - 1].optional:
            places.pop()
        if any(
            place is None and not parameter.optional for place, parameter in zip(places, self.parameters, strict=False)
        ):
            return None
        return places

    @cached_property
    def checked(self) -> Callable[..., Any]:
        """The implementation behind a check of its values: takes the runtime and the values in order."""
        fits = tuple(parameter.fit for parameter in self.parameters)
        implementation, last = self.implementation, len(self.parameters) - 1

        def checked(runtime: Runtime, *arguments: Any) -> Any:
            runtime.spend(2)
            values = []
            for at, value in enumerate(arguments):
                at = at if at < last else last
                fitting = value if value is None and self.parameters[at].optional else fits[at](value)
                if fitting is _MISFIT:
                    _warn_misfit(runtime, self.function, self.parameters[at], value)
                    return None
                values.append(fitting)
            try:
                return implementation(runtime, *values)
            except Unsuitable as unsuitable:
                runtime.warn("'{function}': " + unsuitable.template, function=self.function, **unsuitable.values)
            except BadPattern as bad:
                runtime.warn(
                    "'{function}': {pattern} is no pattern it can search for.",
                    function=self.function,
                    pattern=bad.pattern[:60],
                )
            except (ArithmeticError, ValueError):
                runtime.warn("'{function}' has no result for these values.", function=self.function)
            return None

        return checked

    @cached_property
    def called(self) -> Callable[..., Any]:
        """As `checked`; values for a last parameter that gathers are made a list first."""
        checked, before = self.checked, len(self.parameters) - 1
        if before < 0 or not self.parameters[-1].gathers:
            return checked

        def gathered(runtime: Runtime, *arguments: Any) -> Any:
            rest = arguments[before:]
            values = rest[0] if len(rest) == 1 and rest[0].__class__ is list else list(rest)
            return checked(runtime, *arguments[:before], values)

        return gathered


def _warn_misfit(runtime: Runtime, function: str, parameter: Parameter, value: Any) -> None:
    if runtime.warnings is not None:
        runtime.warn(
            "'{function}' wants {expected} for '{parameter}', not {given}.",
            function=function,
            expected=parameter.type,
            parameter=parameter.name,
            given=kind_of(value),
        )


def _type(kind: str) -> Type:
    if kind.startswith("list<"):
        return ListType(_type(kind[5:-1]))
    return NAMED.get(kind, ANY)


class Builtin:
    """A built-in function with all its signatures."""

    def __init__(self, name: str, help: str) -> None:
        self.name = name
        self.help = help
        self.signatures: list[Signature] = []

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the first signature, as the editor shows them."""
        return self.signatures[0].parameters

    @cached_property
    def function_type(self) -> FunctionType:
        kinds = [_type(parameter.kinds[0]) if len(parameter.kinds) == 1 else ANY for parameter in self.parameters]
        return FunctionType(kinds, _type(self.signatures[0].result))

    def for_count(self, count: int) -> Callable[..., Any] | None:
        """What to call with the runtime and `count` values."""
        fitting = [signature for signature in self.signatures if signature.takes(count)]
        if len(fitting) < 2:
            return fitting[0].called if fitting else None

        def by_kind(runtime: Runtime, *arguments: Any) -> Any:
            chosen = next((signature for signature in fitting if signature.suits(arguments)), fitting[0])
            return chosen.called(runtime, *arguments)

        return by_kind

    def for_names(self, names: Sequence[str]) -> tuple[Callable[..., Any], list[int | None]] | None:
        """What to call for named values, and where in the call each of them goes."""
        for signature in self.signatures:
            places = signature.placed(names)
            if places is not None:
                return signature.checked, places
        return None

    def call(self, runtime: Runtime, arguments: Sequence[Any]) -> Any:
        """The result for values in order, when the function is used as a value."""
        function = self.for_count(len(arguments))
        if function is None:
            return unfit(self, len(arguments), None, runtime)
        return function(runtime, *arguments)

    def call_named(self, runtime: Runtime, names: Sequence[str], arguments: Sequence[Any]) -> Any:
        """The result for values by name, when the function is used as a value."""
        found = self.for_names(names)
        if found is None:
            return unfit(self, len(arguments), names, runtime)
        return found[0](runtime, *(None if at is None else arguments[at] for at in found[1]))

    def __repr__(self) -> str:
        return self.name


def unfit(builtin: Builtin, count: int, names: Sequence[str] | None, runtime: Runtime) -> None:
    """Warns that a built-in function is called with values it has no parameters for."""
    parameters = ", ".join(parameter.name for parameter in builtin.parameters) or "nothing"
    if names is None:
        runtime.warn(
            "'{function}' takes {parameters}, not {count} values.",
            function=builtin.name,
            parameters=parameters,
            count=count,
        )
    else:
        runtime.warn(
            "'{function}' takes {parameters}, not {names}.",
            function=builtin.name,
            parameters=parameters,
            names=", ".join(names),
        )


BY_NAME: dict[str, Builtin] = {}

_Implementation = Callable[..., Any]


def builtin(name: str, parameters: str, help: str = "") -> Callable[[_Implementation], _Implementation]:
    """Declares a built-in function, or one more signature of it."""

    def declare(implementation: _Implementation) -> _Implementation:
        entry = BY_NAME.get(name)
        if entry is None:
            entry = BY_NAME[name] = Builtin(name, help)
        taken, _, result = parameters.rpartition("->")
        declared = tuple(map(_parameter, taken.split(","))) if taken.strip() else ()
        entry.signatures.append(Signature(name, declared, result.strip(), implementation))
        return implementation

    return declare


def _parameter(text: str) -> Parameter:
    name, _, kinds = text.strip().partition(": ")
    variadic, gathers, optional = name.startswith("..."), name.startswith("*"), name.endswith("?")
    plain = name.removeprefix("...").removeprefix("*").removesuffix("?")
    return Parameter(plain, tuple(kinds.split("|")), optional, variadic, gathers)
