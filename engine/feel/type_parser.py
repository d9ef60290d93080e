"""The type after `instance of` and after a parameter's colon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.feel.types import ANY, ContextType, FunctionType, ListType, RangeType, Type, Unknown

if TYPE_CHECKING:
    from engine.feel.reader import TokenReader

_STOPS = frozenset({"and", "or", "in", "between", "then", "else", "return", "satisfies", "external"})
_DEEPEST = 20


def parse_type(parser: TokenReader, depth: int = 0) -> Type:
    """Reads a type, such as `list<number>` or a name of several words."""
    if depth > _DEEPEST:
        raise parser.error("The type is nested too deeply.")
    words = _words(parser)
    if not words:
        raise parser.error("Expected a type, but found '{found}'.")
    if words == "list" and parser.take("<"):
        return ListType(_closed(parser, depth))
    if words == "range" and parser.take("<"):
        return RangeType(_closed(parser, depth))
    if words == "context" and parser.take("<"):
        return _context(parser, depth)
    if words == "function" and parser.take("<"):
        return _function(parser, depth)
    return parser.types.get(words) or Unknown(words)


def _words(parser: TokenReader) -> str:
    """Names one after another, with dots between those of an imported type."""
    known = "date and time", "days and time duration", "years and months duration"
    words = ""
    while parser.tokens[parser.at].kind == "name":
        text = parser.tokens[parser.at].text
        longer = f"{words} {text}" if words and not words.endswith(".") else words + text
        if text in _STOPS and not any(name.startswith(longer) for name in (*known, *parser.types)):
            break
        if text == "and" and not _goes_on(parser, longer, known):
            break
        words = longer
        parser.at += 1
        if parser.peek("."):
            parser.at += 1
            words += "."
    return words


def _goes_on(parser: TokenReader, start: str, known: tuple[str, ...]) -> bool:
    """Whether `and` belongs to a type's name, and the next word too."""
    longer = f"{start} {parser.tokens[parser.at + 1].text}"
    return any(name.startswith(longer) for name in (*known, *parser.types))


def _closed(parser: TokenReader, depth: int) -> Type:
    kind = parse_type(parser, depth + 1)
    parser.expect(">", "Expected '>' to close the type.")
    return kind


def _context(parser: TokenReader, depth: int) -> Type:
    fields: dict[str, Type] = {}
    while not parser.take(">"):
        if fields:
            parser.expect(",", "Expected ',' between the entries of the type.")
        name = _words(parser)
        parser.expect(":", "Expected ':' after the name of a type's entry.")
        fields[name] = parse_type(parser, depth + 1)
    return ContextType(fields)


def _function(parser: TokenReader, depth: int) -> Type:
    parameters: list[Type] = []
    while not parser.take(">"):
        if parameters:
            parser.expect(",", "Expected ',' between the parameters of the type.")
        parameters.append(parse_type(parser, depth + 1))
    result = parse_type(parser, depth + 1) if parser.take("->") else ANY
    return FunctionType(parameters, result)
