"""JavaScript's regular expressions as RE2 runs them: in linear time, whatever pattern and text are.

A form's pattern is a JavaScript expression, because the browser checks it first. What RE2 cannot do, or what a browser
reads differently, is refused when the form is read, not when a person submits it.
"""

from __future__ import annotations

from typing import Any

import re2

MAX_PATTERN = 2_000
"""Characters of a pattern."""

_QUIET = re2.Options()
_QUIET.log_errors = False
_QUIET.max_mem = 8 << 20

_CLASS_ESCAPES = frozenset("dDwWsS")
_CONTROL_ESCAPES = frozenset("fnrtv")
_META = frozenset("\\^$.|?*+()[]{}-")
_SPACES = r"\t\n\x0b\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"


class PatternRefused(Exception):
    """The pattern cannot be used; template and values say why."""

    def __init__(self, template: str, **values: Any) -> None:
        self.template = template
        self.values = values
        super().__init__(template.format(**values))


class Pattern:
    """A JavaScript regular expression, compiled."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            raise PatternRefused("The pattern has more than {limit} characters.", limit=MAX_PATTERN)
        self.text = text
        try:
            self._compiled = re2.compile(_Translation(text).result, _QUIET)
        except re2.error as error:
            reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
            template = "The pattern '{pattern}' is not valid: {reason}."
            raise PatternRefused(template, pattern=text, reason=reason) from None

    def matches(self, value: str) -> bool:
        """Whether the pattern occurs in the value, as `new RegExp(pattern).test(value)` says."""
        return self._compiled.search(value) is not None


class _Translation:
    """One pass over a JavaScript pattern that writes the same pattern in RE2's words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.in_class = False
        self.parts: list[str] = []
        while self.position < len(text):
            self._step()
        self.result = "".join(self.parts)

    def _step(self) -> None:
        character = self.text[self.position]
        if character == "\\":
            self._escape()
            return
        if self.in_class:
            if character == "]":
                self.in_class = False
            self._take(1, r"\[" if character == "[" else character)
        elif character == "[":
            self._open_class()
        elif self.text.startswith("(?", self.position):
            self._group()
        elif character == ".":
            self._take(1, r"[^\n\r\x{2028}\x{2029}]")
        else:
            self._take(1, character)

    def _take(self, length: int, written: str) -> None:
        self.position += length
        self.parts.append(written)

    def _open_class(self) -> None:
        if self.text.startswith("[^]", self.position):
            self._take(3, r"(?s:.)")
        elif self.text.startswith("[]", self.position):
            self._take(2, r"[^\x00-\x{10FFFF}]")
        else:
            self.in_class = True
            negated = self.text.startswith("[^", self.position)
            self._take(2 if negated else 1, "[^" if negated else "[")

    def _group(self) -> None:
        rest = self.text[self.position + 2 :]
        if rest.startswith(("=", "!", "<=", "<!")):
            raise PatternRefused(
                "The pattern '{pattern}' looks ahead or behind with '(?{sign}', which is not supported; "
                "describe the whole text instead, or use several fields.",
                pattern=self.text,
                sign=rest[:2] if rest.startswith("<") else rest[:1],
            )
        if rest.startswith(":"):
            self._take(3, "(?:")
        elif rest.startswith("<"):
            self._take(3, "(?P<")
        else:
            raise PatternRefused(
                "The pattern '{pattern}' has a group '(?{sign}' that browsers do not know.",
                pattern=self.text,
                sign=rest[:1],
            )

    def _escape(self) -> None:
        following = self.text[self.position + 1 : self.position + 2]
        if not following:
            raise PatternRefused("The pattern '{pattern}' ends with a single '\\'.", pattern=self.text)
        if following.isdigit():
            self._digit_escape(following)
        elif following in "xu":
            self._code_escape(following)
        elif following in "sS":
            self._space_escape(following)
        elif following in "pPk":
            raise PatternRefused(
                "The pattern '{pattern}' uses '\\{letter}', which browsers read as a plain letter here; "
                "write the characters as a range, such as [a-zA-Z\\u00c0-\\u024f].",
                pattern=self.text,
                letter=following,
            )
        elif following in "bB":
            self._take(2, r"\x08" if self.in_class else "\\" + following)
        elif following in _CLASS_ESCAPES or following in _CONTROL_ESCAPES or following in _META:
            self._take(2, "\\" + following)
        else:
            self._take(2, re2.escape(following))

    def _digit_escape(self, digit: str) -> None:
        if digit != "0":
            raise PatternRefused(
                "The pattern '{pattern}' refers back to a group with '\\{digit}', which is not supported.",
                pattern=self.text,
                digit=digit,
            )
        self._take(2, r"\x00")

    def _code_escape(self, letter: str) -> None:
        length = 2 if letter == "x" else 4
        code = self.text[self.position + 2 : self.position + 2 + length]
        if len(code) == length and all(digit in "0123456789abcdefABCDEF" for digit in code):
            self._take(2 + length, rf"\x{{{code}}}")
        else:
            self._take(2, letter)

    def _space_escape(self, letter: str) -> None:
        if self.in_class and letter == "S":
            raise PatternRefused("The pattern '{pattern}' has '\\S' inside of [ ].", pattern=self.text)
        inner = _SPACES if letter == "s" else f"^{_SPACES}"
        self._take(2, inner if self.in_class else f"[{inner}]")
