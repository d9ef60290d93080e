"""The whole product as users have it: `casewright serve --demo` in a process of its own, on fresh data."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import or_, select

from engine.cli.clock import TurnableClock
from engine.engine import Engine
from engine.model import Job
from engine.queries import console

PATIENCE_SECONDS = 60
"""So long we wait for another process before we call it broken; nothing is measured by it."""
LOOK_AGAIN_SECONDS = 0.02
Found = TypeVar("Found")


class Served:
    """A running server: its address, its clock, and its database read beside it."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.directory = directory
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.clock = TurnableClock(directory / "clock-offset")
        self.settings = {name: value for name, value in os.environ.items() if not name.startswith("CASEWRIGHT_")}
        self.settings |= {
            "CASEWRIGHT_DATA_DIRECTORY": str(directory),
            "CASEWRIGHT_TEST_CLOCK": "1",
            "CASEWRIGHT_LOG_LEVEL": "WARNING",
            **settings,
        }
        self._process: subprocess.Popen[str] | None = None
        self.engine: Engine | None = None

    # --- its life

    def start(self) -> Served:
        """Start it and wait until it answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine", "serve", "--demo", "--port", str(self.port)],
                cwd=self.directory, env=self.settings, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        greeting = self._process.stdout
        assert greeting is not None
        if not any(self.address in line for line in greeting):
            raise RuntimeError(f"the server did not start:\n{self._log.read_text('utf-8')}")
        if self.engine is None:
            secret = (self.directory / "secret.key").read_bytes()
            url = self.settings.get("CASEWRIGHT_DATABASE_URL") or f"sqlite:///{self.database}"
            self.engine = Engine(url, secret=secret, clock=self.clock)
        return self

    def kill(self) -> None:
        """End it at once, whatever it is doing, as when the power fails."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as an operator does."""
        self._end(signal.SIGTERM)
        if self.engine is not None:
            self.engine.close()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def database(self) -> Path:
        return self.directory / "casewright.db"

    def complaints_of_the_log(self) -> str:
        """What the server wrote to its log; warnings and errors alone."""
        return self._log.read_text("utf-8")

    # --- time and the work that time brings

    def turn(self, **by: float) -> None:
        """Turn its clock ahead and wait until everything that came due is done."""
        self.clock.turn(dt.timedelta(**by))
        self.settle()

    def settle(self) -> None:
        """Wait until no job is due or in hand."""
        until(lambda: not self.rows(select(Job.key).where(Job.status == "waiting", _is_in_motion(self.clock()))),
              "due jobs to be done")  # fmt: skip

    def rows(self, statement: Any) -> list[Any]:
        """What the database holds."""
        assert self.engine is not None
        with self.engine.database.reading() as session:
            rows = list(session.scalars(statement).all())
            session.expunge_all()
            return rows

    def broken_chains(self) -> list[str]:
        """Every chain of the log that does not verify."""
        assert self.engine is not None
        found = []
        for stream in self.engine.query(console.streams, console.CONSOLE):
            verdict = self.engine.query(console.verdict, console.CONSOLE, stream.key)
            if not verdict.holds:
                found.append(f"{stream.reference or stream.key}, entry {verdict.first_bad}: {verdict.reason}")
        return found

    @property
    def _log(self) -> Path:
        return self.directory / "server.log"

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.communicate()
            self._process = None


class Working:
    """`casewright worker` beside a running server, on the same database."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Working:
        """Start it and wait until it says that it works."""
        with (self._server.directory / "worker.log").open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine", "worker"],
                cwd=self._server.directory, env=self._server.settings, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert self._process.stdout is not None and "does what is due" in self._process.stdout.readline()
        return self

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def working(server: Served) -> Iterator[Working]:
    """A worker for as long as it is needed."""
    worker = Working(server)
    try:
        yield worker.start()
    finally:
        worker.kill()


@contextmanager
def served(directory: Path, **settings: str) -> Iterator[Served]:
    """A server for as long as it is needed."""
    server = Served(directory, **settings)
    try:
        yield server.start()
    finally:
        server.stop()


def until(found: Callable[[], Found], what: str) -> Found:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (result := found()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(LOOK_AGAIN_SECONDS)
    return result


def _is_in_motion(now: dt.datetime) -> Any:
    return or_(Job.due <= now, Job.lease_until > now)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
