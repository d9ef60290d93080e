"""Backups are taken by a process of its own while people work over HTTP: each copy is of one moment and goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from tests.faults.sizes import IS_NIGHT
from tests.faults.test_killed_server import AMID_KILLS, Accepted, file, keep_filing, keep_working
from tests.served import Served, served, until
from tests.simulated.people import Clerk, Customer

BACKUPS = 10 if IS_NIGHT else 2


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path / "data") as running:
        yield running


def casewright(directory: Path, *arguments: str) -> str:
    """What the command says, in an installation of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CASEWRIGHT_")}
    environment |= {"CASEWRIGHT_DATA_DIRECTORY": str(directory), "CASEWRIGHT_TEST_CLOCK": "1"}
    ran = subprocess.run([sys.executable, "-m", "engine", *arguments], capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_copies_of_a_busy_server_are_whole_and_go_on(server: Served, tmp_path: Path) -> None:
    accepted, held = Accepted(), []
    with ThreadPoolExecutor(len(AMID_KILLS) + 1) as pool:
        work = [pool.submit(keep_working, server, name, accepted) for name in AMID_KILLS]
        work.append(pool.submit(keep_filing, server, accepted))
        try:
            for number in range(BACKUPS):
                enough = accepted.number + 8
                until(lambda enough=enough: accepted.number >= enough, "clerks to get on")  # type: ignore[misc]
                held.append((set(accepted.tasks), set(accepted.cases)))
                casewright(server.directory, "backup", str(tmp_path / f"{number}.zip"), "--with-secret-key")
        finally:
            accepted.is_over.set()
        for each in work:
            each.result()
    for number, (tasks, cases) in enumerate(held):
        copy = tmp_path / f"copy-{number}"
        assert ", 0 broken" in casewright(copy, "restore", str(tmp_path / f"{number}.zip"))
        promised = tmp_path / f"{number}.json"
        promised.write_text(f'{{"tasks": {sorted(tasks)}, "cases": {sorted(cases)}}}'.replace("'", '"'))
        assert ", 0 findings" in casewright(copy, "check", "--accepted", str(promised))
    with served(copy) as again:
        again.settle()
        with Customer(again.address, Random(5), again.clock) as customer:
            assert file(customer, 99)
        with Clerk(again.address, Random(6), again.clock) as clerk:
            clerk.sign_in("anna")
            assert all(clerk.work(key) for key in list(clerk.inbox()))
    assert ", 0 findings" in casewright(copy, "check")
