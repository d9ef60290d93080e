"""Turns the simple expressions of older engines, `${amount > 100 && approved}`, into FEEL; says None of all others."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRAPPED = re.compile(r"[$#]\{([^{}]*)\}")
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<name>[^\W\d]\w*)"""
    r"""|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%!<>()?:.,\[\]]))"""
)
_WORDS = {
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "and": "&&", "or": "||", "not": "!",
    "div": "/", "mod": "%",
}  # fmt: skip
_COMPARISONS = {"==": "=", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
_RENAMED = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
}
_SPECIAL = frozenset({"execution", "task", "empty", "instanceof", "authenticatedUserId"})
"""Names that older engines give a meaning of their own."""
_DURATIONS = {
    "plusYears": "P{}Y", "plusMonths": "P{}M", "plusWeeks": "P{}W", "plusDays": "P{}D", "plusHours": "PT{}H",
    "plusMinutes": "PT{}M", "plusSeconds": "PT{}S",
}  # fmt: skip

_IF, _OR, _AND, _COMPARE, _ADD, _MULTIPLY, _ATOM = range(7)
"""How tightly FEEL binds, loosest first."""


def is_juel(text: str) -> bool:
    """Whether a text has `${…}` or `#{…}` in it."""
    return "${" in text or "#{" in text


def to_feel(text: str) -> str | None:
    """The text as FEEL with `=` before it; None when a part of it has no simple equivalent."""
    whole = _WRAPPED.fullmatch(text.strip())
    try:
        if whole:
            return f"={_Translation(whole[1]).whole().text}"
        return f"={' + '.join(_pieces(text))}"
    except _NoEquivalent:
        return None


def list_to_feel(text: str) -> str | None:
    """The same for a comma list such as `${lead}, office`, which becomes a list unless it is one expression alone."""
    if _WRAPPED.fullmatch(text.strip()):
        return to_feel(text)
    entries: list[str] = []
    for entry in filter(None, map(str.strip, text.split(","))):
        translated = to_feel(entry) if is_juel(entry) else f"={quoted(entry)}"
        if translated is None:
            return None
        entries.append(translated[1:])
    return f"=[{', '.join(entries)}]"


def value_to_feel(text: str) -> str | None:
    """The same for an entry of a list, without `=`: what is no expression is a text."""
    if not is_juel(text):
        return quoted(text)
    translated = to_feel(text)
    return None if translated is None else translated[1:]


def _pieces(text: str) -> list[str]:
    """Text with expressions in it, as the parts of a FEEL sum of texts."""
    pieces: list[str] = []
    position = 0
    for found in _WRAPPED.finditer(text):
        if found.start() > position:
            pieces.append(quoted(text[position : found.start()]))
        pieces.append(f"string({_Translation(found[1]).whole().text})")
        position = found.end()
    if is_juel(text[position:]):
        raise _NoEquivalent
    if position < len(text):
        pieces.append(quoted(text[position:]))
    return pieces


def quoted(text: str) -> str:
    """A text as FEEL writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


class _NoEquivalent(Exception):
    """The expression uses something that FEEL has no simple word for."""


@dataclass(frozen=True)
class _Part:
    """A piece of FEEL, how tightly it holds together, and whether it is surely true or false."""

    text: str
    level: int = _ATOM
    is_boolean: bool = False

    def within(self, level: int) -> str:
        """The text as an operand of an operator of this level."""
        return self.text if self.level > level else f"({self.text})"

    def as_truth(self) -> _Part:
        """Older engines take nothing for false, FEEL does not: a bare variable is compared with true."""
        return self if self.is_boolean else _Part(f"{self.within(_COMPARE)} = true", _COMPARE, True)


class _Translation:
    """Reads one expression by recursive descent and writes FEEL as it goes."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def whole(self) -> _Part:
        part = self._choice()
        if self._peek() is not None:
            raise _NoEquivalent
        return part

    def _choice(self) -> _Part:
        condition = self._either()
        if not self._take("?"):
            return condition
        yes = self._choice()
        self._expect(":")
        no = self._choice()
        return _Part(f"if {condition.as_truth().text} then {yes.text} else {no.text}", _IF)

    def _either(self) -> _Part:
        part = self._both()
        while self._take("||"):
            left, right = part.as_truth(), self._both().as_truth()
            part = _Part(f"{left.within(_OR - 1)} or {right.within(_OR)}", _OR, True)
        return part

    def _both(self) -> _Part:
        part = self._comparison()
        while self._take("&&"):
            left, right = part.as_truth(), self._comparison().as_truth()
            part = _Part(f"{left.within(_AND - 1)} and {right.within(_AND)}", _AND, True)
        return part

    def _comparison(self) -> _Part:
        part = self._sum()
        while (sign := self._take(*_COMPARISONS)) is not None:
            right = self._sum()
            part = _Part(f"{part.within(_COMPARE)} {_COMPARISONS[sign]} {right.within(_COMPARE)}", _COMPARE, True)
        return part

    def _sum(self) -> _Part:
        part = self._product()
        while (sign := self._take("+", "-")) is not None:
            part = _Part(f"{part.within(_ADD - 1)} {sign} {self._product().within(_ADD)}", _ADD)
        return part

    def _product(self) -> _Part:
        part = self._unary()
        while (sign := self._take("*", "/", "%")) is not None:
            right = self._unary()
            if sign == "%":
                part = _Part(f"modulo({part.text}, {right.text})")
            else:
                part = _Part(f"{part.within(_MULTIPLY - 1)} {sign} {right.within(_MULTIPLY)}", _MULTIPLY)
        return part

    def _unary(self) -> _Part:
        if self._take("!"):
            part = self._unary()
            if part.is_boolean:
                return _Part(f"not({part.text})", _ATOM, True)
            return _Part(f"{part.within(_COMPARE)} != true", _COMPARE, True)
        if self._take("-"):
            return _Part(f"-{self._unary().within(_MULTIPLY)}", _MULTIPLY)
        return self._steps(self._atom())

    def _atom(self) -> _Part:
        kind, text = self._next()
        if kind == "number":
            return _Part(text)
        if kind == "string":
            return _Part(quoted(re.sub(r"\\(.)", r"\1", text[1:-1])))
        if kind == "name":
            return self._named(text)
        if text == "(":
            part = self._choice()
            self._expect(")")
            return _Part(f"({part.text})", _ATOM, part.is_boolean)
        raise _NoEquivalent

    def _named(self, name: str) -> _Part:
        if name in ("true", "false"):
            return _Part(name, _ATOM, True)
        if name in ("now", "dateTime") and self._take("("):
            self._expect(")")
            return _Part("now()")
        if name == "execution":
            return self._variable_of_execution()
        if name in _SPECIAL:
            raise _NoEquivalent
        return _Part(_RENAMED.get(name, name))

    def _variable_of_execution(self) -> _Part:
        """`execution.getVariable("x")` is x."""
        self._expect(".")
        if self._next() != ("name", "getVariable"):
            raise _NoEquivalent
        self._expect("(")
        kind, text = self._next()
        self._expect(")")
        if kind != "string" or not text[1:-1].isidentifier():
            raise _NoEquivalent
        return _Part(text[1:-1])

    def _steps(self, part: _Part) -> _Part:
        """Fields, list entries (which FEEL counts from one) and the few methods that have an equivalent."""
        while (sign := self._take(".", "[", "(")) is not None:
            if sign == "(":
                raise _NoEquivalent
            if sign == "[":
                kind, text = self._next()
                self._expect("]")
                if kind != "number" or not text.isdigit():
                    raise _NoEquivalent
                part = _Part(f"{part.within(_MULTIPLY)}[{int(text) + 1}]")
                continue
            kind, name = self._next()
            if kind != "name":
                raise _NoEquivalent
            part = self._method(part, name) if self._take("(") else _Part(f"{part.within(_MULTIPLY)}.{name}")
        return part

    def _method(self, part: _Part, name: str) -> _Part:
        argument = None if self._take(")") else self._choice()
        if argument is not None:
            self._expect(")")
        if name == "equals" and argument is not None:
            return _Part(f"({part.within(_COMPARE)} = {argument.within(_COMPARE)})", _ATOM, True)
        if name == "size" and argument is None:
            return _Part(f"count({part.text})")
        if name == "toDate" and argument is None and part.text.startswith("now()"):
            return part
        if name in _DURATIONS and argument is not None and argument.text.isdigit() and part.text.startswith("now()"):
            return _Part(f'{part.text} + duration("{_DURATIONS[name].format(argument.text)}")', _ADD)
        raise _NoEquivalent

    def _peek(self) -> tuple[str, str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if token is None:
            raise _NoEquivalent
        self._at += 1
        return token

    def _take(self, *signs: str) -> str | None:
        token = self._peek()
        if token is None or token[0] != "sign" or token[1] not in signs:
            return None
        self._at += 1
        return token[1]

    def _expect(self, sign: str) -> None:
        if self._take(sign) is None:
            raise _NoEquivalent


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or len(tokens) > _MAX_TOKENS:
            raise _NoEquivalent
        kind = found.lastgroup or ""
        word = found[kind]
        tokens.append(("sign", _WORDS[word]) if kind == "name" and word in _WORDS else (kind, word))
        position = found.end()
    return tokens


_MAX_TOKENS = 200
"""Longer expressions are not simple, and nesting must not exhaust the stack."""
