"""Runs: a recorded case run again in memory, by the interpreter that runs cases in earnest.

What came from outside comes again: each wait is answered as its recording says, after the time that it took then.
Nothing leaves the run, and nothing is kept.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine.analysis.libraries import Library, Loaded
from engine.analysis.recordings import OPENS, ROOT, STEPS, Opening, Outcome, Place, Recording, Step
from engine.bpmn import Decided, Environment, Execution
from engine.bpmn.elements import Node, Reference
from engine.errors import EngineError
from engine.events import (
    ActivityCancelled,
    ActivityFailed,
    ErrorThrown,
    EscalationThrown,
    Event,
    EventWithdrawn,
    FlowTaken,
    MessageThrown,
    ProcessCalled,
    SignalThrown,
    TaskCreated,
    TimerSet,
)  # fmt: skip

MOST_CALLS = 100
"""So many processes may call each other."""
MOST_TIMERS = 1_000
"""So many times may come that no recording knows of; more is taken to be a circle without end."""
NEVER = -2
"""No answer at all; -1 is the start of the case."""
LATER = 1 << 40
"""What no recording knows of comes after all that was recorded for the same moment."""
LONGEST = dt.timedelta(days=366)
"""So long beyond its recorded end we follow a case."""
SERVICE_FAILED = "The service '{service}' failed: {message}"
NOT_STARTED = "The case began at '{element}', where nothing begins any more."
CIRCLES = "The process calls itself again and again here."


@dataclass(frozen=True)
class Answer:
    """How the owner says a new step would be answered."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    minutes: float = 0


@dataclass(frozen=True)
class Answers:
    """What a recording cannot know: renamed elements, and the answers of new steps."""

    renamed: Mapping[str, str] = field(default_factory=dict)
    """Element of the draft → the element that it was when the case was recorded."""
    rules: Mapping[str, Answer] = field(default_factory=dict)
    """New element → its answer."""


@dataclass(slots=True)
class Made:
    """A wait of a run: where, when, and what it is answered by."""

    place: Place
    round: int
    opened_by: int
    """Index of the answer that led here; -1: the start."""
    at: dt.datetime
    by: str
    """recorded, due, rule or nothing."""
    due: dt.datetime | None = None
    due_as: str = ""
    """moment when it is due at the very moment that was recorded, wait when it is as far away; else empty."""
    groups: tuple[str, ...] = ()
    element: str = ""
    answered: int = -1
    """Index of the answer among all."""
    within: bool = False
    """Another step of the same case answered it, in passing."""
    withdrawn_by: int = NEVER
    """Index of the answer that took it back."""
    planned: tuple[dt.datetime, int] | None = None
    """When its answer is due, and its place among those of the same moment."""
    done_at: dt.datetime | None = None


@dataclass(frozen=True)
class Trouble:
    """What a case cannot go on with."""

    element: str
    label: str
    template: str
    values: dict[str, Any]


@dataclass
class Ran:
    """What became of a case."""

    path: list[Step] = field(default_factory=list)
    reads: dict[int, dict[str, Any]] = field(default_factory=dict)
    conditions: dict[int, str] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Index of each wait that was answered, in turn."""
    troubles: list[Trouble] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    """Elements where the case waits for what no recording knows."""
    ended_at: dt.datetime | None = None
    is_completed: bool = False
    is_cancelled: bool = False
    """It was ended by hand, as it was in earnest."""


@dataclass(slots=True)
class _Live:
    lineage: str
    process: Loaded
    execution: Execution
    parent: _Live | None = None
    parent_key: int = 0
    has_ended: bool = False
    depth: int = 0


@dataclass(slots=True)
class _Wait:
    live: _Live
    made: int
    event: Any
    outcome: Outcome | None


def run(recording: Recording, library: Library, answers: Answers | None = None) -> Ran:
    """Run a recorded case: through the draft in the library or, without one, through the versions it ran in."""
    return _Run(recording, library, answers or Answers()).run()


class _Run:
    """One case, run again."""

    def __init__(self, recording: Recording, library: Library, answers: Answers) -> None:
        self._recording, self._library, self._answers = recording, library, answers
        self._is_own = not library.draft
        self.ran = Ran()
        self._now = recording.started_at
        self._position = 0
        self._keys = itertools.count(1)
        self._waits: dict[tuple[int, str], _Wait] = {}
        self._rounds: dict[Place, int] = {}
        self._calls: dict[tuple[str, str], int] = {}
        self._decided: dict[str, int] = {}
        self._heap: list[tuple[dt.datetime, int, int, tuple[int, str]]] = []
        self._ahead: deque[Callable[[], None]] = deque()
        self._lives: list[_Live] = []
        self._timers = 0
        self._answer = -1

    # -- the run ------------------------------------------------------------------------------------------------

    def run(self) -> Ran:
        recording = self._recording
        if self._is_own:
            process = self._library.by_digest(*recording.digests[ROOT])
        else:
            process = self._library.process(recording.process_id)
        start = self._started_at(process)
        if start == "":
            element = recording.start_element or ""
            self.ran.troubles.append(Trouble(element, element, NOT_STARTED, {"element": element}))
            return self.ran
        if recording.cancelled_at is not None:
            heapq.heappush(self._heap, (*recording.cancelled_at, 0, (0, "cancel")))
        self._begin(process, dict(recording.variables), ROOT, None, 0, start)
        self._settle_all()
        self._answer_all()
        self._take_stock()
        return self.ran

    def _started_at(self, process: Loaded) -> str | None:
        """The element to begin at, None for the plain start; empty when the process has neither."""
        wanted = self._recording.start_element
        if wanted is None:
            starts = process.model.start_events()
            is_plain = any(node.event is None or node.event.trigger == "none" for node in starts)
            return None if is_plain or not starts else ""
        back = {old: new for new, old in self._answers.renamed.items()}
        wanted = back.get(wanted, wanted)
        return wanted if any(each.element_id == wanted for each in process.model.beginnings()) else ""

    def _answer_all(self) -> None:
        horizon = self._horizon()
        while self._heap and not self._lives[0].has_ended:
            at, position, _, key = heapq.heappop(self._heap)
            if at > horizon or self._timers > MOST_TIMERS:
                return
            if key[1] == "cancel":
                self._now, self._position = max(at, self._now), position
                self.ran.is_cancelled = True
                self._cancel(self._lives[0])
                self._settle_all()
                return
            wait = self._waits.get(key)
            if wait is None or wait.outcome is None or wait.outcome.position != position or wait.outcome.at != at:
                continue
            self._now, self._position = at, position
            self._give(key, wait, wait.outcome)
            self._settle_all()

    def _give(self, key: tuple[int, str], wait: _Wait, outcome: Outcome) -> None:
        """Let a wait be answered."""
        del self._waits[key]
        made = self.ran.made[wait.made]
        self._answer = made.answered = len(self.ran.answers)
        self.ran.answers.append(wait.made)
        made.done_at = self._now
        execution, activity = self._awake(wait.live), key[0]
        values = outcome.variables
        match outcome.kind:
            case "done":
                events = execution.complete(activity, values)
            case "error":
                events = execution.throw_error(activity, outcome.code, outcome.code, values)
            case "failed":
                said = {"service": getattr(wait.event, "service", ""), "message": str(values.get("message", ""))}
                events = execution.fail(activity, SERVICE_FAILED, said)
            case "fired":
                self._timers += made.by != "recorded"
                events = execution.trigger(activity)
            case "resolved":
                events = execution.retry(activity, values)
            case _:
                events = execution.deliver(activity, values)
        self._take(wait.live, events)
        if key[1] in ("message", "signal") and key not in self._waits and activity in wait.live.execution.waits():
            self._open(wait.live, key[1], wait.event)

    def _horizon(self) -> dt.datetime:
        recording = self._recording
        if recording.ended_at is not None:
            return recording.ended_at + LONGEST
        return recording.seen_at or recording.started_at

    def _take_stock(self) -> None:
        """What is left where the case does not go on."""
        root = self._lives[0]
        self.ran.is_completed = root.has_ended and root.execution.is_completed
        self.ran.ended_at = self._now if root.has_ended else None
        for (key, kind), wait in self._waits.items():
            if wait.live.has_ended:
                continue
            if kind == "failure" and key in wait.live.execution.failures():
                event = wait.event
                label = event.label or event.element_id
                self.ran.troubles.append(Trouble(event.element_id, label, event.template, dict(event.values)))
            elif self.ran.made[wait.made].by == "nothing" and not root.has_ended:
                self.ran.unanswered.append(wait.event.element_id)

    # -- what a step does, as in earnest ------------------------------------------------------------------------

    def _take(self, live: _Live, events: Iterable[Event]) -> None:
        uncaught: ErrorThrown | None = None
        for event in events:
            self._walk(live, event)
            if isinstance(event, ErrorThrown) and event.caught_by is None:
                uncaught = event
            elif isinstance(event, ActivityFailed):
                self._open(live, "failure", event)
                self._ahead.append(partial(self._rise, live, event, uncaught))
                uncaught = None
            else:
                self._set_up(live, event)
        self._ahead.append(partial(self._settle, live))

    def _settle_all(self) -> None:
        while self._ahead:
            self._ahead.popleft()()

    def _set_up(self, live: _Live, event: Event) -> None:
        match event:
            case ActivityCancelled() if event.kind == "callActivity":
                self._ahead.append(partial(self._cancel_called, live, event.activity_key))
                self._withdraw(event.activity_key)
            case ActivityCancelled() | EventWithdrawn():
                self._withdraw(event.activity_key)
            case ProcessCalled():
                self._ahead.append(partial(self._call, live, event))
            case EscalationThrown(caught_by=None) if live.parent is not None:
                self._ahead.append(partial(self._escalate, live, event))
            case MessageThrown():
                self._ahead.append(partial(self._send, event))
            case SignalThrown():
                self._ahead.append(partial(self._broadcast, event))
            case _ if type(event).__name__ in OPENS:
                self._open(live, OPENS[type(event).__name__], event)
            case _:
                pass

    def _begin(
        self, process: Loaded, variables: dict[str, Any], lineage: str, parent: _Live | None, parent_key: int,
        start: str | None = None,
    ) -> None:  # fmt: skip
        environment = self._environment(process)
        execution, events = Execution.start(process.compiled, variables, environment, start)
        depth = parent.depth + 1 if parent else 0
        live = _Live(lineage, process, execution, parent, parent_key, depth=depth)
        self._lives.append(live)
        self._take(live, events)

    def _call(self, live: _Live, event: ProcessCalled) -> None:
        if live.has_ended or event.activity_key not in live.execution.waits():
            return
        element = self._was(event.element_id)
        round = self._calls[live.lineage, element] = self._calls.get((live.lineage, element), -1) + 1
        lineage = f"{live.lineage}/{element}#{round}"
        try:
            if live.depth >= MOST_CALLS:
                self._take(live, self._awake(live).fail(event.activity_key, CIRCLES, {}))
                return
            process = self._called(live, lineage, event)
        except EngineError as error:
            self._take(live, self._awake(live).fail(event.activity_key, error.template, dict(error.values)))
            return
        known = self._recording.variables
        variables = {
            **event.variables, "reference": self._recording.reference, "initiator": known.get("initiator"),
        }  # fmt: skip
        self._begin(process, variables, lineage, live, event.activity_key)

    def _called(self, live: _Live, lineage: str, event: ProcessCalled) -> Loaded:
        if self._is_own and lineage in self._recording.digests:
            return self._library.by_digest(*self._recording.digests[lineage])
        return self._library.process(event.process_id, event.binding, live.process.deployment_key)

    def _settle(self, live: _Live) -> None:
        if live.has_ended or not live.execution.is_completed:
            return
        live.has_ended = True
        parent = live.parent
        if parent is not None and not parent.has_ended and live.parent_key in parent.execution.waits():
            self._take(parent, self._awake(parent).complete(live.parent_key, live.execution.variables))

    def _rise(self, live: _Live, event: ActivityFailed, uncaught: ErrorThrown | None) -> None:
        """An error that nobody caught here is offered to each caller in turn."""
        instance = live
        while uncaught is not None and not live.has_ended and instance.parent is not None:
            parent = instance.parent
            if parent.execution.catches(instance.parent_key, uncaught.code):
                key, variables = instance.parent_key, instance.execution.variables
                self._take(parent, self._awake(parent).throw_error(key, uncaught.code, uncaught.label, variables))
                return
            instance = parent

    def _escalate(self, live: _Live, event: EscalationThrown) -> None:
        parent = live.parent
        if parent is not None and live.parent_key in parent.execution.waits():
            self._take(parent, self._awake(parent).escalate(live.parent_key, event.code, live.execution.variables))

    def _cancel_called(self, caller: _Live, activity_key: int) -> None:
        for live in self._lives:
            if live.parent is caller and live.parent_key == activity_key and not live.has_ended:
                self._cancel(live)

    def _cancel(self, live: _Live) -> None:
        live.has_ended = True
        self._take(live, self._awake(live).cancel())

    def _send(self, event: MessageThrown) -> None:
        wanted = (event.message, event.correlation_key)
        for key, wait in sorted(self._waits.items(), key=lambda each: each[0]):
            if key[1] == "message" and (wait.event.message, wait.event.correlation_key) == wanted:
                self.ran.made[wait.made].within = True
                self._give(key, wait, Outcome("message", self._now, self._position, event.variables))
                return

    def _broadcast(self, event: SignalThrown) -> None:
        for key, wait in sorted(self._waits.items(), key=lambda each: each[0]):
            if key[1] == "signal" and wait.event.signal == event.signal and key[0] < event.activity_key:
                if self._waits.get(key) is wait and not wait.live.has_ended:
                    self.ran.made[wait.made].within = True
                    self._give(key, wait, Outcome("signal", self._now, self._position, event.variables))

    # -- waits --------------------------------------------------------------------------------------------------

    def _open(self, live: _Live, kind: str, event: Any) -> None:
        place = (live.lineage, self._was(event.element_id), kind)
        round = self._rounds[place] = self._rounds.get(place, -1) + 1
        recorded = self._recording.openings.get(place, [])
        opening = recorded[round] if round < len(recorded) else None
        made = Made(place, round, self._answer, self._now, "nothing", element=event.element_id)
        if isinstance(event, TaskCreated):
            made.groups, made.due = tuple(event.candidate_groups), event.due
        outcome = self._outcome(live, kind, event, opening, made)
        made.due_as = _due_as(made, opening)
        self.ran.made.append(made)
        key = (event.activity_key, kind)
        self._waits[key] = _Wait(live, len(self.ran.made) - 1, event, outcome)
        if outcome is not None:
            made.planned = (outcome.at, outcome.position)
            heapq.heappush(self._heap, (*made.planned, len(self.ran.made), key))

    def _outcome(self, live: _Live, kind: str, event: Any, opening: Opening | None, made: Made) -> Outcome | None:
        """What will come of a wait, and when."""
        known = opening.outcome if opening else None
        if isinstance(event, TimerSet):
            return self._time(event, opening, made)
        if opening is not None and known is not None and known.kind != "withdrawn":
            made.by = "recorded"
            at = self._now + (known.at - opening.at)
            return Outcome(known.kind, at, known.position, known.variables, known.doer, known.code)
        if opening is not None and known is None:
            made.by = "open"
        elif kind in ("task", "service") and opening is None and self._is_new(live, event):
            made.by = "rule"
            rule = self._answers.rules.get(event.element_id, Answer())
            at = self._now + dt.timedelta(minutes=rule.minutes)
            return Outcome("done", at, LATER + len(self.ran.made), dict(rule.variables))
        return None

    def _time(self, event: TimerSet, opening: Opening | None, made: Made) -> Outcome | None:
        known, made.by, made.due = opening.outcome if opening else None, "due", event.due
        at, position = event.due, LATER + len(self.ran.made)
        if opening is not None and opening.due is not None:
            seen = self._recording.seen_at or self._now
            if known is None and opening.due <= seen and self._recording.ended_at is None:
                return None  # it was overdue when the recording ends
            if known is not None and known.kind == "fired":
                made.by, at, position = "recorded", event.due + (known.at - opening.due), known.position
            elif known is not None and opening.due <= known.at:
                at, position = max(at, self._now + (known.at - opening.at)), known.position
        return Outcome("fired", max(at, self._now), position)

    def _is_new(self, live: _Live, event: Any) -> bool:
        """Whether the step is not in the version that was recorded."""
        if self._is_own:
            return False
        node = self._recorded_node(live.process.id, self._was(event.element_id))
        return node is None or node.kind != event.kind

    def _recorded_node(self, process_id: str, element: str) -> Node | None:
        digests = dict(self._recording.digests.values())
        if process_id in digests:
            return self._library.by_digest(process_id, digests[process_id]).model.nodes.get(element)
        known = self._library.in_force(process_id)
        return known.model.nodes.get(element) if known else None

    def _withdraw(self, key: int) -> None:
        for kind in OPENS.values():
            wait = self._waits.pop((key, kind), None)
            if wait is not None:
                self.ran.made[wait.made].withdrawn_by = self._answer

    def _was(self, element_id: str) -> str:
        return self._answers.renamed.get(element_id, element_id)

    # -- what is told -------------------------------------------------------------------------------------------

    def _walk(self, live: _Live, event: Event) -> None:
        ran = self.ran
        if isinstance(event, FlowTaken):
            if event.reads:
                ran.reads[len(ran.path)] = event.reads
            if event.condition:
                ran.conditions[len(ran.path)] = event.condition
            ran.path.append(Step(live.lineage, "flow", event.source, event.target))
        elif type(event).__name__ in STEPS:
            ran.path.append(Step(live.lineage, STEPS[type(event).__name__], getattr(event, "element_id", "")))

    def _awake(self, live: _Live) -> Execution:
        live.execution.go_on(self._environment(live.process))
        return live.execution

    def _environment(self, process: Loaded) -> Environment:
        return Environment(self._now, self._keys.__next__, partial(self._decide, process.deployment_key))

    def _decide(self, deployment_key: int, reference: Reference, variables: dict[str, Any]) -> Decided:
        version = None
        if self._is_own:
            versions, round = self._recording.decided.get(reference.id, []), self._decided.get(reference.id, 0)
            version = versions[round] if round < len(versions) else None
            self._decided[reference.id] = round + 1
        return self._library.decide(reference, variables, self._now, deployment_key, version)


def _due_as(made: Made, opening: Opening | None) -> str:
    if opening is None or opening.due is None or made.due is None:
        return ""
    if made.due == opening.due:
        return "moment"
    return "wait" if made.due - made.at == opening.due - opening.at else ""
