"""The history, and the proof that nothing in it was altered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text

from engine.errors import Forbidden, NotFound
from engine.model import Role
from engine.queries import trace
from tests.world import ANNA, LENA, MONDAY, OPERATOR, OWNER, World, diagram, flow, somebody, task

AUDITOR = somebody("adil", Role.AUDITOR, key=16)


@pytest.fixture
def case(world: World) -> int:
    world.deploy(("a.bpmn", diagram("a", "<start/>" + task("work") + "<end/>" + flow("start", "work", "end"))))
    key = world.start("a", amount=7).key
    world.complete("work", ANNA)
    return int(key)


def ask(world: World, question: Any, actor: Any, *args: Any, **choice: Any) -> Any:
    return world.engine.query(question, actor, *args, **choice)


def test_the_timeline_is_in_order_and_whole(world: World, case: int) -> None:
    facts = ask(world, trace.timeline, LENA, case)
    assert [fact.position for fact in facts] == list(range(1, len(facts) + 1))
    assert [fact.event for fact in facts] == [told.partition(":")[0] for told in world.story(case)]
    assert facts[0].event == "InstanceStarted" and facts[-1].event == "InstanceCompleted"
    assert facts[0].data["variables"]["amount"] == 7


def test_a_case_that_one_may_not_see_has_no_timeline(world: World, case: int) -> None:
    for actor, key in ((somebody("zoe", Role.STAFF), case), (LENA, 1)):
        with pytest.raises(NotFound):
            ask(world, trace.timeline, actor, key)


def test_the_whole_log_is_for_auditors(world: World, case: int) -> None:
    for actor in (ANNA, LENA, OWNER, OPERATOR):
        for question in (trace.facts, trace.verdicts):
            with pytest.raises(Forbidden):
                ask(world, question, actor)
    assert len(ask(world, trace.facts, AUDITOR).facts) > 5


def test_facts_are_chosen(world: World, case: int) -> None:
    assert {fact.actor for fact in ask(world, trace.facts, AUDITOR, who="anna").facts} == {"anna"}
    assert [fact.event for fact in ask(world, trace.facts, AUDITOR, event="TaskCompleted").facts] == ["TaskCompleted"]
    assert ask(world, trace.facts, AUDITOR, since=MONDAY + dt.timedelta(days=1)).facts == ()
    assert ask(world, trace.facts, AUDITOR, until=MONDAY).facts == ()
    assert len(ask(world, trace.facts, AUDITOR, stream_key=case).facts) == len(world.story(case))
    newest = ask(world, trace.facts, AUDITOR).facts
    assert [fact.key for fact in newest] == sorted((fact.key for fact in newest), reverse=True)


def test_only_what_can_happen_is_offered_for_choosing() -> None:
    assert "TaskCompleted" in trace.EVENT_NAMES
    assert not {"Event", "TaskEvent", "ElementEvent"} & set(trace.EVENT_NAMES)


def test_verdicts_name_the_altered_entry(world: World, case: int) -> None:
    other = world.start("a").key
    world.is_altered = True
    with world.engine.database.writing() as session:
        session.execute(text("UPDATE log_entry SET event = 'TaskClaimed' WHERE stream_key = :key AND position = 4"),
                        {"key": case})  # fmt: skip
    found = {row.key: row.verdict for row in ask(world, trace.verdicts, AUDITOR)}
    assert found[other].holds and not found[case].holds and found[case].first_bad == 4
    assert [row.key for row in ask(world, trace.verdicts, AUDITOR, key=other)] == [other]
