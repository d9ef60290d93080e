"""The tokens of one text, read in order, and the names they make."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel.lexer import tokenize
from engine.feel.names import KnownNames
from engine.feel.syntax import FeelSyntaxError, syntax_error
from engine.feel.types import NAMED, Type

LONGEST_TEXT = 10_000
DEEPEST_NESTING = 60

RESERVED = frozenset(
    {"and", "or", "in", "between", "then", "else", "return", "satisfies", "if", "for", "some", "every", "instance"}
)


class TokenReader:
    """What a parser reads from: `at` is the next token's index."""

    def __init__(self, text: str, names: KnownNames, builtins: KnownNames, types: Mapping[str, Type] = NAMED) -> None:
        if len(text) > LONGEST_TEXT:
            raise syntax_error(
                text, 0, "The expression is longer than {limit} characters; split it up.", limit=LONGEST_TEXT
            )
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.types = types
        self._names = names
        self._builtins = builtins
        self._declared: list[KnownNames] = []
        self._fields = KnownNames()
        self._depth = 0
        self._filters = 0
        self._range_ends = 0
        self._retries = 0

    def peek(self, *texts: str) -> bool:
        """Whether the next token is one of these symbols or keywords."""
        token = self.tokens[self.at]
        return token.text in texts and token.kind in ("symbol", "name")

    def take(self, text: str) -> bool:
        """Step over the next token if it is this symbol or keyword."""
        if self.tokens[self.at].text == text and self.tokens[self.at].kind in ("symbol", "name"):
            self.at += 1
            return True
        return False

    def expect(self, text: str, complaint: str) -> None:
        """Step over this symbol or keyword; raises FeelSyntaxError with the complaint when it is not there."""
        if not self.take(text):
            raise self.error(complaint)

    def error(self, template: str, **values: object) -> FeelSyntaxError:
        """An error at the next token; {found} in the template is its text."""
        token = self.tokens[self.at]
        if token.kind == "end" and "{found}" in template:
            return syntax_error(self.text, token.start, "The expression ends too early; something is missing here.")
        return syntax_error(self.text, token.start, template, **{"found": token.text[:40], **values})

    def _odd_name(self) -> tuple[str, int] | None:
        """The longest name of several words that starts here."""
        best: tuple[str, int] | None = None
        known = [*self._declared, self._names, self._builtins]
        if self._filters:
            known.append(self._fields)
        for names in known:
            found = names.match(self.tokens, self.at)
            if found is not None and (best is None or found[1] > best[1]):
                best = found
        return best

    def _new_name(self, *stops: str) -> str:
        """A name being declared: everything up to one of the stops."""
        start = self.at
        while self.tokens[self.at].kind != "end" and self.tokens[self.at].text not in stops:
            self.at += 1
        if self.at == start:
            raise self.error("Expected a name, but found '{found}'.")
        if self.tokens[start].kind != "name":
            self.at = start
            raise self.error("A name cannot start with '{found}'.")
        return self._original(start, self.at)

    def _original(self, first: int, end: int) -> str:
        """The text of some tokens, with single spaces where there was space."""
        pieces = [self.tokens[first].text]
        for previous, token in zip(self.tokens[first:end], self.tokens[first + 1 : end], strict=False):
            pieces.append((" " if token.start > previous.end else "") + token.text)
        return "".join(pieces)

    def _words(self) -> str:
        first = self.at
        self.at += 1
        while self.tokens[self.at].kind == "name" and self.tokens[self.at].text not in RESERVED:
            self.at += 1
        return " ".join(token.text for token in self.tokens[first : self.at])

    def _field(self) -> str:
        """The name after a dot: a known one with spaces, else all names that follow one another."""
        token = self.tokens[self.at]
        if token.kind != "name":
            raise self.error("Expected a name after the dot, but found '{found}'.")
        known = self._fields.match(self.tokens, self.at) or self._names.match(self.tokens, self.at)
        if known is not None:
            self.at += known[1]
            return known[0]
        return self._words()

    def _argument_name(self) -> str | None:
        """The name before the colon, if this argument has one."""
        end = self.at
        while self.tokens[end].kind == "name":
            end += 1
        if end == self.at or self.tokens[end].text != ":" or self.tokens[end].kind != "symbol":
            return None
        name = " ".join(token.text for token in self.tokens[self.at : end])
        self.at = end + 1
        return name
