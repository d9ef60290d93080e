"""Processes are killed at random points under load: what was answered is there, and outside effects keep their key."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from engine.engine import Engine, utc_now
from engine.model import ProcessInstance
from tests.checking import assert_all_holds
from tests.faults.fleet import SECRET, Accepted, Ledger, Mover, finish, process_calling
from tests.faults.sizes import KILLS_OF_MOVERS
from tests.world import World

MOST_OPEN = 15


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with Ledger() as running:
        yield running


def test_what_was_answered_survives_any_kill(database_url: str, tmp_path: Path, ledger: Ledger) -> None:
    world = World(database_url)
    world.deploy(("moved.bpmn", process_calling(ledger.address)))
    world.engine.close()  # what is forked must not share its connections
    is_fleet = not database_url.startswith("sqlite")
    accepted, random = Accepted(tmp_path / "accepted"), Random(KILLS_OF_MOVERS)
    killed = 0
    while killed < KILLS_OF_MOVERS:
        movers = [Mover(database_url, accepted.path, killed * 2 + each, MOST_OPEN) for each in range(1 + is_fleet)]
        wanted = accepted.number + random.randint(3, 30)
        end = time.monotonic() + 60
        while accepted.number < wanted:
            assert time.monotonic() < end, "the processes do not get on"
            time.sleep(random.random() / 50)
        for mover in movers:
            mover.kill()
            killed += 1

    engine = Engine(database_url, secret=SECRET, clock=utc_now)
    finish(engine)
    accepted.read()
    assert_all_holds(engine, tasks=accepted.tasks, cases=accepted.cases)
    with engine.database.reading() as session:
        cases = list(session.scalars(select(ProcessInstance.key)))
    engine.close()
    world = World(database_url)
    booked = Counter(str(data["activity_key"]) for data in world.data("JobCompleted"))
    world.engine.close()
    assert len(booked) == len(cases)
    assert set(booked.values()) == {1}
    # At least once, and never under another key than the one that was booked.
    assert ledger.calls.keys() == booked.keys()
