"""How long pages take with many cases in the database, and whether starting and completing stay as fast as when empty.

    python benchmarks/size.py [--opened 100000] [--closed 1000000] [--database URL] [--keep DIRECTORY]

The database is filled once (see filled.py) and kept below `benchmarks/out`, or at the URL, for the next time. Pages are
asked for through the Flask application, by people of several groups and roles, each page several times.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from flask.testing import FlaskClient  # noqa: E402
from sqlalchemy import func, inspect, select  # noqa: E402

from benchmarks.filled import PROCESS, RARE_PERSON, SECRET, complaint, executor_of, fill  # noqa: E402
from benchmarks.rounds import sqlite  # noqa: E402
from engine.cli import demo  # noqa: E402
from engine.commands import CompleteTask, StartPublicly  # noqa: E402
from engine.database import parsed_url  # noqa: E402
from engine.engine import Engine  # noqa: E402
from engine.model import ProcessInstance, Task  # noqa: E402
from engine.model.identity import CUSTOMER  # noqa: E402
from engine.model.log import verify  # noqa: E402
from engine.queries import case_lists, console, tasks, work  # noqa: E402
from tests.postgres import Postgres  # noqa: E402
from tests.simulated.filling import Filler  # noqa: E402
from tests.simulated.people import WISHES  # noqa: E402
from webui.app import Settings, create_app  # noqa: E402

OUT = ROOT / "benchmarks" / "out"
TIMES = 8
STEPS = 60
LIMIT_MS = 150
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
INBOX = (
    "view=mine", "view=mine&q=credit", "view=later", "view=groups", "view=groups&page=2", "view=groups&page=40",
    "view=groups&sort=priority", "view=groups&sort=newest", "view=groups&sort=oldest", "view=groups&sort=case",
    "view=groups&overdue=1", f"view=groups&process={PROCESS}", "view=groups&q=washing", "view=groups&q=order+12345",
    "view=groups&q=nothing",
)  # fmt: skip
ALL = tuple(query.replace("groups", "all").replace("mine", "all") for query in INBOX)
CASES = ("", "status=all", "status=completed", "status=cancelled", "status=suspended", "status=incident",
         "status=all&page=40", f"status=all&process={PROCESS}", "status=all&q=parcel", "status=all&q=order+123456",
         "status=all&q=nothing+fits", "status=all&q=%E5%BF%AB", "q=%E9%87%8D%E5%A4%8D%E6%89%A3%E6%AC%BE",
         "status=completed&q=insurance")  # fmt: skip
AUDIT = ("", "who=anna-3", "event=TaskCompleted", "event=IncidentRaised", "since=2026-01-01&until=2026-01-31",
         "who=nobody-knows")  # fmt: skip
READERS = {
    "anna-3": [*(f"/inbox?{query}" for query in INBOX), *(f"/cases?{query}" for query in CASES)],
    "ben-11": [*(f"/inbox?{query}" for query in INBOX), *(f"/cases?{query}" for query in CASES)],
    "chen-5": [f"/inbox?{query}" for query in INBOX],
    RARE_PERSON: [*(f"/inbox?{query}" for query in INBOX), *(f"/cases?{query}" for query in CASES)],
    "lena-0": [*(f"/inbox?{query}" for query in ALL), *(f"/cases?{query}" for query in CASES)],
    "adil": [*(f"/audit?{query}" for query in AUDIT), "/audit/verify", *(f"/cases?{query}" for query in CASES)],
    "otto": ["/operations", "/operations/outbox", "/processes"],
}


class Person:
    """Somebody signed in at the application."""

    def __init__(self, client: FlaskClient, username: str) -> None:
        self._client = client
        found = TOKEN.search(client.get("/sign-in").text)
        assert found is not None
        form = {"username": username, "password": demo.PASSWORD, "csrf_token": found[1]}
        assert client.post("/sign-in", data=form).status_code == 303, f"{username} could not sign in"

    def milliseconds(self, address: str, times: int) -> list[float]:
        """How long a page took, each time."""
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            response = self._client.get(address)
            taken.append((time.perf_counter() - began) * 1000)
            assert response.status_code == 200, f"{address}: {response.status_code}"
        return taken


def pages(engine: Engine, times: int) -> dict[str, Any]:
    """p50 and p95 of each kind of page over all people and questions, and the slowest questions."""
    app = create_app(engine, Settings(SECRET))
    kinds: dict[str, list[float]] = {}
    slowest: list[tuple[float, str]] = []
    for username, addresses in READERS.items():
        person = Person(app.test_client(), username)
        for kind, address in [*((_kind(each), each) for each in addresses), *_things(engine, username)]:
            person.milliseconds(address, 1)
            taken = person.milliseconds(address, times)
            kinds.setdefault(kind, []).extend(taken)
            slowest.append((median(taken), f"{username} {address}"))
    slowest.sort(reverse=True)
    return {
        **{kind: _percentiles(taken) for kind, taken in kinds.items()},
        "slowest_p50_ms": [f"{milliseconds:.0f} {what}" for milliseconds, what in slowest[:8]],
    }


def _kind(address: str) -> str:
    return address.split("?")[0].strip("/").split("/")[0]


def _things(engine: Engine, username: str) -> Iterator[tuple[str, str]]:
    """Some cases and tasks that this person may open: whole ones, whose history is as long as in life."""
    actor = engine.query(console.actor_named, console.CONSOLE, username)
    if actor.username in ("otto", RARE_PERSON):
        return
    for status in ("active", "completed"):
        for row in engine.query(case_lists.cases, actor, status=status).rows[:4]:
            yield "case", f"/cases/{row.key}"
    if actor.username != "adil":
        for row in engine.query(work.inbox, actor, now=engine.clock(), view="groups").rows[:4]:
            yield "task", f"/tasks/{row.key}?view=groups"


def _percentiles(taken: list[float]) -> dict[str, float]:
    taken = sorted(taken)
    return {"p50_ms": round(median(taken), 1), "p95_ms": round(taken[int(len(taken) * 0.95)], 1), "pages": len(taken)}


def steps(engine: Engine, number: int) -> dict[str, float]:
    """How long it takes to file a complaint, and to complete its first task, at the median."""
    started, completed = [], []
    executor = executor_of(engine)
    anna = engine.query(console.actor_named, console.CONSOLE, "anna")
    answer: dict[str, Any] | None = None
    for count in range(number):
        began = time.perf_counter()
        case = engine.execute(StartPublicly(PROCESS, complaint(count)), CUSTOMER)
        started.append((time.perf_counter() - began) * 1000)
        executor.run_due(limit=20)
        with engine.database.reading() as session:
            key = session.scalar(select(Task.key).where(Task.root_key == case.key, Task.status == "open").limit(1))
        if key is None:
            continue
        if answer is None:
            view = engine.query(tasks.form, anna, key, now=engine.clock(), words={})
            answer = Filler(Random(5), dict(WISHES), engine.clock()).fill(view.schema, view.data) if view else {}
        began = time.perf_counter()
        engine.execute(CompleteTask(key, answer), anna)
        completed.append((time.perf_counter() - began) * 1000)
    return {"start_ms": round(median(started), 2), "step_ms": round(median(completed), 2)}


@contextmanager
def empty_beside(url: str) -> Iterator[str]:
    """The URL of an empty database of the kind of another."""
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite":
        with sqlite() as empty:
            yield empty
        return
    server = Postgres(parsed)
    try:
        with server.database(migrated=False) as empty:
            yield empty
    finally:
        server.close()


def on_empty(url: str, number: int) -> dict[str, float]:
    """The same on a database of the same kind that holds nothing else; for PostgreSQL, on the same server."""
    with empty_beside(url) as empty:
        engine = Engine(empty, secret=SECRET).open()
        demo.prepare(engine)
        found = steps(engine, number)
        engine.close()
    return found


def verified(engine: Engine, every: int) -> dict[str, int]:
    """Whether the chains of the cases that are whole hold: those whose log has all its entries."""
    with engine.database.reading() as session:
        roots = session.scalars(
            select(ProcessInstance.key).where(ProcessInstance.parent_key.is_(None)).order_by(ProcessInstance.key)
        )
        verdicts = [verify(session, key) for key in list(roots)[::every]]
    whole = [verdict for verdict in verdicts if verdict.entries > 3]
    return {"chains": len(whole), "hold": sum(verdict.holds for verdict in whole)}


def measure_on(url: str, opened: int, closed: int, *, times: int = TIMES, number: int = STEPS) -> dict[str, Any]:
    """Everything, on one database, which is filled when it is empty."""
    engine = Engine(url, secret=SECRET)
    if not inspect(engine.database.sql).has_table("process_instance"):
        engine.close()
        fill(url, opened, closed)
        engine = Engine(url, secret=SECRET)
    engine.open()
    with engine.database.reading() as session:
        count = select(func.count()).select_from(ProcessInstance).where(ProcessInstance.parent_key.is_(None))
        found: dict[str, Any] = {"cases": session.scalar(count), "load_before": round(os.getloadavg()[0], 1)}
    found["verified"] = verified(engine, max(1, (opened + closed) // 5_000))
    found["pages"] = pages(engine, times)
    found["with_cases"] = steps(engine, number)
    engine.close()
    return found


def measure(urls: tuple[str, ...] = (), *, opened: int = 1_000, closed: int = 10_000, **options: Any) -> dict[str, Any]:
    """What the report says of size: on SQLite, and on the databases given."""
    OUT.mkdir(exist_ok=True)
    kept = OUT / f"filled-{opened}-{closed}.db"
    report: dict[str, Any] = {"limit_p95_ms": LIMIT_MS}
    for url in urls or (f"sqlite:///{kept}",):
        measured = measure_on(url, opened, closed, **options)
        report[url.split(":")[0].split("+")[0]] = {**measured, "empty": on_empty(url, options.get("number", STEPS))}
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opened", type=int, default=100_000)
    parser.add_argument("--closed", type=int, default=1_000_000)
    parser.add_argument("--database", action="append", default=[], help="URL of a database that is empty or was filled")
    options = parser.parse_args()
    print(json.dumps(measure(tuple(options.database), opened=options.opened, closed=options.closed), indent=2))


if __name__ == "__main__":
    main()
