"""How many tasks people complete in a second over HTTP, with the clients on the same machine.

    python benchmarks/throughput.py [--database URL …] [--cases 1500] [--clients 8]

Complaints are filed beforehand; then the clients, each signed in as a person of its own, complete the first task of
every one through a real server, in three ways: the POST of the form alone (JSON with the session's token, as the form's
script sends it), the POST and then the page that its answer leads to, and first the task's page, then the POST.
A database that is given must be empty. Without one, both kinds are measured on new ones.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import select  # noqa: E402

from benchmarks.filled import PROCESS, SECRET, add_twins, complaint, executor_of  # noqa: E402
from benchmarks.rounds import databases  # noqa: E402
from engine import plain  # noqa: E402
from engine.cli import demo  # noqa: E402
from engine.commands import StartPublicly  # noqa: E402
from engine.engine import Engine  # noqa: E402
from engine.model import Task  # noqa: E402
from engine.model.identity import CUSTOMER  # noqa: E402
from engine.queries import console, tasks  # noqa: E402
from tests.simulated.filling import Filler  # noqa: E402
from tests.simulated.people import WISHES  # noqa: E402

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
WAYS = ("post", "post, then the next page", "page, then post")
START_SECONDS = 60
WARM_UP = 40


@dataclass
class Lane:
    """What one client did."""

    seconds: list[float] = field(default_factory=list)
    lost: int = 0


class Client:
    """One browser on one kept connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = ""
        self._token = ""

    def get(self, address: str) -> str:
        status, text = self._send("GET", address)
        if status != 200:
            raise RuntimeError(f"GET {address}: {status}")
        if found := TOKEN.search(text):
            self._token = found[1]
        return text

    def sign_in(self, username: str) -> None:
        self.get("/sign-in")
        form = urlencode({"username": username, "password": demo.PASSWORD, "csrf_token": self._token})
        status, text = self._send("POST", "/sign-in", form.encode(), "application/x-www-form-urlencoded")
        if status != 303:
            raise RuntimeError(f"{username} could not sign in: {status} {text[:500]}")
        self.get("/inbox")

    def complete(self, key: int, answer: bytes) -> str | None:
        """The address that the answer leads to; None when it was refused."""
        status, text = self._send("POST", f"/tasks/{key}/complete?view=groups", answer, "application/json")
        return str(plain.loads(text)["location"]) if status == 200 else None

    def _send(self, method: str, address: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
        headers = {"Cookie": self._cookie, "Accept": "application/json" if "json" in kind else "text/html"}
        if body is not None:
            headers |= {"Content-Type": kind, "X-CSRF-Token": self._token}
        self._connection.request(method, address, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("Set-Cookie") or ():
            self._cookie = cookie.split(";")[0]
        return response.status, text


def prepare(url: str, cases: int) -> tuple[list[int], bytes]:
    """File so many complaints; the keys of their first tasks, and an answer that fits each."""
    engine = Engine(url, secret=SECRET).open()
    demo.prepare(engine)
    add_twins(engine)
    for number in range(cases):
        engine.execute(StartPublicly(PROCESS, complaint(number)), CUSTOMER)
    executor_of(engine).run_due(limit=10 * cases)
    with engine.database.reading() as session:
        found = session.scalars(select(Task.key).where(Task.status == "open").order_by(Task.key)).all()
    anna = engine.query(console.actor_named, console.CONSOLE, "anna")
    view = engine.query(tasks.form, anna, found[0], now=engine.clock(), words={})
    answer = Filler(Random(5), dict(WISHES), engine.clock()).fill(view.schema, view.data) if view else {}
    engine.close()
    return list(found), plain.dumps(answer).encode()


@contextmanager
def server(url: str, directory: Path, threads: int) -> Iterator[tuple[int, int]]:
    """The product, serving this database: its port, and the id of its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (directory / "secret.key").write_bytes(SECRET)
    (directory / "secret.key").chmod(0o600)
    settings = {
        "CASEWRIGHT_DATA_DIRECTORY": str(directory),
        "CASEWRIGHT_DATABASE_URL": url,
        "CASEWRIGHT_LOG_LEVEL": "ERROR",
        "CASEWRIGHT_THREADS": str(threads),
    }
    with (directory / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "engine", "serve", "--port", str(port)],
            cwd=directory, env={**os.environ, **settings, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        _wait_for(port, process, directory)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes], directory: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            Client(port).get("/health")
            return
        except (OSError, RuntimeError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {(directory / 'server.log').read_text()}")


def work(port: int, pid: int, keys: list[int], answer: bytes, way: str, clients: int) -> dict[str, Any]:
    """Complete all these tasks by so many clients at once, after some to warm up."""
    people = [Client(port) for _ in range(clients)]
    for number, client in enumerate(people):
        client.sign_in(f"anna-{number}")
    for key in keys[:WARM_UP]:
        people[0].complete(key, answer)
    lanes = [Lane() for _ in people]
    waiting = iter(keys[WARM_UP:])
    guard = threading.Lock()

    def act(client: Client, lane: Lane) -> None:
        while True:
            with guard:
                key = next(waiting, None)
            if key is None:
                return
            began = time.perf_counter()
            if way == WAYS[2]:
                client.get(f"/tasks/{key}?view=groups")
            location = client.complete(key, answer)
            if location is None:
                lane.lost += 1
            elif way == WAYS[1]:
                client.get(location)
            lane.seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=act, args=pair) for pair in zip(people, lanes, strict=True)]
    began, spent, own = time.perf_counter(), cpu_seconds(pid), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, spent, own = time.perf_counter() - began, cpu_seconds(pid) - spent, time.process_time() - own
    seconds = sorted(second for lane in lanes for second in lane.seconds)
    lost = sum(lane.lost for lane in lanes)
    return {
        "per_second": round((len(seconds) - lost) / took, 1),
        "p50_ms": round(seconds[len(seconds) // 2] * 1000, 1),
        "p95_ms": round(seconds[int(len(seconds) * 0.95)] * 1000, 1),
        "server_cpu_ms": round(spent / max(1, len(seconds)) * 1000, 1),
        "client_cpu_ms": round(own / max(1, len(seconds)) * 1000, 1),
        "completions": len(seconds) - lost,
        "refused": lost,
    }


def cpu_seconds(pid: int) -> float:
    """What a server and its processes have spent of the processors, its database server not included."""
    ticks = 0
    for each in _family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[str]:
    return [str(pid), *Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def memory_mb(pid: int) -> float:
    """What the largest of a server's processes holds in memory."""
    sizes = [
        int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{each}/status").read_text())[1])  # type: ignore[index]
        for each in _family(pid)
    ]
    return round(max(sizes) / 1024, 1)


def import_seconds() -> dict[str, float]:
    """How long it takes to load the pages and all below, in a new process: by the clock, and of a processor."""
    command = [sys.executable, "-c", "import webui.app, engine.cli.root"]
    taken = []
    for _ in range(3):
        began, spent = time.perf_counter(), _spent_by_children()
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
        taken.append((time.perf_counter() - began, _spent_by_children() - spent))
    return {"by_the_clock": round(min(taken)[0], 2), "cpu": round(min(spent for _, spent in taken), 2)}


def _spent_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_on(url: str, *, cases: int = 600, clients: int = 8, threads: int = 8) -> dict[str, Any]:
    """All three ways on one database."""
    keys, answer = prepare(url, cases)
    share = len(keys) // len(WAYS)
    found: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as directory, server(url, Path(directory), threads) as (port, pid):
        for number, way in enumerate(WAYS):
            found[way] = work(port, pid, keys[number * share : (number + 1) * share], answer, way, clients)
        found["memory_mb"] = memory_mb(pid)
    return found


def measure(urls: tuple[str, ...] = (), **options: Any) -> dict[str, Any]:
    """What the report says of throughput: on the databases given, or on a new one of each kind."""
    report: dict[str, Any] = {"import_seconds": import_seconds()}
    for url in urls:
        report[url.split(":")[0].split("+")[0]] = measure_on(url, **options)
    if not urls:
        with databases() as kinds:
            for name, new in kinds.items():
                with new() as url:
                    report[name] = measure_on(url, **options)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", action="append", default=[], help="URL of an empty database")
    parser.add_argument("--cases", type=int, default=1500)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    report = measure(
        tuple(options.database), cases=options.cases, clients=options.clients, threads=options.threads
    )  # fmt: skip
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
