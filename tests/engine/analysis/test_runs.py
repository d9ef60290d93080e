"""Recorded cases run again: on their own version, every one goes exactly the way it went."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from engine.analysis.libraries import Library
from engine.analysis.recordings import Recording, recorded
from engine.analysis.runs import run
from engine.queries import recorded as recorded_queries
from tests.simulated.offices import Office
from tests.world import OWNER, World

CASES = 24


def library_of(world: World) -> Library:
    stored = world.engine.query(recorded_queries.stored, OWNER)
    files = world.engine.query(recorded_queries.stored_files, OWNER, sorted({each.resource_key for each in stored}))
    return Library(stored, files)


def recordings(world: World, process_id: str) -> list[Recording]:
    version = world.engine.query(recorded_queries.newest_version, OWNER, process_id)
    assert version is not None
    keys = world.engine.query(recorded_queries.recorded_cases, OWNER, version, None, 1000)
    entries = world.engine.query(recorded_queries.entries, OWNER, keys)
    found = [recorded(key, entries[key]) for key in keys]
    assert all(found)
    return [each for each in found if each is not None]


@pytest.mark.parametrize("seed", [1, 2])
def test_complaints_go_the_way_they_went(world: World, seed: int) -> None:
    office = Office(world, Random(seed))
    for number in range(CASES):
        office.file(number)
    office.work(14)

    library = library_of(world)
    kinds: Counter[str] = Counter()
    for recording in recordings(world, "complaint-handling"):
        ran = run(recording, library)
        assert ran.path == list(recording.path), recording.reference
        assert ran.reads == recording.reads
        assert ran.is_completed == (recording.ended_at is not None and recording.cancelled_at is None)
        assert ran.ended_at == recording.ended_at
        assert not ran.unanswered
        assert {each.element for each in ran.troubles} <= {
            step.element for step in recording.path if step.what == "failed"
        }
        kinds.update(step.element if step.what == "event" else step.what for step in recording.path)
    assert {"reminder", "overdue", "withdrawn", "failed", "stopped"} <= kinds.keys(), "the cases are not varied enough"
