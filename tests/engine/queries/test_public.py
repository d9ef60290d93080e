"""What customers may know."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands import RetireDefinition
from engine.errors import NotFound
from engine.model.identity import CUSTOMER
from engine.queries import public
from engine.references import status_secret
from tests.world import MONDAY, OWNER, World, diagram, flow, form, task

START = (
    '<bpmn:startEvent id="start"><bpmn:extensionElements><zeebe:formDefinition formId="lost"/>'
    "</bpmn:extensionElements></bpmn:startEvent>"
)


@pytest.fixture
def counter(world: World) -> World:
    body = START + task("search", stage="Searching", promise='=now() + duration(&quot;P2D&quot;)') + "<end/>" + flow(
        "start", "search", "end")  # fmt: skip
    open_to_all = diagram("lost", body, publicStart="true", stages="Received, Searching, Closed")
    world.deploy(
        ("lost.bpmn", open_to_all),
        ("inner.bpmn", diagram("inner", body, stages="Searching")),
        ("lost.form", form("lost", ("thing", "textfield"), ("language", "textfield"))),
    )
    return world


def ask(world: World, question: Any, **choice: Any) -> Any:
    return world.engine.query(question, CUSTOMER, **choice)


def status(world: World, reference: str, given: str) -> public.StatusView:
    view: public.StatusView = ask(world, public.status, secret=world.engine.secret, reference=reference, given=given)
    return view


def test_only_public_processes_in_force_are_offered(counter: World) -> None:
    assert [each.process_id for each in ask(counter, public.public_processes)] == ["lost"]
    counter.do(RetireDefinition("lost"), OWNER)
    assert ask(counter, public.public_processes) == ()


def test_the_form_begins_in_the_reader_s_language(counter: World) -> None:
    choice = {"language": "zh_Hans", "now": MONDAY, "words": {"thing": "物品"}}
    found = ask(counter, public.start_form, process_id="lost", **choice)
    assert found.data["language"] == "zh_Hans" and found.schema["components"][0]["label"] == "物品"
    with pytest.raises(NotFound):
        ask(counter, public.start_form, process_id="inner", **choice)


def test_the_right_code_shows_stages_and_promise(counter: World) -> None:
    reference = counter.instance(counter.start("lost").key).reference
    view = status(counter, f" {reference.lower()} ", status_secret(counter.engine.secret, reference).lower())
    assert [(each.name, each.is_current) for each in view.stages] == [
        ("Received", False), ("Searching", True), ("Closed", False),
    ]  # fmt: skip
    assert view.promised is not None and (view.promised - MONDAY).days == 2
    counter.complete("search")
    view = status(counter, reference, status_secret(counter.engine.secret, reference))
    assert view.status == "completed" and view.promised is None


@pytest.mark.parametrize("given", ["", "AAAABBBBCCCC", "错误", "x" * 10_000])
def test_a_wrong_code_and_a_wrong_reference_are_told_alike(counter: World, given: str) -> None:
    reference = counter.instance(counter.start("lost").key).reference
    told = set()
    for asked in (reference, "L-0000-000000", ""):
        with pytest.raises(NotFound) as caught:
            status(counter, asked, given)
        told.add(str(caught.value))
    assert len(told) == 1


def test_a_code_made_for_no_case_opens_nothing(counter: World) -> None:
    with pytest.raises(NotFound):
        status(counter, "L-0000-000000", status_secret(counter.engine.secret, "L-0000-000000"))
