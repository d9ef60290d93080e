"""Built-in functions on texts. Patterns are run by RE2, which takes linear time whatever the pattern."""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64
from typing import Any

from engine.feel import numbers, patterns
from engine.feel.builtins.registry import Unsuitable, builtin
from engine.feel.runtime import Runtime


@builtin(
    "substring",
    "string: string, start position: number, length?: number -> string",
    "Part of a text, from a position counted from 1, or from the end with a negative one.",
)
def substring(runtime: Runtime, text: str, start: Any, length: Any = None) -> str:
    runtime.text_of_length(len(text))
    first = int(start)
    if first == 0 or abs(first) > len(text):
        raise Unsuitable("there is no position {position}.", position=str(start))
    begin = first - 1 if first > 0 else len(text) + first
    if length is None:
        return text[begin:]
    if length < 1:
        raise Unsuitable("the length must be at least 1.")
    return text[begin : begin + int(length)]


@builtin("string length", "string: string -> number", "The number of characters.")
def string_length(runtime: Runtime, text: str) -> int:
    return len(text)


@builtin("upper case", "string: string -> string", "The text in capitals.")
def upper_case(runtime: Runtime, text: str) -> str:
    runtime.text_of_length(len(text))
    return text.upper()


@builtin("lower case", "string: string -> string", "The text in small letters.")
def lower_case(runtime: Runtime, text: str) -> str:
    runtime.text_of_length(len(text))
    return text.lower()


@builtin("substring before", "string: string, match: string -> string", "What stands before the first match.")
def substring_before(runtime: Runtime, text: str, match: str) -> str:
    _scan(runtime, text, match)
    at = text.find(match)
    return text[:at] if at > 0 else ""


@builtin("substring after", "string: string, match: string -> string", "What stands after the first match.")
def substring_after(runtime: Runtime, text: str, match: str) -> str:
    _scan(runtime, text, match)
    at = text.find(match)
    return text[at + len(match) :] if at >= 0 else ""


def _scan(runtime: Runtime, text: str, match: str) -> None:
    """Pay for a search, and for the part of the text it may copy."""
    runtime.text_of_length(len(text))
    runtime.spend(len(match) >> 4)


@builtin("contains", "string: string, match: string -> boolean", "Whether the text contains another.")
def contains(runtime: Runtime, text: str, match: str) -> bool:
    _scan(runtime, text, match)
    return match in text


@builtin("starts with", "string: string, match: string -> boolean", "Whether the text starts with another.")
def starts_with(runtime: Runtime, text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with", "string: string, match: string -> boolean", "Whether the text ends with another.")
def ends_with(runtime: Runtime, text: str, match: str) -> bool:
    return text.endswith(match)


@builtin(
    "matches",
    "input: string, pattern: string, flags?: string|null -> boolean",
    "Whether a pattern is found in the text.",
)
def matches(runtime: Runtime, text: str, pattern: str, flags: str | None = None) -> bool:
    runtime.spend(patterns.COST + (len(text) >> 4))
    return patterns.compiled(pattern, flags or "").search(text) is not None


@builtin(
    "replace",
    "input: string, pattern: string, replacement: string, flags?: string|null -> string",
    "The text with all that matches a pattern replaced; $1 stands for the first group.",
)
def replace(runtime: Runtime, text: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    return patterns.replaced(text, pattern, replacement, flags or "", runtime)


@builtin("split", "string: string, delimiter: string -> list<string>", "The pieces between the matches of a pattern.")
def split(runtime: Runtime, text: str, delimiter: str) -> list[str]:
    return patterns.split(text, delimiter, runtime)


@builtin("extract", "string: string, pattern: string -> list<string>", "All matches of a pattern.")
def extract(runtime: Runtime, text: str, pattern: str) -> list[str]:
    return patterns.found(text, pattern, runtime)


@builtin(
    "string join",
    "list: list, delimiter?: string|null -> string",
    "All texts of a list, with a delimiter between them.",
)
def string_join(runtime: Runtime, items: list[Any], delimiter: str | None = None) -> str:
    return _joined(runtime, items, delimiter or "", "", "")


@builtin("string join", "list: list, delimiter: string|null, prefix: string, suffix: string -> string")
def string_join_around(runtime: Runtime, items: list[Any], delimiter: str | None, prefix: str, suffix: str) -> str:
    return _joined(runtime, items, delimiter or "", prefix, suffix)


def _joined(runtime: Runtime, items: list[Any], delimiter: str, prefix: str, suffix: str) -> str:
    texts = [item for item in items if item is not None]
    if not all(text.__class__ is str for text in texts):
        raise Unsuitable("only texts can be joined.")
    runtime.list_of_length(len(texts))
    runtime.text_of_length(sum(map(len, texts)) + len(texts) * len(delimiter) + len(prefix) + len(suffix))
    return prefix + delimiter.join(texts) + suffix


@builtin("trim", "string: string -> string", "The text without space at its ends.")
def trim(runtime: Runtime, text: str) -> str:
    runtime.text_of_length(len(text))
    return text.strip()


@builtin("is blank", "string: string -> boolean", "Whether the text is empty or nothing but space.")
def is_blank(runtime: Runtime, text: str) -> bool:
    return not text or text.isspace()


@builtin("is empty", "value: string|list|context -> boolean", "Whether a text, list or context is empty.")
def is_empty(runtime: Runtime, value: Any) -> bool:
    return not value


@builtin("uuid", "-> string", "A new random identifier.")
def uuid(runtime: Runtime) -> str:
    from uuid import uuid4  # slow to import and rarely asked for

    return str(uuid4())


@builtin("to base64", "value: string -> string", "The text's UTF-8 form in Base64.")
def to_base64(runtime: Runtime, value: str) -> str:
    runtime.text_of_length(len(value) * 6)
    return b2a_base64(value.encode("utf-8", "replace"), newline=False).decode()


@builtin("from base64", "value: string -> string", "The text whose UTF-8 form is given in Base64.")
def from_base64(runtime: Runtime, value: str) -> str:
    try:
        return a2b_base64(value, strict_mode=True).decode()
    except (Error, UnicodeDecodeError):
        raise Unsuitable("the text is not Base64.") from None


@builtin("repeat", "string: string, count: number -> string", "The text several times over.")
def repeat(runtime: Runtime, text: str, count: Any) -> str:
    times = numbers.whole(count)
    if times is None or times < 0:
        raise Unsuitable("the count must be a whole number.")
    runtime.text_of_length(len(text) * times)
    return text * times
