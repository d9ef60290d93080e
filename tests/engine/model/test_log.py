"""The log: chained, so that whatever is altered shows, and erasable, so that what must go can go."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, text, update

from engine.commands import AddComment
from engine.model import LogEntry, ProcessInstance
from tests.world import LENA, World, diagram, flow, task


@pytest.fixture
def case(world: World) -> int:
    world.deploy(("a.bpmn", diagram("a", "<start/>" + task("work") + "<end/>" + flow("start", "work", "end"))))
    key = world.start("a", amount=7).key
    world.do(AddComment(key, "a note"), LENA)
    world.complete("work")
    return key


def alter(world: World, statement: object) -> None:
    world.is_altered = True
    with world.engine.database.writing() as session:
        session.execute(statement)  # type: ignore[call-overload]


def test_a_chain_that_nobody_touched_holds(world: World, case: int) -> None:
    verdict = world.verdict(case)
    assert verdict.holds
    assert verdict.entries == len(world.story(case)) > 10
    assert verdict.erased == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "mallory"), ("event", "TaskClaimed"), ("element_id", "x"), ("commitment", "0" * 64), ("hash", "0" * 64)],
)
def test_an_altered_entry_is_named(world: World, case: int, column: str, value: str) -> None:
    alter(world, update(LogEntry).where(LogEntry.stream_key == case, LogEntry.position == 5).values({column: value}))
    verdict = world.verdict(case)
    assert (verdict.holds, verdict.first_bad) == (False, 5)


def test_an_altered_time_is_named(world: World, case: int) -> None:
    alter(world, text("UPDATE log_entry SET at = '2020-01-01 00:00:00.000000' WHERE position = 4"))
    assert world.verdict(case).first_bad == 4


def test_altered_data_is_named(world: World, case: int) -> None:
    alter(world, text("UPDATE log_entry SET data = CAST(replace(CAST(data AS TEXT), 'a note', 'a lie') AS BLOB)"))
    verdict = world.verdict(case)
    assert verdict.reason == "its data does not fit its commitment"


def test_packed_data_that_can_no_longer_be_read_is_named(world: World, case: int) -> None:
    world.do(AddComment(case, "a long note " * 100), LENA)
    alter(world, text("UPDATE log_entry SET data = CAST('x' || substr(data, 9) AS BLOB) WHERE event = 'CommentAdded'"))
    assert world.verdict(case).reason == "its data does not fit its commitment"


@pytest.mark.parametrize("column", ["salt", "data"])
def test_salt_and_data_go_together_or_not_at_all(world: World, case: int, column: str) -> None:
    alter(world, update(LogEntry).where(LogEntry.position == 5).values({column: None}))
    assert world.verdict(case).first_bad == 5


def test_a_missing_entry_is_named(world: World, case: int) -> None:
    entries = [key for key in world.rows(text(f"SELECT key FROM log_entry WHERE stream_key = {case} AND position = 6"))]
    alter(world, delete(LogEntry).where(LogEntry.key.in_(entries)))
    assert world.verdict(case).first_bad == 6


def test_data_can_be_erased_and_the_chain_still_holds(world: World, case: int) -> None:
    alter(world, update(LogEntry).values(salt=None, data=None))
    verdict = world.verdict(case)
    assert verdict.holds
    assert verdict.erased == verdict.entries


def test_an_entry_in_another_chains_place_is_named(world: World, case: int) -> None:
    other = world.start("a", amount=8).key
    alter(world, update(LogEntry).where(LogEntry.stream_key == other).values(stream_key=case + 1))
    assert world.verdict(case + 1).first_bad == 1


def test_entries_cut_off_at_the_end_are_missed(world: World, case: int) -> None:
    entries = world.verdict(case).entries
    alter(world, delete(LogEntry).where(LogEntry.stream_key == case, LogEntry.position > entries - 2))
    verdict = world.verdict(case)
    assert (verdict.first_bad, verdict.reason) == (entries - 1, "the entry that belongs here is missing")


def test_another_end_than_the_case_remembers_is_named(world: World, case: int) -> None:
    entries = world.verdict(case).entries
    alter(world, update(ProcessInstance).where(ProcessInstance.key == case).values(log_hash="1" * 64))
    verdict = world.verdict(case)
    assert (verdict.first_bad, verdict.reason) == (entries, "its case remembers another entry here")


def test_a_case_of_which_no_end_is_known_goes_on(world: World, case: int) -> None:
    alter(world, update(ProcessInstance).values(log_position=None, log_hash=None))
    world.do(AddComment(case, "another note"), LENA)
    assert world.verdict(case).holds
    assert world.instance(case).log_position == world.verdict(case).entries
