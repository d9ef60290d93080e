"""Decision models made in a few lines, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine import dmn

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(*elements: str, namespace: str = "test", xmlns: str = NAMESPACE) -> bytes:
    """A file of these elements."""
    head = f'<definitions xmlns="{xmlns}" id="d" name="D" namespace="{namespace}">'
    return (head + "".join(elements) + "</definitions>").encode()


def model(*elements: str) -> dmn.DecisionModel:
    return dmn.parse(definitions(*elements), "test.dmn")


def decision(name: str, logic: str, *needs: str, type_ref: str = "") -> str:
    """A decision; `needs` names input data (with a `?` before), decisions, or functions (with `()` after)."""
    variable = f"<variable name={quoteattr(name)} {f'typeRef={quoteattr(type_ref)}' if type_ref else ''}/>"
    arrows = "".join(map(_need, needs))
    return f"<decision id={quoteattr(name)} name={quoteattr(name)}>{variable}{arrows}{logic}</decision>"


def _need(need: str) -> str:
    if need.startswith("?"):
        return f'<informationRequirement><requiredInput href="#{need[1:]}"/></informationRequirement>'
    if need.endswith("()"):
        return f'<knowledgeRequirement><requiredKnowledge href="#{need[:-2]}"/></knowledgeRequirement>'
    return f'<informationRequirement><requiredDecision href="#{need}"/></informationRequirement>'


def data(name: str, type_ref: str = "") -> str:
    reference = f"typeRef={quoteattr(type_ref)}" if type_ref else ""
    return f'<inputData id="{name}" name="{name}"><variable name="{name}" {reference}/></inputData>'


def literal(text: str, type_ref: str = "") -> str:
    reference = f"typeRef={quoteattr(type_ref)}" if type_ref else ""
    return f"<literalExpression {reference}><text>{escape(text)}</text></literalExpression>"


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    *rules: Sequence[str],
    policy: str = "UNIQUE",
    aggregation: str = "",
    defaults: Sequence[str] = (),
    values: str = "",
    notes: Sequence[str] = (),
) -> str:
    """A table: inputs are texts or `text:type`, outputs names or `name:type`; each rule its cells in order."""
    attributes = f'hitPolicy="{policy}"' + (f' aggregation="{aggregation}"' if aggregation else "")
    return (
        f'<decisionTable id="t" {attributes}>'
        + "".join(map(_input, inputs))
        + "".join(_output(each, place, defaults, values) for place, each in enumerate(outputs))
        + "".join(_rule(cells, len(inputs), number, notes) for number, cells in enumerate(rules, 1))
        + "</decisionTable>"
    )


def _input(spelled: str) -> str:
    text, _, kind = spelled.partition(":")
    reference = f'typeRef="{kind}"' if kind else ""
    expression = f"<inputExpression {reference}><text>{escape(text)}</text></inputExpression>"
    return f"<input label={quoteattr(text)}>{expression}</input>"


def _output(spelled: str, place: int, defaults: Sequence[str], values: str) -> str:
    name, _, kind = spelled.partition(":")
    reference = f'typeRef="{kind}"' if kind else ""
    allowed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    default = f"<defaultOutputEntry><text>{escape(defaults[place])}</text></defaultOutputEntry>" if defaults else ""
    return f'<output name="{name}" {reference}>{allowed}{default}</output>'


def _rule(cells: Sequence[str], width: int, number: int, notes: Sequence[str]) -> str:
    entries = "".join(
        f"<{tag}><text>{escape(cell)}</text></{tag}>"
        for place, cell in enumerate(cells)
        for tag in ("inputEntry" if place < width else "outputEntry",)
    )
    note = f"<annotationEntry><text>{notes[number - 1]}</text></annotationEntry>" if notes else ""
    return f'<rule id="r{number}">{entries}{note}</rule>'


def value(made: dmn.DecisionModel, name: str, **variables: Any) -> Any:
    return made.evaluate(name, variables).value
