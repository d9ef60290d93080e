"""Questions about human work: who sees which tasks, in which order, how many."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import event

from engine.commands import ClaimTask, CompleteTask, RescheduleTask, StartInstance, SuspendInstance
from engine.errors import Forbidden, NotFound
from engine.model import Actor, Role
from engine.model.identity import CONSOLE
from engine.queries import case_lists, tasks, work
from tests.world import ANNA, BEN, LENA, World, diagram, flow, somebody, task

STRANGER = somebody("sven", Role.STAFF, groups=["others"], key=20)
AUDITOR = somebody("adil", Role.AUDITOR, key=21)


@pytest.fixture
def office(world: World) -> World:
    """Two steps: the second is not for who did the first."""
    body = (
        "<start/>"
        + task("do", name="Do it", extra='<zeebe:taskSchedule dueDate="=now() + duration(hours)"/>'
               '<zeebe:priorityDefinition priority="=priority"/>')
        + task("check", name="Check it", separateFrom="do")
        + "<end/>" + flow("start", "do", "check", "end")
    )  # fmt: skip
    world.deploy(("work.bpmn", diagram("work", body, subject="=about")))
    return world


def start(office: World, about: str = "a lamp", hours: int = 4, priority: int = 50) -> int:
    values = {"about": about, "hours": f"PT{hours}H", "priority": priority}
    office.do(StartInstance("work", values, start_form=False), CONSOLE)
    return int(office.tasks()[-1].key)


def inbox(office: World, actor: Actor, **kwargs: Any) -> work.Inbox:
    return office.engine.query(work.inbox, actor, now=office.clock(), **kwargs)


def subjects(found: work.Inbox) -> list[str]:
    return [row.subject for row in found.rows]


def test_a_task_is_seen_by_those_it_is_offered_to_and_nobody_else(office: World) -> None:
    key = start(office)
    assert subjects(inbox(office, ANNA, view="groups")) == ["a lamp"]
    assert inbox(office, STRANGER, view="groups").rows == ()
    assert office.engine.query(tasks.task, ANNA, key).row.key == key
    with pytest.raises(NotFound):
        office.engine.query(tasks.task, STRANGER, key)


def test_everybodys_tasks_are_for_those_who_may(office: World) -> None:
    start(office)
    assert subjects(inbox(office, LENA, view="all")) == ["a lamp"]
    assert subjects(inbox(office, AUDITOR, view="all")) == ["a lamp"]
    with pytest.raises(Forbidden):
        inbox(office, ANNA, view="all")


def test_the_most_pressing_comes_first(office: World) -> None:
    for about, hours, priority in (("later", 9, 50), ("minor", 3, 20), ("major", 3, 90), ("soonest", 1, 50)):
        start(office, about, hours, priority)
    assert subjects(inbox(office, ANNA, view="groups")) == ["soonest", "major", "minor", "later"]
    assert subjects(inbox(office, ANNA, view="groups", sort="priority"))[0] == "major"
    assert subjects(inbox(office, ANNA, view="groups", sort="oldest"))[0] == "later"
    assert subjects(inbox(office, ANNA, view="groups", sort="newest"))[0] == "soonest"


def test_a_taken_task_moves_from_the_group_to_its_taker(office: World) -> None:
    key = start(office)
    office.do(ClaimTask(key), ANNA)
    assert inbox(office, BEN, view="groups").rows == ()
    (row,) = inbox(office, ANNA).rows
    assert row.is_mine and row.may_release and not row.may_claim
    assert office.engine.query(work.counts, ANNA, now=office.clock()) == work.Counts(1, 0, 0, None, 0)


def test_who_did_the_first_step_is_not_offered_the_second(office: World) -> None:
    office.do(CompleteTask(start(office)), ANNA)
    assert inbox(office, ANNA, view="groups").rows == ()
    (row,) = inbox(office, BEN, view="groups").rows
    assert office.engine.query(tasks.task, ANNA, row.key).is_excluded
    assert not office.engine.query(tasks.task, ANNA, row.key).may_work


def test_a_task_put_off_comes_back_when_its_time_comes(office: World) -> None:
    key = start(office)
    office.do(ClaimTask(key), ANNA)
    due = office.tasks()[0].due
    office.do(RescheduleTask(key, due, office.clock() + dt.timedelta(days=1), 50), ANNA)
    assert inbox(office, ANNA).rows == ()
    assert len(inbox(office, ANNA, view="later").rows) == 1
    office.clock.turn(days=1)
    assert len(inbox(office, ANNA).rows) == 1
    assert inbox(office, ANNA, view="later").rows == ()


def test_search_and_filters(office: World) -> None:
    start(office, "a lamp 100%")
    start(office, "a chair", hours=1)
    assert subjects(inbox(office, ANNA, view="groups", search="LAMP")) == ["a lamp 100%"]
    assert subjects(inbox(office, ANNA, view="groups", search="100%")) == ["a lamp 100%"]
    assert subjects(inbox(office, ANNA, view="groups", search="_")) == []
    assert inbox(office, ANNA, view="groups", process_id="other").rows == ()
    assert inbox(office, ANNA, view="groups", process_id="work").total == 2
    office.clock.turn(hours=2)
    assert subjects(inbox(office, ANNA, view="groups", only_overdue=True)) == ["a chair"]
    assert inbox(office, ANNA, view="groups").processes == (("work", "work"),)


def test_pages(office: World) -> None:
    for number in range(5):
        start(office, f"lamp {number}", hours=number + 1)
    first, last = (inbox(office, ANNA, view="groups", page=page, size=2) for page in (1, 99))
    assert subjects(first) == ["lamp 0", "lamp 1"] and (first.total, first.pages) == (5, 3)
    assert subjects(last) == ["lamp 4"] and last.page == 3


def test_the_next_task_is_the_most_pressing_of_ones_own(office: World) -> None:
    keys = [start(office, hours=hours) for hours in (5, 2, 9)]
    for key in keys[:2]:
        office.do(ClaimTask(key), ANNA)
    following = office.engine.query(work.next_task, ANNA, now=office.clock(), after=keys[0])
    assert following == keys[1]
    assert office.engine.query(work.next_task, BEN, now=office.clock(), after=0) is None


def test_a_task_of_a_case_at_rest_cannot_be_taken(office: World) -> None:
    start(office)
    office.do(SuspendInstance(office.instances()[0].key, "a fair"), CONSOLE)
    (row,) = inbox(office, ANNA, view="groups").rows
    assert row.is_paused and not row.may_claim


def test_a_deadline_presses_when_three_quarters_of_its_time_are_gone() -> None:
    begin = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
    assert work.pressing_from(begin, begin + dt.timedelta(hours=4)) == begin + dt.timedelta(hours=3)
    assert work.pressing_from(begin, None) is None


@pytest.mark.parametrize("listed", ["tasks", "cases"])
def test_lists_read_neither_data_nor_outlines_and_ask_as_often_for_many_rows(office: World, listed: str) -> None:
    def statements() -> list[str]:
        asked: list[str] = []
        listen = (office.engine.database.sql, "before_cursor_execute", lambda *given: asked.append(given[2]))
        event.listen(*listen)
        if listed == "tasks":
            inbox(office, LENA, view="all")
        else:
            office.engine.query(case_lists.cases, LENA, status="all")
        event.remove(*listen)
        return asked

    start(office)
    few = statements()
    for _ in range(5):
        start(office)
    assert len(statements()) == len(few)
    read = [each for each in few if "count(" not in each]
    assert not [each for each in read if "variables" in each or "outline" in each]
