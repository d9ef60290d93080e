"""DMN files read: versions, broken files, hostile files, and the problems that are told of a model."""

from __future__ import annotations

import time

import pytest

from engine import dmn
from engine.dmn.documents import NAMESPACES
from engine.errors import Invalid

from .making import data, decision, definitions, literal, model, table


@pytest.mark.parametrize("namespace", sorted(NAMESPACES))
def test_all_versions(namespace: str) -> None:
    made = dmn.parse(definitions(decision("x", literal("1")), xmlns=namespace), "x.dmn")
    assert made.evaluate("x", {}).value == 1


def test_prefixes_and_foreign_elements() -> None:
    xml = (
        '<d:definitions xmlns:d="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:o="urn:other" namespace="n">'
        '<o:decision id="no" name="no"/><d:extensionElements><o:x/></d:extensionElements><!-- none -->'
        '<d:decision id="x" name="x"><d:literalExpression><d:text>1</d:text></d:literalExpression></d:decision>'
        "</d:definitions>"
    )
    assert list(dmn.parse(xml.encode(), "x.dmn").decisions) == ["x"]


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "The file is empty."),
        (b"<a", "The file is not well-formed XML."),
        (b"<a/>", "The file is not a DMN model"),
        (b"<definitions xmlns='http://www.omg.org/spec/DMN/20130901'/>", "The file is not a DMN model"),
        (b"<!DOCTYPE a><definitions/>", "The file has a DOCTYPE."),
        (f'<!DOCTYPE a [<!ENTITY a0 "x">{BOMB}]><definitions>&a9;</definitions>'.encode(), "The file "),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>', "The file has a DOC"),
        (b"<definitions>" + b" " * (11 << 20), "The file is larger than 10 MB."),
        (b"<a>" * 5_000, "The file is not well-formed XML."),
        (definitions("<decision/>" * 300_001), "The file has more than 300000 XML elements."),
    ],
    ids=["empty", "cut", "other", "too old", "doctype", "bomb", "entity", "large", "deep", "many"],
)
def test_files_that_are_refused(xml: bytes, message: str) -> None:
    started = time.process_time()
    with pytest.raises(Invalid) as refused:
        dmn.parse(xml, "bad.dmn")
    (problem,) = refused.value.problems
    assert problem.message.startswith(message)
    assert problem.resource == "bad.dmn"
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("elements", "rule", "message"),
    [
        ((), "no-decision", "The file has no decision."),
        ((decision("x", literal("a +")),), "feel", "'x' cannot be read at line 1"),
        (
            (decision("x", table(["a"], ["y"], ("< ", "1"))),),
            "feel",
            "Rule 1, column 'a' of 'x' cannot be read: ",
        ),
        ((decision("x", table(["a"], ["y"], ("1", "+"))),), "feel", "Rule 1, column 'y' of 'x' cannot be read: "),
        ((decision("x", table(["a"], ["y"], ("1",))),), "table", "Rule 1 of 'x' has more or fewer cells"),
        ((decision("x", table(["a"], [], ("1",))),), "table", "The table 'x' has no output."),
        ((decision("x", table(["a"], ["y"], policy="SOME")),), "table", "The hit policy 'SOME' of 'x' is not known."),
        ((decision("x", table([""], ["y"], ("5", "1"))),), "table", "Column 1 of 'x' looks at nothing"),
        ((decision("x", literal("1"), "y"),), "unknown-requirement", "A requirement points to '#y'"),
        (
            (decision("x", literal("y"), "y"), decision("y", literal("x"), "x")),
            "cycle",
            "The decision 'y' requires itself",
        ),
        ((decision("x", literal("1")), decision("x", literal("2"))), "duplicate-id", "The id 'x' is given twice."),
        (("<decision/>",), "missing-name", "A decision has no name."),
        ((decision("x", ""),), "no-logic", "The decision 'x' has no logic."),
        ((decision("x", literal("1"), type_ref="tX"),), "unknown-type", "'x' is to be of type 'tX'"),
        (
            (decision("x", "<literalExpression expressionLanguage='groovy'><text>1</text></literalExpression>"),),
            "feel",
            "'x' is written in groovy; only FEEL is run.",
        ),
        (
            (decision("x", '<functionDefinition kind="Java">' + literal("1") + "</functionDefinition>"),),
            "feel",
            "'x' is a function in Java; only FEEL is run.",
        ),
    ],
)
def test_problems(elements: tuple[str, ...], rule: str, message: str) -> None:
    made = model(*elements)
    found = [problem for problem in made.check() if problem.rule == rule]
    assert found and found[0].message.startswith(message)
    assert found[0].resource == "test.dmn" and found[0].line == 1
    for name in made.decisions:
        made.evaluate(name, {})  # whatever is broken answers null


def test_what_is_broken_answers_null_and_says_why() -> None:
    result = model(decision("x", literal("a +"))).evaluate("x", {})
    assert result.value is None
    assert "cannot be read" in result.warnings[0].message


def test_a_decision_that_requires_itself_ends() -> None:
    made = model(decision("x", literal("y"), "y"), decision("y", literal("x"), "x"))
    assert made.evaluate("x", {}).value is None


def test_boxes_within_boxes_are_limited() -> None:
    made = model(decision("x", "<list>" * 60 + literal("1") + "</list>" * 60))
    assert [problem.message for problem in made.check()] == ["'x' is nested too deeply."]


def test_long_chains_are_refused() -> None:
    chain = [decision("d0", literal("1"))]
    chain += [decision(f"d{n}", literal(f"d{n - 1} + 1"), f"d{n - 1}") for n in range(1, 300)]
    made = model(*chain)
    assert "chain" in {problem.rule for problem in made.check()}
    assert made.evaluate("d299", {}).exceeded or made.evaluate("d299", {}).value == 300


def test_a_good_model_has_no_problems() -> None:
    made = model(data("a", "number"), decision("x", table(["a:number"], ["y"], ("< 5", "1"), (">= 5", "2")), "?a"))
    assert made.check() == []
