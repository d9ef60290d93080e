"""A form as a whole: its variables, texts, translation and findings."""

from __future__ import annotations

from .making import NOW, form

MADE = form(
    {"type": "text", "id": "t", "text": "# Refund"},
    {"type": "number", "key": "amount", "label": "Amount", "appearance": {"suffixAdorner": "EUR"}},
    {
        "type": "select",
        "key": "way",
        "label": "=hidden",
        "values": [{"label": "By cheque", "value": "cheque"}],
        "validate": {"patternErrorMessage": "No"},
    },
    {"type": "group", "path": "person", "label": "Person", "components": [
        {"type": "textfield", "id": "n", "key": "name", "label": "Name {{amount}}", "description": "In full"}]},
)  # fmt: skip


def test_keys_are_the_variables_it_may_set() -> None:
    assert MADE.keys() == ("amount", "way", "person")


def test_name_falls_back_to_the_first_heading() -> None:
    assert MADE.name == "Refund"
    assert form(name="Payment").name == "Payment"
    assert form().name == "test"


def test_texts_and_translation() -> None:
    assert MADE.texts() == (
        "# Refund", "Amount", "EUR", "By cheque", "No", "Person", "Name {{amount}}", "In full",
    )  # fmt: skip
    translated = MADE.translated(
        {"Amount": "金额", "By cheque": "支票", "cheque": "!", "Name {{amount}}": "{{amount}} 姓名"}
    )
    assert translated["components"][1]["label"] == "金额"
    assert translated["components"][2]["values"] == [{"label": "支票", "value": "cheque"}]
    assert translated["components"][3]["components"][0]["label"] == "{{amount}} 姓名"
    assert MADE.schema["components"][1]["label"] == "Amount"


def test_rendered_labels() -> None:
    assert MADE.rendered("Name {{amount}}", {"amount": 5}, NOW) == "Name 5"


def test_findings() -> None:
    made = form(
        {"type": "textfield", "key": "a", "label": "A", "readonly": True, "validate": {"required": True}},
        {"type": "textfield", "key": "b", "label": "B", "disabled": "=x"},
        {"type": "textfield", "key": "c"},
        {"type": "select", "key": "d", "label": "D", "values": []},
        {"type": "select", "key": "e", "label": "E", "values": ["x"], "defaultValue": "y"},
        {"type": "number", "key": "f", "label": "F", "defaultValue": "many"},
        schemaVersion=99,
    )
    assert [(problem.severity, problem.element_id) for problem in made.check()] == [
        ("warning", None),
        ("error", "f_a"),
        ("warning", "f_b"),
        ("warning", "f_c"),
        ("warning", "f_d"),
        ("warning", "f_e"),
        ("warning", "f_f"),
    ]


def test_a_good_form_has_no_findings() -> None:
    assert form({"type": "textfield", "key": "a", "label": "A"}).check() == []
