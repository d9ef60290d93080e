"""FEEL text to a syntax tree, by recursive descent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.feel import numbers
from engine.feel.names import KnownNames
from engine.feel.primaries import COMPARISONS, Primaries
from engine.feel.reader import DEEPEST_NESTING
from engine.feel.syntax import FeelSyntaxError, syntax_error
from engine.feel.tree import (
    And,
    Arithmetic,
    Between,
    Compare,
    For,
    If,
    In,
    InstanceOf,
    Iterator,
    Literal,
    Negate,
    Node,
    Or,
    Quantified,
)
from engine.feel.type_parser import parse_type
from engine.feel.types import NAMED, Type


class Parser(Primaries):
    """One pass over the tokens of one text: operators, loosest first, and what starts with a word."""

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
            if token.kind == "symbol" and token.text in COMPARISONS:
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
            if not self.peek(*COMPARISONS, "between", "in"):
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


def parse(text: str, names: Iterable[str], builtins: KnownNames, types: Mapping[str, Type] = NAMED) -> Node:
    """The tree of an expression; `names` are the names of several words in its scope."""
    return Parser(text, KnownNames(names), builtins, types).whole_expression()


def parse_unary_tests(
    text: str, names: Iterable[str], builtins: KnownNames, types: Mapping[str, Type] = NAMED
) -> tuple[bool, list[Node]]:
    """The trees of the tests in a decision table's cell, and whether they are negated."""
    return Parser(text, KnownNames(names), builtins, types).whole_unary_tests()
