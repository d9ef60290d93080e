"""What every stimulus leaves behind: the events are told, and what the case now waits for is set up.

One step may move several instances of a case: a called process that ends moves its caller, an error that nobody
catches rises to it, a cancelled call takes its called process along.  A `Step` holds them all until it is saved.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from engine import feel
from engine.bpmn import Execution, Migrated
from engine.command import Transaction
from engine.commands.definitions import Process, environment, process_of, resolve
from engine.commands.relocation import relocate
from engine.commands.starts import begin
from engine.commands.waits import Waits
from engine.events import (
    ActivityCancelled,
    ActivityFailed,
    ErrorThrown,
    EscalationThrown,
    Event,
    EventWithdrawn,
    InstanceMigrated,
    MessageAwaited,
    MessageReceived,
    MessageThrown,
    ProcessCalled,
    ServiceRequested,
    SignalAwaited,
    SignalThrown,
    StageReached,
    TaskCreated,
    TimerSet,
)  # fmt: skip
from engine.model import Definition, Job, ProcessInstance, Subscription

MAXIMUM_CALL_DEPTH = 100
"""So many processes may call each other; more is taken to be a circle without end."""
SUBJECT_LENGTH = 200


@dataclass
class Live:
    """An instance with its execution, in the middle of a step."""

    instance: ProcessInstance
    execution: Execution
    process: Process


def load(tx: Transaction, instance: ProcessInstance) -> Execution:
    """The execution of an instance as it was saved."""
    process = process_of(tx, instance.definition_key)
    return Execution.load(process.compiled, instance.state, environment(tx, process.deployment_key))


def keep(
    tx: Transaction,
    instance: ProcessInstance,
    execution: Execution,
    events: Iterable[Event],
    waits: Waits | None = None,
) -> None:
    """Tell the events of one stimulus, set up what the case now waits for, and save all instances it moved.

    `waits` are given by who moves several cases, and closes them after the last.
    """
    step = Step(tx, waits)
    step.hold(instance, execution)
    step.take(instance, events)
    step.finish()


def deliver(
    tx: Transaction, subscription: Subscription, variables: dict[str, Any], waits: Waits | None = None
) -> ProcessInstance:
    """Let a message or signal reach the instance that waits for it; the case is locked."""
    step = Step(tx, waits)
    instance = step.deliver(subscription, variables)
    step.finish()
    return instance


def migrate(
    tx: Transaction,
    instance: ProcessInstance,
    execution: Execution,
    migrated: Migrated,
    told: Callable[[], InstanceMigrated],
) -> None:
    """Let an instance go on in another version of its process."""
    step = Step(tx)
    step.migrate(instance, execution, migrated, told)
    step.finish()


def cancel(tx: Transaction, instance: ProcessInstance, reason: str) -> None:
    """End an instance before its time, with everything it called and waits for."""
    step = Step(tx)
    step.cancel(instance, reason)
    step.finish()


def begin_called(tx: Transaction, instance: ProcessInstance, job: Job, definition: Definition) -> None:
    """Let a process that was called while it rested begin."""
    step = Step(tx)
    step.call(instance, job.key, definition, job.variables)
    step.finish()


class Step:
    """Everything that one stimulus moves, until it comes to rest."""

    def __init__(self, tx: Transaction, waits: Waits | None = None) -> None:
        self._tx = tx
        self._waits = waits or Waits(tx)
        self._closes_waits = waits is None
        self._live: dict[int, Live] = {}
        self._ahead: deque[Callable[[], None]] = deque()

    def hold(self, instance: ProcessInstance, execution: Execution) -> None:
        self._live[instance.key] = Live(instance, execution, process_of(self._tx, instance.definition_key))

    def take(self, instance: ProcessInstance, events: Iterable[Event]) -> None:
        """Tell events of an instance and do at once what concerns it alone; the rest waits until all are told."""
        live = self._live[instance.key]
        uncaught: ErrorThrown | None = None
        for event in events:
            self._tx.tell(instance, event)
            if isinstance(event, ErrorThrown) and event.caught_by is None:
                uncaught = event
            elif isinstance(event, ActivityFailed):
                self._ahead.append(partial(self._fail, live, event, uncaught))
                uncaught = None
            else:
                self._set_up(live, event)
        self._ahead.append(partial(self._settle, live))

    def deliver(self, subscription: Subscription, variables: dict[str, Any]) -> ProcessInstance:
        """A message or signal arrives."""
        live = self._instance(subscription.instance_key or 0)
        key = subscription.key
        self._waits.forget(subscription)
        if subscription.kind == "message":
            self._tx.tell(
                live.instance,
                MessageReceived(
                    subscription.element_id, key, subscription.name, subscription.correlation_key, variables
                ),
            )
        self.take(live.instance, live.execution.deliver(key, variables))
        if key in live.execution.waits():
            self._waits.renew(subscription)
        return live.instance

    def migrate(
        self, instance: ProcessInstance, execution: Execution, migrated: Migrated, told: Callable[[], InstanceMigrated]
    ) -> None:
        """An instance goes on in another version; `told` switches the instance to it and tells that."""
        self.hold(instance, execution)
        old = self._live[instance.key]
        for event in migrated.withdrawn:
            self._tx.tell(instance, event)
            self._set_up(old, event)
        happened = told()
        self.hold(instance, execution)
        self._tx.tell(instance, happened)
        relocate(self._tx, instance, migrated, self._live[instance.key].process)
        self.take(instance, migrated.events)

    def cancel(self, instance: ProcessInstance, reason: str) -> None:
        """An instance is ended from outside."""
        told = instance.cancel(reason, self._tx.now)
        live = self._instance(instance.key)
        self.take(instance, live.execution.cancel())
        self._waits.end(instance)
        self._tx.tell(instance, told)

    def finish(self) -> None:
        """Go on until nothing moves any more, then save all that moved."""
        while self._ahead:
            self._ahead.popleft()()
        for live in self._live.values():
            self._save(live)
        if self._closes_waits:
            self._waits.close()

    def _set_up(self, live: Live, event: Event) -> None:
        waits, instance = self._waits, live.instance
        match event:
            case TaskCreated():
                waits.offer_task(instance, event, live.process.deployment_key)
            case TimerSet():
                waits.set_timer(instance, event)
            case ServiceRequested():
                waits.request_service(instance, event)
            case MessageAwaited() | SignalAwaited():
                waits.subscribe(instance, event)
            case ActivityCancelled() if event.kind == "callActivity":
                self._ahead.append(partial(self._cancel_called, instance, event))
                waits.withdraw(event, live.process.node(event.element_id))
            case ActivityCancelled() | EventWithdrawn():
                waits.withdraw(event, live.process.node(event.element_id))
            case StageReached():
                self._root(instance).reach(event)
            case ProcessCalled():
                self._ahead.append(partial(self._call, live, event))
            case EscalationThrown(caught_by=None) if instance.parent_key is not None:
                self._ahead.append(partial(self._escalate, instance, event))
            case MessageThrown():
                self._ahead.append(partial(self._send, instance, event))
            case SignalThrown():
                self._ahead.append(partial(self._broadcast, instance, event))
            case _:
                pass

    def _call(self, live: Live, event: ProcessCalled) -> None:
        """Start a called process as an instance of its own, in the same case."""
        if live.instance.has_ended or event.activity_key not in live.execution.waits():
            return
        template, values = "", {"process": event.process_id}
        meant = resolve(self._tx, "process", event.process_id, event.binding, live.process.deployment_key)
        if meant is None:
            template = "Process '{process}' was called, but it is not deployed."
        elif self._depth(live.instance) >= MAXIMUM_CALL_DEPTH:
            template = "Process '{process}' was called, but too many processes call each other already."
        if meant is None or template:
            self.take(live.instance, live.execution.fail(event.activity_key, template, values))
            return
        definition = self._tx.get(Definition, meant.key)
        if definition.is_suspended:
            self._waits.keep_call(live.instance, event, definition.key)
        else:
            self._begin(live, event.activity_key, definition, event.variables)

    def call(self, instance: ProcessInstance, activity_key: int, definition: Definition, data: dict[str, Any]) -> None:
        """A called process that rested when it was called begins."""
        self._begin(self._instance(instance.key), activity_key, definition, data)

    def _begin(self, caller: Live, activity_key: int, definition: Definition, data: dict[str, Any]) -> None:
        begun = begin(
            self._tx, definition, data,
            parent=caller.instance, parent_activity_key=activity_key, parent_variables=caller.execution.variables,
        )  # fmt: skip
        self.hold(begun.instance, begun.execution)
        self.take(begun.instance, begun.events)

    def _settle(self, live: Live) -> None:
        """An instance that has come to its end is completed, and its caller goes on."""
        instance = live.instance
        if instance.has_ended or not live.execution.is_completed:
            return
        instance.variables = live.execution.variables
        self._tx.tell(instance, instance.complete(self._tx.now))
        self._waits.end(instance)
        if instance.parent_key is not None and instance.parent_activity_key is not None:
            parent = self._instance(instance.parent_key)
            self.take(parent.instance, parent.execution.complete(instance.parent_activity_key, instance.variables))

    def _fail(self, live: Live, event: ActivityFailed, uncaught: ErrorThrown | None) -> None:
        """A failure waits for a person, unless it is a modelled error that a calling process catches."""
        if live.instance.has_ended:
            return
        if uncaught is None or not self._rise(live.instance, uncaught):
            self._waits.raise_incident(
                live.instance, event.activity_key, event.element_id, event.label, event.template, event.values
            )

    def _rise(self, instance: ProcessInstance, error: ErrorThrown) -> bool:
        """Offer an error to each caller in turn; whether one of them caught it."""
        while instance.parent_key is not None and instance.parent_activity_key is not None:
            parent = self._instance(instance.parent_key)
            if parent.execution.catches(instance.parent_activity_key, error.code):
                variables = self._live[instance.key].execution.variables
                self.take(
                    parent.instance,
                    parent.execution.throw_error(instance.parent_activity_key, error.code, error.label, variables),
                )
                return True
            instance = parent.instance
        return False

    def _escalate(self, instance: ProcessInstance, event: EscalationThrown) -> None:
        if instance.parent_key is None or instance.parent_activity_key is None:
            return
        parent = self._instance(instance.parent_key)
        if instance.parent_activity_key in parent.execution.waits():
            variables = self._live[instance.key].execution.variables
            self.take(parent.instance, parent.execution.escalate(instance.parent_activity_key, event.code, variables))

    def _cancel_called(self, caller: ProcessInstance, event: ActivityCancelled) -> None:
        called = select(ProcessInstance).where(
            ProcessInstance.parent_key == caller.key,
            ProcessInstance.parent_activity_key == event.activity_key,
            ProcessInstance.status.in_(("active", "suspended")),
        )
        for instance in self._tx.session.scalars(called).all():
            self.cancel(instance, f"The step that called it was stopped: {event.label or event.element_id}")

    def _send(self, instance: ProcessInstance, event: MessageThrown) -> None:
        """A message to the same case arrives at once; one to others travels as a job, so that no step locks two."""
        receiver = self._tx.session.scalars(
            select(Subscription)
            .where(
                Subscription.kind == "message",
                Subscription.name == event.message,
                Subscription.correlation_key == event.correlation_key,
                Subscription.root_key == instance.root_key,
            )
            .order_by(Subscription.key)
            .limit(1)
        ).first()
        if receiver is not None:
            self.deliver(receiver, event.variables)
        else:
            node = self._live[instance.key].process.node(event.element_id)
            self._waits.post_message(instance, event, node.properties.get("timeToLive", "") if node else "")

    def _broadcast(self, instance: ProcessInstance, event: SignalThrown) -> None:
        """A signal reaches all who waited for it when it was thrown: here at once, elsewhere by a job each."""
        receivers = self._tx.session.scalars(
            select(Subscription).where(
                Subscription.kind == "signal", Subscription.name == event.signal, Subscription.key < event.activity_key
            )
        ).all()
        for receiver in receivers:
            if receiver.root_key == instance.root_key:
                if not self._instance(receiver.instance_key or 0).instance.has_ended:
                    self.deliver(receiver, event.variables)
            else:
                self._waits.post_signal(receiver, event.variables)

    def _root(self, instance: ProcessInstance) -> ProcessInstance:
        return instance if instance.parent_key is None else self._instance(instance.root_key).instance

    def _depth(self, instance: ProcessInstance) -> int:
        depth = 0
        while instance.parent_key is not None:
            instance, depth = self._instance(instance.parent_key).instance, depth + 1
        return depth

    def _instance(self, key: int) -> Live:
        """An instance of the case, read when the step first comes to it."""
        if key not in self._live:
            instance = self._tx.instance(key)
            self.hold(instance, load(self._tx, instance))
        return self._live[key]

    def _save(self, live: Live) -> None:
        instance, execution = live.instance, live.execution
        instance.variables = execution.variables
        # An ended case needs no state: nothing moves it again, and its history is in the log.
        instance.state = b"" if instance.has_ended else execution.dump()
        if instance.parent_key is None:
            instance.subject = _subject(live, self._tx)


def _subject(live: Live, tx: Transaction) -> str:
    """What the case is about: the value of its process's own property, which its data may change."""
    text = live.process.model.properties.get("subject", "").strip()
    value: Any = text or None
    if text.startswith("="):
        value = feel.to_plain(feel.compile(text[1:]).value(live.execution.variables, tx.now))
    return " ".join(str(value).split())[:SUBJECT_LENGTH] if value is not None else live.instance.subject
