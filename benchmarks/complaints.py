"""Works recorded complaints from the customer's form to their close through the pages of a real server, and measures.

    python benchmarks/complaints.py [--cases 50] [--seed 1] [--keep DIRECTORY]

The complaints lie in `complaints/` of the folder CASEWRIGHT_SHARED, by default `shared` beside the checkout; without
them made-up ones are filed, and the output says so. Six simulated clerks and two threads of customers use the pages at
the same time, deciding by chance (seeded); the test clock is turned between the rounds. Afterwards nothing may be left.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select  # noqa: E402

from engine.model import Incident, Job, LogEntry, ProcessInstance, Subscription, Task  # noqa: E402
from tests.served import Served, served  # noqa: E402
from tests.simulated.people import Clerk, Customer, Simulated  # noqa: E402

PROCESS = "complaint-handling"
FILE = Path("complaints") / "consumer_complaints_802.csv"
CLERKS = ("anna", "ben", "chen", "dana", "lena", "liu")
LEAD = "lena"
CUSTOMER_THREADS = 2
FILING_ROUNDS = 8
MOST_ROUNDS = 120
LEFT_UNDONE = 0.2
"""Of the tasks at hand in the rounds of filing, so that deadlines pass and reminders are sent."""
WILLING = {"customer-answer": 0.6, "satisfaction": 0.4, "customer-information": 0.06, "complaint-withdrawal": 0.015}
WISHES = ("An explanation.", "My money back.", "Please correct it at once.", "An apology in writing.")
Complaint = dict[str, Any]
Person = TypeVar("Person", bound=Simulated)


@dataclass
class Ledger:
    """What was measured; written by many threads."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float) -> None:
        with self._lock:
            self.seconds[kind].append(seconds)

    def count(self, what: str, number: int = 1) -> None:
        with self._lock:
            self.counts[what] += number


class Desk:
    """The tasks that clerks have agreed on among themselves, so that two seldom begin the same."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def take(self, key: str, random: Random) -> bool:
        """Whether this clerk does it; now and then two do, as in life."""
        with self._lock:
            is_free = key not in self._taken
            self._taken.add(key)
        return is_free or random.random() < 0.02


class Office(ExitStack):
    """The clerks, the customers and the clock."""

    def __init__(self, server: Served, complaints: list[Complaint], seed: int) -> None:
        super().__init__()
        self.server = server
        self.ledger = Ledger()
        self._to_file = complaints
        self._seed = seed
        self._random = Random(seed)
        self._open: list[str] = []
        self._clerks = [self._person(Clerk, name).sign_in(name) for name in CLERKS]
        self._customers = [self._person(Customer, number) for number in range(CUSTOMER_THREADS)]

    def _person(self, kind: type[Person], name: object) -> Person:
        person = kind(self.server.address, Random(f"{self._seed} {name}"), self.server.clock, self.ledger.note)
        return self.enter_context(person)

    def run(self) -> None:
        """Round after round, until every case is closed."""
        batch = -(-len(self._to_file) // FILING_ROUNDS)
        for number in range(1, MOST_ROUNDS + 1):
            now, self._to_file = self._to_file[:batch], self._to_file[batch:]
            done = self._round(now)
            left = self._cases_left()
            print(f"\rround {number}: {left} cases open, {done} steps ", end="", file=sys.stderr, flush=True)
            if not left and not self._to_file:
                break
            if not done:
                self._give_away_what_nobody_may_do()
            self.server.turn(hours=self._random.randint(4, 30) if self._to_file else self._random.randint(24, 200))
        print(file=sys.stderr)

    def _round(self, complaints: list[Complaint]) -> int:
        """People do what they can do now; how many steps that were."""
        before = self._steps()
        desk, is_filing = Desk(), bool(self._to_file)
        shares = [(complaints[i::CUSTOMER_THREADS], self._open[i::CUSTOMER_THREADS]) for i in range(CUSTOMER_THREADS)]
        self._open = []
        with ThreadPoolExecutor(len(CLERKS) + CUSTOMER_THREADS) as pool:
            visits = [
                pool.submit(self._customers_act, customer, *share)
                for customer, share in zip(self._customers, shares, strict=True)
            ]
            work = [pool.submit(self._clerk_acts, clerk, desk, is_filing) for clerk in self._clerks]
            for future in [*visits, *work]:
                self._open.extend(future.result() or ())
        self.server.settle()
        return self._steps() - before

    def _customers_act(self, customer: Customer, complaints: list[Complaint], cases: list[str]) -> list[str]:
        """File complaints and visit cases; those that are still open are returned."""
        still_open = []
        for complaint in complaints:
            still_open.append(customer.file(PROCESS, complaint))
            self.ledger.count("filed")
        for case in cases:
            is_closed, is_answered = customer.visit(case, WILLING)
            self.ledger.count("answered", is_answered)
            if not is_closed:
                still_open.append(case)
        return still_open

    def _clerk_acts(self, clerk: Clerk, desk: Desk, is_filing: bool) -> None:
        random = Random(f"{self._seed} {clerk.username} {self.ledger.counts['completed']}")
        for view in ("groups", "mine"):
            keys = list(clerk.inbox(view))
            random.shuffle(keys)
            for key in keys:
                if (is_filing and random.random() < LEFT_UNDONE) or not desk.take(key, random):
                    continue
                is_done = clerk.work(key)
                self.ledger.count("completed" if is_done else "lost to a colleague")

    def _give_away_what_nobody_may_do(self) -> None:
        """Where the separation of duties bars all whom a task is offered to, a lead gives it to somebody else."""
        lead = next(clerk for clerk in self._clerks if clerk.username == LEAD)
        for key in list(lead.inbox("all")):
            if any(lead.give(key, name) for name in self._random.sample(CLERKS, len(CLERKS))):
                self.ledger.count("given away")

    def _steps(self) -> int:
        return sum(self.ledger.counts[what] for what in ("filed", "completed", "answered"))

    def _cases_left(self) -> int:
        return int(self.server.rows(select(func.count()).where(ProcessInstance.status == "active"))[0])


def main() -> int:
    """Run it all; 0 when nothing is left over and every chain verifies."""
    options = _options()
    complaints = list(_complaints(options.cases))
    random = Random(options.seed)
    for complaint in complaints:
        complaint["requestDetails"] = random.choice(WISHES)
        complaint["language"] = "zh_Hans" if random.random() < 0.1 else "en"
    with tempfile.TemporaryDirectory() as temporary, served(Path(options.keep or temporary)) as server:
        with Office(server, complaints, options.seed) as office:
            began = time.perf_counter()
            office.run()
            seconds = time.perf_counter() - began
        _report(office, len(complaints), seconds)
        problems = list(_left_over(server, len(complaints)))
        problems += _verified(server)
    print("\n" + "\n".join(problems or ["Nothing is left over."]))
    return 1 if problems else 0


def _report(office: Office, cases: int, seconds: float) -> None:
    ledger, server = office.ledger, office.server
    jobs = server.rows(select(func.count()).where(LogEntry.event == "JobCompleted"))[0]
    timers = server.rows(select(func.count()).where(LogEntry.event == "EventOccurred"))[0]
    steps = ledger.counts["filed"] + ledger.counts["completed"] + ledger.counts["answered"] + jobs
    size = sum(path.stat().st_size for path in server.directory.glob("casewright.db*"))
    entries = server.rows(select(func.count()).select_from(LogEntry))[0]
    requests = sum(map(len, ledger.seconds.values()))
    print(f"{cases} cases in {seconds:.1f} s: {cases / seconds:.2f} cases/s, {steps / seconds:.1f} steps/s"
          f" ({steps / cases:.1f} steps a case), {requests / seconds:.0f} requests/s")  # fmt: skip
    print(", ".join(f"{number} {what}" for what, number in sorted(ledger.counts.items())) +
          f", {jobs} mails and services, {timers} events")  # fmt: skip
    print(f"{size / cases:,.0f} bytes a case, {entries / cases:.0f} log entries a case\n")
    print(f"{'request':<20}{'number':>8}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    for kind, taken in sorted(ledger.seconds.items()):
        taken.sort()
        p50, p95 = taken[len(taken) // 2], taken[min(int(len(taken) * 0.95), len(taken) - 1)]
        print(f"{kind:<20}{len(taken):>8}{p50 * 1000:>9.1f}{p95 * 1000:>9.1f}{taken[-1] * 1000:>9.1f}")


def _left_over(server: Served, filed: int) -> Iterator[str]:
    """What should be gone when all cases are closed."""
    cases = (ProcessInstance.process_id == PROCESS, ProcessInstance.parent_key.is_(None))
    wanted: Iterable[tuple[str, int, Any]] = (
        ("complaints closed", filed, select(func.count()).where(*cases, ProcessInstance.ended_at.is_not(None))),
        ("cases open", 0, select(func.count()).where(ProcessInstance.ended_at.is_(None))),
        ("tasks open", 0, select(func.count()).where(Task.status == "open")),
        ("jobs", 0, select(func.count()).select_from(Job)),
        ("incidents", 0, select(func.count()).where(Incident.resolved_at.is_(None))),
        ("cases waiting for messages", 0, select(func.count()).where(Subscription.instance_key.is_not(None))),
    )
    for what, expected, statement in wanted:
        (found,) = server.rows(statement)
        if found != expected:
            yield f"PROBLEM: expected {expected} {what}, but there are {found}."
    if log := server.complaints_of_the_log():
        yield f"PROBLEM: the server wrote to its log:\n{log[-3000:]}"


def _verified(server: Served) -> list[str]:
    command = [sys.executable, "-m", "engine", "log", "verify"]
    environment = {**os.environ, "CASEWRIGHT_DATA_DIRECTORY": str(server.directory)}
    result = subprocess.run(command, cwd=server.directory, env=environment, capture_output=True, text=True)
    print(f"\ncasewright log verify: {result.stdout.strip()}")
    return [] if result.returncode == 0 else [f"PROBLEM: the log does not verify:\n{result.stderr}"]


def _complaints(number: int) -> Iterator[Complaint]:
    path = Path(os.environ.get("CASEWRIGHT_SHARED") or ROOT.parent / "shared") / FILE
    if not path.exists():
        print(f"{path} is not there: the complaints are made up.")
        yield from map(_made_up, range(number))
        return
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:number]
    print(f"{len(rows)} recorded complaints of {path.name}")
    yield from map(_recorded, rows)


def _recorded(row: dict[str, str]) -> Complaint:
    told = row["Consumer complaint narrative"] or ": ".join(filter(None, (row["Issue"], row["Sub-issue"])))
    return {
        "description": told[:10_000],
        "productOrService": ", ".join(filter(None, (row["Product"], row["Sub-product"])))[:120],
        "happenedOn": dt.datetime.strptime(row["Date received"], "%m/%d/%Y").date().isoformat(),
        "customerName": f"Customer {row['Complaint ID']}",
        "email": f"customer{row['Complaint ID']}@example.org",
    }


def _made_up(number: int) -> Complaint:
    return {
        "description": f"Complaint {number}: the delivery was late, and nobody answered my letters. " * 8,
        "productOrService": f"Order {4000 + number}",
        "happenedOn": "2026-10-05",
        "customerName": f"Customer {number}",
        "email": f"customer{number}@example.org",
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=802, help="how many complaints (default: all 802)")
    parser.add_argument("--seed", type=int, default=1, help="for another course of chance")
    parser.add_argument("--keep", type=Path, help="keep the data in this new folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
