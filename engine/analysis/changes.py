"""What differs between two versions, as sentences: a template and the values that fill it, each with what it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
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
    names: tuple[tuple[str, str], ...] = ()
    """For an expression: what the forms call the data in it."""

    def __str__(self) -> str:
        if self.kind == "text":
            return f"“{self.text}”"
        if self.kind == "kind":
            return spaced(self.text) + (f" after {self.near}" if self.near else "")
        return readable(self.text, dict(self.names)) if self.kind == "expression" else self.text


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
    written: tuple[str, ...] = field(default=(), compare=False)
    """What the files write before and after, where that is not what is said."""

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


_TOKEN = re.compile(
    r'duration\("[A-Z0-9]+"\)|date and time\((?P<moment>\w+)\)|"(?:[^"\\]|\\.)*"'
    r"|[^\W\d]\w*(?:\.\w+)*(?!\w*\s*\()|>=|<=|!="
)
_SIGNS = {">=": "≥", "<=": "≤", "!=": "≠"}
_DURATION = re.compile(
    r'(?:=\s*(?:now\(\)\s*\+\s*)?duration\(\s*)?"?'
    r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
    r'"?\s*\)?'
)


def readable(expression: str, names: Mapping[str, str]) -> str:
    """An expression as people read it: durations in words, data by the names that forms give it, plain signs."""
    length = duration(expression)
    return in_words(length) if length is not None else with_names(expression, names, in_words)


def in_words(length: dt.timedelta) -> str:
    parts = ((length.days, "day"), (length.seconds // 3600, "hour"), (length.seconds // 60 % 60, "minute"))
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said) or f"{length.seconds} seconds"


def with_names(expression: str, names: Mapping[str, str], length_in_words: Callable[[dt.timedelta], str]) -> str:
    """An expression with the names of data, plain signs and durations in words."""

    def said(token: re.Match[str]) -> str:
        found = token[0]
        length = duration(f"={found}") if found.startswith("duration") else None
        if length is not None:
            return length_in_words(length)
        if token["moment"]:
            return f"“{names[token['moment']]}”" if token["moment"] in names else token["moment"]
        return f"“{names[found]}”" if found in names else _SIGNS.get(found, found)

    return _TOKEN.sub(said, expression.removeprefix("=").strip()) if expression.startswith("=") else expression


def duration(expression: str) -> dt.timedelta | None:
    """The length of time that an expression is, from when it is looked at; None when it is something else."""
    found = _DURATION.fullmatch(expression.strip())
    if found is None or not any(found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    if max(weeks, days, hours, minutes, seconds) > MOST_OF_A_UNIT:
        return None
    return dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


MOST_OF_A_UNIT = 100_000


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
