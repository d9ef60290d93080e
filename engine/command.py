"""What everything that changes anything is made of: a command, and the transaction it works with."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, overload

from sqlalchemy import Connection, Select, Table, bindparam, func, select, update
from sqlalchemy.orm import Load, Session, aliased, undefer

from engine.errors import EngineError, Forbidden, NotFound
from engine.events import Event, InstanceMigrated, InstanceStarted
from engine.keys import new_key
from engine.model import log, rows
from engine.model.definitions import Deployment
from engine.model.identity import Actor, Permission
from engine.model.instances import ProcessInstance

if TYPE_CHECKING:
    from engine.database import Base

Row = TypeVar("Row", bound="Base")
Kept = TypeVar("Kept")

ALOOF = {"autoflush": False}
"""Execution options of statements about rows that the command does not change: they need not see what it changed, so
all of that is written at once at its end."""


class Memory:
    """What was made of immutable things once, such as a compiled process; shared by all threads."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def recall(self, name: Hashable, make: Callable[[], Kept]) -> Kept:
        """What is kept under this name; made outside the lock when it is not, so that two threads may both make it."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return cast(Kept, self._kept[name])
        made = make()
        with self._lock:
            kept = self._kept.setdefault(name, made)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return cast(Kept, kept)


@dataclass(frozen=True)
class Command:
    """Something asked for: one verb, one transaction."""

    registry: ClassVar[dict[str, type[Command]]] = {}
    reads_only: ClassVar[bool] = False
    """Whether it only tries something out: it then runs in a transaction that is always rolled back."""
    permission: ClassVar[Permission | None]
    """What the asker needs; none when the command looks at the asker itself, as signing in does."""

    def __init_subclass__(cls) -> None:
        Command.registry[cls.__name__] = cls

    def prepare(self, session: Session) -> Any:
        """Slow work that needs no lock, such as hashing a password or reading a diagram, before the transaction begins.

        What is returned is found in `tx.prepared`; what was read here must be looked at again under the lock.
        """
        return None

    def execute(self, tx: Transaction) -> Any:
        """Do it, or raise an EngineError; what is returned is handed to the asker after the commit."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """The thing that is asked about, for the log of refused attempts."""
        for ending in ("key", "_id", "name", "reference"):
            for name, value in vars(self).items():
                if name.endswith(ending) and value is not None:
                    return f"{name.replace('_', ' ')} {value}"
        return ""


@dataclass
class Transaction:
    """What a command works with; the engine opens and ends it."""

    session: Session
    actor: Actor
    now: dt.datetime
    secret: bytes
    memory: Memory = field(default_factory=Memory)
    prepared: Any = None
    recorded: list[log.Recorded] = field(default_factory=list)
    refusal: EngineError | None = None
    """Raised after the commit, for a refusal that must leave a trace in the tables, such as a wrong password."""
    has_due_job: bool = False
    """Something can be executed as soon as this is committed."""
    _heads: dict[int, log.Head] = field(default_factory=dict)
    """Where the logs end that this transaction has come to."""
    _roots: dict[int, ProcessInstance] = field(default_factory=dict)
    _newest_deployment: tuple[int | None] | None = None

    @staticmethod
    def new_key() -> int:
        return new_key()

    @cached_property
    def connection(self) -> Connection:
        """For statements about columns, which cost a fraction of those about whole rows; they write nothing first."""
        return self.session.connection()

    def add(self, row: Base) -> None:
        self.session.add(row)

    def get(self, kind: type[Row], key: Any) -> Row:
        """The row with this key. Raises NotFound."""
        row = self.session.get(kind, key)
        if row is None:
            raise not_found(kind, key)
        return row

    @overload
    def lock_instance(self, key: int) -> ProcessInstance: ...

    @overload
    def lock_instance(self, key: int, of: type[Row]) -> tuple[ProcessInstance, Row]: ...

    def lock_instance(self, key: int, of: type[Row] | None = None) -> ProcessInstance | tuple[ProcessInstance, Row]:
        """Lock the case that an instance, or a row of one (a task, a job …), belongs to, then read it fresh.

        The root instance's row is the lock of the whole case: whoever holds it is alone with every called instance,
        task, job and log entry of the case.  Nothing read before the lock may be believed after it.
        """
        self.session.expire_all()
        found = self.session.execute(_whole(of or ProcessInstance), {"key": key}).first()
        if found is None:
            raise not_found(of or ProcessInstance, key)
        instance: ProcessInstance = found[0]
        self._note(instance, found)
        return instance if of is None else (instance, found[1])

    def lock_cases(self, of: type[Row], keys: Collection[int]) -> list[tuple[ProcessInstance, Row]]:
        """Lock the cases that so many rows (jobs …) belong to, one row of each, and read those fresh, in one go.

        A case that somebody else is at just now is left out: whoever holds many must wait for none. It must be the
        first thing a transaction does.
        """
        read: dict[int, tuple[ProcessInstance, Row]] = {}
        for found in self.session.execute(_many(of), {"keys": sorted(keys)}):
            instance: ProcessInstance = found[0]
            if instance.root_key not in read:
                read[instance.root_key] = (instance, found[1])
                self._note(instance, found)
        return list(read.values())

    def instance(self, key: int) -> ProcessInstance:
        """An instance of a case that is locked, read in one go: with its state and definition."""
        row = self.session.get(ProcessInstance, key, options=[undefer(ProcessInstance.state)])
        if row is None:
            raise not_found(ProcessInstance, key)
        return row

    def record(self, stream_key: int, *events: Event, instance: ProcessInstance | None = None) -> None:
        """Put events on their way into a stream of the log."""
        instance_key = instance.key if instance else None
        for event in events:
            # Every version of a file is a definition of its own, so these say it for all that follows.
            tells_digest = isinstance(event, (InstanceStarted, InstanceMigrated))
            digest = instance.definition.digest if instance and tells_digest else None
            self.recorded.append(log.Recorded(stream_key, event, instance_key, digest))

    def tell(self, instance: ProcessInstance, *events: Event) -> None:
        """Record events of an instance: they go to the stream of its case."""
        if instance.parent_key is None:
            self._roots[instance.key] = instance
            if any(isinstance(event, InstanceStarted) for event in events):
                self._heads[instance.key] = log.NOTHING
        self.record(instance.root_key, *events, instance=instance)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden when the actor lacks the permission."""
        require(self.actor, permission)

    @property
    def newest_deployment(self) -> int | None:
        """Its key: a value that changes with every deployment and with nothing else."""
        if self._newest_deployment is None:
            self._newest_deployment = (self.session.scalar(select(_NEWEST_DEPLOYMENT)),)
        return self._newest_deployment[0]

    def write(self) -> None:
        """Write all rows, and the log of what was recorded."""
        entries = log.chain(self.session, self.recorded, self._heads, actor=self.actor.username, now=self.now)
        self._keep_heads()
        rows.write(self.session, self.connection)
        log.append(self.connection, entries)
        self.recorded.clear()

    def _note(self, instance: ProcessInstance, found: Any) -> None:
        """Remember what was read along with an instance when its case was locked."""
        self._newest_deployment = (found.newest_deployment,)
        if found.log_position is not None:
            self._heads[instance.root_key] = (found.log_position, found.log_hash)
        if instance.parent_key is None:
            self._roots[instance.key] = instance

    def _keep_heads(self) -> None:
        """Where the log of a case ends stands on its root instance's row, which the next step reads anyway."""
        for key in {record.stream_key for record in self.recorded if record.instance_key is not None}:
            position, digest = self._heads[key]
            root = self._roots.get(key)
            if root is not None:
                root.log_position, root.log_hash = position, digest
            else:
                self.connection.execute(_KEEP_HEAD, {"root": key, "position": position, "hash": digest})


_NEWEST_DEPLOYMENT = (
    select(Deployment.key)
    .where(Deployment.number == select(func.max(Deployment.number)).scalar_subquery())
    .scalar_subquery()
    .label("newest_deployment")
)
_KEEP_HEAD = (
    update(cast(Table, ProcessInstance.__table__))
    .where(ProcessInstance.key == bindparam("root"))
    .values(log_position=bindparam("position"), log_hash=bindparam("hash"))
)


@cache
def _whole(kind: Any) -> Select[Any]:
    """Locks the case of the row of this kind whose `key` is given, and reads all that a step begins with in one go."""
    wanted, root, read = _with_case(kind)
    return wanted.where(kind.key == bindparam("key")).with_for_update(of=[root, *read], key_share=True)


@cache
def _many(kind: Any) -> Select[Any]:
    """The same for many `keys`, of cases that nobody else is at."""
    wanted, root, read = _with_case(kind)
    wanted = wanted.where(kind.key.in_(bindparam("keys", expanding=True))).order_by(root.key, kind.key)
    return wanted.with_for_update(of=[root, *read], key_share=True, skip_locked=True)


def _with_case(kind: Any) -> tuple[Select[Any], Any, list[Any]]:
    """What reads rows of a kind with the case of each: the statement, the case's root, and all that is to be locked.

    The root instance's row is locked first, and every row that is read is locked as well: PostgreSQL reads a row that
    it had to wait for again, but only if it locks that row too.
    """
    root, read = aliased(ProcessInstance, name="root"), [cast(Any, ProcessInstance)]
    wanted = select(ProcessInstance).join(root, root.key == ProcessInstance.root_key)
    if kind is not ProcessInstance:
        wanted = wanted.add_columns(kind).join(kind, kind.instance_key == ProcessInstance.key)
        read.append(kind)
    wanted = (
        wanted.add_columns(root.log_position, root.log_hash, _NEWEST_DEPLOYMENT)
        .options(*(Load(each).undefer("*") for each in read))
        .execution_options(populate_existing=True)
    )
    return wanted, root, read


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden when the actor lacks the permission."""
    if not actor.may(permission):
        raise Forbidden("Expected the permission '{permission}', but you do not have it.", permission=permission.value)


def not_found(kind: type[Any], key: Any) -> NotFound:
    noun = str(kind.__tablename__).replace("_", " ")
    return NotFound("Expected to find {noun} '{key}', but there is none.", noun=noun, key=key)
