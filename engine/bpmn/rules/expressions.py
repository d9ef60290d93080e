"""Rules on the texts that are computed: FEEL that parses, times that can be read, names that can be variables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from engine import feel
from engine.bpmn.elements import Node, ProcessModel
from engine.bpmn.expressions import Expression, expressions
from engine.bpmn.rules.findings import Rule, error
from engine.bpmn.timers import add_duration, parse_cycle, parse_moment
from engine.errors import Problem

_ANY_MOMENT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_VARIABLE = re.compile(r"[^\W\d]\w*")
_OTHER_LANGUAGE = re.compile(r"[$#]\{")


def expressions_parse(model: ProcessModel) -> Iterator[Problem]:
    """Every expression is FEEL that can be compiled, every literal is of the kind that its place needs."""
    for expression in expressions(model):
        if expression.text.startswith("="):
            yield from _check_feel(model, expression)
        elif _OTHER_LANGUAGE.search(expression.text):
            yield _found(
                model,
                expression,
                "The {use} of *{name}* is written for another engine: {text}. Write it in FEEL, beginning with '='.",
            )
        else:
            yield from _check_literal(model, expression)


def _check_feel(model: ProcessModel, expression: Expression) -> Iterator[Problem]:
    source = expression.text[1:]
    if not source.strip():
        yield _found(model, expression, "The {use} of *{name}* is only '='. Write the expression after it.")
        return
    try:
        feel.compile(source)
    except feel.FeelSyntaxError as failure:
        sentence = "The {use} of *{name}* is not valid FEEL at column {column}: {reason} It reads: {text}"
        if failure.line > 1:
            sentence = "The {use} of *{name}* is not valid FEEL in its line {row}, column {column}: {reason}"
        column = failure.column + (1 if failure.line == 1 else 0)
        yield _found(model, expression, sentence, column=column, row=failure.line, reason=failure)


_FORGOTTEN_MARK = "The {use} of *{name}* must be FEEL, but it does not begin with '='. Did you mean ={text} ?"
_LITERALS = {
    "feel": "The {use} of *{name}* is written as {text}. Write it in FEEL, beginning with '='.",
    "time": "The {use} of *{name}* is '{text}', which is no point in time. Write it like 2026-12-01T09:00:00Z,"
    " or as FEEL beginning with '='.",
    "duration": "The {use} of *{name}* is '{text}', which is no duration. Write it like P2D (two days) or PT4H"
    " (four hours), or as FEEL beginning with '='.",
    "cycle": "The {use} of *{name}* is '{text}', which is no repetition. Write it like R3/PT1H (three times, an hour"
    " apart) or R/P1D (daily, without end), or as FEEL beginning with '='.",
    "number": "The {use} of *{name}* is '{text}', which is no whole number. Write it like 3, or as FEEL beginning"
    " with '='.",
}


def _check_literal(model: ProcessModel, expression: Expression) -> Iterator[Problem]:
    expected, text = expression.expected, expression.text
    if expected == "feel" and _is_feel(text):
        yield _found(model, expression, _FORGOTTEN_MARK)
    elif expected != "value" and not _is_literal(expected, text):
        yield _found(model, expression, _LITERALS[expected])


def _is_feel(text: str) -> bool:
    try:
        feel.compile(text)
    except feel.FeelSyntaxError:
        return False
    return True


def _is_literal(expected: str, text: str) -> bool:
    """Whether the interpreter will be able to read the text; from which moment on does not matter."""
    try:
        match expected:
            case "time":
                parse_moment(text, _ANY_MOMENT)
            case "duration":
                add_duration(_ANY_MOMENT, text)
            case "cycle":
                parse_cycle(text, _ANY_MOMENT)
            case "number":
                return text.isascii() and text.isdigit()
            case _:
                return False
    except (ValueError, OverflowError):
        return False
    return True


def _found(model: ProcessModel, expression: Expression, template: str, **values: object) -> Problem:
    if expression.subject:
        template = template.replace("The {use} of *{name}*", "The {use} '{subject}' of *{name}*", 1)
        values["subject"] = expression.subject
    return error(
        model, expression.at, "expression", template, use=expression.use, text=_shortened(expression.text), **values
    )


def _shortened(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def variables_have_names(model: ProcessModel) -> Iterator[Problem]:
    """What a value is put into can be a variable: letters, digits and underscores, no digit first."""
    for node in model.nodes.values():
        for use, name in _written_names(node):
            if not name:
                yield error(
                    model, node, "variable-name", "An {use} of *{name}* does not say which variable it sets.", use=use
                )
            elif not all(_VARIABLE.fullmatch(part) for part in name.split(".")):
                yield error(
                    model,
                    node,
                    "variable-name",
                    "The {use} of *{name}* sets '{variable}', which cannot be a variable. Use letters, digits and"
                    " underscores, beginning with a letter.",
                    use=use,
                    variable=name,
                )


def _written_names(node: Node) -> Iterator[tuple[str, str]]:
    for mapping in node.inputs:
        yield "input", mapping.target
    for mapping in node.outputs:
        yield "output", mapping.target
    if node.script is not None and node.script.result_variable:
        yield "script", node.script.result_variable
    if node.decision is not None and node.decision.result_variable:
        yield "decision", node.decision.result_variable
    if node.loop is not None:
        for name in (node.loop.element, node.loop.output_collection):
            if name is not None:
                yield "repetition", name


RULES: tuple[Rule, ...] = (expressions_parse, variables_have_names)
