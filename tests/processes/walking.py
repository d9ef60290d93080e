"""Walks cases through the library in memory: people, mails, messages and a clock that is turned by hand."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from engine import bpmn, dmn, forms
from engine.bpmn import Environment, Execution
from engine.bpmn.elements import ProcessModel, Reference
from engine.events import (
    ActivityCancelled,
    ActivityFailed,
    ErrorThrown,
    EscalationThrown,
    Event,
    EventWithdrawn,
    MessageAwaited,
    MessageThrown,
    ProcessCalled,
    ServiceRequested,
    TaskCreated,
    TimerSet,
)  # fmt: skip
from tests.processes.texts import FORMS, LIBRARY

MONDAY = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
MAIL_ERROR = "MAIL_UNDELIVERABLE"


@cache
def models() -> dict[str, ProcessModel]:
    """The processes of the library, by id."""
    diagrams = [bpmn.parse(path.read_bytes(), path.name) for path in sorted(LIBRARY.glob("*.bpmn"))]
    return {process.id: process for diagram in diagrams for process in diagram.processes}


@cache
def compiled(process_id: str) -> bpmn.CompiledProcess:
    return bpmn.compile(models()[process_id])


@cache
def decisions() -> dict[str, dmn.DecisionModel]:
    """The decision model that holds each decision, by the decision's id."""
    read = [dmn.parse(path.read_bytes(), path.name) for path in sorted(LIBRARY.glob("*.dmn"))]
    return {decision: model for model in read for decision in model.decisions}


@cache
def form(form_id: str) -> forms.Form:
    path = FORMS / f"{form_id}.form"
    return forms.parse(path.read_bytes(), path.name)


@dataclass
class Instance:
    """One running process of the case."""

    process_id: str
    execution: Execution
    parent: Instance | None = None
    parent_key: int | None = None
    is_done: bool = False


@dataclass
class Wait:
    """Something the case waits for, and the instance that waits."""

    event: Any
    instance: Instance


@dataclass
class Walk:
    """A case with everything that happens around it."""

    now: dt.datetime = MONDAY
    events: list[Event] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    waits: dict[int, Wait] = field(default_factory=dict)
    _keys: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _doers: dict[str, set[str]] = field(default_factory=dict)

    # --- what people do

    def start(self, process_id: str, *, by: str | None = None, **submitted: Any) -> Walk:
        """Start a case through its form; `by` is a member of staff, nobody means the customer."""
        (plain,) = [node for node in models()[process_id].start_events() if node.event is None]
        given = {"initiator": by}
        variables = form(plain.form.id).validate(submitted, given, self.now) if plain.form else submitted
        self._begin(process_id, {"reference": "C-2611-7KQ4XM", **given, **variables})
        return self

    def complete(self, element_id: str, *, by: str = "li.na", **submitted: Any) -> None:
        """Complete the one open task of an element through its form."""
        self.complete_one(self.task(element_id), by=by, **submitted)

    def complete_one(self, task: TaskCreated, *, by: str = "li.na", **submitted: Any) -> None:
        instance = self.waits[task.activity_key].instance
        barred = {who for other in task.separate_from for who in self._doers.get(other, set())}
        assert by not in barred, f"{by} may not do {task.element_id}"
        visible = instance.execution.variables_at(task.activity_key)
        variables = form(task.form_id or "").validate(submitted, visible, self.now)
        del self.waits[task.activity_key]
        self._doers.setdefault(task.element_id, set()).add(by)
        self._take(instance, lambda: instance.execution.complete(task.activity_key, variables))

    def answer(self, message: str, **submitted: Any) -> None:
        """The customer fills in the public form of a message that the case waits for."""
        wait = next(wait for wait in self._of(MessageAwaited) if wait.event.message == message)
        visible = wait.instance.execution.variables
        variables = form(wait.event.form_id).validate(submitted, visible, self.now)
        self._deliver(wait, variables)

    def pass_time(self, **duration: float) -> None:
        """Let time pass; timers fire in the order in which they are due."""
        end = self.now + dt.timedelta(**duration)
        while due := [wait for wait in self._of(TimerSet) if wait.event.due <= end]:
            wait = min(due, key=lambda each: (each.event.due, each.event.activity_key))
            self.now = max(self.now, wait.event.due)
            del self.waits[wait.event.activity_key]
            self._take(wait.instance, lambda wait=wait: wait.instance.execution.trigger(wait.event.activity_key))
        self.now = end

    # --- what one sees

    def tasks(self) -> list[str]:
        """The element ids of all open tasks."""
        return sorted(wait.event.element_id for wait in self._of(TaskCreated))

    def task(self, element_id: str) -> TaskCreated:
        (task,) = [wait.event for wait in self._of(TaskCreated) if wait.event.element_id == element_id]
        return task

    def all_tasks(self, element_id: str) -> list[TaskCreated]:
        return [wait.event for wait in self._of(TaskCreated) if wait.event.element_id == element_id]

    def messages(self) -> list[str]:
        return sorted(wait.event.message for wait in self._of(MessageAwaited))

    def running(self) -> list[str]:
        """The ids of the processes that have not ended."""
        return [instance.process_id for instance in self.instances if not instance.is_done]

    def variables(self, process_id: str) -> dict[str, Any]:
        return next(i for i in reversed(self.instances) if i.process_id == process_id).execution.variables

    def passed(self, element_id: str) -> int:
        """How often an element was done or happened."""
        names = ("ActivityCompleted", "EventOccurred")
        return sum(e.name in names and getattr(e, "element_id", "") == element_id for e in self.events)

    # --- the machinery

    def _of(self, kind: type[Event]) -> list[Wait]:
        return [wait for wait in self.waits.values() if isinstance(wait.event, kind)]

    def _environment(self) -> Environment:
        return Environment(now=self.now, new_key=lambda: next(self._keys), decide=self._decide)

    def _decide(self, reference: Reference, variables: dict[str, Any]) -> bpmn.Decided:
        result = decisions()[reference.id].evaluate(reference.id, variables, self.now)
        return bpmn.Decided(1, result)

    def _begin(
        self, process_id: str, variables: dict[str, Any], start: str | None = None,
        parent: Instance | None = None, parent_key: int | None = None,
    ) -> None:  # fmt: skip
        execution, events = Execution.start(compiled(process_id), variables, self._environment(), start)
        instance = Instance(process_id, execution, parent, parent_key)
        self.instances.append(instance)
        self._take(instance, lambda: events)

    def _take(self, instance: Instance, act: Callable[[], list[Event]]) -> None:
        """Save and load before the step, as the engine does between any two; then follow what it brought about."""
        instance.execution = Execution.load(
            compiled(instance.process_id), instance.execution.dump(), self._environment()
        )
        pending = deque(act())
        while pending:
            event = pending.popleft()
            self.events.append(event)
            self._follow(instance, event)
        if instance.execution.is_completed and not instance.is_done:
            instance.is_done = True
            if (parent := instance.parent) is not None and instance.parent_key in self.waits:
                del self.waits[instance.parent_key]
                values = instance.execution.variables
                self._take(parent, lambda: parent.execution.complete(instance.parent_key, values))

    def _follow(self, instance: Instance, event: Event) -> None:
        match event:
            case TaskCreated() | TimerSet() | MessageAwaited():
                self.waits[event.activity_key] = Wait(event, instance)
            case ProcessCalled():
                self.waits[event.activity_key] = Wait(event, instance)
                self._begin(event.process_id, event.variables, None, instance, event.activity_key)
            case ServiceRequested():
                self.waits[event.activity_key] = Wait(event, instance)
                self._send_mail(instance, event)
            case MessageThrown():
                self._post(event)
            case ActivityCancelled() | EventWithdrawn():
                self._withdraw(event.activity_key)
            case ActivityFailed():
                raise AssertionError(f"{event.element_id} failed: {event.template.format(**event.values)}")
            case ErrorThrown(caught_by=None) | EscalationThrown(caught_by=None):
                raise AssertionError(f"nobody catches {event.code} of {event.element_id}")

    def _withdraw(self, key: int) -> None:
        wait = self.waits.pop(key, None)
        if wait is not None and isinstance(wait.event, ProcessCalled):
            for child in [i for i in self.instances if i.parent_key == key and not i.is_done]:
                child.is_done = True
                for inner in [k for k, w in self.waits.items() if w.instance is child]:
                    self._withdraw(inner)

    def _send_mail(self, instance: Instance, event: ServiceRequested) -> None:
        assert event.service == "casewright:mail"
        key, mail = event.activity_key, {name: event.variables[name] for name in ("to", "subject", "body")}
        del self.waits[key]
        if not mail["to"]:
            self._take(instance, lambda: instance.execution.throw_error(key, MAIL_ERROR, "no address", {}))
            return
        assert all(isinstance(text, str) and text for text in mail.values()), mail
        self.mails.append(mail)
        self._take(instance, lambda: instance.execution.complete(key, {}))

    def _post(self, event: MessageThrown) -> None:
        for process_id, model in models().items():
            for node in model.start_events():
                if node.event is not None and node.event.name == event.message:
                    self._begin(
                        process_id, {"reference": "A-2611-000001", "initiator": None, **event.variables}, node.id
                    )

    def _deliver(self, wait: Wait, variables: dict[str, Any]) -> None:
        """A message may be awaited again at once, as at an event that does not interrupt."""
        key, instance = wait.event.activity_key, wait.instance
        self._take(instance, lambda: instance.execution.deliver(key, variables))
        if key not in instance.execution.waits():
            self.waits.pop(key, None)
