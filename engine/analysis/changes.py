"""What differs between two versions, as sentences: a template and the values that fill it, each with what it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Weight = Literal["behaviour", "wording", "drawing"]
"""What a difference changes: what happens, what people read, or only how it is drawn."""
WEIGHTS: tuple[Weight, ...] = ("behaviour", "wording", "drawing")
Sign = Literal["added", "removed", "changed", "moved"]
SaidAs = Literal["name", "word", "kind", "text", "expression", "group", "user", "plain"]


@dataclass(frozen=True)
class Said:
    """A value in a sentence, and how it is to be said."""

    text: str
    kind: SaidAs = "plain"
    """name: of a diagram, form or table, translated by its catalogue; word, kind: of ours, translated with the pages;
    text: words of the owner, put in quotation marks; expression: FEEL, a duration or a literal; group, user: an id."""
    near: str = ""
    """For an element without a name: the name of the one before it."""

    def __str__(self) -> str:
        if self.kind == "text":
            return f"“{self.text}”"
        if self.kind == "kind":
            return spaced(self.text) + (f" after {self.near}" if self.near else "")
        return self.text.removeprefix("=").strip() if self.kind == "expression" else self.text


Value = Said | tuple[Said, ...] | int


@dataclass(frozen=True)
class Change:
    """One difference, in words."""

    template: str
    values: Mapping[str, Value]
    weight: Weight
    importance: int
    """Among those of the same weight, the smaller is told first."""
    sign: Sign = "changed"
    resource: str = ""
    before_id: str | None = None
    """The element, field, row or text in the version before."""
    after_id: str | None = None
    path: str = field(default="", compare=False)
    """Which property it is about."""

    @property
    def message(self) -> str:
        """The sentence in English, without the asterisks that emphasise names."""
        plain = re.sub(r"\*(\{\w+\})\*", r"\1", self.template)
        return plain.format(**{name: spoken(value) for name, value in self.values.items()})


def spoken(value: Value) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def spaced(tag: str) -> str:
    """A tag of BPMN or DMN as words: `userTask` → `user task`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", tag).lower()


def word(text: str) -> Said:
    return Said(text, "word")


def name(text: str) -> Said:
    return Said(text, "name")


MOST_LETTERS = 300


def text(words: str) -> Said:
    """Words of the owner, shortened where they are many."""
    one = " ".join(words.split())
    return Said(one if len(one) <= MOST_LETTERS else one[: MOST_LETTERS - 1] + "…", "text")


IS_NOW = "*{element}*: {property} is now {after} instead of {before}."
IS_SET = "*{element}*: {property} is now {after}."
IS_CLEARED = "*{element}*: {property} is no longer set; before, it was {before}."
NAMED_IS_NOW = "*{element}*: {property} *{name}* is now {after} instead of {before}."
NAMED_IS_SET = "*{element}*: {property} *{name}* is new: {after}."
NAMED_IS_CLEARED = "*{element}*: {property} *{name}* is gone; before, it was {before}."


def told(before: object, after: object, templates: tuple[str, str, str]) -> str:
    """The template for a value that changed, was set or was cleared."""
    if before is None:
        return templates[1]
    return templates[2] if after is None else templates[0]
