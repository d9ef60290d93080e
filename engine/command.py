"""What everything that changes anything is made of: a command, and the transaction it works with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Forbidden, NotFound
from engine.events import Event
from engine.keys import new_key
from engine.model import log
from engine.model.identity import Actor, Permission
from engine.model.instances import ProcessInstance

if TYPE_CHECKING:
    from engine.database import Base

Row = TypeVar("Row", bound="Base")


@dataclass(frozen=True)
class Command:
    """Something asked for: one verb, one transaction."""

    registry: ClassVar[dict[str, type[Command]]] = {}
    permission: ClassVar[Permission]

    def __init_subclass__(cls) -> None:
        Command.registry[cls.__name__] = cls

    def execute(self, tx: Transaction) -> Any:
        """Do it, or raise an EngineError; what is returned is handed to the asker after the commit."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """The thing that is asked about, for the log of refused attempts."""
        return next((f"{name} {value}" for name, value in vars(self).items() if name.endswith("key")), "")


@dataclass
class Transaction:
    """What a command works with; the engine opens and ends it."""

    session: Session
    actor: Actor
    now: dt.datetime
    secret: bytes
    recorded: list[log.Recorded] = field(default_factory=list)
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    """Wake-ups that must not happen before what they announce is in the database."""

    new_key: ClassVar[Callable[[], int]] = staticmethod(new_key)

    def add(self, row: Base) -> None:
        self.session.add(row)

    def get(self, kind: type[Row], key: Any) -> Row:
        """The row with this key. Raises NotFound."""
        row = self.session.get(kind, key)
        if row is None:
            raise NotFound("Expected to find {noun} '{key}', but there is none.", noun=_noun(kind), key=key)
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
        kind: type[Any] = of or ProcessInstance
        root_key = self.session.scalar(select(kind.root_key).where(kind.key == key))
        if root_key is None:
            raise NotFound("Expected to find {noun} '{key}', but there is none.", noun=_noun(kind), key=key)
        self.session.execute(
            select(ProcessInstance.key).where(ProcessInstance.key == root_key).with_for_update()
        )
        self.session.expire_all()
        row = self.get(kind, key)
        if of is None:
            return row  # type: ignore[no-any-return]
        return self.get(ProcessInstance, row.instance_key), row

    def record(self, stream_key: int, *events: Event, instance: ProcessInstance | None = None) -> None:
        """Put events on their way into a stream of the log."""
        for event in events:
            self.recorded.append(
                log.Recorded(
                    stream_key,
                    event,
                    instance.key if instance else None,
                    instance.definition.digest if instance else None,
                )
            )

    def tell(self, instance: ProcessInstance, *events: Event) -> None:
        """Record events of an instance: they go to the stream of its case."""
        self.record(instance.root_key, *events, instance=instance)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden when the actor lacks the permission."""
        if not self.actor.may(permission):
            raise Forbidden("Expected the permission '{permission}', but you do not have it.", permission=permission.value)

    def write_log(self) -> None:
        self.session.flush()
        log.append(self.session, self.recorded, actor=self.actor.username, now=self.now)
        self.recorded.clear()


def _noun(kind: type[Any]) -> str:
    return str(kind.__tablename__).replace("_", " ")
