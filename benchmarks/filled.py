"""A database as full as after years: copies of a few real cases, each with keys, times, people and words of its own.

Thirty complaints are filed and worked through the engine; what they look like at every stage is copied by the driver in
bulk. Open cases are whole and can be worked on. Closed cases keep three of their tasks and the two first and the last
entry of their log, but for one in a hundred, which is whole; every whole log is chained anew and verifies.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import sys
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import select  # noqa: E402

from engine import keys  # noqa: E402
from engine.cli import demo  # noqa: E402
from engine.commands import ClaimTask, CompleteTask, StartPublicly  # noqa: E402
from engine.connectors import Connectors  # noqa: E402
from engine.connectors.base import Outcome  # noqa: E402
from engine.database import packed, unpacked  # noqa: E402
from engine.engine import Engine  # noqa: E402
from engine.errors import Forbidden, Refused  # noqa: E402
from engine.executor import EmbeddedExecutor  # noqa: E402
from engine.model import Actor, ProcessInstance, Task  # noqa: E402
from engine.model.identity import CUSTOMER  # noqa: E402
from engine.model.log import GENESIS, commit_to, hash_of  # noqa: E402
from engine.queries import console, tasks  # noqa: E402
from tests.simulated.filling import Filler  # noqa: E402
from tests.simulated.people import WISHES  # noqa: E402

SECRET = b"a secret of thirty-two bytes or so"
PROCESS = "complaint-handling"
STAFF = ("anna", "ben", "chen", "dana", "lena", "liu")
TWINS = 40
"""Each member of staff has so many colleagues who do the same: anna-0 … anna-39."""
RARE_GROUP, RARE_PERSON, RARE_EVERY = "legal", "rosa", 20_000
BUSY_SHARE = 4
"""For each open case that waits for a customer or a time there are so many whose tasks wait for people."""
REAL_CASES, ROUNDS = 30, 40
WHOLE_OPEN_EVERY, WHOLE_CLOSED_EVERY = 20, 100
TASKS_OF_CLOSED = 3
SPAN = dt.timedelta(days=730)
OPEN_SPAN = dt.timedelta(days=60)
CHUNK = 2_000
PRODUCTS = ("washing machine", "credit card", "mobile contract", "parcel", "heating", "insurance", "信用卡", "快递")
TROUBLES = ("arrived late", "was charged twice", "does not work", "cannot be cancelled", "重复扣款", "一直没有回复")
TABLES = (
    "process_instance", "task", "task_candidate", "job", "subscription", "incident", "outbox_mail", "log_entry",
)  # fmt: skip
_LINKED = ("task_candidate", "log_entry")
_KEY = re.compile(rb"(?<![\d.])\d{18,19}(?![\d.])")
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Row = dict[str, Any]


class Clock:
    """Turned by hand while the real cases are worked."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


@dataclass
class Pattern:
    """A real case as it was at one moment: rows of its tables, as the driver gives them."""

    rows: dict[str, list[Row]]
    reference: str
    began: dt.datetime
    is_open: bool
    places: dict[int, int] = field(default_factory=dict)
    """Key → its place in the order of all keys of the case."""

    def __post_init__(self) -> None:
        own = {row[name] for rows in self.rows.values() for row in rows for name in _KEYS_OF_CASE if row.get(name)}
        for text in self._texts():
            own |= {int(found) for found in _KEY.findall(text)}
        self.places = {key: place for place, key in enumerate(sorted(own - _shared(self.rows)))}

    @property
    def has_open_task(self) -> bool:
        return any(row["status"] == "open" for row in self.rows["task"])

    def _texts(self) -> Iterator[bytes]:
        for row in self.rows["process_instance"]:
            yield _unpacked_state(row["state"])


_KEYS_OF_CASE = ("key", "instance_key", "root_key", "parent_key", "parent_activity_key", "activity_key", "task_key",
                 "stream_key")  # fmt: skip


_MOMENTS = ("started_at", "ended_at", "promised", "due", "follow_up", "created_at", "at", "written_at", "raised_at",
            "resolved_at", "lease_until")  # fmt: skip


def _shared(rows: dict[str, list[Row]]) -> set[int]:
    return {row["definition_key"] for row in rows["process_instance"]}


def _unpacked_state(state: bytes) -> bytes:
    return zlib.decompress(state[1:]) if state[:1] == b"z" else state


# --- real cases


def real_patterns(engine: Engine, clock: Clock, random: Random) -> list[Pattern]:
    """File some complaints and work them to their close; what they looked like on the way."""
    actors = {name: engine.query(console.actor_named, console.CONSOLE, name) for name in STAFF}
    filler = Filler(random, dict(WISHES), clock.now)
    executor = executor_of(engine)
    for number in range(REAL_CASES):
        engine.execute(StartPublicly(PROCESS, complaint(number)), CUSTOMER)
    patterns: list[Pattern] = []
    for _ in range(ROUNDS):
        executor.run_due()
        patterns += _snapshot(engine, random)
        _work(engine, actors, filler, random, clock)
        clock.now += dt.timedelta(hours=random.randint(4, 60))
        filler.now = clock.now
    return patterns


def executor_of(engine: Engine) -> EmbeddedExecutor:
    """One that sends no mails."""
    connectors = Connectors({"casewright:mail": lambda call: Outcome({}, "sent")})
    return EmbeddedExecutor(engine, connectors, status_link=lambda reference: "")


def complaint(number: int) -> dict[str, Any]:
    return {
        "description": f"Complaint {number}: the delivery was late, and nobody answered my letters. " * 6,
        "productOrService": f"Order {4000 + number}",
        "requestDetails": "My money back.",
        "happenedOn": "2026-10-05",
        "customerName": f"Customer {number}",
        "email": f"customer{number}@example.org",
        "language": "en",
    }


def _work(engine: Engine, actors: dict[str, Actor], filler: Filler, random: Random, clock: Clock) -> None:
    """People do half of what is there and take some of the rest."""
    with engine.database.reading() as session:
        found = [(row.key, row.form_key) for row in session.scalars(select(Task).where(Task.status == "open"))]
    for key, form_key in found:
        for name in random.sample(STAFF, len(STAFF)):
            try:
                if random.random() < 0.5:
                    engine.execute(ClaimTask(key), actors[name])
                    break
                view = engine.query(tasks.form, actors[name], key, now=clock.now, words={}) if form_key else None
                answer = filler.fill(view.schema, view.data) if view else {}
                engine.execute(CompleteTask(key, answer), actors[name])
                break
            except (Refused, Forbidden):
                continue
            except Exception as error:
                if type(error).__name__ != "NotFound":
                    raise


def _snapshot(engine: Engine, random: Random) -> list[Pattern]:
    with engine.database.reading() as session:
        roots = session.execute(
            select(ProcessInstance.key, ProcessInstance.reference, ProcessInstance.started_at, ProcessInstance.ended_at)
            .where(ProcessInstance.parent_key.is_(None), ProcessInstance.process_id == PROCESS)
        ).all()  # fmt: skip
        chosen = [root for root in roots if random.random() < (0.1 if root.ended_at is None else 0.03)]
        connection = session.connection()

        def rows(table: str, column: str, key: int) -> list[Row]:
            found = connection.exec_driver_sql(f"SELECT * FROM {table} WHERE {column} = {key}")
            return [dict(row._mapping) for row in found]

        patterns = []
        for key, reference, began, ended in chosen:
            case = {table: rows(table, "root_key", key) for table in TABLES if table not in _LINKED}
            case["task_candidate"] = [
                row for task in case["task"] for row in rows("task_candidate", "task_key", task["key"])
            ]
            case["log_entry"] = sorted(rows("log_entry", "stream_key", key), key=lambda row: row["position"])
            patterns.append(Pattern(case, reference, began, ended is None))
    return patterns


# --- copies


class Copier:
    """Makes rows of copies; `is_text_time` when the driver keeps moments as text."""

    def __init__(self, patterns: list[Pattern], *, is_text_time: bool, now: dt.datetime) -> None:
        busy = [pattern for pattern in patterns if pattern.is_open and pattern.has_open_task]
        quiet = [pattern for pattern in patterns if pattern.is_open and not pattern.has_open_task]
        self._open = busy * max(1, round(BUSY_SHARE * len(quiet) / max(1, len(busy)))) + quiet
        self._closed = [pattern for pattern in patterns if not pattern.is_open]
        self._is_text_time, self._now = is_text_time, now
        self._random = Random(7)
        self._fixed = {key for pattern in patterns for key in _shared(pattern.rows)}
        self._plans: dict[int, tuple[list[str], list[tuple[str, dt.datetime]], list[str]]] = {}

    def copies(self, opened: int, closed: int) -> Iterator[dict[str, list[Row]]]:
        """The rows of each copy, oldest case first; the open ones are among the newest."""
        total = opened + closed
        newest = min(total, opened + opened // 3)
        for number in range(total):
            left = total - number
            is_open = left <= newest and self._random.random() < opened / newest
            if left <= newest:
                began = self._now - OPEN_SPAN * (left / newest)
            else:
                began = self._now - OPEN_SPAN - SPAN * ((left - newest) / (total - newest))
            yield self._copy(number, is_open, began)

    def _copy(self, number: int, is_open: bool, began: dt.datetime) -> dict[str, list[Row]]:
        pattern = self._random.choice(self._open if is_open else self._closed)
        is_whole = number % (WHOLE_OPEN_EVERY if is_open else WHOLE_CLOSED_EVERY) == 0
        base = (int(began.timestamp() * 1000) - keys.EPOCH_MILLISECONDS << 22) + (number % 64 << 14)
        new = {key: base + place for key, place in pattern.places.items()}
        reference = _reference(pattern.reference, began, number)
        twin = f"-{self._random.randrange(TWINS)}"
        shift = began - pattern.began
        rows: dict[str, list[Row]] = {}
        for table in TABLES:
            chosen = pattern.rows[table]
            if not is_whole:
                chosen = self._part(table, chosen, is_open)
            rows[table] = [self._row(table, row, new, shift, twin) for row in chosen]
        product, trouble = self._random.choice(PRODUCTS), self._random.choice(TROUBLES)
        subject = f"{product} {trouble}, order {self._random.randrange(10**6)}"
        for row in rows["process_instance"]:
            row["reference"], row["subject"] = reference, subject
            row["log_position"] = row["log_hash"] = None
            if is_open:
                row["state"] = _renewed_state(row["state"], new, pattern.reference, reference)
        kept = {row["key"] for row in rows["task"]}
        rows["task_candidate"] = [row for row in rows["task_candidate"] if row["task_key"] in kept]
        if number % RARE_EVERY == 0 and rows["task"]:
            rows["task_candidate"].append({**rows["task_candidate"][0], "kind": "group", "name": RARE_GROUP})
        if is_whole:
            self._chain(rows["log_entry"], new)
        return rows

    @staticmethod
    def _part(table: str, rows: list[Row], is_open: bool) -> list[Row]:
        if table == "log_entry":
            return [*rows[:2], rows[-1]]
        if table == "outbox_mail":
            return []
        return rows[:TASKS_OF_CLOSED] if table == "task" and not is_open else rows

    def _row(self, table: str, row: Row, new: dict[int, int], shift: dt.timedelta, twin: str) -> Row:
        made = dict(row)
        keys_in, moments, people = self._plan(table, row)
        for name in keys_in:
            made[name] = new[made[name]]
        for name, moment in moments:
            if table == "job" and name == "due":
                moment = max(moment + shift, self._now + OPEN_SPAN)
                made[name] = moment.isoformat(" ", "microseconds") if self._is_text_time else moment
            else:
                made[name] = (moment + shift).isoformat(" ", "microseconds") if self._is_text_time else moment + shift
        for name in people:
            made[name] += twin
        if made.get("excluded_users", "[]") != "[]":
            made["excluded_users"] = re.sub(r'"(\w+)"', rf'"\1{twin}"', made["excluded_users"])
        return made

    def _plan(self, table: str, row: Row) -> tuple[list[str], list[tuple[str, dt.datetime]], list[str]]:
        """Which columns of a row change from copy to copy."""
        plan = self._plans.get(id(row))
        if plan is None:
            keys_in = [name for name in _KEYS_OF_CASE if row.get(name) is not None and row[name] not in self._fixed]
            moments = [(name, self._read(row[name])) for name in _MOMENTS if row.get(name) is not None]
            people = [name for name in ("assignee", "completed_by", "initiator", "actor") if row.get(name) in STAFF]
            plan = self._plans[id(row)] = (keys_in, moments, people)
        return plan

    def _read(self, value: Any) -> dt.datetime:
        if self._is_text_time:
            return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
        found: dt.datetime = value
        return found

    def _chain(self, entries: list[Row], new: dict[int, int]) -> None:
        previous = GENESIS
        for row in entries:
            row["salt"] = secrets.token_bytes(16)
            data = _renewed(unpacked(row["data"]), new) if row["data"] is not None else b"{}"
            row["data"] = packed(data)
            header = {name: row[name] for name in ("key", "stream_key", "position", "actor", "event", "instance_key",
                                                   "element_id")}  # fmt: skip
            digest = row["definition_digest"]
            header |= {"at": self._read(row["at"]), "definition_digest": digest.hex() if digest else None,
                       "commitment": commit_to(row["salt"], data)}  # fmt: skip
            previous = hash_of(header, previous)
            row["commitment"], row["hash"] = bytes.fromhex(header["commitment"]), bytes.fromhex(previous)


def _renewed(text: bytes, new: dict[int, int]) -> bytes:
    return _KEY.sub(lambda found: b"%d" % new.get(int(found[0]), int(found[0])), text)


def _renewed_state(state: bytes, new: dict[int, int], old_reference: str, reference: str) -> bytes:
    text = _renewed(_unpacked_state(state), new).replace(old_reference.encode(), reference.encode())
    return b"z" + zlib.compress(text, 1)


def _reference(like: str, began: dt.datetime, number: int) -> str:
    mixed = number * 709_226_711 % 32**6
    letters = "".join(_LETTERS[mixed >> 5 * place & 31] for place in range(6))
    return f"{like.split('-')[0]}-{began:%y%m}-{letters}"


# --- the whole


def fill(url: str, opened: int, closed: int) -> None:
    """Make the tables of a fresh database at this URL, and fill them."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    clock = Clock(now - OPEN_SPAN)
    engine = Engine(url, secret=SECRET, clock=clock).open()
    demo.prepare(engine)
    patterns = real_patterns(engine, clock, Random(3))
    add_twins(engine)
    copier = Copier(patterns, is_text_time=engine.database.is_sqlite, now=now)
    _write(engine, _chunks(copier.copies(opened, closed)))
    engine.close()


def _chunks(copies: Iterable[dict[str, list[Row]]]) -> Iterator[dict[str, list[Row]]]:
    chunk: dict[str, list[Row]] = {table: [] for table in TABLES}
    count = 0
    for rows in copies:
        for table in TABLES:
            chunk[table] += rows[table]
        count += 1
        if count % CHUNK == 0:
            yield chunk
            chunk = {table: [] for table in TABLES}
    yield chunk


def add_twins(engine: Engine) -> None:
    """Colleagues with the roles and groups of each member of staff; one person in a group that has hardly a case."""
    connection = engine.database.sql.raw_connection()
    cursor = connection.cursor()
    cursor.execute("SELECT max(key) FROM user_account")
    ((highest,),) = cursor.fetchall()
    columns = _columns(cursor, "user_account", without=("key", "username"))
    listed = ", ".join(f'"{name}"' for name in columns)
    people = [(name, f"{name}-{number}") for name in STAFF for number in range(TWINS)] + [("anna", RARE_PERSON)]
    cursor.execute(f"INSERT INTO user_group (group_id, name) VALUES ('{RARE_GROUP}', 'Legal')")
    for key, (name, twin) in enumerate(people, highest + 1):
        cursor.execute(f"INSERT INTO user_account (key, username, {listed}) SELECT {key}, '{twin}', {listed}"
                       f" FROM user_account WHERE username = '{name}'")  # fmt: skip
        was = f"(SELECT key FROM user_account WHERE username = '{name}')"
        cursor.execute(f"INSERT INTO user_role (user_key, role) SELECT {key}, role FROM user_role"
                       f" WHERE user_key = {was}")  # fmt: skip
        if twin == RARE_PERSON:
            cursor.execute(f"INSERT INTO membership (user_key, group_id) VALUES ({key}, '{RARE_GROUP}')")
        else:
            cursor.execute(f"INSERT INTO membership (user_key, group_id) SELECT {key}, group_id FROM membership"
                           f" WHERE user_key = {was}")  # fmt: skip
    connection.commit()
    connection.close()


def _columns(cursor: Any, table: str, *, without: tuple[str, ...] = ()) -> list[str]:
    cursor.execute(f"SELECT * FROM {table} LIMIT 1")
    return [column[0] for column in cursor.description if column[0] not in without]


def _write(engine: Engine, chunks: Iterable[dict[str, list[Row]]]) -> None:
    connection = engine.database.sql.raw_connection()
    cursor = connection.cursor()
    if engine.database.is_sqlite:
        for pragma in ("synchronous=OFF", "cache_size=-2000000", "foreign_keys=OFF"):
            cursor.execute(f"PRAGMA {pragma}")
    for chunk in chunks:
        if engine.database.is_sqlite:
            cursor.execute("BEGIN")
        for table, rows in chunk.items():
            if rows:
                names = list(rows[0])
                values = [tuple(row[name] for name in names) for row in rows]
                _insert(cursor, engine.database.is_sqlite, table, names, values)
        cursor.execute("COMMIT") if engine.database.is_sqlite else connection.commit()
    connection.close()
    _look_after(engine)


def _insert(cursor: Any, is_sqlite: bool, table: str, names: list[str], values: list[tuple[Any, ...]]) -> None:
    listed = ", ".join(f'"{name}"' for name in names)
    if is_sqlite:
        cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))})", values)
        return
    with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _look_after(engine: Engine) -> None:
    """What a database does by itself in the course of years: statistics, and no leftovers of the filling."""
    connection = engine.database.sql.raw_connection()
    if engine.database.is_sqlite:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        connection.driver_connection.autocommit = True
        connection.cursor().execute("VACUUM ANALYZE")
    connection.close()
    engine.database.sql.dispose()


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
