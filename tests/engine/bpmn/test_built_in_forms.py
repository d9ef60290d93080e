"""Forms that stand in the diagram itself become files, which are put into force with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import forms
from engine.bpmn import Diagram
from engine.commands import OpenForm
from engine.errors import Invalid
from tests.engine.bpmn.diagrams import CAMUNDA, chain, definitions, extended, process
from tests.world import ANNA, World

FIELDS = """<camunda:formData>
    <camunda:formField id="amount" label="Amount" type="long" defaultValue="5"><camunda:validation>
        <camunda:constraint name="required"/><camunda:constraint name="min" config="1"/></camunda:validation>
    </camunda:formField>
    <camunda:formField id="why" label="Why?" type="string"><camunda:validation>
        <camunda:constraint name="maxlength" config="25"/></camunda:validation></camunda:formField>
    <camunda:formField id="agreed" label="Agreed" type="boolean" defaultValue="true"/>
    <camunda:formField id="day" label="Day" type="date"/>
    <camunda:formField id="speed" label="Speed" type="enum" defaultValue="slow">
        <camunda:value id="slow" name="Slowly"/><camunda:value id="fast"/></camunda:formField>
    <camunda:formField id="number" label="Number" type="string"><camunda:validation>
        <camunda:constraint name="readonly"/></camunda:validation></camunda:formField>
</camunda:formData>"""


def schema_of(diagram: Diagram) -> dict[str, Any]:
    (form,) = diagram.forms
    schema: dict[str, Any] = json.loads(form.content)
    parsed = forms.parse(form.content, "x.form")
    assert parsed.id == form.id and not parsed.check()
    assert diagram.processes[0].nodes["n"].form is not None
    assert diagram.processes[0].nodes["n"].form.id == form.id
    return schema


def unread(diagram: Diagram) -> list[str]:
    return [what for what, _, _ in diagram.processes[0].unread]


def test_listed_fields_are_a_form() -> None:
    diagram = process(extended("userTask", "n", FIELDS, CAMUNDA))
    schema = schema_of(diagram)
    assert unread(diagram) == []
    assert schema["id"] == "p-n"
    amount, why, agreed, day, speed, number = schema["components"]
    assert amount == {
        "id": "field_amount", "key": "amount", "type": "number", "decimalDigits": 0, "label": "Amount",
        "defaultValue": 5, "validate": {"required": True, "min": 1},
    }  # fmt: skip
    assert (why["type"], why["label"], why["validate"]) == ("textfield", "Why?", {"maxLength": 25})
    assert (agreed["type"], agreed["defaultValue"]) == ("checkbox", True)
    assert (day["type"], day["subtype"], day["dateLabel"]) == ("datetime", "date", "Day")
    assert speed["values"] == [{"value": "slow", "label": "Slowly"}, {"value": "fast", "label": "fast"}]
    assert (speed["type"], speed["defaultValue"]) == ("select", "slow")
    assert number["readonly"] is True


def test_properties_of_the_relatives_are_fields_too() -> None:
    activiti = 'xmlns:activiti="http://activiti.org/bpmn"'
    fields = """<activiti:formProperty id="days" name="Days" type="long" required="true"/>
        <activiti:formProperty id="reason" writable="false"/>"""
    diagram = process(extended("startEvent", "n", fields, activiti))
    days, reason = schema_of(diagram)["components"]
    assert (days["label"], days["type"], days["validate"]) == ("Days", "number", {"required": True})
    assert (reason["label"], reason["readonly"]) == ("reason", True)
    assert unread(diagram) == []


def test_what_of_a_field_has_no_equivalent_is_named() -> None:
    fields = """<camunda:formData><camunda:formField id="a" type="money" defaultValue="${b}"><camunda:validation>
        <camunda:constraint name="validator" config="X"/></camunda:validation></camunda:formField></camunda:formData>
        <camunda:formProperty id="c" expression="${x}"/>"""
    assert unread(process(extended("userTask", "n", fields, CAMUNDA))) == [
        "camunda:formField type=money",
        "camunda:formField defaultValue",
        "camunda:constraint validator",
        "camunda:formProperty expression",
    ]
    business_key = '<camunda:formData businessKey="a"><camunda:formField id="a"/></camunda:formData>'
    assert unread(process(extended("startEvent", "n", business_key, CAMUNDA))) == ["camunda:formData"]


def test_a_key_counts_only_where_no_fields_are_listed() -> None:
    attributes = f'{CAMUNDA} camunda:formKey="page.jsf"'
    assert unread(process(extended("userTask", "n", FIELDS, attributes))) == []
    assert unread(process(extended("userTask", "n", "", attributes))) == ["camunda:@formKey"]
    assert unread(process(extended("userTask", "n", "", f'{CAMUNDA} camunda:formKey=""'))) == []


@pytest.mark.parametrize(
    ("key", "text", "what"),
    [
        ("camunda-forms:bpmn:f", '{"type": "default", "components": []}', []),
        ("camunda-forms:bpmn:other", '{"type": "default", "components": []}', ["zeebe:formDefinition/@formKey"]),
        ("camunda-forms:bpmn:f", "no form", ["zeebe:formDefinition/@formKey"]),
        ("f", '{"type": "default", "components": []}', ["zeebe:formDefinition/@formKey"]),
    ],
)
def test_form_as_text(key: str, text: str, what: list[str]) -> None:
    form = f'<extensionElements><zeebe:userTaskForm id="f">{text}</zeebe:userTaskForm></extensionElements>'
    diagram = process(form + extended("userTask", "n", f'<zeebe:formDefinition formKey="{key}"/>'))
    assert unread(diagram) == what
    assert [form.id for form in diagram.forms] == ["p-f"] * (not what)


def test_they_are_put_into_force_with_their_diagram(world: World) -> None:
    task = extended("userTask", "n", FIELDS, f'{CAMUNDA} camunda:candidateGroups="staff"')
    xml = definitions(f'<process id="p" isExecutable="true">{chain(task)}</process>')
    deployed = world.deploy(("p.bpmn", xml))
    assert sorted((each.kind, each.id) for each in deployed.definitions) == [("form", "p-n"), ("process", "p")]
    assert world.deploy(("p.bpmn", xml)).definitions == ()

    world.start("p")
    (opened,) = world.tasks()
    assert opened.form_key in [each.key for each in deployed.definitions]
    world.do(OpenForm(opened.key), ANNA)
    with pytest.raises(Invalid):
        world.complete_key(opened.key, ANNA, amount=0)
    world.complete_key(opened.key, ANNA, amount=7, why="so", agreed=True, speed="fast")
    assert world.tasks() == []
