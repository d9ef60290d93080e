"""What the log tells of a case, folded into what must be open now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

OPENS = {
    "TaskCreated": "task",
    "TimerSet": "timer",
    "ServiceRequested": "service",
    "MessageAwaited": "message",
    "SignalAwaited": "signal",
}
"""Event → what waits from then on."""
CLOSES = frozenset(
    {"ActivityCompleted", "ActivityCancelled", "ActivityFailed", "EventOccurred", "EventPartOccurred",
     "EventWithdrawn", "TaskCompleted",
     "JobCompleted"}
)  # fmt: skip
"""Events of a passage after which it no longer waits for that."""
STATUS_AFTER = {
    "InstanceStarted": "active",
    "InstanceCompleted": "completed",
    "InstanceCancelled": "cancelled",
}
RESTS = {"InstanceSuspended": "suspended", "InstanceResumed": "active"}
"""Told of the root, meant for all of the case that runs."""
TOLD = (*OPENS, *CLOSES, *STATUS_AFTER, *RESTS, "ActivityMigrated", "IncidentRaised", "IncidentResolved")


@dataclass(frozen=True)
class Entry:
    """One line of the log, as far as it is needed here."""

    event: str
    instance_key: int | None
    element_id: str | None
    data: dict[str, Any] | None


@dataclass(frozen=True)
class Open:
    """Something that the log left open."""

    kind: str
    instance_key: int | None
    element_id: str | None


@dataclass
class Tale:
    """What the log of a case comes down to."""

    open: dict[int, Open] = field(default_factory=dict)
    """By activity key."""
    completions: Counter[int] = field(default_factory=Counter)
    """How often each task was completed."""
    status: dict[int, str] = field(default_factory=dict)
    """Of each instance."""
    is_whole: bool = True
    """Nothing that counts here was erased."""


def told(entries: Iterable[Entry]) -> Tale:
    """The log of one case, in its order."""
    tale = Tale()
    for entry in entries:
        if entry.instance_key is not None and entry.event in STATUS_AFTER:
            tale.status[entry.instance_key] = STATUS_AFTER[entry.event]
        elif entry.event in RESTS:
            _rest(tale, RESTS[entry.event])
        elif entry.data is None:
            tale.is_whole = False
        elif entry.event in OPENS:
            kind = OPENS[entry.event]
            tale.open[entry.data["activity_key"]] = Open(kind, entry.instance_key, entry.element_id)
        elif entry.event == "ActivityMigrated":
            waiting = tale.open.get(entry.data["activity_key"])
            if waiting is not None:
                tale.open[entry.data["activity_key"]] = replace(waiting, element_id=entry.element_id)
        elif entry.event in CLOSES:
            tale.open.pop(entry.data["activity_key"], None)
            if entry.event == "TaskCompleted":
                tale.completions[entry.data["activity_key"]] += 1
    return tale


def _rest(tale: Tale, status: str) -> None:
    for key, before in tale.status.items():
        if before in ("active", "suspended"):
            tale.status[key] = status
