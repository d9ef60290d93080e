"""The data of cases as people read it: names of fields, answers in the words of the forms, conditions with values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from babel.numbers import format_decimal
from flask_babel import get_locale, gettext

from engine.queries.definitions import DataWords
from webui.language import dated

Known = TypeVar("Known")
Label = Callable[[str], str]
"""Translates a text of a diagram or form."""


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


_ISO_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")
_TEXT = r'"(?:[^"\\]|\\.)*"'
_EQUALITY = re.compile(rf"([\w.]+)\s*=\s*({_TEXT})")
_OWN = {"reference": _("Case number"), "initiator": _("Started by")}
"""The data that every case has."""
_SIGNS = {"!=": "≠", "<=": "≤", ">=": "≥"}


def value_text(value: Any) -> str:
    """A value as a person reads it who knows nothing of its form."""
    return DataReader(DataWords({}, {}), str).value("", value)


@dataclass(frozen=True)
class DataReader:
    """Reads data in the words of the forms that ask for it."""

    words: DataWords
    label: Label

    def name(self, variable: str) -> str:
        """What people call a variable: the label of its form field, else its own name taken apart into words."""
        known = self._known(variable, self.words.labels)
        if known is not None:
            return self.label(known)
        if variable in _OWN:
            return gettext(_OWN[variable])
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", variable)
        return self.label(words[:1].upper() + words[1:].lower()) if words.isascii() else words

    def value(self, variable: str, value: Any) -> str:
        """A value of a variable: an answer in the words of its form, a list as such, a moment as a time."""
        answer = (self._known(variable, self.words.options) or {}).get(str(value))
        if answer is not None:
            return self.label(answer)
        if value is None or value in ("", [], {}):
            return gettext("nothing")
        match value:
            case True:
                return gettext("yes")
            case False:
                return gettext("no")
            case int() | Decimal():
                return format_decimal(value, locale=get_locale() or "en", decimal_quantization=False)
            case str():
                return _moment_text(value) if _ISO_MOMENT.match(value) else value
            case list():
                between = "\n" if any(isinstance(item, dict) for item in value) else gettext(", ")
                return between.join(self.value(variable, item) for item in value)
            case dict():
                pairs = self.pairs(value)
                return gettext("; ").join(gettext("%(name)s: %(value)s", name=name, value=text) for name, text in pairs)
            case _:
                return str(value)

    def pairs(self, values: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
        """Names and values of several variables."""
        return tuple((self.path(name), self.value(name, value)) for name, value in (values or {}).items())

    def _known(self, variable: str, words: Mapping[str, Known]) -> Known | None:
        """Decision tables write the names of variables with a capital, as headings."""
        return words.get(variable, words.get(variable[:1].lower() + variable[1:]))

    def path(self, path: str) -> str:
        """What people call what an expression reads, such as `limitCheck.approvalNeeded`."""
        return " · ".join(self.name(part) for part in path.split("."))

    def condition(self, condition: str, reads: Mapping[str, Any]) -> str:
        """A condition with the values it read: `Amount (1,200) > Limit (500)`."""
        text = condition.removeprefix("=").strip()
        equality = _EQUALITY.fullmatch(text)
        if equality and equality[1] in reads and reads[equality[1]] == _unquoted(equality[2]):
            return gettext("“%(name)s” is “%(value)s”", name=self.path(equality[1]),
                           value=self._read(equality[1], reads))  # fmt: skip
        return _Explanation(self, reads).of(text)

    def _read(self, path: str, reads: Mapping[str, Any]) -> str:
        return self.value(path.rpartition(".")[2], reads[path])


class _Explanation:
    """Goes through a condition once, from left to right; what stands in quotation marks is never taken for a name."""

    def __init__(self, reader: DataReader, reads: Mapping[str, Any]) -> None:
        self._reader = reader
        self._reads = reads
        self._shown: set[str] = set()
        self._latest = ""

    def of(self, condition: str) -> str:
        names = "|".join(re.escape(name) for name in sorted(self._reads, key=len, reverse=True))
        words = rf"{_TEXT}|(?<![\w.])(?:and|or|null|true|false)(?![\w.])|!=|<=|>="
        if names:
            words += rf"|(?<![\w.])(?:{names})(?![\w.(])"
        return re.sub(words, self._word, condition)

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        if word.startswith('"'):
            answer = self._reader.words.options.get(self._latest, {}).get(_unquoted(word))
            return f"“{self._reader.label(answer)}”" if answer else word
        if word in self._reads:
            return self._name(word)
        match word:
            case "and":
                return gettext("and")
            case "or":
                return gettext("or")
            case "null":
                return gettext("nothing")
            case "true":
                return gettext("yes")
            case "false":
                return gettext("no")
        return _SIGNS[word]

    def _name(self, path: str) -> str:
        self._latest = path.rpartition(".")[2]
        name = self._reader.path(path)
        if path in self._shown:
            return name
        self._shown.add(path)
        return f"{name} ({self._reader.value(self._latest, self._reads[path])})"


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _moment_text(text: str) -> str:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return dated(at) if at.tzinfo else text.replace("T", " ")
