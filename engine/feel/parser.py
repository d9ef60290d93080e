"""FEEL text to a syntax tree, by recursive descent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.feel import numbers
from engine.feel.lexer import tokenize, unescape
from engine.feel.names import KnownNames
from engine.feel.syntax import FeelSyntaxError, syntax_error
from engine.feel.temporal_text import parse_temporal
from engine.feel.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    ContextOf,
    Filter,
    For,
    FunctionOf,
    If,
    In,
    InstanceOf,
    Iterator,
    ListOf,
    Literal,
    Name,
    Negate,
    Node,
    Or,
    Path,
    Quantified,
    RangeOf,
    Test,
)
from engine.feel.type_parser import parse_type
from engine.feel.types import NAMED, Type

LONGEST_TEXT = 10_000
DEEPEST_NESTING = 60
_MOST_RETRIES = 30

_RESERVED = frozenset(
    {"and", "or", "in", "between", "then", "else", "return", "satisfies", "if", "for", "some", "every", "instance"}
)
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_CONSTANTS = {"null": None, "true": True, "false": False}


class Parser:
    """One pass over the tokens of one text; `at` is the next token's index."""

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

    # ------------------------------------------------------------ tokens

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

    # ------------------------------------------------------------ whole texts

    def whole_expression(self) -> Node:
        """The text as one expression."""
        if self.tokens[0].kind == "end":
            raise self.error("The expression is empty.")
        node = self.expression()
        self._expect_end()
        return node

    def whole_unary_tests(self) -> tuple[bool, list[Node]]:
        """The text as a cell of a decision table: whether it is negated, and its tests; no tests for `-`."""
        if self.tokens[0].kind == "end" or (self.tokens[0].text == "-" and self.tokens[1].kind == "end"):
            return False, []
        negated = self._negated_tests()
        if negated is not None:
            return True, negated
        tests = self._tests()
        self._expect_end()
        return False, tests

    def _negated_tests(self) -> list[Node] | None:
        if not (self.tokens[0].text == "not" and self.tokens[1].text == "("):
            return None
        self.at = 2
        try:
            tests = self._tests()
            self.expect(")", "Expected ')' after the tests of 'not'.")
            self._expect_end()
        except FeelSyntaxError:
            self.at = 0
            return None
        return tests

    def _expect_end(self) -> None:
        token = self.tokens[self.at]
        if token.kind == "end":
            return
        previous = self.tokens[self.at - 1]
        if token.kind == "name" and previous.kind == "name":
            raise syntax_error(
                self.text,
                previous.start,
                "There is no name '{first} {second}' here. An operator is missing, or the name is misspelt.",
                first=previous.text,
                second=token.text,
            )
        if token.text in (")", "]", "}"):
            raise self.error("There is a '{mark}' too many.", mark=token.text)
        if token.text == "=" and previous.text == "=":
            raise self.error("Equality is written with one '=', not two.")
        raise self.error("The expression should end here or go on with an operator, but there is '{found}'.")

    # ------------------------------------------------------------ expressions, loosest first

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST_NESTING:
            raise self.error("The expression is nested more than {limit} levels deep.", limit=DEEPEST_NESTING)
        token = self.tokens[self.at]
        if token.kind == "name" and self._odd_name() is None:
            special = {
                "if": self._if,
                "for": self._for,
                "some": self._quantified,
                "every": self._quantified,
            }.get(token.text)
            node = special() if special else self._disjunction()
        else:
            node = self._disjunction()
        self._depth -= 1
        return node

    def _if(self) -> Node:
        branches = []
        while self.take("if"):
            condition = self.expression()
            self.expect("then", "Expected 'then' after the condition of 'if'.")
            then = self.expression()
            self.expect("else", "Expected 'else' after the 'then' part of 'if'.")
            branches.append((condition, then))
        return If(branches, self.expression())

    def _for(self) -> Node:
        self.at += 1
        declared = KnownNames(["partial"])
        self._declared.append(declared)
        iterators = self._iterators(declared)
        self.expect("return", "Expected 'return' after the lists of 'for'.")
        body = self.expression()
        self._declared.pop()
        return For(iterators, body)

    def _quantified(self) -> Node:
        every = self.tokens[self.at].text == "every"
        self.at += 1
        declared = KnownNames()
        self._declared.append(declared)
        iterators = self._iterators(declared)
        self.expect("satisfies", "Expected 'satisfies' after the lists of 'some' or 'every'.")
        condition = self.expression()
        self._declared.pop()
        return Quantified(every, iterators, condition)

    def _iterators(self, declared: KnownNames) -> list[Iterator]:
        iterators = []
        while True:
            name = self._new_name("in")
            self.expect("in", "Expected 'in' after the name of the item.")
            domain = self.expression()
            end = self.expression() if self.take("..") else None
            declared.add(name)
            iterators.append(Iterator(name, domain, end))
            if not self.take(","):
                return iterators

    def _disjunction(self) -> Node:
        first = self._conjunction()
        if not self.peek("or"):
            return first
        operands = [first]
        while self.take("or"):
            operands.append(self._conjunction())
        return Or(operands)

    def _conjunction(self) -> Node:
        first = self._comparison()
        if not self.peek("and"):
            return first
        operands = [first]
        while self.take("and"):
            operands.append(self._comparison())
        return And(operands)

    def _comparison(self) -> Node:
        left = self._sum()
        length = 0
        while True:
            length += 1
            if length > DEEPEST_NESTING:
                raise self.error("More than {limit} comparisons follow one another here.", limit=DEEPEST_NESTING)
            token = self.tokens[self.at]
            if token.kind == "symbol" and token.text in _COMPARISONS:
                self.at += 1
                if token.text == "=" and self.peek("="):
                    raise self.error("Equality is written with one '=', not two.")
                left = Compare(token.text, left, self._sum())
            elif self.take("between"):
                low = self._sum()
                self.expect("and", "Expected 'and' between the two limits of 'between'.")
                left = Between(left, low, self._sum())
            elif self.take("in"):
                left = In(left, self._in_tests())
            else:
                return left
            if not self.peek(*_COMPARISONS, "between", "in"):
                return left

    def _sum(self) -> Node:
        first = self._product()
        if not self.peek("+", "-"):
            return first
        rest = []
        while self.peek("+", "-"):
            operator = self.tokens[self.at].text
            self.at += 1
            rest.append((operator, self._product()))
        return Arithmetic(first, rest)

    def _product(self) -> Node:
        first = self._power()
        if not self.peek("*", "/"):
            return first
        rest = []
        while self.peek("*", "/"):
            operator = self.tokens[self.at].text
            self.at += 1
            rest.append((operator, self._power()))
        return Arithmetic(first, rest)

    def _power(self) -> Node:
        first = self._unary()
        if not self.peek("**"):
            return first
        rest = []
        while self.take("**"):
            rest.append(("**", self._unary()))
        return Arithmetic(first, rest)

    def _unary(self) -> Node:
        signs = 0
        while self.take("-"):
            signs += 1
        node = self._typed()
        if not signs:
            return node
        if isinstance(node, Literal) and numbers.is_number(node.value):
            return Literal(node.value if signs % 2 == 0 else -node.value)
        return Negate(node) if signs % 2 else Negate(Negate(node))

    def _typed(self) -> Node:
        node = self._postfix()
        if self.peek("instance") and self.tokens[self.at + 1].text == "of":
            self.at += 2
            return InstanceOf(node, parse_type(self))
        return node

    # ------------------------------------------------------------ postfix: paths, filters, calls

    def _postfix(self) -> Node:
        node = self._primary()
        length = 0
        while True:
            token = self.tokens[self.at]
            if token.kind != "symbol" or token.text not in (".", "[", "("):
                return node
            length += 1
            if length > DEEPEST_NESTING:
                raise self.error("More than {limit} steps follow one another here.", limit=DEEPEST_NESTING)
            if token.text == ".":
                self.at += 1
                node = Path(node, self._field())
            elif token.text == "(":
                node = self._call(node)
            else:
                found = self._filter(node)
                if found is None:
                    return node
                node = found

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

    def _words(self) -> str:
        first = self.at
        self.at += 1
        while self.tokens[self.at].kind == "name" and self.tokens[self.at].text not in _RESERVED:
            self.at += 1
        return " ".join(token.text for token in self.tokens[first : self.at])

    def _filter(self, base: Node) -> Node | None:
        """A filter, or None when the bracket is the open end of a range such as `[1..5[`."""
        start = self.at
        self.at += 1
        self._filters += 1
        depth, range_ends = self._depth, self._range_ends
        self._range_ends = 0
        try:
            condition = self.expression()
            self.expect("]", "Expected ']' to close the filter.")
            return Filter(base, condition)
        except FeelSyntaxError:
            self._retries += 1
            if not range_ends or self._retries > _MOST_RETRIES:
                raise
            self.at = start
            self._depth = depth
            return None
        finally:
            self._filters -= 1
            self._range_ends = range_ends

    def _call(self, function: Node) -> Node:
        opening = self.tokens[self.at]
        self.at += 1
        arguments: list[Node] = []
        names: list[str] = []
        while not self.take(")"):
            if arguments:
                self.expect(",", "Expected ',' between the values in the parentheses.")
            name = self._argument_name()
            if name is not None:
                names.append(name)
            arguments.append(self.expression())
            if not self.peek(",", ")"):
                raise self.error("Expected ',' or ')' after a value in the parentheses, but found '{found}'.")
        if names and len(names) != len(arguments):
            raise syntax_error(self.text, opening.start, "Either all values in the parentheses have names, or none.")
        return Call(function, arguments, names or None, opening.start)

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

    # ------------------------------------------------------------ primaries

    def _primary(self) -> Node:
        token = self.tokens[self.at]
        if token.kind == "name":
            return self._name()
        if token.kind == "number":
            self.at += 1
            try:
                return Literal(numbers.parse(token.text))
            except ArithmeticError:
                raise syntax_error(self.text, token.start, "The number is too large.") from None
        if token.kind == "string":
            self.at += 1
            return Literal(unescape(token.text))
        if token.kind == "temporal":
            self.at += 1
            return Literal(parse_temporal(unescape(token.text[1:].lstrip())))
        if token.text == "(":
            return self._parenthesised()
        if token.text == "[":
            return self._bracketed()
        if token.text == "{":
            return self._context()
        if token.text == "]":
            self.at += 1
            return self._range_from(self.expression(), False)
        raise self.error("Expected a value, but found '{found}'.")

    def _name(self) -> Node:
        token = self.tokens[self.at]
        known = self._odd_name()
        if known is not None:
            self.at += known[1]
            return Name(known[0], token.start)
        if token.text in _CONSTANTS:
            self.at += 1
            return Literal(_CONSTANTS[token.text])
        if token.text == "function" and self.tokens[self.at + 1].text == "(":
            return self._function()
        if token.text in ("if", "for", "some", "every"):
            return self.expression()
        if token.text in _RESERVED:
            raise self.error("Expected a value, but found the word '{found}'.")
        if self._filters and self.tokens[self.at + 1].kind == "name":
            return Name(self._words(), token.start)
        self.at += 1
        return Name(token.text, token.start)

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

    def _parenthesised(self) -> Node:
        self.at += 1
        if self.peek(*_COMPARISONS):
            test = self._short_test()
            self.expect(")", "Expected ')' to close the parenthesis.")
            return test
        node = self.expression()
        if self.peek(".."):
            return self._range_from(node, False)
        self.expect(")", "Expected ')' to close the parenthesis.")
        return node

    def _short_test(self) -> Node:
        operator = self.tokens[self.at].text
        self.at += 1
        return Test(operator, self._sum())

    def _bracketed(self) -> Node:
        self.at += 1
        items: list[Node] = []
        if self.take("]"):
            return ListOf(items)
        while True:
            items.append(self.expression())
            if len(items) == 1 and self.peek(".."):
                return self._range_from(items[0], True)
            if self.take("]"):
                return ListOf(items)
            self.expect(",", "Expected ',' between the items of the list.")

    def _range_from(self, start: Node, included: bool) -> Node:
        self.expect("..", "Expected '..' in the range.")
        self._range_ends += 1
        end = self.expression()
        self._range_ends -= 1
        if not self.peek("]", ")", "["):
            raise self.error("Expected ']', ')' or '[' to close the range, but found '{found}'.")
        closing = self.tokens[self.at].text
        self.at += 1
        return RangeOf(start, end, included, closing == "]")

    def _context(self) -> Node:
        self.at += 1
        entries: list[tuple[str, Node]] = []
        declared = KnownNames()
        self._declared.append(declared)
        while not self.take("}"):
            if entries:
                self.expect(",", "Expected ',' between the entries of the context.")
            if self.tokens[self.at].kind == "string":
                key = unescape(self.tokens[self.at].text)
                self.at += 1
            else:
                key = self._new_name(":", "}", ",")
            self.expect(":", "Expected ':' after the name of a context's entry.")
            value = self.expression()
            declared.add(key)
            self._fields.add(key)
            entries.append((key, value))
        self._declared.pop()
        return ContextOf(entries)

    def _function(self) -> Node:
        self.at += 2
        parameters: list[tuple[str, Type | None]] = []
        declared = KnownNames()
        while not self.take(")"):
            if parameters:
                self.expect(",", "Expected ',' between the parameters of the function.")
            name = self._new_name(",", ")", ":")
            kind = parse_type(self) if self.take(":") else None
            declared.add(name)
            parameters.append((name, kind))
        if self.take("external"):
            self.expression()
            return FunctionOf(parameters, None)
        self._declared.append(declared)
        filters, self._filters = self._filters, 0
        body = self.expression()
        self._filters = filters
        self._declared.pop()
        return FunctionOf(parameters, body)

    # ------------------------------------------------------------ tests

    def _in_tests(self) -> list[Node]:
        """What follows `in`: one test, or several in parentheses."""
        if not self.peek("("):
            return [self._test()]
        start = self.at
        self.at += 1
        tests = self._tests()
        if len(tests) == 1 and self.peek(".."):
            tests = [self._range_from(tests[0], False)]
        else:
            self.expect(")", "Expected ')' to close the tests after 'in'.")
        if self.peek("+", "-", "*", "/", "**", ".", "[") and len(tests) == 1:
            self.at = start
            return [self._sum()]
        return tests

    def _tests(self) -> list[Node]:
        tests = [self._test_or_expression()]
        while self.take(","):
            tests.append(self._test_or_expression())
        return tests

    def _test(self) -> Node:
        return self._short_test() if self.peek(*_COMPARISONS) else self._sum()

    def _test_or_expression(self) -> Node:
        return self._short_test() if self.peek(*_COMPARISONS) else self.expression()


def parse(text: str, names: Iterable[str], builtins: KnownNames, types: Mapping[str, Type] = NAMED) -> Node:
    """The tree of an expression; `names` are the names of several words in its scope."""
    return Parser(text, KnownNames(names), builtins, types).whole_expression()


def parse_unary_tests(
    text: str, names: Iterable[str], builtins: KnownNames, types: Mapping[str, Type] = NAMED
) -> tuple[bool, list[Node]]:
    """The trees of the tests in a decision table's cell, and whether they are negated."""
    return Parser(text, KnownNames(names), builtins, types).whole_unary_tests()
