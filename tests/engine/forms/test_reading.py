"""Schemas read, and what is refused of them."""

from __future__ import annotations

import json

import pytest

from engine import forms
from engine.errors import Invalid

from .making import form, refusals


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is not valid JSON"),
        (b'{"type": "default",}', "The file is not valid JSON"),
        (b"[]", "The file is not a form: it holds no JSON object."),
        (b"[" * 100_000, "The f"),
        (b" " * 1_000_001, "The form is larger than 1000000 bytes."),
        (b'{"type":"default","id":"\xff"}', "The file is not valid JSON"),
        (b'{"type":"other","id":"a","components":[]}', "The file is not a form: its type is 'other', not 'default'."),
        (b'{"type":"default","components":[]}', "The form has no id; give it one, by which a diagram can name it."),
        (b'{"type":"default","id":"a","components":{}}', "The form has no list of components."),
    ],
)
def test_files_that_are_no_forms(content: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        forms.parse(content, "broken.form")
    assert refused.value.problems[0].message.startswith(message)
    assert refused.value.problems[0].resource == "broken.form"


@pytest.mark.parametrize(
    ("component", "message"),
    [
        ({"type": "mystery", "key": "x"}, "Component type 'mystery' is not known."),
        ({"type": "textfield"}, "The component has no key; without one its value cannot be kept."),
        (
            {"type": "textfield", "key": "a b"},
            "The key 'a b' may hold only letters, digits and '_', and must not start with a digit.",
        ),
        ({"type": "dynamiclist"}, "The component has no path; without one its value cannot be kept."),
        ({"type": "textfield", "key": "x", "conditional": {"hide": "=a ="}}, "'conditional.hide' cannot be read: "),
        ({"type": "textfield", "key": "x", "readonly": 5}, "'readonly' must be true, false or an expression"),
        ({"type": "expression", "key": "x"}, "'expression' needs an expression."),
        ({"type": "select", "key": "x"}, "The field has no options; add values, a values key or a values expression."),
        ({"type": "textfield", "key": "x", "validate": {"pattern": "(?=a)"}}, "The pattern '(?=a)' looks ahead"),
        ({"type": "number", "key": "x", "validate": {"min": "low"}}, "'min' is 'low', which is not a number."),
        ({"type": "number", "key": "x", "increment": 0}, "'increment' is '0', which is no step."),
        ({"type": "number", "key": "x", "decimalDigits": -1}, "'decimalDigits' is '-1', which is no count."),
        ({"type": "datetime", "key": "x", "subtype": "era"}, "Subtype 'era' is none of date, time and datetime."),
        ({"type": "textfield", "key": "x", "label": "{{a +}}"}, "The text '{{a +}}' cannot be read: "),
        ({"type": "textfield", "key": "x", "validate": []}, "'validate' must be an object."),
    ],
)
def test_components_that_cannot_work(component: dict[str, object], message: str) -> None:
    found = refusals({"id": "field_1", **component})
    assert len(found) == 1
    assert found[0].startswith(message)


def test_a_problem_names_component_and_line() -> None:
    content = b'{"type": "default", "id": "a", "components": [\n  {"id": "one", "type": "mystery"}\n]}'
    with pytest.raises(Invalid) as refused:
        forms.parse(content, "a.form")
    problem = refused.value.problems[0]
    assert (problem.element_id, problem.line) == ("one", 2)


@pytest.mark.parametrize("paths", [("a", "a"), ("a", "a.b"), ("a.b", "a")], ids=["the same", "inside of", "around"])
def test_two_fields_in_one_place(paths: tuple[str, str]) -> None:
    found = refusals(*({"type": "textfield", "id": f"f{at}", "key": key} for at, key in enumerate(paths)))
    assert "is set by another component too" in found[0]


def test_ids_given_twice() -> None:
    field = {"type": "textfield", "id": "same"}
    assert "Two components have the id 'same'." in refusals({**field, "key": "a"}, {**field, "key": "b"})


def test_components_without_ids_get_some() -> None:
    content = {"type": "default", "id": "a", "components": [{"type": "textfield", "key": "x", "label": "X"}]}
    read = forms.parse(json.dumps(content).encode(), "a.form")
    assert read.schema["components"][0]["id"] == read.components[0].id == "Field_1"


def test_chinese_keys() -> None:
    assert form({"type": "textfield", "key": "客户.姓名"}).keys() == ("客户",)


def test_nesting_and_number_are_limited() -> None:
    nested: dict[str, object] = {"type": "separator", "id": "leaf"}
    for depth in range(20):
        nested = {"type": "group", "id": f"g{depth}", "components": [nested]}
    assert refusals(nested) == ["Groups lie more than 12 levels deep."]
    many = ({"type": "separator", "id": f"s{at}"} for at in range(1200))
    assert refusals(*many) == ["The form has more than 1000 components."]
