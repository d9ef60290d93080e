"""FEEL in place of Python: the texts of a diagram, made ready to be evaluated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from engine import feel
from engine.errors import Invalid

Variables = Mapping[str, Any]

NO_VALUE = "The {purpose} '{expression}' has no value."
MISSING = "The {purpose} '{expression}' has no value, because the case has no {missing}."
WRONG_VALUE = "The {purpose} '{expression}' must give {expected}, but it gave {value}."
NOT_FEEL = "The {purpose} '{expression}' cannot be read: {reason}"
TOO_LONG = "The {purpose} '{expression}' took too many steps to work out."


class Failure(Exception):
    """An element cannot be carried out for a technical reason: an incident at that element, never a lost case."""

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values
        super().__init__(template.format(**values))


class Attribute:
    """One text of the diagram: FEEL when it starts with `=`, otherwise a literal that is its own value."""

    __slots__ = ("expression", "purpose", "text")

    def __init__(self, text: str, purpose: str) -> None:
        self.text = text.strip()
        self.purpose = purpose
        self.expression = self._compiled() if self.text.startswith("=") else None

    def _compiled(self) -> feel.Expression:
        formula = self.text[1:].strip()
        try:
            return feel.compile(formula)
        except feel.FeelSyntaxError as error:
            raise Invalid(NOT_FEEL, purpose=self.purpose, expression=formula, reason=error) from error

    @property
    def formula(self) -> str:
        """The text as a person reads it, without the `=` that marks FEEL."""
        return self.text[1:].strip() if self.expression else self.text

    def value(self, variables: Variables, now: dt.datetime) -> Any:
        """The value as plain data; null when the expression has none."""
        if self.expression is None:
            return self.text
        evaluation = self.expression.evaluate(variables, now)
        if evaluation.exceeded:
            raise Failure(TOO_LONG, purpose=self.purpose, expression=self.formula)
        return feel.to_plain(evaluation.value)

    def is_true(self, variables: Variables, now: dt.datetime) -> bool:
        """Whether a condition holds; only true is true."""
        value = self.value(variables, now)
        return value is True or (self.expression is None and value == "true")

    def required(self, variables: Variables, now: dt.datetime) -> Any:
        """The value, or a Failure that names what was missing."""
        value = self.value(variables, now)
        if value is None or value == "":
            raise self.without_value(variables)
        return value

    def without_value(self, variables: Variables) -> Failure:
        """The Failure to raise when the value is null."""
        missing = self.missing(variables)
        if missing:
            return Failure(MISSING, purpose=self.purpose, expression=self.formula, missing=", ".join(missing))
        return Failure(NO_VALUE, purpose=self.purpose, expression=self.formula)

    def wrong(self, expected: str, value: Any) -> Failure:
        """The Failure to raise when the value is of the wrong type."""
        return Failure(WRONG_VALUE, purpose=self.purpose, expression=self.formula, expected=expected, value=str(value))

    def text_value(self, variables: Variables, now: dt.datetime) -> str | None:
        """The value as text; numbers and truth values in their FEEL spelling."""
        return as_text(self.value(variables, now))

    def required_text(self, variables: Variables, now: dt.datetime) -> str:
        """The value as text, or a Failure that names what was missing."""
        value = self.required(variables, now)
        if isinstance(value, (list, dict)):
            raise self.wrong("a text", value)
        return str(as_text(value))

    def whole_number(self, variables: Variables, now: dt.datetime) -> int:
        """The value as a number without fraction, or a Failure."""
        value = self.required(variables, now)
        try:
            number = int(value)
        except (ValueError, TypeError, OverflowError):
            raise self.wrong("a whole number", value) from None
        if isinstance(value, bool) or not (isinstance(value, str) or number == value):
            raise self.wrong("a whole number", value)
        return number

    def reads(self, variables: Variables) -> dict[str, Any]:
        """What the expression reads: path → value."""
        return self.expression.reads(variables) if self.expression else {}

    def missing(self, variables: Variables) -> list[str]:
        """The paths that the expression reads and that have no value."""
        return [path for path, value in self.reads(variables).items() if value is None]


def attribute(text: str | None, purpose: str) -> Attribute | None:
    """The attribute of a text that the diagram may have left out."""
    return Attribute(text, purpose) if text is not None and text.strip() else None


def as_text(value: Any) -> str | None:
    """Plain data as the text that a key or an id is compared by."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
