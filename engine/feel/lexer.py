"""Text to tokens. Names with spaces are put together by the parser, which knows the scope."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from engine.feel.syntax import syntax_error

_SPACE = r"\s\u0085\u180e\u200b-\u200d\u2060\ufeff"
_NAME_START = (
    r"?A-Z_a-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    r"\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_PART = _NAME_START + r"0-9\u00b7\u0300-\u036f\u203f-\u2040"

_TOKEN = re.compile(
    rf"""
      (?P<space>[{_SPACE}]+|//[^\n]*|/\*.*?\*/)
    | (?P<name>(?:[{_NAME_START}][{_NAME_PART}]*))
    | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<temporal>@[{_SPACE}]*"(?:[^"\\]|\\.)*")
    | (?P<symbol>\*\*|\.\.|<=|>=|!=|->|[-+*/()\[\]{{}}<>=,.:;'])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """A piece of the text: its kind (name, number, string, temporal, symbol, end), its text and its place."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """All tokens of `text`, closed by one of kind "end"."""
    tokens: list[Token] = []
    add = tokens.append
    match = _TOKEN.match
    at, length = 0, len(text)
    while at < length:
        found = match(text, at)
        if found is None or (found.lastgroup == "symbol" and text.startswith("/*", at)):
            raise _unreadable(text, at)
        kind, end = found.lastgroup, found.end()
        assert kind is not None
        if kind != "space":
            add(Token(kind, text[at:end], at, end))
        at = end
    add(Token("end", "", length, length))
    return tokens


def _unreadable(text: str, at: int) -> Exception:
    if text.startswith("/*", at):
        return syntax_error(text, at, "The comment that starts here is not closed; close it with */.")
    if text[at] == '"' or text[at] == "@":
        return syntax_error(text, at, 'The text that starts here is not closed; close it with ".')
    if text[at] in "“”„«»‘’＂":
        return syntax_error(
            text, at, 'Text is written between straight quotation marks ("), not {mark}.', mark=text[at]
        )
    if text[at] in "&|":
        return syntax_error(text, at, "Write 'and' or 'or' instead of {mark}.", mark=text[at])
    return syntax_error(text, at, "The character {mark} has no meaning here.", mark=text[at])


@lru_cache(maxsize=4096)
def name_parts(name: str) -> tuple[str, ...]:
    """The token texts a name consists of: ("loan", "amount") for "loan amount"."""
    parts: list[str] = []
    at = 0
    while at < len(name):
        found = _TOKEN.match(name, at)
        if found is None:
            parts.append(name[at])
            at += 1
            continue
        if found.lastgroup != "space":
            parts.append(found.group())
        at = found.end()
    return tuple(parts)


def unescape(quoted: str) -> str:
    """The value of a string literal, given with its quotation marks."""
    body = quoted[1:-1]
    if "\\" not in body:
        return body
    plain = _ESCAPE.sub(_escaped, body)
    if any("\ud800" <= character <= "\udfff" for character in plain):
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def _escaped(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        point = int(code, 16)
        return chr(point) if point < 0x110000 else "\ufffd"
    letter = match.group(3)
    return _ESCAPED.get(letter, "\\" + letter)
