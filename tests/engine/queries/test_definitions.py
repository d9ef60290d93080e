"""What is in force, what uses it, and what people call data."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Forbidden, NotFound
from engine.queries import definitions
from tests.world import ANNA, LENA, OPERATOR, OWNER, World, diagram, flow, form, task

FIELDS = (
    {"key": "amount", "id": "f1", "type": "number", "label": "Amount"},
    {"key": "answer", "id": "f2", "type": "select", "label": "Do you agree?",
     "values": [{"value": "y", "label": "Yes"}, {"value": "n", "label": "No"}]},
    {"id": "f3", "type": "group", "path": "address", "label": "Address",
     "components": [{"key": "town", "id": "f4", "type": "textfield", "label": "Town"}]},
    {"key": "computed", "id": "f5", "type": "textfield", "label": "=amount"},
)  # fmt: skip


@pytest.fixture
def owned(world: World) -> World:
    body = "<start/>" + task("work", name="Work on it", form="ask") + "<end/>" + flow("start", "work", "end")
    world.deploy(("a.bpmn", diagram("a", body, **{"label.total": "Sum of all"})), ("ask.form", form("ask", *FIELDS)))
    world.deploy(("a.bpmn", diagram("a", body.replace("Work on it", "Work on it again"))))
    return world


def ask(world: World, question: Any, actor: Any, *args: Any, **choice: Any) -> Any:
    return world.engine.query(question, actor, *args, **choice)


def test_only_some_may_read_definitions(owned: World) -> None:
    (row,) = ask(owned, definitions.definitions, OPERATOR)
    for actor in (ANNA, LENA):
        with pytest.raises(Forbidden):
            ask(owned, definitions.definitions, actor)
        with pytest.raises(Forbidden):
            ask(owned, definitions.definition, actor, row.key)
    with pytest.raises(NotFound):
        ask(owned, definitions.definition, OWNER, 1)


def test_the_newest_version_is_listed_with_the_cases_of_all(owned: World) -> None:
    owned.start("a")
    (row,) = ask(owned, definitions.definitions, OWNER)
    assert (row.definition_id, row.version, row.running, row.deployed_by) == ("a", 2, 1, "olga")
    view = ask(owned, definitions.definition, OWNER, row.key)
    assert [(each.version, each.running, each.ended) for each in view.versions] == [(2, 1, 0), (1, 0, 0)]


def test_a_process_tells_what_it_uses_and_a_form_where_it_is_used(owned: World) -> None:
    (row,) = ask(owned, definitions.definitions, OWNER)
    (use,) = ask(owned, definitions.definition, OWNER, row.key).uses
    assert (use.kind, use.definition_id, use.steps) == ("form", "ask", ("Work on it again",))
    view = ask(owned, definitions.definition, OWNER, use.key)
    assert [(each.name, each.key) for each in view.used_by] == [("a", row.key)]
    assert view.uses == ()


def test_forms_and_properties_name_data_and_answers(owned: World) -> None:
    view = ask(owned, definitions.definition, OWNER, ask(owned, definitions.definitions, OWNER)[0].key)
    words = ask(owned, definitions.data_words, OWNER, [view.outline])
    assert words.labels == {
        "amount": "Amount", "answer": "Do you agree?", "address": "Address", "town": "Town",
    }  # fmt: skip
    assert words.options == {"answer": {"y": "Yes", "n": "No"}}
    (_, first) = view.versions
    older = ask(owned, definitions.definition, OWNER, first.key)
    assert ask(owned, definitions.data_words, OWNER, [older.outline]).labels["total"] == "Sum of all"
