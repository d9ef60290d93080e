"""What a token can wait for from outside: a message, a signal, a time, a condition that becomes true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.bpmn.elements import EventDefinition
from engine.bpmn.scripting import Attribute, Variables, attribute
from engine.bpmn.timers import Due, Timer
from engine.bpmn.tokens import Token
from engine.events import ElementEvent, MessageAwaited, SignalAwaited, TimerSet


@dataclass(frozen=True)
class Armed:
    """A wait whose expressions have been worked out: what to tell, and what the token must remember."""

    event: type[ElementEvent] | None
    fields: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)

    def put_into(self, token: Token) -> None:
        """Let the token wait."""
        token.internal_data.update(self.memory)
        if self.event is None:
            token.workflow.case.watch(token)
        else:
            token.record(self.event, **self.fields)


class Wait(Protocol):
    """Something outside that a token waits for."""

    trigger: str

    def arm(self, variables: Variables, now: dt.datetime) -> Armed:
        """Work out what exactly is waited for. Raises Failure."""

    def rearm(self, memory: Mapping[str, Any], now: dt.datetime) -> Armed | None:
        """The same again after it has happened; None when it does not happen again."""

    def name_of(self, memory: Mapping[str, Any]) -> str | None:
        """The name of the message or signal that is waited for."""


class MessageWait:
    """Waits for a message with a name and a correlation key."""

    trigger = "message"

    def __init__(self, event: EventDefinition, form_id: str | None) -> None:
        self._name = Attribute(event.name or "", "message name")
        self._correlation = attribute(event.correlation_key, "correlation key")
        self._form_id = form_id

    def arm(self, variables: Variables, now: dt.datetime) -> Armed:
        name = self._name.required_text(variables, now)
        key = self._correlation.required_text(variables, now) if self._correlation else ""
        return self._armed(name, key)

    def rearm(self, memory: Mapping[str, Any], now: dt.datetime) -> Armed | None:
        return self._armed(memory["name"], memory["correlation"])

    def _armed(self, name: str, key: str) -> Armed:
        fields = {"message": name, "correlation_key": key, "form_id": self._form_id}
        return Armed(MessageAwaited, fields, {"name": name, "correlation": key})

    def name_of(self, memory: Mapping[str, Any]) -> str | None:
        return memory.get("name")


class SignalWait:
    """Waits for a signal with a name."""

    trigger = "signal"

    def __init__(self, event: EventDefinition) -> None:
        self._name = Attribute(event.name or "", "signal name")

    def arm(self, variables: Variables, now: dt.datetime) -> Armed:
        return self._armed(self._name.required_text(variables, now))

    def rearm(self, memory: Mapping[str, Any], now: dt.datetime) -> Armed | None:
        return self._armed(memory["name"])

    @staticmethod
    def _armed(name: str) -> Armed:
        return Armed(SignalAwaited, {"signal": name}, {"name": name})

    def name_of(self, memory: Mapping[str, Any]) -> str | None:
        return memory.get("name")


class TimerWait:
    """Waits for a time; a cycle comes again."""

    trigger = "timer"

    def __init__(self, event: EventDefinition) -> None:
        self._timer = Timer(event.timer_kind or "duration", Attribute(event.expression or "", "timer"))

    def arm(self, variables: Variables, now: dt.datetime) -> Armed:
        return self._armed(self._timer.first(variables, now))

    def rearm(self, memory: Mapping[str, Any], now: dt.datetime) -> Armed | None:
        if not memory.get("interval"):
            return None
        due = Due(dt.datetime.fromisoformat(memory["due"]), memory["repeats"], memory["interval"])
        try:
            following = due.after(now)
        except (ValueError, OverflowError):
            return None  # beyond the last year that a calendar has
        return self._armed(following) if following else None

    def name_of(self, memory: Mapping[str, Any]) -> str | None:
        return None

    @staticmethod
    def _armed(due: Due) -> Armed:
        memory: dict[str, Any] = {}
        if due.interval:
            memory = {"due": due.moment.isoformat(), "repeats": due.repeats, "interval": due.interval}
        return Armed(TimerSet, {"due": due.moment, "repeats": due.repeats}, memory)


class ConditionWait:
    """Waits for a condition to become true; it is looked at whenever variables change."""

    trigger = "conditional"

    def __init__(self, event: EventDefinition) -> None:
        self.condition = Attribute(event.expression or "", "condition")

    def arm(self, variables: Variables, now: dt.datetime) -> Armed:
        return Armed(None, memory={"was": False})

    def rearm(self, memory: Mapping[str, Any], now: dt.datetime) -> Armed | None:
        return Armed(None, memory={"was": True})

    def name_of(self, memory: Mapping[str, Any]) -> str | None:
        return None

    def becomes_true(self, memory: dict[str, Any], variables: Variables, now: dt.datetime) -> bool:
        """Whether the condition is true now and was not when it was last looked at."""
        was, is_true = memory.get("was"), self.condition.is_true(variables, now)
        memory["was"] = is_true
        return is_true and not was


_WAITS: dict[str, Callable[[EventDefinition], Wait]] = {
    "signal": SignalWait,
    "timer": TimerWait,
    "conditional": ConditionWait,
}


def wait_for(event: EventDefinition, form_id: str | None) -> Wait | None:
    """The wait of an event definition; None for triggers that nobody outside can give, such as errors."""
    if event.trigger == "message":
        return MessageWait(event, form_id)
    make = _WAITS.get(event.trigger)
    return make(event) if make else None
