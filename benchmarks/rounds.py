"""What the measurements of a step share: a case that goes round, the databases, and the counting of what a step does.

The case: a user task with a form, a decision table, an exclusive gateway that reads its result, and the task again.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import event, select, text  # noqa: E402

from engine.commands import CompleteTask  # noqa: E402
from engine.database import Base, Database  # noqa: E402
from engine.model import Task  # noqa: E402
from tests.postgres import cluster, why_not  # noqa: E402
from tests.world import ANNA, World, diagram, flow, form, task  # noqa: E402

DECISION = ROOT / "processes" / "compensation-limit.dmn"
PROCESS = diagram(
    "rework",
    "<start/>"
    + task("propose", form="proposal", extra='<zeebe:taskSchedule dueDate="=now() + duration(&quot;PT4H&quot;)"/>')
    + '<bpmn:businessRuleTask id="limit" name="Check the limit"><bpmn:extensionElements>'
    '<zeebe:calledDecision decisionId="compensation-limit" resultVariable="limit"/>'
    "</bpmn:extensionElements></bpmn:businessRuleTask>"
    '<bpmn:exclusiveGateway id="again" name="Again?" default="again-end"/><end/>'
    + flow("start", "propose", "limit", "again")
    + '<bpmn:sequenceFlow id="again-propose" sourceRef="again" targetRef="propose"><bpmn:conditionExpression '
    'xsi:type="bpmn:tFormalExpression">=limit.approvalNeeded</bpmn:conditionExpression></bpmn:sequenceFlow>'
    + flow("again", "end"),
)
FORM = form("proposal", ("amount", "number"), ("isSafety", "checkbox"), ("reason", "textfield"))
FILED = {"customer": "Chen Wei", "product": "Order 4711", "description": "The delivery was late and broken. " * 12}
PROPOSED = {"amount": 1000, "isSafety": False, "reason": "The delivery was late; half of the price is given back."}

NewDatabase = Callable[[], AbstractContextManager[str]]
WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Statements:
    """What one part of the work said to the database."""

    count: int = 0
    commits: int = 0
    pings: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)
    writes: list[tuple[str, Any, bool]] = field(default_factory=list)
    """Statement, parameters, and whether they are many, as the driver got them."""


class Rounds:
    """An engine on a database, with the case deployed."""

    def __init__(self, url: str) -> None:
        self.world = World(url)
        self.database: Database = self.world.engine.database
        self._open: Statements | None = None
        sql = self.database.sql
        event.listen(sql, "before_cursor_execute", self._note)
        event.listen(sql, "commit", self._note_commit)
        self._count_pings(sql.dialect)

    def deploy(self) -> None:
        self.world.deploy(("rework.bpmn", PROCESS), ("proposal.form", FORM), (DECISION.name, DECISION.read_bytes()))

    def start(self) -> int:
        """A case at its first task. Returns the case's key."""
        return int(self.world.start("rework", **FILED).key)

    def task_of(self, case: int) -> int:
        """The key of the case's open task."""
        with self.database.reading() as session:
            return session.scalars(select(Task.key).where(Task.root_key == case, Task.status == "open")).one()

    def step(self, task_key: int) -> None:
        """One of those it is offered to completes the task; the case comes round to it again."""
        self.world.engine.execute(CompleteTask(task_key, PROPOSED), ANNA)

    def __enter__(self) -> Rounds:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.engine.close()

    def copy_to(self, other: Rounds) -> None:
        """Every row, as the driver gives it."""
        for table in Base.metadata.sorted_tables:
            with self.database.sql.connect() as connection:
                rows = [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table.name}"))]
                names = list(connection.execute(text(f"SELECT * FROM {table.name} LIMIT 0")).keys())
            if rows:
                places = ", ".join(f":{name}" for name in names)
                columns = ", ".join(f'"{name}"' for name in names)
                with other.database.writing() as session:
                    session.execute(text(f"DELETE FROM {table.name}"))
                    session.execute(
                        text(f"INSERT INTO {table.name} ({columns}) VALUES ({places})"),
                        [dict(zip(names, row, strict=True)) for row in rows],
                    )

    @contextmanager
    def counting(self) -> Iterator[Statements]:
        """All that is said to the database meanwhile, BEGIN and COMMIT apart."""
        self._open = Statements()
        try:
            yield self._open
        finally:
            self._open = None

    def bytes_of(self, work: Callable[[], Any]) -> int:
        """How many bytes the database writes ahead for some work."""
        if self.database.is_sqlite:
            event.listen(self.database.sql, "connect", _without_checkpoints)
            self.database.close()
        before = self._written_ahead()
        work()
        return self._written_ahead() - before

    def _written_ahead(self) -> int:
        if self.database.is_sqlite:
            log = Path(f"{self.database.sql.url.database}-wal")
            return log.stat().st_size if log.exists() else 0
        with self.database.sql.connect() as connection:
            return int(connection.scalar(text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")) or 0)

    def _note(self, _: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:
        if self._open is None or statement.startswith("BEGIN"):
            return
        words = statement.split()
        self._open.count += 1
        self._open.by_kind[" ".join(words[: 3 if words[0] in ("INSERT", "DELETE") else 2])] += 1
        if words[0] in WRITES:
            self._open.writes.append((statement, parameters, many))

    def _note_commit(self, _: Any) -> None:
        if self._open is not None:
            self._open.commits += 1

    def _count_pings(self, dialect: Any) -> None:
        ping = dialect.do_ping

        def counted(connection: Any) -> Any:
            if self._open is not None:
                self._open.pings += 1
            return ping(connection)

        dialect.do_ping = counted


def _without_checkpoints(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA wal_autocheckpoint=0")


@contextmanager
def sqlite() -> Iterator[str]:
    """The URL of a new SQLite database."""
    with tempfile.TemporaryDirectory() as directory:
        yield f"sqlite:///{directory}/casewright.db"


@contextmanager
def databases() -> Iterator[dict[str, NewDatabase]]:
    """How a new database is made, for each kind there is on this machine: `sqlite` and `postgresql`.

    PostgreSQL is durable, as it is where people work with it.
    """
    if why_not():
        print(f"No PostgreSQL: {why_not()}.", file=sys.stderr)
        yield {"sqlite": sqlite}
        return
    with cluster(is_durable=True) as server:
        yield {"sqlite": sqlite, "postgresql": server.database}


def cpu(work: Any, *args: Any) -> float:
    """CPU milliseconds that some work took in this process."""
    begun = time.process_time()
    work(*args)
    return (time.process_time() - begun) * 1000
