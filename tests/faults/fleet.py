"""Processes that move cases on one database and can be killed at any point, and the outside world that they call.

Each is forked, so that it is there at once; what it was told is done it writes down at once, so that it counts even
when it dies a moment later.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from engine.commands import CompleteTask, StartInstance
from engine.connectors import Connectors
from engine.connectors.http import HttpConnector, HttpLimits
from engine.engine import Engine, utc_now
from engine.errors import EngineError
from engine.executor import EmbeddedExecutor
from engine.model import Job, ProcessInstance, Task
from engine.model.identity import ENGINE
from tests.world import ANNA, diagram, flow, service, task

SECRET = b"a secret of thirty-two bytes or so"
LEASE_SECONDS = 2
PROCESS = "moved"
_FORK = multiprocessing.get_context("fork")


def process_calling(address: str) -> str:
    """A person, an outside service, a timer, a message between two cases' parts, and a person again."""
    call = service("call", "casewright:http", retries=50, inputs={"method": "POST", "url": address})
    wait = (
        '<bpmn:intermediateCatchEvent id="pause"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
    )
    return diagram(
        PROCESS,
        "<start/>" + task("a") + call + wait + task("b") + "<end/>" + flow("start", "a", "call", "pause", "b", "end"),
    )


class Ledger:
    """An outside service that books each idempotency key once, however often it is called with it."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.on_call: Callable[[], None] = lambda: None
        ledger = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ledger.calls[self.headers["Idempotency-Key"]] += 1
                ledger.on_call()
                with suppress(OSError):  # whoever asked may be dead by now
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"{}")

            def log_message(self, *_: Any) -> None:
                """The test tells what matters."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.address = f"http://127.0.0.1:{self._server.server_port}/book"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Ledger:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Accepted:
    """What the processes were told is done."""

    path: Path
    tasks: set[int] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)

    def read(self) -> Accepted:
        for line in self.path.read_text().splitlines() if self.path.exists() else ():
            kind, _, name = line.partition(" ")
            if kind == "task":
                self.tasks.add(int(name))
            else:
                self.cases.add(name)
        return self

    @property
    def number(self) -> int:
        self.read()
        return len(self.tasks) + len(self.cases)


def executor_of(engine: Engine, lease_seconds: int = LEASE_SECONDS) -> EmbeddedExecutor:
    connector = HttpConnector(HttpLimits(private_hosts=("127.0.0.1",)))
    return EmbeddedExecutor(
        engine, Connectors({"casewright:http": connector}), status_link=str, lease_seconds=lease_seconds
    )


class Mover:
    """One process that starts cases, completes tasks and runs jobs as fast as it can."""

    def __init__(self, url: str, accepted: Path, seed: int, most_cases: int) -> None:
        self._process = _FORK.Process(target=_move, args=(url, accepted, seed, most_cases), daemon=True)
        self._process.start()

    def kill(self) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()


def _move(url: str, accepted: Path, seed: int, most_cases: int) -> None:
    engine = Engine(url, secret=SECRET, clock=utc_now)
    told = os.open(accepted, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def work(number: int) -> None:
        random = Random(seed * 10 + number)
        while True:
            with suppress(EngineError, SQLAlchemyError):
                _act(engine, random, told, most_cases)

    executor_of(engine).start()
    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _act(engine: Engine, random: Random, told: int, most_cases: int) -> None:
    """Complete a task or start a case; write down what was done."""
    with engine.database.reading() as session:
        keys = session.scalars(select(Task.key).where(Task.status == "open").limit(20)).all()
    if keys and random.random() < 0.8:
        key = random.choice(keys)
        engine.execute(CompleteTask(key), ANNA)
        os.write(told, f"task {key}\n".encode())
    elif len(keys) < most_cases:
        reference = engine.execute(StartInstance(PROCESS), ENGINE).reference
        os.write(told, f"case {reference}\n".encode())
    else:
        time.sleep(0.01)


def finish(engine: Engine) -> None:
    """Nobody dies any more: do all that is left, waiting for leases and timers of the dead."""
    executor = executor_of(engine)
    end = time.monotonic() + 120
    while True:
        executor.run_due()
        with engine.database.reading() as session:
            keys = session.scalars(select(Task.key).where(Task.status == "open")).all()
        for key in keys:
            engine.execute(CompleteTask(key), ANNA)
        if not keys and engine.query(_is_over, ENGINE):
            return
        assert time.monotonic() < end, "cases do not come to their end"
        time.sleep(0.05)


def _is_over(session: Any, actor: Any) -> bool:
    running = session.scalar(select(ProcessInstance.key).where(ProcessInstance.status == "active").limit(1))
    return running is None and session.scalar(select(Job.key).limit(1)) is None


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that stands still for a while, as one whose machine is asleep."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
