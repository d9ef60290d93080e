"""Names of more than one word: which ones are known where, and how long one goes on in the text."""

from __future__ import annotations

from collections.abc import Iterable

from engine.feel.lexer import Token, name_parts

Parts = tuple[str, ...]


def is_odd(name: str) -> bool:
    """Whether the lexer sees more than one token in `name`."""
    return not name.isidentifier() and len(name_parts(name)) > 1


class KnownNames:
    """A set of odd names, found by their first word, the longest first."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[Parts, str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        parts = name_parts(name)
        if len(parts) < 2:
            return
        candidates = self._by_first.setdefault(parts[0], [])
        if (parts, name) not in candidates:
            candidates.append((parts, name))
            candidates.sort(key=lambda candidate: -len(candidate[0]))

    def match(self, tokens: list[Token], at: int) -> tuple[str, int] | None:
        """The longest known name that starts at token `at`, with its number of tokens."""
        candidates = self._by_first.get(tokens[at].text)
        if candidates is None:
            return None
        for parts, name in candidates:
            end = at + len(parts)
            if end <= len(tokens) and all(tokens[at + i].text == part for i, part in enumerate(parts)):
                return name, len(parts)
        return None
