"""Character class subtraction of XPath's patterns, `[a-z-[aeiou]]`, worked out for RE2, which has none."""

from __future__ import annotations

import re

_SUBTRACTION = re.compile(r"\[(\^?)((?:\\.|[^\]\[\\])+)-\[(\^?)((?:\\.|[^\]\[\\])+)\]\]", re.DOTALL)
_ITEM = re.compile(r"(\\.|[^\\])(?:-(\\.|[^\\]))?", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_LAST = 0x10FFFF

Spans = list[tuple[int, int]]


def without_subtraction(pattern: str) -> str:
    """The pattern with every subtraction replaced by the class that is left; raises ValueError for one it cannot do."""
    return _SUBTRACTION.sub(_left_over, pattern) if "-[" in pattern else pattern


def _left_over(match: re.Match[str]) -> str:
    negated, kept, not_taken, taken = match.groups()
    left = _subtract(_spans(kept, bool(negated)), _spans(taken, bool(not_taken)))
    if not left:
        raise ValueError("an empty character class")
    return "[" + "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in left) + "]"


def _spans(body: str, negated: bool) -> Spans:
    spans = []
    for first, last in _ITEM.findall(body):
        start = _code(first)
        spans.append((start, _code(last) if last else start))
    return _subtract([(0, _LAST)], spans) if negated else spans


def _code(character: str) -> int:
    if character[0] != "\\":
        return ord(character)
    letter = character[1]
    if letter.isalnum() and letter not in _ESCAPED:
        raise ValueError("a class within a class that is subtracted from")
    return ord(_ESCAPED.get(letter, letter))


def _subtract(spans: Spans, taken: Spans) -> Spans:
    for start, end in taken:
        spans = [
            part
            for first, last in spans
            for part in ((first, min(last, start - 1)), (max(first, end + 1), last))
            if part[0] <= part[1]
        ]
    return spans
