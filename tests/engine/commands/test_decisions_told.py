"""What a case's history tells of its decisions: what they looked at, which rules applied and why, what was amiss."""

from __future__ import annotations

from decimal import Decimal

from tests.engine.dmn.making import data, decision, definitions, literal, table
from tests.world import World, diagram, flow, task

RULES = definitions(
    data("amount", "number"),
    data("age", "number"),
    decision(
        "severity",
        table(
            ["amount"], ["level:string"], ["> 1000", '"high"'], ["-", '"low"'], policy="FIRST",
            notes=["Finance wants to see these", "The usual case"],
        ),
        "?amount",
    ),
    decision(
        "days", table(["severity"], ["days:number"], ['"high"', "2"], ['"low"', "10"], notes=["Urgent", "Ample time"]),
        "severity",
    ),
    decision("bonus", literal("if age > 65 then 1 else 0"), "?age"),
    decision("promise", literal("days + extra + bonus"), "days", "bonus"),
).decode()  # fmt: skip


def process(decision_id: str) -> str:
    return diagram(
        "p",
        '<start/><bpmn:businessRuleTask id="ask" name="ask"><bpmn:extensionElements>'
        f'<zeebe:calledDecision decisionId="{decision_id}" resultVariable="answer"/></bpmn:extensionElements>'
        "</bpmn:businessRuleTask>" + task("work") + "<end/>" + flow("start", "ask", "work", "end"),
    )


def sentences(event: dict[str, object]) -> list[str]:
    warnings = event["warnings"]
    assert isinstance(warnings, list)
    return [each["template"].format(**each["values"]) for each in warnings]


def test_rules_of_required_decisions_are_told_with_their_notes(world: World) -> None:
    world.deploy(("rules.dmn", RULES), ("p.bpmn", process("days")))
    world.start("p", amount=Decimal("1200.50"))
    (event,) = world.data("DecisionEvaluated")
    assert event["inputs"] == {"amount": Decimal("1200.50"), "severity": "high"}
    assert [(rule["decision"], rule["index"], rule["annotations"], rule["outputs"]) for rule in event["rules"]] == [
        ("severity", 1, ["Finance wants to see these"], {"level": "high"}),
        ("days", 1, ["Urgent"], {"days": 2}),
    ]
    assert (event["result"], event["warnings"]) == (2, [])


def test_missing_names_and_wrong_types_are_told(world: World) -> None:
    world.deploy(("rules.dmn", RULES), ("p.bpmn", process("promise")))
    world.start("p", amount="much", age="old")
    (event,) = world.data("DecisionEvaluated")
    assert event["result"] is None
    assert sentences(event)[:2] == ["'amount' is to be number, not string.", "'age' is to be number, not string."]
    assert "There is no value named 'extra'." in sentences(event)
    (incident,) = world.incidents()
    assert incident.template.startswith("The decision '{decision}' gave no result")
