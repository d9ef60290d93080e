"""A case that a test moves by hand, and that tells its events in short lines.

Every story runs in one go, with the state dumped and loaded after every stimulus, and with the case moved to a copy of
its process after every stimulus.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine import bpmn
from engine.bpmn.elements import Reference
from engine.events import (
    ActivityCancelled,
    ActivityCompleted,
    ActivityFailed,
    ActivityRetried,
    ActivityStarted,
    DecisionEvaluated,
    ErrorThrown,
    EscalationThrown,
    Event,
    EventOccurred,
    EventPartOccurred,
    EventWithdrawn,
    FlowTaken,
    MessageAwaited,
    MessageThrown,
    ProcessCalled,
    ServiceRequested,
    SignalAwaited,
    SignalThrown,
    StageReached,
    TaskCreated,
    TimerSet,
    VariablesChanged,
)

FOLDER = Path(__file__).parent
Decide = Callable[[Reference, dict[str, Any]], bpmn.Decided]


class Story:
    """One case of the diagram with this name."""

    def __init__(
        self, diagram: str, *, reloads: bool, migrates: bool = False, decide: Decide | None = None
    ) -> None:
        model = bpmn.parse((FOLDER / f"{diagram}.bpmn").read_bytes(), f"{diagram}.bpmn").processes[0]
        self.process = bpmn.compile(model)
        self.reloads, self.migrates = reloads, migrates
        self._copies = itertools.cycle([bpmn.compile(model), self.process])
        self.now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        self.events: list[Event] = []
        self._keys = itertools.count(1)
        self._decide = decide or self._no_decision
        self.execution: bpmn.Execution

    @staticmethod
    def _no_decision(reference: Reference, variables: dict[str, Any]) -> bpmn.Decided:
        raise AssertionError("the story takes no decision")

    @property
    def environment(self) -> bpmn.Environment:
        return bpmn.Environment(self.now, lambda: next(self._keys), self._decide)

    def start(self, start_element_id: str | None = None, /, **variables: Any) -> list[str]:
        self.execution, events = bpmn.Execution.start(self.process, variables, self.environment, start_element_id)
        return self._tell(events)

    def complete(self, element_id: str, /, **variables: Any) -> list[str]:
        return self._do(lambda key: self.execution.complete(key, variables), element_id)

    def trigger(self, element_id: str) -> list[str]:
        return self._do(self._execution_at_now().trigger, element_id)

    def deliver(self, element_id: str, /, **variables: Any) -> list[str]:
        return self._do(lambda key: self.execution.deliver(key, variables), element_id)

    def throw_error(self, element_id: str, code: str, message: str = "", /, **variables: Any) -> list[str]:
        return self._do(lambda key: self.execution.throw_error(key, code, message, variables), element_id)

    def escalate(self, element_id: str, code: str, /, **variables: Any) -> list[str]:
        return self._do(lambda key: self.execution.escalate(key, code, variables), element_id)

    def fail(self, element_id: str, template: str, /, **values: Any) -> list[str]:
        return self._do(lambda key: self.execution.fail(key, template, values), element_id)

    def retry(self, element_id: str, /, **variables: Any) -> list[str]:
        return self._do(lambda key: self.execution.retry(key, variables), element_id)

    def set_variables(self, scope_id: str | None = None, /, **variables: Any) -> list[str]:
        return self._tell(self._execution_at_now().set_variables(variables, scope_id))

    def cancel(self) -> list[str]:
        return self._tell(self._execution_at_now().cancel())

    @property
    def waits(self) -> list[str]:
        """The elements that wait for something from outside."""
        return list(self.execution.waits().values())

    @property
    def failures(self) -> list[str]:
        return list(self.execution.failures().values())

    def key(self, element_id: str) -> int:
        """The activity key of the oldest passage that waits or has failed at an element."""
        places = {**self.execution.waits(), **self.execution.failures()}
        return next(key for key, place in places.items() if place == element_id)

    def last(self, kind: type[Event]) -> Any:
        return next(event for event in reversed(self.events) if isinstance(event, kind))

    def _migrate(self) -> None:
        """To a copy of the process, which changes nothing."""
        old, self.process = self.process, next(self._copies)
        self.execution, migrated = bpmn.Execution.migrate(
            old, self.process, self.execution.dump(), self.environment, bpmn.Plan()
        )
        assert migrated.withdrawn == migrated.events == []

    def _do(self, stimulus: Callable[[int], list[Event]], element_id: str) -> list[str]:
        self._execution_at_now()
        return self._tell(stimulus(self.key(element_id)))

    def _execution_at_now(self) -> bpmn.Execution:
        """The execution, knowing what time it is."""
        self.execution._case.environment = self.environment
        return self.execution

    def _tell(self, events: list[Event]) -> list[str]:
        self.events += events
        if self.migrates and not (self.execution.is_completed or self.execution._case.is_cancelled):
            self._migrate()
        if self.reloads:
            self.execution = bpmn.Execution.load(self.process, self.execution.dump(), self.environment)
        return [line(event) for event in events]


def line(event: Event) -> str:
    """An event in a few words."""
    match event:
        case ActivityStarted():
            return f"{event.element_id} started"
        case ActivityCompleted():
            return f"{event.element_id} completed"
        case ActivityCancelled():
            return f"{event.element_id} cancelled by {event.cause}"
        case ActivityFailed():
            return f"{event.element_id} failed: {event.template.format(**event.values)}"
        case ActivityRetried():
            return f"{event.element_id} retried"
        case EventOccurred():
            name = f" {event.event_name}" if event.event_name else ""
            return f"{event.element_id} happened: {event.trigger}{name}"
        case EventPartOccurred():
            return f"{event.element_id} came: {event.trigger} {event.event_name or ''}".rstrip()
        case EventWithdrawn():
            return f"{event.element_id} withdrawn"
        case FlowTaken():
            reads = ", ".join(f"{path}: {value}" for path, value in event.reads.items())
            why = f" because {event.condition}" if event.condition else " by default" if event.is_default else ""
            return f"{event.source} -> {event.target}{why}" + (f" ({reads})" if reads else "")
        case VariablesChanged():
            return f"{event.scope}: " + ", ".join(map(_change, event.changes.items()))
        case TaskCreated():
            return f"{event.element_id} offered"
        case ServiceRequested():
            return f"{event.element_id} asked for: {event.service}"
        case TimerSet():
            again = "" if event.repeats is None else f", then {event.repeats} more"
            return f"{event.element_id} due {event.due:%m-%d %H:%M}{again}"
        case MessageAwaited():
            return f"{event.element_id} awaited: {event.message} {event.correlation_key}".rstrip()
        case SignalAwaited():
            return f"{event.element_id} awaited: {event.signal}"
        case MessageThrown():
            return f"{event.element_id} sent: {event.message} {event.correlation_key} {event.variables}"
        case SignalThrown():
            return f"{event.element_id} broadcast: {event.signal}"
        case ErrorThrown():
            return f"{event.element_id} threw {event.code}, caught by {event.caught_by}"
        case EscalationThrown():
            return f"{event.element_id} escalated {event.code}, caught by {event.caught_by}"
        case ProcessCalled():
            return f"{event.element_id} called: {event.process_id} {event.variables}"
        case StageReached():
            return f"stage {event.stage}"
        case DecisionEvaluated():
            return f"{event.element_id} decided: {event.result}"
    raise AssertionError(f"no line for {event}")


def _change(change: tuple[str, dict[str, Any]]) -> str:
    name, values = change
    return f"{name} = {values['new']}" if "old" not in values else f"{name} {values['old']} => {values['new']}"
