"""Fills in any form from its schema alone: what is visible and may be written gets a value that fits, by chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from engine import feel

SENTENCES = (
    "We looked at the records and spoke with everybody concerned.",
    "The letter left our house two days late, and nobody told the customer.",
    "The account was mixed up with another one of the same name.",
    "Payments were booked twice; the second one went back the same day.",
    "客户两次来电，均未得到明确答复。",
    "The agreement says thirty days, the employee on the phone said sixty.",
)
FILLED_IF_OPTIONAL = 0.6
LARGEST_NUMBER = 20
Wish = Callable[[Random], Any]
Component = Mapping[str, Any]


@dataclass
class Filler:
    """Fills in forms; `wishes` decide certain keys, so that a simulation is not mere noise."""

    random: Random
    wishes: Mapping[str, Wish]
    now: dt.datetime

    def fill(self, schema: Component, data: Mapping[str, Any]) -> dict[str, Any]:
        """An answer that the form's rules allow. `data` is what the page gave the form."""
        scope = dict(data)
        submitted: dict[str, Any] = {}
        self._fill(schema["components"], scope, submitted)
        return submitted

    def _fill(self, components: Sequence[Component], scope: dict[str, Any], submitted: dict[str, Any]) -> None:
        for component in components:
            if self._is_hidden(component, scope):
                continue
            if component["type"] == "group":
                self._fill(component["components"], scope, submitted)
            elif component["type"] == "dynamiclist":
                submitted[component["path"]] = [self._row(component, scope) for _ in range(self.random.randint(0, 2))]
            elif (key := component.get("key")) and not component.get("readonly") and not component.get("disabled"):
                self._answer(component, key, scope, submitted)

    def _row(self, component: Component, scope: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        self._fill(component["components"], dict(scope), row)
        return row

    def _answer(self, component: Component, key: str, scope: dict[str, Any], submitted: dict[str, Any]) -> None:
        is_required = component.get("validate", {}).get("required", False)
        if key in self.wishes:
            value = self.wishes[key](self.random)
        elif is_required or self.random.random() < FILLED_IF_OPTIONAL:
            value = self._value(component)
        else:
            value = scope.get(key)
        if value is not None:
            scope[key] = submitted[key] = value

    def _value(self, component: Component) -> Any:
        rules = component.get("validate", {})
        match component["type"]:
            case "radio" | "select":
                return self.random.choice(component["values"])["value"]
            case "checklist" | "taglist":
                options = [option["value"] for option in component["values"]]
                return self.random.sample(options, self.random.randint(1, min(3, len(options))))
            case "checkbox":
                return bool(rules.get("required")) or self.random.random() < 0.5
            case "number":
                return self._number(component, rules)
            case "datetime":
                return self.now.date().isoformat()
            case "textfield" | "textarea":
                return self._text(rules)
        raise AssertionError(f"no answer is known for a field of the type {component['type']}")

    def _number(self, component: Component, rules: Mapping[str, Any]) -> int | Decimal:
        low = Decimal(str(rules.get("min", 0)))
        high = min(Decimal(str(rules.get("max", LARGEST_NUMBER))), low + LARGEST_NUMBER)
        digits = Decimal(1).scaleb(-component.get("decimalDigits", 0))
        chosen = (low + (high - low) * Decimal(str(self.random.random()))).quantize(digits)
        chosen = min(max(chosen, low), high)
        return int(chosen) if chosen == chosen.to_integral_value() else chosen

    def _text(self, rules: Mapping[str, Any]) -> str:
        if rules.get("validationType") == "email":
            return f"customer{self.random.randrange(10_000)}@example.org"
        if rules.get("pattern"):
            return f"{self.random.randrange(10_000_000):07}"
        text = self.random.choice(SENTENCES)
        while len(text) < rules.get("minLength", 0):
            text += " " + self.random.choice(SENTENCES)
        return text[: rules.get("maxLength", 10_000)]

    def _is_hidden(self, component: Component, scope: Mapping[str, Any]) -> bool:
        condition = (component.get("conditional") or {}).get("hide")
        return bool(condition) and feel.compile(condition.removeprefix("=")).value(scope, self.now) is True
