"""Recordings: what came to a case from outside, and the way it went, as the log tells it.

A recording says of every wait of a case (a task, a service, a timer, a message …) how long it took and what it
brought, by the place and the round: whoever runs the case again needs nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.queries.recorded import Entry

Place = tuple[str, str, str]
"""Where something is waited for: the lineage of the instance, the element's id, and the kind of wait."""
ROOT = ""
"""The lineage of the case itself; that of a called process says which call, in which round."""


class Step(NamedTuple):
    """One step of the way through a diagram."""

    lineage: str
    what: str
    """flow, event, begun, done, stopped or failed."""
    element: str
    """The element, or where a flow begins."""
    target: str = ""
    """Where a flow leads."""


@dataclass(slots=True)
class Outcome:
    """What came of a wait."""

    kind: str
    """done, error, failed, fired, message, signal, resolved or withdrawn."""
    at: dt.datetime
    position: int
    """In the log: of two at the same time, which came first."""
    variables: dict[str, Any] = field(default_factory=dict)
    doer: str = ""
    code: str = ""


@dataclass(slots=True)
class Opening:
    """A wait of the case, from its beginning to what came of it."""

    place: Place
    at: dt.datetime
    due: dt.datetime | None = None
    groups: tuple[str, ...] = ()
    outcome: Outcome | None = None
    """None while it still waits."""


@dataclass(slots=True)
class Recording:
    """A case as it was."""

    key: int
    reference: str
    process_id: str
    digest: str
    started_at: dt.datetime
    start_element: str | None
    """None for the plain start event."""
    variables: dict[str, Any]
    ended_at: dt.datetime | None = None
    seen_at: dt.datetime | None = None
    """When its last entry was written."""
    cancelled_at: tuple[dt.datetime, int] | None = None
    openings: dict[Place, list[Opening]] = field(default_factory=dict)
    """In the order in which they began: the rounds."""
    digests: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Lineage → process and digest of its file."""
    decided: dict[str, list[int]] = field(default_factory=dict)
    """Decision → the versions in which it was taken, one after another."""
    path: tuple[Step, ...] = ()
    reads: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Index in the path → what the condition of the flow read."""
    by_hand: bool = False
    """Somebody moved it, or it went on in another version: no diagram explains its way."""
    is_erased: bool = False
    """Its data is not there any more."""


STEPS = {
    "EventOccurred": "event",
    "ActivityStarted": "begun",
    "ActivityCompleted": "done",
    "ActivityCancelled": "stopped",
    "ActivityFailed": "failed",
}
OPENS = {
    "TaskCreated": "task",
    "ServiceRequested": "service",
    "TimerSet": "timer",
    "MessageAwaited": "message",
    "SignalAwaited": "signal",
    "ActivityFailed": "failure",
}
NEEDS_DATA = frozenset(OPENS) | {
    "InstanceStarted", "TaskCompleted", "JobCompleted", "JobFailed", "MessageReceived", "EventOccurred",
    "EventPartOccurred", "IncidentResolved", "ErrorThrown",
}  # fmt: skip


def recorded(key: int, entries: Sequence[Entry]) -> Recording | None:
    """The recording of a case from the entries of its log; none when its beginning is not there."""
    reader = _Reader(key)
    for index, entry in enumerate(entries):
        reader.read(entry, entries[index + 1 :])
    return reader.recording


class _Reader:
    """Reads the log of one case, entry by entry."""

    def __init__(self, key: int) -> None:
        self._key = key
        self.recording: Recording | None = None
        self._lineages: dict[int, str] = {}
        self._calls: dict[tuple[str, str], int] = {}
        self._called: dict[int, str] = {}
        """Key of a call → the lineage of what it calls."""
        self._open: dict[tuple[int, str], Opening] = {}
        """Key of an activity and kind of wait → what waits there."""
        self._last: dict[tuple[int, str], Opening] = {}
        self._path: list[Step] = []

    def read(self, entry: Entry, following: Sequence[Entry]) -> None:
        data = entry.data
        if entry.event == "InstanceStarted":
            self._begin(entry, following)
        recording = self.recording
        if recording is None:
            return
        recording.seen_at = entry.at
        if data is None:
            recording.is_erased = recording.is_erased or entry.event in NEEDS_DATA
            return
        lineage, element = self._lineages.get(entry.instance_key, ROOT), entry.element_id or ""
        self._walk(entry.event, lineage, element, data)
        self._close(entry, element, data, following)
        if entry.event in OPENS:
            self._begin_wait(entry, lineage, element, data)
        recording.path = tuple(self._path)

    def _begin(self, entry: Entry, following: Sequence[Entry]) -> None:
        data = entry.data or {}
        if entry.instance_key == self._key:
            start = next((each for each in following if each.element_id and each.instance_key == self._key), None)
            self._lineages[self._key] = ROOT
            self.recording = Recording(
                key=self._key,
                reference=data.get("reference", ""),
                process_id=data.get("process_id", ""),
                digest=entry.digest or "",
                started_at=entry.at,
                start_element=_start(start),
                variables=dict(data.get("variables", {})),
            )
            self.recording.is_erased = entry.data is None
        else:
            self._lineages[entry.instance_key] = self._called.get(data.get("parent_activity_key", 0), "?")
        if self.recording is not None:
            lineage = self._lineages[entry.instance_key]
            self.recording.digests[lineage] = (data.get("process_id", ""), entry.digest or "")

    def _walk(self, event: str, lineage: str, element: str, data: dict[str, Any]) -> None:
        recording = self.recording
        assert recording is not None
        if event == "FlowTaken":
            if data.get("reads"):
                recording.reads[len(self._path)] = data["reads"]
            self._path.append(Step(lineage, "flow", data["source"], data["target"]))
        elif event in STEPS:
            self._path.append(Step(lineage, STEPS[event], element))
        elif event == "DecisionEvaluated":
            recording.decided.setdefault(data["decision_id"], []).append(data["version"])
        elif event == "ProcessCalled":
            round = self._calls[lineage, element] = self._calls.get((lineage, element), -1) + 1
            self._called[data["activity_key"]] = f"{lineage}/{element}#{round}"
        elif event in ("InstanceModified", "InstanceMigrated"):
            recording.by_hand = True
        elif event in ("InstanceCompleted", "InstanceCancelled") and lineage == ROOT:
            recording.ended_at = recording.seen_at

    def _begin_wait(self, entry: Entry, lineage: str, element: str, data: dict[str, Any]) -> None:
        assert self.recording is not None
        kind = OPENS[entry.event]
        opening = Opening(
            (lineage, element, kind), entry.at, _moment(data.get("due")), tuple(data.get("candidate_groups", ()))
        )
        self.recording.openings.setdefault(opening.place, []).append(opening)
        self._open[data["activity_key"], kind] = opening

    def _close(self, entry: Entry, element: str, data: dict[str, Any], following: Sequence[Entry]) -> None:
        """What came of a wait, if this entry tells it."""
        key, at, position = data.get("activity_key", 0), entry.at, entry.position
        variables = data.get("variables") or {}
        match entry.event:
            case "TaskCompleted":
                self._came(key, "task", Outcome("done", at, position, variables, entry.actor))
            case "JobCompleted":
                self._came(key, "service", Outcome("done", at, position, variables))
            case "JobFailed":
                self._job_failed(entry, key, following)
            case "MessageReceived":
                self._came(key, "message", Outcome("message", at, position, variables))
            case "EventOccurred" | "EventPartOccurred":
                kind = {"timer": "fired", "signal": "signal"}.get(data.get("trigger", ""), "")
                if data.get("trigger") == "multiple":
                    kind = "fired" if (key, "timer") in self._open else "signal"
                if kind:
                    self._came(key, "timer" if kind == "fired" else kind, Outcome(kind, at, position, variables))
            case "IncidentResolved":
                self._came(key, "failure", Outcome("resolved", at, position, variables))
            case "ActivityCancelled" | "EventWithdrawn":
                for kind in OPENS.values():
                    self._came(key, kind, Outcome("withdrawn", at, position))
            case "InstanceCancelled" if entry.instance_key == self._key and self.recording is not None:
                self.recording.cancelled_at = self.recording.cancelled_at or (at, position)

    def _job_failed(self, entry: Entry, key: int, following: Sequence[Entry]) -> None:
        data = entry.data or {}
        thrown = following[0] if following else None
        if data.get("retries_left"):
            return
        if thrown is not None and thrown.event == "ErrorThrown" and (thrown.data or {}).get("activity_key") == key:
            said = thrown.data or {}
            brought = _brought(said.get("caught_by"), thrown.at, following[1:])
            self._came(key, "service", Outcome("error", entry.at, entry.position, brought, code=said.get("code", "")))
        else:
            self._came(key, "service", Outcome("failed", entry.at, entry.position, {"message": data.get("message")}))

    def _came(self, key: int, kind: str, outcome: Outcome) -> None:
        opening = self._open.pop((key, kind), None)
        if opening is None and outcome.kind in ("message", "signal") and (key, kind) in self._last:
            # It was waited for again as soon as it had come, which the log does not tell.
            before = self._last[key, kind]
            assert before.outcome is not None and self.recording is not None
            opening = Opening(before.place, before.outcome.at)
            self.recording.openings[before.place].append(opening)
        if opening is not None:
            opening.outcome = outcome
            self._last[key, kind] = opening


def _start(first: Entry | None) -> str | None:
    """Where the case began, unless that was the plain start event."""
    if first is None:
        return None
    if first.event == "EventOccurred" and (first.data or {}).get("trigger") == "none":
        return None
    starts = first.event in ("EventOccurred", "EventPartOccurred") or (first.data or {}).get("kind") == "receiveTask"
    return first.element_id if starts else None


def _brought(caught_by: str | None, at: dt.datetime, following: Iterable[Entry]) -> dict[str, Any]:
    """The variables of an error, by what changed where it was caught."""
    for entry in following:
        if entry.at != at:
            break
        if entry.event == "VariablesChanged" and entry.element_id == caught_by:
            changes = (entry.data or {}).get("changes", {})
            return {name: change["new"] for name, change in changes.items() if "new" in change}
    return {}


def _moment(value: Any) -> dt.datetime | None:
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    return value if isinstance(value, dt.datetime) else None
