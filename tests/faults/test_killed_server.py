"""The server is killed at any point while cases move: what it answered is there, and nothing happens twice."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx
import pytest
from sqlalchemy import select

from engine.commands.leases import LEASE_SECONDS
from engine.model import Job, LogEntry, OutboxMail, ProcessInstance, Task
from tests.checking import assert_all_holds
from tests.faults.sizes import IS_NIGHT, KILLS_OF_FLEET, KILLS_OF_SERVER
from tests.postgres import Postgres
from tests.served import Served, Working, served, until, working
from tests.simulated.people import Clerk, Customer

CASES = 20 if IS_NIGHT else 10
CLERKS = ("anna", "ben", "chen", "dana", "lena", "liu")
AMID_KILLS = CLERKS if IS_NIGHT else ("anna", "lena")
"""Who works while something is killed; all work on afterwards."""
PROCESS = "complaint-handling"


class Accepted:
    """What the server answered with "done", told by its clients."""

    def __init__(self) -> None:
        self.tasks: set[int] = set()
        self.cases: set[str] = set()
        self.is_over = threading.Event()

    @property
    def number(self) -> int:
        return len(self.tasks) + len(self.cases)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data") as running:
        yield running


def test_what_was_answered_survives_kills(server: Served) -> None:
    accepted, random = Accepted(), Random(7)
    with Customer(server.address, Random(1), server.clock) as customer:
        accepted.cases.update(file(customer, number) for number in range(CASES // 2))
    for _ in range(KILLS_OF_SERVER):
        kill_amid_work(server, accepted, accepted.number + random.randint(5, 15), server.kill)
        server.start()

    assert_all_is_there(server, accepted)
    go_on(server)
    server.turn(days=8)
    assert_timers_fired(server)
    assert_nothing_happened_twice(server)
    assert server.broken_chains() == []


def test_what_was_answered_survives_kills_of_a_fleet(postgresql: Postgres, tmp_path: Path) -> None:
    """On PostgreSQL the server only answers and a worker does what is due: each is killed in its turn."""
    accepted, random = Accepted(), Random(8)
    with (
        postgresql.database() as url,
        served(tmp_path / "data", CASEWRIGHT_DATABASE_URL=url, CASEWRIGHT_SERVE_JOBS="0") as server,
        working(server) as worker,
    ):
        with Customer(server.address, Random(1), server.clock) as customer:
            accepted.cases.update(file(customer, number) for number in range(CASES // 2))
        for number in range(KILLS_OF_FLEET):
            victim: Served | Working = server if number % 2 else worker
            kill_amid_work(server, accepted, accepted.number + random.randint(3, 8), victim.kill)
            victim.start()
        assert_all_is_there(server, accepted)
        go_on(server)
        assert_nothing_happened_twice(server)
        assert server.engine is not None
        assert_all_holds(server.engine, tasks=accepted.tasks, cases=accepted.cases)


def kill_amid_work(server: Served, accepted: Accepted, enough: int, kill: Callable[[], None]) -> None:
    """Kill it, or what works beside it, while everybody works, when so much has been accepted."""
    accepted.is_over.clear()
    with ThreadPoolExecutor(len(AMID_KILLS) + 1) as pool:
        work = [pool.submit(keep_working, server, name, accepted) for name in AMID_KILLS]
        work.append(pool.submit(keep_filing, server, accepted))
        try:
            until(lambda: accepted.number >= enough, "clerks to get on")
            kill()
        finally:
            accepted.is_over.set()
    for each in work:
        each.result()


def file(customer: Customer, number: int) -> str:
    about = {"description": "It broke.", "productOrService": f"Order {number}", "customerName": "Li"}
    return customer.file(PROCESS, about).split("/")[2]


def keep_working(server: Served, name: str, accepted: Accepted) -> None:
    """Work until the server is gone; only what it answered counts."""
    with suppress(httpx.TransportError), Clerk(server.address, Random(name), server.clock) as clerk:
        clerk.sign_in(name)
        while not accepted.is_over.is_set():
            for key in list(clerk.inbox()):
                if clerk.work(key):
                    accepted.tasks.add(int(key))


def keep_filing(server: Served, accepted: Accepted) -> None:
    with suppress(httpx.TransportError), Customer(server.address, Random(99), server.clock) as customer:
        while not accepted.is_over.is_set():
            if len(accepted.cases) >= CASES + len(accepted.tasks) // 3:
                time.sleep(0.05)
                continue
            accepted.cases.add(file(customer, len(accepted.cases)))


def go_on(server: Served) -> None:
    """People do every task that they find; jobs that died in hand are taken again after their lease."""
    server.turn(seconds=LEASE_SECONDS)
    for name in CLERKS:
        with Clerk(server.address, Random(name), server.clock) as clerk:
            clerk.sign_in(name)
            assert all(clerk.work(key) for key in list(clerk.inbox()))
    server.settle()


def assert_all_is_there(server: Served, accepted: Accepted) -> None:
    completed = set(server.rows(select(Task.key).where(Task.status == "completed")))
    assert accepted.tasks <= completed
    assert accepted.cases <= set(server.rows(select(ProcessInstance.reference)))
    told = server.rows(select(LogEntry.data).where(LogEntry.event == "TaskCompleted"))
    assert Counter(data["activity_key"] for data in told) == Counter(completed)


def assert_timers_fired(server: Served) -> None:
    """No timer was forgotten: all that came due have fired."""
    told = server.rows(select(LogEntry.data).where(LogEntry.event == "EventOccurred"))
    assert any(data["trigger"] == "timer" for data in told)
    assert server.rows(select(Job.key).where(Job.due <= server.clock())) == []


def assert_nothing_happened_twice(server: Served) -> None:
    """Each mail that a case asked for was written once and booked once."""
    told = server.rows(select(LogEntry.data).where(LogEntry.event == "JobCompleted"))
    booked = Counter(data["activity_key"] for data in told)
    assert set(booked.values()) == {1}
    mails = server.rows(select(OutboxMail.key))
    assert sorted(mails) == sorted(booked)
