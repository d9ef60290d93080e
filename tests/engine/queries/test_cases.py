"""Cases: who sees which, how they are found, and where a case stands."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands import ClaimTask
from engine.errors import NotFound
from engine.model import Role
from engine.model.identity import CUSTOMER, NOBODY
from engine.queries import case_lists, cases, places
from tests.world import ANNA, BEN, LENA, OPERATOR, World, diagram, flow, somebody, task

STRANGER = somebody("zoe", Role.STAFF, groups=["elsewhere"], key=99)


@pytest.fixture
def case(world: World) -> int:
    again = (
        '<bpmn:exclusiveGateway id="fork" default="fork-end"/>'
        '<bpmn:sequenceFlow id="back" sourceRef="fork" targetRef="work"><bpmn:conditionExpression>=again'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    body = "<start/>" + task("work") + again + "<end/>" + flow("start", "work", "fork", "end")
    world.deploy(("a.bpmn", diagram("a", body, subject="=title")))
    return int(world.start("a", title="100 % of_it", again=True).key)


def ask(world: World, question: Any, actor: Any, *args: Any, **choice: Any) -> Any:
    return world.engine.query(question, actor, *args, **choice)


def test_who_may_work_on_a_case_sees_it_and_nobody_else(world: World, case: int) -> None:
    for actor, total in ((ANNA, 1), (LENA, 1), (OPERATOR, 1), (STRANGER, 0), (NOBODY, 0), (CUSTOMER, 0)):
        assert ask(world, case_lists.cases, actor).total == total
    for actor in (STRANGER, NOBODY, CUSTOMER):
        for question in (cases.case, places.path, places.outlines):
            with pytest.raises(NotFound):
                ask(world, question, actor, case)


def test_who_worked_on_a_case_still_sees_it(world: World, case: int) -> None:
    world.do(ClaimTask(world.tasks()[0].key), BEN)
    world.complete("work", BEN)
    world.complete("work", again=False)
    assert ask(world, cases.case, BEN, case).status == "completed"


@pytest.mark.parametrize(("words", "total"), [("", 1), ("100 %", 1), ("OF_IT", 1), ("%", 1), ("1%0", 0), ("of it", 0)])
def test_searching_takes_every_letter_as_it_is(world: World, case: int, words: str, total: int) -> None:
    assert ask(world, case_lists.cases, LENA, search=words).total == total


@pytest.mark.parametrize("page", [-(10**30), 0, 1, 2, 10**30])
def test_a_page_beyond_the_last_is_the_last(world: World, case: int, page: int) -> None:
    found = ask(world, case_lists.cases, LENA, page=page)
    assert (found.page, found.pages, len(found.rows)) == (1, 1, 1)


def test_the_path_counts_rounds_and_knows_the_place(world: World, case: int) -> None:
    world.complete("work", again=True)
    path = ask(world, places.path, LENA, case)
    assert path.passed["work"] == 2 and path.passed["back"] == 1 and "fork-end" not in path.passed
    assert path.current == ("work",) and path.failed == ()
    world.complete("work", again=False)
    assert ask(world, places.path, LENA, case).current == ()


def test_a_case_tells_what_is_open(world: World, case: int) -> None:
    view = ask(world, cases.case, LENA, case)
    assert [each.name for each in view.tasks] == ["work"] and view.tasks[0].candidate_groups == ("staff",)
    assert view.subject == "100 % of_it" and view.variables["again"] is True
    assert [each.process_id for each in view.parts] == ["a"]


def test_the_diagram_is_for_who_sees_a_case_on_it(world: World, case: int) -> None:
    key = world.instance(case).definition_key
    assert b"sequenceFlow" in ask(world, places.diagram, ANNA, key)
    with pytest.raises(NotFound):
        ask(world, places.diagram, STRANGER, key)


def test_outlines_of_any_case_are_for_who_sees_all(world: World, case: int) -> None:
    assert ask(world, places.outlines_seen, LENA, {case})[case]["elements"]["work"]["name"] == "work"
    assert ask(world, places.outlines_seen, ANNA, {case}) == {}
