"""Source of comparisons, of logic, and of the tests in the cells of decision tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.feel.python_source import PythonSource
from engine.feel.tree import TRUTHS, And, Between, Compare, In, Literal, Node, Or, RangeOf, Test

OPERATOR_NAMES = {
    "<": "less",
    "<=": "less_or_equal",
    ">": "greater",
    ">=": "greater_or_equal",
    "=": "equal",
    "!=": "unequal",
}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_PYTHON = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "==", "!=": "!="}


class ComparisonSource(PythonSource):
    """Comparisons with a constant are done by Python itself when the value is of the constant's kind."""

    def _truth(self, node: Node) -> str:
        """Source whose value is True, False or None."""
        source = self.emit(node)
        if isinstance(node, TRUTHS):
            return source
        return f"truth({source}, r)"

    def _and(self, node: And) -> str:
        return self._joined(node.operands, And, "False", "True")

    def _or(self, node: Or) -> str:
        return self._joined(node.operands, Or, "True", "False")

    def _joined(self, operands: list[Node], kind: type[And] | type[Or], decides: str, neutral: str) -> str:
        """Two operands, each perhaps half of a longer list: the deciding value wins, null is neither."""
        middle = len(operands) // 2
        left, right = (half[0] if len(half) == 1 else kind(half) for half in (operands[:middle], operands[middle:]))
        return self._either(self._truth(left), self._truth(right), decides, neutral)

    def _either(self, left: str, right: str, decides: str, neutral: str) -> str:
        a, b = self._fresh("t"), self._fresh("t")
        return (
            f"({decides} if ({a} := {left}) is {decides} "
            f"else {b} if ({b} := {right}) is {decides} or {a} is {neutral} else None)"
        )

    def _compare(self, node: Compare) -> str:
        if isinstance(node.right, Literal):
            return self._compare_with(node.operator, self.emit(node.left), node.right)
        if isinstance(node.left, Literal):
            return self._compare_with(_SWAPPED[node.operator], self.emit(node.right), node.left)
        return f"{OPERATOR_NAMES[node.operator]}({self.emit(node.left)}, {self.emit(node.right)}, r)"

    def _compare_with(self, operator: str, source: str, literal: Literal) -> str:
        """A comparison with a constant, done by Python itself when the value is of the constant's kind."""
        value, constant = literal.value, self._literal(literal)
        name = self._fresh("t")
        if value is None and operator in ("=", "!="):
            return f"(({name} := {source}) is {'' if operator == '=' else 'not '}None)"
        slow = f"{OPERATOR_NAMES[operator]}({name}, {constant}, r)"
        fast = f"{name} {_PYTHON[operator]} {constant}"
        if value.__class__ is str:
            return f"({fast} if ({name} := {source}).__class__ is str else {slow})"
        if value.__class__ is bool and operator in ("=", "!="):
            return f"({fast} if ({name} := {source}).__class__ is bool else {slow})"
        if is_number(value):
            return f"({fast} if ({name} := {source}).__class__ is int or {name}.__class__ is Decimal else {slow})"
        return f"{OPERATOR_NAMES[operator]}({source}, {constant}, r)"

    def _between(self, node: Between) -> str:
        return f"between({self.emit(node.value)}, {self.emit(node.low)}, {self.emit(node.high)}, r)"

    def _in(self, node: In) -> str:
        name = self._fresh("v")
        value = self.emit(node.value)
        self._scopes.append({"?": name})
        tests = [self.emit_test(name, test) for test in node.tests]
        self._scopes.pop()
        return f"({name} := {value}, {self._any(tests)})[1]"

    def _any(self, tests: list[str]) -> str:
        if len(tests) == 1:
            return tests[0]
        middle = len(tests) // 2
        return self._either(self._any(tests[:middle]), self._any(tests[middle:]), "True", "False")

    def emit_test(self, name: str, test: Node) -> str:
        """Source of whether the value in variable `name` passes a test; `?` is bound to the variable."""
        self._nodes += 1
        if isinstance(test, Test):
            if isinstance(test.operand, Literal):
                return self._compare_with(test.operator, name, test.operand)
            return f"{OPERATOR_NAMES[test.operator]}({name}, {self.emit(test.operand)}, r)"
        if isinstance(test, Literal):
            return self._compare_with("=", name, test)
        if isinstance(test, RangeOf):
            return self._within(name, test)
        before = self._question_marks
        source = self.emit(test)
        if self._question_marks > before:
            return f"condition({name}, {source}, r)"
        if isinstance(test, TRUTHS):
            return f"unit_test({name}, {source}, r)"
        return f"member({name}, {source}, r)"

    def _within(self, name: str, span: RangeOf) -> str:
        source = self.emit(span)
        slow = f"member({name}, {source}, r)"
        if not (isinstance(span.start, Literal) and isinstance(span.end, Literal)):
            return slow
        if not (is_number(span.start.value) and is_number(span.end.value)):
            return slow
        after = "<=" if span.start_included else "<"
        before = "<=" if span.end_included else "<"
        fast = f"{self._literal(span.start)} {after} {name} {before} {self._literal(span.end)}"
        return f"({fast} if {name}.__class__ is int or {name}.__class__ is Decimal else {slow})"

    def unary_tests(self, tests: list[Node], negated: bool) -> str:
        """Source of whether the value in variable `q` passes the tests of a decision table's cell."""
        if not tests:
            return "True"
        self._scopes.append({"?": "q"})
        source = self._any([self.emit_test("q", test) for test in tests])
        self._scopes.pop()
        if not negated:
            return source
        name = self._fresh("t")
        return f"(None if ({name} := {source}) is None else not {name})"


def is_number(value: Any) -> bool:
    return value.__class__ is int or value.__class__ is Decimal
