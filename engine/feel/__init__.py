"""FEEL, the language of conditions, timers, forms and decision tables; knows nothing of processes or tables.

compile("amount > 1000").value({"amount": 1200})     → True
"""

from __future__ import annotations

from engine.feel.builtins import BUILTINS
from engine.feel.expressions import Evaluation, Expression, UnaryTests, compile_unary_tests
from engine.feel.expressions import compile_expression as compile
from engine.feel.functions import Function
from engine.feel.plain import from_plain, to_plain
from engine.feel.runtime import Budget, BudgetExceeded, Runtime, Warning
from engine.feel.syntax import FeelSyntaxError

__all__ = [
    "BUILTINS",
    "Budget",
    "BudgetExceeded",
    "Evaluation",
    "Expression",
    "FeelSyntaxError",
    "Function",
    "Runtime",
    "UnaryTests",
    "Warning",
    "compile",
    "compile_unary_tests",
    "from_plain",
    "to_plain",
]
