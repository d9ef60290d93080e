"""One value that a person entered into one field: its type made sure of, its rules checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from engine import feel
from engine.forms import contacts, moments
from engine.forms.components import Component
from engine.forms.options import same

MAX_TEXT = 100_000
"""Characters of one answer where the form sets no lower limit."""

MAX_CHOICES = 1_000
MAX_DIGITS = 34
_EXACT = Context(prec=4 * MAX_DIGITS)

Fault = tuple[str, dict[str, Any]]
"""A sentence's template and its values."""


class WrongType(Exception):
    """The value cannot be an answer to this field at all."""

    def __init__(self, template: str, **values: Any) -> None:
        self.fault: Fault = (template, values)
        super().__init__(template)


def read(component: Component, value: Any) -> Any:
    """The value in the type that the field stores. Raises WrongType."""
    if value is None or value == "":
        return component.empty
    return _READERS[component.type](component, value)


def faults(
    component: Component, value: Any, before: Any, scope: Mapping[str, Any], now: dt.datetime
) -> Iterator[Fault]:
    """The rules of the field that its value breaks; `before` is the value the form was opened with."""
    if value in (None, "", []) or (component.type == "checkbox" and value is False):
        if component.is_required:
            yield "Field is required.", {}
        return
    if component.options is not None:
        offered = component.options.offered(scope, now)
        chosen = value if isinstance(value, list) else [value]
        if not all(any(same(one, option) for option in offered) for one in chosen):
            yield "Please select one of the options offered.", {}
    if component.type == "number":
        yield from _number_faults(component, Decimal(value), scope, now)
    elif component.type in ("textfield", "textarea"):
        yield from _text_faults(component, value, scope, now)
    elif component.type == "datetime" and component.schema.get("disallowPassedDates"):
        if component.schema.get("subtype") != "time" and value != before and moments.is_past(value, now):
            yield "Date must not be in the past.", {}


def number(value: Any) -> Decimal | None:
    """The number that a value is or spells, within the digits that FEEL keeps; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, float, str)):
        return None
    try:
        found = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    if not found.is_finite() or len(found.as_tuple().digits) > MAX_DIGITS or abs(found.adjusted()) > MAX_DIGITS:
        return None
    return found


def _text(component: Component, value: Any) -> str:
    if not isinstance(value, str):
        raise WrongType("Value is not text.")
    if component.type == "textarea":
        return value
    return value.replace("\r", " ").replace("\n", " ").replace("\t", " ")


def _number(component: Component, value: Any) -> int | Decimal | str:
    if isinstance(value, str) and len(value) > 2 * MAX_DIGITS:
        raise WrongType("Value is not a number.")
    found = number(value)
    if found is None:
        raise WrongType("Value is not a number.")
    if component.schema.get("serializeToString"):
        return value if isinstance(value, str) else str(value)
    return value if isinstance(value, int) else found


def _truth(component: Component, value: Any) -> bool:
    if not isinstance(value, bool):
        raise WrongType("Value is neither yes nor no.")
    return value


def _moment(component: Component, value: Any) -> str:
    subtype = component.schema.get("subtype", "date")
    if not isinstance(value, str) or not moments.is_moment(value, subtype):
        raise WrongType(moments.FAULTS[subtype])
    return value


def _choice(component: Component, value: Any) -> Any:
    if isinstance(value, list):
        raise WrongType("Please select one of the options offered.")
    return value


def _choices(component: Component, value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_CHOICES:
        raise WrongType("Value is not a list of options.")
    return value


def _files(component: Component, value: Any) -> Any:
    names = value if isinstance(value, list) else [value]
    if len(names) > MAX_CHOICES or not all(isinstance(name, str) and len(name) <= 200 for name in names):
        raise WrongType("Value is not a reference to uploaded files.")
    return value


_READERS: Mapping[str, Callable[[Component, Any], Any]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "checkbox": _truth,
    "datetime": _moment,
    "radio": _choice,
    "select": _choice,
    "checklist": _choices,
    "taglist": _choices,
    "filepicker": _files,
}


def _limit(component: Component, name: str, scope: Mapping[str, Any], now: dt.datetime) -> Decimal | None:
    limit = component.limits.get(name)
    if isinstance(limit, feel.Expression):
        return number(feel.to_plain(limit.value(scope, now)))
    return limit


def _number_faults(component: Component, value: Decimal, scope: Mapping[str, Any], now: dt.datetime) -> Iterator[Fault]:
    decimals = component.schema.get("decimalDigits")
    exponent = value.normalize(_EXACT).as_tuple().exponent
    if decimals is not None and isinstance(exponent, int) and -exponent > decimals:
        if decimals == 0:
            yield "Value is expected to be an integer.", {}
        elif decimals == 1:
            yield "Value is expected to have at most 1 decimal digit.", {}
        else:
            yield "Value is expected to have at most {value} decimal digits.", {"value": decimals}
    step = number(component.schema.get("increment"))
    if step and (beyond := _EXACT.remainder(value, step)):
        lower = _EXACT.subtract(value, beyond)
        upper = _EXACT.add(lower, step)
        template = "Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}."
        yield template, {"previousValue": f"{lower:f}", "nextValue": f"{upper:f}"}
    lowest, highest = _limit(component, "min", scope, now), _limit(component, "max", scope, now)
    if lowest is not None and value < lowest:
        yield "Field must have minimum value of {value}.", {"value": f"{lowest:f}"}
    if highest is not None and value > highest:
        yield "Field must have maximum value of {value}.", {"value": f"{highest:f}"}


def _text_faults(component: Component, value: str, scope: Mapping[str, Any], now: dt.datetime) -> Iterator[Fault]:
    rules = component.rules
    if component.pattern is not None and not component.pattern.matches(value):
        message = rules.get("patternErrorMessage")
        if isinstance(message, str) and message:
            yield message.replace("{", "{{").replace("}", "}}"), {}
        else:
            yield "Field must match pattern {value}.", {"value": component.pattern.text}
    length = len(value.strip().encode("utf-16-le", "surrogatepass")) // 2  # as browsers count
    shortest, longest = _limit(component, "minLength", scope, now), _limit(component, "maxLength", scope, now)
    if shortest is not None and length < shortest:
        yield "Field must have minimum length of {value}.", {"value": f"{shortest:f}"}
    longest = Decimal(MAX_TEXT) if longest is None else min(longest, Decimal(MAX_TEXT))
    if length > longest:
        yield "Field must have maximum length of {value}.", {"value": f"{longest:f}"}
    if rules.get("validationType") == "phone" and not contacts.is_phone(value):
        yield "Field must be a valid international phone number. (e.g. +4930664040900)", {}
    if rules.get("validationType") == "email" and not contacts.is_email(value):
        yield "Field must be a valid email.", {}
