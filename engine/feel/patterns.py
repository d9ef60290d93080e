"""Regular expressions in XPath's dialect, run by RE2 only: no pattern can take more than linear time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from engine.feel.character_classes import without_subtraction
from engine.feel.runtime import Runtime

COST = 50
_MATCH_COST = 10
_LONGEST_PATTERN = 2_000
_MEMORY = 4 << 20
_GROUP = re.compile(r"\\(.)|\$([0-9]+)|\$|\\", re.DOTALL)
_PIECE = re.compile(r"\\.|\(\?(?!:)|.", re.DOTALL)
_CLASSES = {
    r"\d": r"\p{Nd}",
    r"\w": r"\p{L}\p{M}\p{N}\p{S}_",
    r"\i": r"\p{L}_:",
    r"\c": r"\-\p{L}\p{M}\p{Nd}._:",
}
_OPPOSITES = {r"\D": r"\d", r"\W": r"\w", r"\I": r"\i", r"\C": r"\c"}


class BadPattern(ValueError):
    """The pattern or its flags make no sense, or want what linear time cannot give."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        super().__init__(pattern)


@lru_cache(maxsize=256)
def compiled(pattern: str, flags: str = "") -> Any:
    """RE2's pattern object; raises BadPattern."""
    import re2  # costs more to import than the rest of the language; most expressions have no pattern

    if set(flags) - set("smixq") or len(pattern) > _LONGEST_PATTERN:
        raise BadPattern(pattern)
    if "q" in flags:
        pattern = re2.escape(pattern)
    else:
        pattern = _translated(pattern, "x" in flags)
    inline = "".join(flag for flag in "smi" if flag in flags)
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        return re2.compile(f"(?{inline}){pattern}" if inline else pattern, options=options)
    except re2.error:
        raise BadPattern(pattern) from None


def _translated(pattern: str, extended: bool) -> str:
    """XPath's spelling in RE2's: letters and digits of every script, names, and the x flag's white space."""
    try:
        pattern = without_subtraction(pattern)
    except ValueError:
        raise BadPattern(pattern) from None
    pieces: list[str] = []
    within = False
    for piece in _PIECE.findall(pattern):
        if piece in ("[", "]"):
            within = piece == "["
        elif piece == "(?":
            raise BadPattern(pattern)
        elif piece in _CLASSES:
            piece = _CLASSES[piece] if within else f"[{_CLASSES[piece]}]"
        elif piece in _OPPOSITES and not within:
            piece = f"[^{_CLASSES[_OPPOSITES[piece]]}]"
        elif extended and not within and piece.isspace():
            continue
        pieces.append(piece)
    return "".join(pieces)


def replaced(text: str, pattern: str, replacement: str, flags: str, runtime: Runtime) -> str:
    """All matches replaced; `$1` stands for a group, `\\$` for a dollar sign."""
    runtime.spend(COST)
    found = compiled(pattern, flags)
    if found.search("") is not None:
        raise BadPattern(pattern)
    pieces = [replacement] if "q" in flags else _pieces(replacement, found.groups)
    result: list[str] = []
    length, at = 0, 0
    for match in found.finditer(text):
        parts = [text[at : match.start()]]
        parts.extend(piece if piece.__class__ is str else (match.group(piece) or "") for piece in pieces)
        length += sum(map(len, parts))
        runtime.spend(_MATCH_COST)
        if length > runtime.text:
            runtime.text_of_length(length)
        result.extend(parts)
        at = match.end()
    result.append(text[at:])
    runtime.text_of_length(length + len(text) - at)
    return "".join(result)


def _pieces(replacement: str, groups: int) -> list[Any]:
    """Literal texts and group numbers, in order."""
    pieces: list[Any] = []
    at = 0
    for match in _GROUP.finditer(replacement):
        pieces.append(replacement[at : match.start()])
        at = match.end()
        escaped, number = match.groups()
        if escaped is not None and escaped in "\\$":
            pieces.append(escaped)
        elif number is not None:
            group, literal = number, ""
            while len(group) > 1 and int(group) > groups:
                group, literal = group[:-1], group[-1] + literal
            pieces.extend([int(group) if int(group) <= groups else "", literal])
        else:
            raise BadPattern(replacement)
    pieces.append(replacement[at:])
    return pieces


def split(text: str, pattern: str, runtime: Runtime) -> list[str]:
    """The pieces between the matches."""
    runtime.spend(COST)
    result: list[str] = []
    at = 0
    for match in compiled(pattern).finditer(text):
        if match.end() == match.start():
            raise BadPattern(pattern)
        runtime.spend(_MATCH_COST)
        result.append(text[at : match.start()])
        at = match.end()
    result.append(text[at:])
    runtime.list_of_length(len(result))
    return result


def found(text: str, pattern: str, runtime: Runtime) -> list[str]:
    """All matches."""
    runtime.spend(COST)
    result: list[str] = []
    for match in compiled(pattern).finditer(text):
        runtime.spend(_MATCH_COST)
        result.append(match.group())
    return result
