"""The fleet on PostgreSQL: workers in processes of their own share the work, and take over from one that is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.commands import CancelInstance, RenewLeases, TakeJobs
from engine.connectors import Call, Connectors, Outcome
from engine.engine import utc_now
from engine.executor import executor_for
from engine.executor.postgres import HEARTBEAT_SECONDS, PACK, STALLED_SECONDS, Fleet, _packed
from tests.engine.executor.test_embedded import BOOKING, eventually
from tests.postgres import Postgres
from tests.world import OPERATOR, World, diagram, flow, service

PROMISED_SECONDS = 30
"""So soon after a worker was killed others have taken over; the figures that it follows from are looked at, too."""


@pytest.fixture
def office(postgresql: Postgres) -> Iterator[World]:
    with postgresql.database() as url:
        world = World(url)
        world.engine.clock = utc_now
        yield world
        world.engine.close()


@contextmanager
def worker(world: World, effects: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own; killed at the end, if it still lives."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.executor.fleet", world.engine.database.url, str(effects), name],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stdout.readline() == "working\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def booked(effects: Path) -> list[list[str]]:
    return [line.split() for line in effects.read_text().splitlines()] if effects.exists() else []


def test_what_a_killed_worker_had_in_hand_is_done_by_another(office: World, tmp_path: Path) -> None:
    office.deploy(("one.bpmn", diagram("one", "<start/>" + service("call", "book") + "<end/>"
                                       + flow("start", "call", "end"))))  # fmt: skip
    effects, hang = tmp_path / "effects", tmp_path / "hang"
    hang.touch()
    key = office.start("one").key
    with worker(office, effects, "first") as first, worker(office, tmp_path / "never", "second") as second:
        assert eventually(lambda: bool(booked(effects)) or bool(booked(tmp_path / "never")), 30)
        holder = first if booked(effects) else second
        token = office.jobs()[0].lease_token
        hang.unlink()
        holder.kill()
        killed_at = time.monotonic()
        assert eventually(lambda: office.instance(key).status == "completed", PROMISED_SECONDS)
        print(f"taken over after {time.monotonic() - killed_at:.1f} s")
    tried = booked(effects) + booked(tmp_path / "never")
    assert len({job for job, _ in tried}) == 1, "both tries name themselves by the same key"
    assert [name for _, name in tried].count("first") == [name for _, name in tried].count("second") == 1
    assert token
    assert STALLED_SECONDS + 2 * HEARTBEAT_SECONDS < PROMISED_SECONDS
    assert office.story(key, "JobCompleted") == ["JobCompleted:call"]


def test_workers_share_the_work_and_leave_when_they_are_told(office: World, tmp_path: Path) -> None:
    office.deploy(("booking.bpmn", BOOKING))
    effects = tmp_path / "effects"
    with worker(office, effects, "first") as first, worker(office, effects, "second") as second:
        keys = [office.start("booking").key for _ in range(20)]
        assert eventually(lambda: {office.instance(key).status for key in keys} == {"completed"}, 60)
        for each in (first, second):
            each.terminate()
            assert each.wait(30) == 0
    assert sorted({name for _, name in booked(effects)}) == ["first", "second"]
    assert len(booked(effects)) == len({job for job, _ in booked(effects)}) == 60
    with office.engine.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM procrastinate.procrastinate_jobs")) == 0


def test_what_is_no_longer_held_under_its_token_is_not_done(office: World) -> None:
    office.deploy(("booking.bpmn", BOOKING))
    calls: list[Call] = []
    fleet = executor_for(
        office.engine, Connectors({"book": lambda call: calls.append(call) or Outcome()}),  # type: ignore[func-returns-value]
        status_link=lambda reference: "", threads=1, lease_seconds=60,
    )  # fmt: skip
    assert isinstance(fleet, Fleet)
    withdrawn = office.start("booking").key
    (job,) = office.do(TakeJobs())
    office.do(CancelInstance(withdrawn, "not needed"), OPERATOR)
    fleet._do(((job.key, job.token),), False)
    assert calls == []

    office.start("booking")
    (job,) = office.do(TakeJobs())
    (renewed,) = office.do(RenewLeases(((job.key, job.token),)))
    fleet._do(((job.key, job.token),), False)
    assert calls == [], "whoever slept holds a token that is worth nothing"
    fleet._do(((renewed.key, renewed.token),), True)
    assert len(calls) == 1
    assert office.do(RenewLeases(((job.key, job.token),))) == ()


def test_what_is_given_back_can_be_taken_at_once(office: World) -> None:
    office.deploy(("booking.bpmn", BOOKING))
    office.start("booking")
    (job,) = office.do(TakeJobs())
    assert office.do(TakeJobs()) == ()
    office.do(RenewLeases(((job.key, job.token),), lease_seconds=0))
    assert [each.key for each in office.do(TakeJobs())] == [job.key]


def test_services_travel_alone_and_the_rest_in_packs(office: World) -> None:
    office.deploy(("booking.bpmn", BOOKING))
    for _ in range(3):
        office.start("booking")
    jobs = office.do(TakeJobs(10))
    assert [lock for lock, _ in _packed(jobs, 1)] == [f"case {job.root_key}" for job in jobs]
    assert PACK > 1
