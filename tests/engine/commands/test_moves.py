"""Moving cases: by hand, and to another version with what they wait for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import (
    CheckMigration,
    ClaimTask,
    Impact,
    MigrateInstance,
    SaveDraft,
    StartInstance,
)
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.model import LogEntry, TaskDraft
from engine.model.identity import ENGINE
from engine.queries import places
from tests.world import ANNA, MONDAY, OPERATOR, World, diagram, flow, form, task

BETTER = "the process was improved"
MESSAGE = (
    '<bpmn:message id="M" name="{name}"><bpmn:extensionElements><zeebe:subscription correlationKey="={key}"/>'
    "</bpmn:extensionElements></bpmn:message>"
)


def timer(id: str, host: str, text: str, *, interrupts: bool = False) -> str:
    return (
        f'<bpmn:boundaryEvent id="{id}" name="{id}" attachedToRef="{host}" cancelActivity="{str(interrupts).lower()}">'
        f"<bpmn:timerEventDefinition><bpmn:timeDuration>{text}</bpmn:timeDuration></bpmn:timerEventDefinition>"
        "</bpmn:boundaryEvent>"
    )


def catch(id: str, definition: str) -> str:
    return f'<bpmn:intermediateCatchEvent id="{id}" name="{id}">{definition}</bpmn:intermediateCatchEvent>'


AFTER_AN_HOUR = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
AFTER_A_DAY = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
BY_MESSAGE = '<bpmn:messageEventDefinition messageRef="M"/>'


def work(*elements: str, ways: str, outside: str = "") -> str:
    return diagram("p", "<start/>" + "".join(elements) + ways + "<end/>", outside=outside)


def versions(world: World, *texts: str) -> None:
    for text in texts:
        world.deploy(("p.bpmn", text))


def started(world: World, version: int, **variables: Any) -> int:
    return int(world.do(StartInstance("p", variables, version), ENGINE).key)


def migrate(world: World, key: int, version: int = 2, mapping: dict[str, str] | None = None, *renew: str) -> None:
    world.do(MigrateInstance(key, version, mapping=mapping or {}, renew=renew, reason=BETTER), OPERATOR)


def check(world: World, mapping: dict[str, str] | None = None) -> Impact:
    impact: Impact = world.do(CheckMigration("p", 1, 2, mapping=mapping or {}), OPERATOR)
    return impact


OLD = work(
    task("a", form="f", assignment='candidateGroups="staff" ', extra='<zeebe:taskSchedule dueDate="=now() + duration('
         '&quot;P2D&quot;)"/>'), timer("remind", "a", "PT4H"), task("nudge"),
    ways=flow("start", "a", "end") + flow("remind", "nudge"),
)  # fmt: skip
NEW = work(
    task("first", form="g", assignment='candidateGroups="experts"', extra='<zeebe:taskSchedule dueDate="=now() + '
         'duration(&quot;P9D&quot;)"/>'), timer("remind", "first", "PT8H"), timer("breach", "first", "P1D"),
    task("nudge"), task("added"),
    ways=flow("start", "first", "added", "end") + flow("remind", "nudge") + flow("breach", "nudge"),
)  # fmt: skip


@pytest.fixture
def waiting(world: World) -> tuple[World, int]:
    """A case with a draft, a person, a due date and a running timer; and a second version in force."""
    world.deploy(("f.form", form("f", ("x", "textfield"))), ("g.form", form("g", ("y", "textfield"))))
    world.deploy(("p.bpmn", OLD))
    key = world.start("p").key
    (row,) = world.tasks()
    world.do(ClaimTask(row.key), ANNA)
    world.do(SaveDraft(row.key, {"x": "half"}), ANNA)
    world.clock.turn(hours=1)
    world.deploy(("p.bpmn", NEW))
    return world, key


def test_a_task_keeps_its_person_draft_and_times(waiting: tuple[World, int]) -> None:
    world, key = waiting
    (before,) = world.tasks()
    migrate(world, key, 2, {"a": "first"})
    (after,) = world.tasks()
    assert (after.key, after.assignee, after.due) == (before.key, "anna", before.due)
    assert (after.element_id, after.name) == ("first", "first")
    assert after.form_key != before.form_key
    assert [draft.data for draft in world.rows(select(TaskDraft))] == [{"x": "half"}]
    world.complete("first", ANNA, y="whole")
    world.complete("added")
    assert world.instance(key).status == "completed"
    assert world.verdict(key).holds
    assert world.story(key, "InstanceMigrated", "ActivityMigrated", "ActivityCompleted") == [
        "InstanceMigrated", "ActivityMigrated:first", "ActivityCompleted:first", "ActivityCompleted:added",
    ]  # fmt: skip


def test_a_running_timer_keeps_its_time_and_a_new_one_is_set(waiting: tuple[World, int]) -> None:
    world, key = waiting
    migrate(world, key, 2, {"a": "first"})
    due = {job.element_id: job.due for job in world.jobs()}
    assert due == {
        "remind": MONDAY + dt.timedelta(hours=4),
        "breach": MONDAY + dt.timedelta(hours=1) + dt.timedelta(days=1),
    }
    world.clock.turn(hours=3)
    world.run_due()
    assert sorted(row.element_id for row in world.tasks()) == ["first", "nudge"]


def test_times_and_offers_are_worked_out_anew_on_request(waiting: tuple[World, int]) -> None:
    world, key = waiting
    migrate(world, key, 2, {"a": "first"}, "timer", "task")
    due = {job.element_id: job.due for job in world.jobs()}
    assert due["remind"] == MONDAY + dt.timedelta(hours=9)
    (row,) = world.tasks()
    assert row.assignee == "anna"
    assert row.due == MONDAY + dt.timedelta(hours=1, days=9)
    told = world.story(key)
    assert told[-5:].count("TaskOffered:first") == told[-5:].count("TaskRescheduled:first") == 1


def test_the_log_says_which_version_and_why(waiting: tuple[World, int]) -> None:
    world, key = waiting
    migrate(world, key, 2, {"a": "first"})
    (told,) = world.data("InstanceMigrated")
    assert (told["from_version"], told["version"]) == (1, 2)
    assert (told["mapping"], told["reason"], told["requested_by"]) == ({"a": "first"}, BETTER, "otto")
    digests = world.rows(select(LogEntry.definition_digest).where(LogEntry.definition_digest.is_not(None)))
    assert len(digests) == len(set(digests)) == 2
    assert world.instance(key).definition_key == told["definition_key"]


def test_the_diagram_shows_it_where_it_is_now(waiting: tuple[World, int]) -> None:
    world, key = waiting
    migrate(world, key, 2, {"a": "first"})
    path = world.engine.query(places.path, OPERATOR, key)
    assert "first" in path.current
    assert "a" not in path.current
    world.complete("first", ANNA, y="whole")
    assert world.engine.query(places.path, OPERATOR, key).current == ("added",)


def test_who_does_not_fit_is_refused_and_untouched(waiting: tuple[World, int]) -> None:
    world, key = waiting
    before, story = world.instance(key), world.story(key)
    with pytest.raises(Refused) as caught:
        migrate(world, key)
    (problem,) = caught.value.problems
    assert str(problem.message) == "The case is at 'a', which the other version does not have: say where it goes on."
    after = world.instance(key)
    assert (after.definition_key, after.version) == (before.definition_key, before.version)
    assert world.story(key) == story


def test_what_would_happen_is_told_for_every_case(waiting: tuple[World, int]) -> None:
    world, _ = waiting
    impact = check(world)
    assert [(case.verdict, case.reference) for case in impact.cases] == [
        ("needs-mapping", world.instances()[0].reference)
    ]
    assert impact.unmapped == ("a",)
    assert check(world, {"a": "first"}).count("as-it-is") == 1
    assert world.data("InstanceMigrated") == []
    with pytest.raises(Invalid, match="no element 'nowhere'"):
        check(world, {"a": "nowhere"})


def test_it_needs_a_reason_a_version_and_the_right(waiting: tuple[World, int]) -> None:
    world, key = waiting
    with pytest.raises(Invalid, match="reason"):
        world.do(MigrateInstance(key, 2), OPERATOR)
    with pytest.raises(NotFound, match="version 7"):
        world.do(MigrateInstance(key, 7, reason=BETTER), OPERATOR)
    with pytest.raises(Refused, match="already"):
        world.do(MigrateInstance(key, 1, reason=BETTER), OPERATOR)
    with pytest.raises(Forbidden):
        world.do(MigrateInstance(key, 2, reason=BETTER), ANNA)


def test_a_boundary_event_that_is_gone_is_withdrawn(world: World) -> None:
    plain = work(task("a"), ways=flow("start", "a", "end"))
    guarded = work(task("a"), timer("late", "a", "PT1H"), task("b"), ways=flow("start", "a", "end") + flow("late", "b"))
    versions(world, guarded, plain)
    key = started(world, 1)
    assert [job.element_id for job in world.jobs()] == ["late"]
    migrate(world, key)
    assert world.jobs() == []
    assert "EventWithdrawn:late" in world.story(key)
    world.complete("a")
    assert world.instance(key).status == "completed"


def test_an_event_that_waits_for_something_else_is_set_up_anew(world: World) -> None:
    late = '<bpmn:boundaryEvent id="late" attachedToRef="a">{}</bpmn:boundaryEvent>'
    ways = flow("start", "a", "end") + flow("late", "b")
    message = MESSAGE.format(name="m", key="reference")
    versions(
        world,
        work(task("a"), late.format(AFTER_AN_HOUR), task("b"), ways=ways),
        work(task("a"), late.format(BY_MESSAGE), task("b"), ways=ways, outside=message),
    )
    key = started(world, 1)
    migrate(world, key)
    assert world.jobs() == []
    assert [(row.element_id, row.name) for row in world.subscriptions()] == [("late", "m")]

