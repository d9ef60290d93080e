"""Whole models: requirements, knowledge models, services, imports, types, boxes, and what is told of them."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import pytest

from engine import dmn, feel
from engine.errors import NotFound

from .making import data, decision, definitions, literal, model, table, value

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


def test_a_decision_is_made_once_for_all_that_require_it() -> None:
    made = model(
        data("amount", "number"),
        decision("Double", literal("amount * 2"), "?amount"),
        decision("Left", literal("Double + 1"), "Double"),
        decision("Right", literal("Double + 2"), "Double"),
        decision("Both", literal("[Left, Right]"), "Left", "Right"),
    )
    result = made.evaluate("Both", {"amount": 5})
    assert result.value == [11, 12]
    assert [step.name for step in result.trace] == ["Double", "Left", "Right", "Both"]
    assert result.trace[1].inputs == {"Double": 10}
    assert made.decisions["Both"].inputs == ("Left", "Right")
    assert made.decisions["Both"].kind == "literalExpression"


def test_names_with_blanks() -> None:
    made = model(data("loan amount"), decision("Monthly rate", literal("loan amount / 12"), "?loan amount"))
    assert made.evaluate("Monthly rate", {"loan amount": 24}).value == 2


def test_variables_no_element_is_named_after_are_seen_everywhere() -> None:
    made = model(data("a"), decision("x", literal("[a, b, y]"), "?a"), decision("y", literal("1")))
    assert value(made, "x", a=1, b=2, y=3) == [1, 2, None]


def test_a_decision_drawn_without_arrows_sees_all() -> None:
    assert value(model(data("a"), decision("x", literal("a + 1"))), "x", a=1) == 2


def test_names_that_stand_for_nothing_are_told_once() -> None:
    made = model(decision("d", table(["a"], ["x"], ("> limit", "b"), ("< limit", "b + 1"), policy="FIRST")))
    messages = [warning.message for warning in made.evaluate("d", {"a": 1}).warnings]
    assert messages.count("There is no value named 'limit'.") == 1


def test_now_is_given() -> None:
    made = model(decision("x", literal("now()")))
    assert made.evaluate("x", {}, NOW).value == made.evaluate("x", {}, NOW).value
    assert str(made.evaluate("x", {}, NOW).value).startswith("2026-11-24T10:00:00")


def test_what_is_not_there() -> None:
    with pytest.raises(NotFound):
        model(decision("x", literal("1"))).evaluate("y", {})


FACTORIAL = (
    '<businessKnowledgeModel id="fact" name="fact"><variable name="fact"/><encapsulatedLogic>'
    f'<formalParameter name="n" typeRef="number"/>{literal("if n <= 1 then 1 else n * fact(n - 1)")}'
    "</encapsulatedLogic></businessKnowledgeModel>"
)


def test_knowledge_models_are_functions() -> None:
    made = model(FACTORIAL, decision("x", literal("fact(5)"), "fact()"), decision("y", literal("fact(5)")))
    assert value(made, "x") == 120
    assert value(made, "y") is None
    result = model(FACTORIAL, decision("x", literal('fact("5")'), "fact()")).evaluate("x", {})
    assert result.value is None and result.warnings


def test_endless_recursion_is_stopped() -> None:
    result = model(FACTORIAL, decision("x", literal("fact(100000)"), "fact()")).evaluate("x", {})
    assert result.value is None
    assert result.exceeded


def test_a_table_as_a_function_tells_its_rules() -> None:
    bkm = (
        '<businessKnowledgeModel id="f" name="f"><variable name="f"/><encapsulatedLogic><formalParameter name="a"/>'
        + table(["a"], ["x"], ("< 5", '"low"'), (">= 5", '"high"'))
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    call = f'<invocation>{literal("f")}<binding><parameter name="a"/>{literal("given")}</binding></invocation>'
    result = model(bkm, decision("x", call, "f()")).evaluate("x", {"given": 7})
    assert result.value == "high"
    assert [(rule.decision, rule.index) for rule in result.trace[0].rules] == [("f", 2)]


SERVICE = (
    '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#out"/>'
    '<encapsulatedDecision href="#mid"/><inputDecision href="#base"/><inputData href="#a"/></decisionService>'
)


def test_decision_services() -> None:
    made = model(
        SERVICE,
        data("a"),
        decision("base", literal("100")),
        decision("mid", literal("base + a"), "base", "?a"),
        decision("out", literal("mid * 2"), "mid"),
        decision("x", literal("[s(1, 2), s(a: 3, base: 4), out]"), "s()", "out"),
    )
    assert value(made, "x", a=5) == [6, 14, 210]
    assert value(made, "s", a=2, base=1) == 6


def test_imports() -> None:
    allowed = "<allowedValues><text>[0..150]</text></allowedValues>"
    kind = f'<itemDefinition name="tAge"><typeRef>number</typeRef>{allowed}</itemDefinition>'
    other = dmn.parse(
        definitions(kind, FACTORIAL, data("age", "tAge"), decision("Old", literal("age > 60"), "?age"), namespace="o"),
        "other.dmn",
    )
    main = definitions(
        '<import namespace="o" name="lib" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        '<decision id="x" name="x"><variable name="x"/>'
        '<informationRequirement><requiredDecision href="o#Old"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="o#fact"/></knowledgeRequirement>'
        f"{literal('[lib.Old, lib.fact(4), 200 instance of lib.tAge]')}</decision>",
    )
    made = dmn.parse(main, "main.dmn", lambda namespace, location: other if namespace == "o" else None)
    assert value(made, "x", age=70) == [True, 24, False]
    lost = dmn.parse(main, "main.dmn")
    assert [problem.rule for problem in lost.check()] == ["import", "unknown-requirement", "unknown-requirement"]
    assert value(lost, "x", age=70)[0] is None


PERSON = (
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="children" isCollection="true"><typeRef>tPerson</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tColour"><typeRef>string</typeRef><allowedValues><text>"red", "blue"</text></allowedValues>'
    '</itemDefinition><itemDefinition name="tColours" isCollection="true"><typeRef>tColour</typeRef></itemDefinition>'
)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("tPerson", {"name": "A", "children": [{"name": "B", "children": []}], "age": 1}, True),
        ("tPerson", {"name": "A", "children": [{"name": 5, "children": []}]}, False),
        ("tPerson", {"name": "A"}, False),
        ("tColour", "red", True),
        ("tColour", "green", False),
        ("tColours", ["red", "blue"], True),
        ("tColours", ["red", "green"], False),
        ("number", Decimal("1.5"), True),
        ("number", "1.5", False),
        ("Any", [1], True),
        ("tNowhere", 5, True),
    ],
)
def test_types_of_input_data(kind: str, given: Any, kept: bool) -> None:
    result = model(PERSON, data("a", kind), decision("x", literal("a"), "?a")).evaluate("x", {"a": given})
    assert (result.value == given) is kept
    assert (not result.warnings) is kept


def test_coercions() -> None:
    made = model(
        PERSON,
        decision("one", literal('["red"]'), type_ref="string"),
        decision("many", literal('"red"'), type_ref="tColours"),
        decision("wrong", literal("[1, 2]"), type_ref="string"),
    )
    assert [value(made, name) for name in ("one", "many", "wrong")] == ["red", ["red"], None]


def test_a_type_that_is_only_itself() -> None:
    made = model(
        '<itemDefinition name="tA"><typeRef>tB</typeRef></itemDefinition>'
        '<itemDefinition name="tB"><typeRef>tA</typeRef></itemDefinition>',
        data("a", "tA"),
        decision("x", literal("a"), "?a"),
    )
    assert "unknown-type" in {problem.rule for problem in made.check()}
    assert made.evaluate("x", {"a": 1}).value == 1


def context(*entries: tuple[str, str]) -> str:
    boxes = (
        f"<contextEntry>{f'<variable name={chr(34)}{name}{chr(34)}/>' if name else ''}{logic}</contextEntry>"
        for name, logic in entries
    )
    return f"<context>{''.join(boxes)}</context>"


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (context(("a", literal("1")), ("b c", literal("a + 1"))), {"a": 1, "b c": 2}),
        (context(("b c", literal("1")), ("", literal("b c + 1"))), 2),
        (f"<list>{literal('1')}{literal('a')}</list>", [1, 7]),
        (
            f'<relation><column name="x"/><column name="y"/><row>{literal("1")}{literal("a")}</row></relation>',
            [{"x": 1, "y": 7}],
        ),
        (
            f"<conditional><if>{literal('a > 5')}</if><then>{literal('1')}</then>"
            f"<else>{literal('2')}</else></conditional>",
            1,
        ),
        (f"<filter><in>{literal('[1, 8, 9]')}</in><match>{literal('item > a')}</match></filter>", [8, 9]),
        (f"<filter><in>{literal('[{x: 1}, {x: 8}]')}</in><match>{literal('x > a')}</match></filter>", [{"x": 8}]),
        (
            f'<for iteratorVariable="i"><in>{literal("[1..3]")}</in><return>{literal("i * a")}</return></for>',
            [7, 14, 21],
        ),
        (
            f'<for iteratorVariable="i"><in>{literal("[1, 2]")}</in><return>{literal("count(partial)")}</return></for>',
            [0, 1],
        ),
        (
            f'<some iteratorVariable="i"><in>{literal("[1, 9]")}</in><satisfies>{literal("i > a")}</satisfies></some>',
            True,
        ),
        (
            f'<every iteratorVariable="i"><in>{literal("[1, 9]")}</in>'
            f"<satisfies>{literal('i > a')}</satisfies></every>",
            False,
        ),
        (
            context(
                (
                    "f",
                    f'<functionDefinition><formalParameter name="n"/>{literal("if n < 1 then 0 else n + f(n - 1)")}'
                    "</functionDefinition>",
                ),
                ("", literal("f(4)")),
            ),
            10,
        ),
        ("", None),
    ],
)
def test_boxes(logic: str, expected: Any) -> None:
    assert value(model(decision("x", logic)), "x", a=7) == expected


def test_functions_are_values_but_not_plain_data() -> None:
    made = model(
        decision(
            "x", '<functionDefinition kind="FEEL"><formalParameter name="n"/>' + literal("n") + "</functionDefinition>"
        )
    )
    assert made.evaluate("x", {}).value is None
    assert isinstance(made.value("x", {}), feel.Function)


def test_temporal_results_are_text() -> None:
    assert value(model(decision("x", literal('@"2026-11-24" + @"P1D"'))), "x") == "2026-11-25"


def test_texts() -> None:
    made = model(
        decision(
            "Team", "<question>Which team?</question>" + table(["nature"], ["owner"], ("-", "1"), notes=("Why not",))
        )
    )
    assert made.texts() == ("D", "Team", "Which team?", "nature", "Why not")


def knowledge(name: str, logic: str) -> str:
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/><encapsulatedLogic>'
        f'<formalParameter name="n"/>{logic}</encapsulatedLogic></businessKnowledgeModel>'
    )


MANY = literal("for i in 1..100000 return i")


@pytest.mark.parametrize(
    "logic",
    [
        literal("count(for i in 1..1000000, j in 1..1000000 return i)"),
        literal("for i in 1..1000000 return f(i)"),
        f'<for iteratorVariable="i"><in>{MANY}</in><return>{literal("f(i)")}</return></for>',
        f'<for iteratorVariable="i"><in>{MANY}</in><return>{literal("[partial]")}</return></for>',
        f'<for iteratorVariable="i"><in>{MANY}</in><return>{literal("[partial[-1]]")}</return></for>',
        f'<every iteratorVariable="i"><in>{MANY}</in><satisfies>{literal("count(f(i)) > 0")}</satisfies></every>',
        f"<filter><in>{MANY}</in><match>{literal('count(f(item)) > 0')}</match></filter>",
        f"<list>{literal('2 ** 1000000')}{literal('f(g(1))')}{literal('for i in 1..100000 return g(i)')}</list>",
    ],
)
def test_costs_are_limited(logic: str) -> None:
    wide = knowledge("f", table(["n"], ["x"], *[("-", "n")] * 500, policy="COLLECT"))
    long = knowledge("g", "<list>" + literal("n") * 500 + "</list>")
    made = model(wide, long, decision("x", logic, "f()", "g()"))
    started = time.process_time()
    result = made.evaluate("x", {f"v{n}": n for n in range(500)})
    assert time.process_time() - started < 3
    assert result.exceeded and result.value is None and result.warnings


def test_names_like_those_of_built_in_functions() -> None:
    part = '<itemComponent name="count"><typeRef>number</typeRef></itemComponent>'
    kind = f'<itemDefinition name="tT">{part}</itemDefinition>'
    made = model(
        kind,
        data("sum", "number"),
        decision("date", literal("sum([1, sum])"), "?sum"),
        decision("x", literal('[count([1, 2]), sum([sum, 1]), date("2026-01-01").year, date]'), "?sum", "date"),
        knowledge("max", literal("n * 100")),
        decision("y", literal("max(2)"), "max()"),
        decision("z", literal("max(2)")),
    )
    assert value(made, "x", sum=5) == [2, 6, 2026, 6]
    assert [value(made, name) for name in ("y", "z")] == [200, 2]
