"""The innermost parts of an expression: values, names, brackets, what follows them, and tests."""

from __future__ import annotations

from engine.feel import numbers
from engine.feel.lexer import unescape
from engine.feel.names import KnownNames
from engine.feel.reader import DEEPEST_NESTING, RESERVED, TokenReader
from engine.feel.syntax import FeelSyntaxError, syntax_error
from engine.feel.temporal_text import parse_temporal
from engine.feel.tree import Call, ContextOf, Filter, FunctionOf, ListOf, Literal, Name, Node, Path, RangeOf, Test
from engine.feel.type_parser import parse_type
from engine.feel.types import Type

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_CONSTANTS = {"null": None, "true": True, "false": False}
_MOST_RETRIES = 30


class Primaries(TokenReader):
    """Reads everything that binds tighter than an operator; the operators themselves are the parser's."""

    def expression(self) -> Node:
        raise NotImplementedError

    def _sum(self) -> Node:
        raise NotImplementedError

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
        if token.text in RESERVED:
            raise self.error("Expected a value, but found the word '{found}'.")
        if self._filters and self.tokens[self.at + 1].kind == "name":
            return Name(self._words(), token.start)
        self.at += 1
        return Name(token.text, token.start)

    def _parenthesised(self) -> Node:
        self.at += 1
        if self.peek(*COMPARISONS):
            test = self._short_test()
            self.expect(")", "Expected ')' to close the parenthesis.")
            return test
        node = self.expression()
        if self.peek(".."):
            return self._range_from(node, False)
        self.expect(")", "Expected ')' to close the parenthesis.")
        return node

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

    def _short_test(self) -> Node:
        operator = self.tokens[self.at].text
        self.at += 1
        return Test(operator, self._sum())

    def _test(self) -> Node:
        return self._short_test() if self.peek(*COMPARISONS) else self._sum()

    def _test_or_expression(self) -> Node:
        return self._short_test() if self.peek(*COMPARISONS) else self.expression()
