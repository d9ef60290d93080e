"""Forms filled: hidden, disabled and read-only fields, expressions, groups and lists."""

from __future__ import annotations

import pytest

from engine.errors import Invalid

from .making import NOW, faults, form

NOTE = {"type": "textfield", "key": "note"}
AGREED = {"type": "checkbox", "key": "agreed"}


def test_only_variables_of_the_form_are_set() -> None:
    assert form(NOTE).validate({"note": "a", "approved": True, "__class__": 1}, {}, NOW) == {"note": "a"}


def test_a_key_that_is_not_sent_keeps_its_value_and_is_still_checked() -> None:
    made = form({**NOTE, "validate": {"required": True}}, AGREED)
    assert made.validate({"agreed": True}, {"note": "old"}, NOW) == {"note": "old", "agreed": True}
    assert faults(made, {"agreed": True}) == {("note",): "Field is required."}


def test_a_default_counts_where_nothing_is_known() -> None:
    made = form({**NOTE, "defaultValue": "usual"})
    assert made.initial({}, NOW) == {"note": "usual"}
    assert made.validate({}, {}, NOW) == {"note": "usual"}
    assert made.validate({"note": ""}, {}, NOW) == {"note": ""}


@pytest.mark.parametrize("state", [{"readonly": True}, {"disabled": True}, {"conditional": {"hide": "=true"}}])
def test_a_field_that_cannot_be_changed_keeps_the_servers_value(state: dict[str, object]) -> None:
    made = form({**NOTE, **state, "validate": {"maxLength": 1}})
    assert made.validate({"note": "forged"}, {"note": "true one"}, NOW) == {}


def test_a_condition_decides_over_what_was_sent() -> None:
    made = form(AGREED, {**NOTE, "conditional": {"hide": "=agreed != true"}, "validate": {"required": True}})
    assert made.validate({"agreed": False}, {}, NOW) == {"agreed": False}
    assert faults(made, {"agreed": True}) == {("note",): "Field is required."}


def test_an_answer_to_a_hidden_field_does_not_decide_others() -> None:
    made = form(
        {"type": "checkbox", "key": "urgent", "conditional": {"hide": "=true"}},
        {**NOTE, "conditional": {"hide": "=urgent = true"}, "validate": {"required": True}},
    )
    assert faults(made, {"urgent": True}) == {("note",): "Field is required."}


def test_a_variable_that_the_form_only_reads_cannot_be_forged() -> None:
    made = form({**NOTE, "readonly": '=role != "chief"'})
    assert made.validate({"note": "new", "role": "chief"}, {"role": "clerk", "note": "old"}, NOW) == {}
    assert made.validate({"note": "new"}, {"role": "chief", "note": "old"}, NOW) == {"note": "new"}


def test_an_expression_is_computed_here() -> None:
    made = form(
        {"type": "number", "key": "amount"},
        {"type": "expression", "key": "double", "expression": "=amount * 2", "computeOn": "change"},
        {"type": "expression", "key": "fourfold", "expression": "=double * 2", "computeOn": "change"},
    )
    assert made.validate({"amount": 3, "double": 99}, {}, NOW) == {"amount": 3, "double": 6, "fourfold": 12}
    assert made.initial({"amount": 1}, NOW) == {"amount": 1, "double": 2, "fourfold": None}


def test_conditions_that_deny_each_other_come_to_an_end() -> None:
    made = form(
        {"type": "textfield", "key": "a", "conditional": {"hide": '=b != ""'}},
        {"type": "textfield", "key": "b", "conditional": {"hide": '=a != ""'}},
    )
    assert set(made.validate({"a": "1", "b": "2"}, {}, NOW)) <= {"a", "b"}


def test_a_group_sets_its_part_of_an_object() -> None:
    street = {"type": "textfield", "id": "s", "key": "street", "validate": {"required": True}}
    made = form({"type": "group", "path": "address", "components": [street]})
    held = {"address": {"street": "old", "country": "DE"}}
    assert made.validate({"address": {"street": "new", "country": "XX"}}, held, NOW) == {
        "address": {"street": "new", "country": "DE"}
    }
    assert held == {"address": {"street": "old", "country": "DE"}}
    assert faults(made, {"address": {"street": ""}}) == {("address", "street"): "Field is required."}
    assert made.initial(held, NOW) == {"address": {"street": "old"}}


def test_a_group_without_a_path_only_groups() -> None:
    made = form({"type": "group", "id": "g", "components": [{"id": "n", **NOTE}], "conditional": {"hide": "=x = 1"}})
    assert made.validate({"note": "a"}, {}, NOW) == {"note": "a"}
    assert made.validate({"note": "a"}, {"x": 1}, NOW) == {}


LINES = {
    "type": "dynamiclist",
    "path": "lines",
    "isRepeating": True,
    "allowAddRemove": True,
    "components": [
        {"type": "textfield", "id": "item", "key": "item", "validate": {"required": True}},
        {"type": "number", "id": "qty", "key": "qty", "conditional": {"hide": "=this.item = null or i[1] > 2"}},
    ],
}


def test_rows_are_checked_one_by_one() -> None:
    made = form(LINES)
    rows = [{"item": "a", "qty": 1, "price": 9}, {"item": "b", "qty": "2"}, {"item": "c", "qty": 3}]
    stored = [{"item": "a", "qty": 1}, {"item": "b", "qty": 2}, {"item": "c"}]
    assert made.validate({"lines": rows}, {}, NOW) == {"lines": stored}
    assert faults(made, {"lines": [{"item": "a"}, {"item": ""}]}) == {("lines", 1, "item"): "Field is required."}


@pytest.mark.parametrize("rows", [5, "x", [5], {"a": 1}, [{}] * 1001])
def test_rows_that_are_none_are_refused(rows: object) -> None:
    assert [field[:1] for field in faults(form(LINES), {"lines": rows})] == [("lines",)]


def test_a_list_that_is_not_sent_has_lost_its_rows() -> None:
    assert form(LINES).validate({}, {"lines": [{"item": "a"}]}, NOW) == {"lines": []}


def test_rows_may_not_come_and_go_where_the_form_does_not_let_them() -> None:
    made = form({**LINES, "allowAddRemove": False})
    held = {"lines": [{"item": "a", "secret": 1}]}
    assert made.validate({"lines": [{"item": "b"}]}, held, NOW) == {"lines": [{"item": "b", "secret": 1, "qty": None}]}
    assert faults(made, {"lines": []}, held) == {("lines",): "Rows may not be added or removed here."}


def test_read_only_values_of_rows_stay_the_servers() -> None:
    price = {"type": "number", "id": "p", "key": "price", "readonly": True}
    made = form({**LINES, "components": [LINES["components"][0], price]})  # type: ignore[index]
    held = {"lines": [{"item": "a", "price": 10}, {"item": "b", "price": 20}]}
    sent = [{"item": "bb", "price": 20}, {"item": "new", "price": 1}]
    assert made.validate({"lines": sent}, held, NOW) == {"lines": [{"item": "bb", "price": 20}, {"item": "new"}]}


def test_the_browser_gets_only_what_the_form_shows_or_reads() -> None:
    made = form(
        NOTE,
        {"type": "text", "id": "t", "text": "For {{customer.name}}: {{#if late}}late{{/if}}"},
        {**AGREED, "conditional": {"hide": "=customer.tier = null"}},
    )
    variables = {"note": "a", "salary": 1, "late": True, "customer": {"name": "Ann", "tier": "gold", "iban": "X"}}
    assert made.initial(variables, NOW) == {
        "note": "a",
        "agreed": False,
        "late": True,
        "customer": {"name": "Ann", "tier": "gold"},
    }


def test_what_is_no_object_is_refused() -> None:
    nested: object = "x"
    for _ in range(100):
        nested = [nested]
    for submitted in (None, [], "x", {"note": nested}):
        with pytest.raises(Invalid):
            form(NOTE).validate(submitted, {}, NOW)  # type: ignore[arg-type]
