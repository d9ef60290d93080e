"""Which data makes a difference to the way of a complaint, and which of its values do."""

from __future__ import annotations

from decimal import Decimal

from engine import bpmn, dmn
from engine.analysis.classes import Classes
from tests.processes.texts import LIBRARY
from tests.world import diagram, flow, task

GATE = (
    '<bpmn:exclusiveGateway id="gate" default="gate-small"/>{flows}' + task("big") + task("small")
    + '<bpmn:sequenceFlow id="gate-small" sourceRef="gate" targetRef="small"/>'
)  # fmt: skip


def complaint_classes() -> Classes:
    models = [
        process for path in LIBRARY.glob("*.bpmn") for process in bpmn.parse(path.read_bytes(), path.name).executable()
    ]
    decisions = {}
    for path in LIBRARY.glob("*.dmn"):
        model = dmn.parse(path.read_bytes(), path.name)
        decisions.update(dict.fromkeys(model.decisions, model))
    return Classes([model for model in models if model.id != "service-request"], decisions.get)


def gated(condition: str, script: str = "") -> Classes:
    flows = (
        '<bpmn:sequenceFlow id="gate-big" sourceRef="gate" targetRef="big"><bpmn:conditionExpression>'
        f"={condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    scripted = (
        '<bpmn:scriptTask id="script"><bpmn:extensionElements><zeebe:script expression="=' + script
        + '" resultVariable="made"/></bpmn:extensionElements></bpmn:scriptTask>'
    ) if script else ""  # fmt: skip
    text = diagram("main", "<start/>" + scripted + GATE.format(flows=flows) + flow("start", "gate"))
    return Classes(bpmn.parse(text.encode(), "main.bpmn").processes, lambda id: None)


def test_amounts_of_a_complaint_fall_between_the_limits_of_the_table() -> None:
    classes = complaint_classes()

    assert not classes.depends_on_time
    assert not classes.is_unknown
    assert {500, 5000} <= classes.constants["amount",]
    assert {500, 5000} <= classes.constants["compensationAmount",]
    assert not {"description", "customerName", "reply", "findings"} & {path[0] for path in classes.constants}


def test_values_on_the_same_side_are_alike() -> None:
    classes = gated("amount &gt; 500")

    assert classes.reduced({"amount": 3}) == classes.reduced({"amount": Decimal("499.99")})
    assert classes.reduced({"amount": 501}) == classes.reduced({"amount": 9000})
    assert len({classes.reduced({"amount": each}) for each in (499, 500, 501, None, "x")}) == 5


def test_what_is_calculated_with_counts_exactly() -> None:
    classes = gated("made &gt; 500", "amount * rate")

    assert classes.reduced({"amount": 3, "rate": 1}) != classes.reduced({"amount": 4, "rate": 1})


def test_what_is_only_copied_is_compared_like_its_copy() -> None:
    classes = gated("made &gt; 500", "if urgent then amount else 0")

    assert classes.reduced({"amount": 3, "urgent": True}) == classes.reduced({"amount": 4, "urgent": True})
    assert classes.reduced({"amount": 3, "urgent": True}) != classes.reduced({"amount": 3, "urgent": False})
    assert classes.reduced({"amount": 3, "urgent": True}) != classes.reduced({"amount": 600, "urgent": True})


def test_the_clock_in_a_condition_makes_every_case_its_own() -> None:
    assert gated("now() &gt; deadline").depends_on_time
    assert gated("made &gt; deadline", "now()").depends_on_time
    assert not gated("amount &gt; 500", "now()").depends_on_time
