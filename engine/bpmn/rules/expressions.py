"""Rules on the texts that are computed: FEEL that parses, times that can be read, names that can be variables."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from engine import feel
from engine.bpmn.elements import Node, ProcessModel
from engine.bpmn.expressions import Expression, expressions
from engine.bpmn.rules.findings import Rule, error
from engine.errors import Problem

_DURATION = r"P(?!$|/)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
_IS_DURATION = re.compile(_DURATION)
_CYCLE = re.compile(rf"R\d*/((?P<start>[^/P][^/]*)/)?{_DURATION}")
_ZONE = re.compile(r"\[[A-Za-z_]+(/[A-Za-z0-9_+-]+)*\]$")
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
    if not hasattr(feel, "compile"):
        return
    try:
        feel.compile(source)
    except feel.FeelSyntaxError as failure:
        reason = failure.template.format(**failure.values)
        sentence = "The {use} of *{name}* is not valid FEEL at column {column}: {reason} It reads: {text}"
        if failure.line > 1:
            sentence = "The {use} of *{name}* is not valid FEEL in its line {row}, column {column}: {reason}"
        column = failure.column + (1 if failure.line == 1 else 0)
        yield _found(model, expression, sentence, column=column, row=failure.line, reason=reason)


_LITERALS = {
    "feel": "The {use} of *{name}* must be FEEL, but it does not begin with '='. Did you mean ={text} ?",
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
    if expected != "value" and not _is_literal(expected, text):
        yield _found(model, expression, _LITERALS[expected])


def _is_literal(expected: str, text: str) -> bool:
    match expected:
        case "time":
            return is_time(text)
        case "duration":
            return is_duration(text)
        case "cycle":
            return is_cycle(text)
        case "number":
            return text.isascii() and text.isdigit()
    return False


def is_time(text: str) -> bool:
    """Whether the text is an ISO 8601 date or date and time, with an offset, a zone in brackets or neither."""
    try:
        dt.datetime.fromisoformat(_ZONE.sub("", text))
    except ValueError:
        return False
    return True


def is_duration(text: str) -> bool:
    """Whether the text is an ISO 8601 duration."""
    return _IS_DURATION.fullmatch(text) is not None


def is_cycle(text: str) -> bool:
    """Whether the text is an ISO 8601 repetition: how often, optionally from when, and how far apart."""
    found = _CYCLE.fullmatch(text)
    return found is not None and (found["start"] is None or is_time(found["start"]))


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
