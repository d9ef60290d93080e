"""What everything that changes anything is made of: a command, and the transaction it works with."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast, overload

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload, undefer

from engine.errors import EngineError, Forbidden, NotFound
from engine.events import Event, InstanceMigrated, InstanceStarted
from engine.keys import new_key
from engine.model import log
from engine.model.definitions import Definition
from engine.model.identity import Actor, Permission
from engine.model.instances import ProcessInstance

if TYPE_CHECKING:
    from engine.database import Base

Row = TypeVar("Row", bound="Base")
Kept = TypeVar("Kept")

ALOOF = {"autoflush": False}
"""Execution options of statements about rows that the command does not change: they need not see what it changed, so
all of that is written at once at its end."""
_WHOLE = (undefer(ProcessInstance.state), joinedload(ProcessInstance.definition).defer(Definition.outline))


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

    @staticmethod
    def new_key() -> int:
        return new_key()

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
        kind = of or ProcessInstance
        if self.session.scalar(_lock_of(kind), {"key": key}) is None:
            raise not_found(kind, key)
        self.session.expire_all()
        if of is None:
            return self.instance(key)
        row = self.get(of, key)
        return self.instance(cast(Any, row).instance_key), row

    def instance(self, key: int) -> ProcessInstance:
        """An instance of a case that is locked, read in one go: with its state and definition."""
        row = self.session.get(ProcessInstance, key, options=_WHOLE)
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
        self.record(instance.root_key, *events, instance=instance)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden when the actor lacks the permission."""
        require(self.actor, permission)

    def write_log(self) -> None:
        self.session.flush()
        log.append(self.session, self.recorded, actor=self.actor.username, now=self.now)
        self.recorded.clear()


@cache
def _lock_of(kind: Any) -> Select[int]:
    """Locks the root instance of the row of this kind whose `key` is given, and gives the root's key."""
    root_key = select(kind.root_key).where(kind.key == bindparam("key")).correlate(None).scalar_subquery()
    return select(ProcessInstance.key).where(ProcessInstance.key == root_key).with_for_update()


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden when the actor lacks the permission."""
    if not actor.may(permission):
        raise Forbidden("Expected the permission '{permission}', but you do not have it.", permission=permission.value)


def not_found(kind: type[Any], key: Any) -> NotFound:
    noun = str(kind.__tablename__).replace("_", " ")
    return NotFound("Expected to find {noun} '{key}', but there is none.", noun=noun, key=key)
