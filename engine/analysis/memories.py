"""Memories: a case that differs from an earlier one only in what makes no difference need not be run again.

Two cases are alike when the same came from outside, in the same order, and each value falls in the same class. The way
of the first is then the way of the second; the times are worked out from the second's own waits, and where that would
change the order in which anything happens, the second is run in full after all.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from engine.analysis.classes import Classes
from engine.analysis.libraries import Library
from engine.analysis.recordings import Opening, Recording
from engine.analysis.runs import LATER, NEVER, Answers, Made, Ran, run
from engine.bpmn.elements import Node, ProcessModel
from engine.dmn import DecisionModel
from engine.errors import EngineError

FIXED = re.compile(r'(=\s*now\(\)\s*\+\s*duration\("|)P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?("\)|)\s*')
"""A time that is always the same distance away."""
_UNKNOWN = object()


class Memo:
    """Runs recordings, each kind of case once."""

    def __init__(self, library: Library, process_id: str, answers: Answers) -> None:
        self._library, self._answers = library, answers
        self.runs = 0
        self._kept: dict[Any, Ran] = {}
        self._models = {model.id: model for model in _reached(library, process_id)}
        self.classes = Classes(self._models.values(), self._decision)
        self.is_of_use = not (self.classes.depends_on_time or self.classes.is_unknown)

    def run(self, recording: Recording) -> Ran:
        """What becomes of a recorded case."""
        if not self.is_of_use:
            return self._full(recording)
        signature = self._signature(recording)
        kept = self._kept.get(signature, _UNKNOWN)
        if isinstance(kept, Ran):
            timed = _Timing(kept, recording).timed()
            if timed is not None:
                return timed
        ran = self._full(recording)
        if kept is _UNKNOWN and self._can_be_timed(ran, recording):
            self._kept[signature] = ran
        return ran

    def _full(self, recording: Recording) -> Ran:
        self.runs += 1
        return run(recording, self._library, self._answers)

    def _signature(self, recording: Recording) -> Any:
        reduced = self.classes.reduced
        openings = [
            (place, round, opening)
            for place, openings in recording.openings.items()
            for round, opening in enumerate(openings)
        ]
        outcomes = sorted(
            (opening.outcome.position, place, round, opening.outcome.kind, opening.outcome.code,
             reduced(opening.outcome.variables) if opening.outcome.variables else ())
            for place, round, opening in openings if opening.outcome is not None
        )  # fmt: skip
        return (
            recording.digest,
            recording.start_element,
            recording.ended_at is None,
            recording.cancelled_at is None,
            reduced(recording.variables),
            tuple(outcome[1:] for outcome in outcomes),
            tuple((place, round) for place, round, opening in openings if opening.outcome is None),
            tuple(recording.digests.items()),
        )

    def _decision(self, decision_id: str) -> DecisionModel | None:
        return self._library.decision(decision_id)

    # -- whether the times of others can be worked out ----------------------------------------------------------

    def _can_be_timed(self, ran: Ran, recording: Recording) -> bool:
        return all(self._is_plain(made, recording) for made in ran.made if made.due is not None)

    def _is_plain(self, made: Made, recording: Recording) -> bool:
        """Whether a due date is as it was recorded, or a fixed time away."""
        opening = _opening(made, recording)
        if opening is not None and opening.due is not None and made.due is not None:
            if made.due == opening.due or made.due - made.at == opening.due - opening.at:
                return True
        node = next((node for model in self._models.values() if (node := model.nodes.get(made.element))), None)
        return node is not None and bool(FIXED.fullmatch(_due_text(node, made).strip()))


class _Timing:
    """Works out the times of a case from those of one like it."""

    def __init__(self, like: Ran, recording: Recording) -> None:
        self._like, self._recording = like, recording
        self._answered: list[dt.datetime] = []

    def timed(self) -> Ran | None:
        """The case with times of its own; none when things would happen in another order."""
        like, before = self._like, (self._recording.started_at, -1)
        made: list[Made] = [replace(each) for each in like.made]
        planned: list[tuple[dt.datetime, int] | None] = [None] * len(made)
        moments: list[tuple[dt.datetime, int]] = []
        ready = 0
        for number, index in enumerate(like.answers):
            ready = self._plan(made, planned, ready, number)
            each = made[index]
            moment = before if each.within else planned[index]
            # Whatever was answered while this one waited must have been due before it.
            if moment is None or any(earlier > moment for earlier in moments[each.opened_by + 1 :]) and not each.within:
                return None
            moments.append(moment)
            self._answered.append(moment[0])
            each.done_at, before = moment[0], moment
        self._plan(made, planned, ready, len(like.answers))
        if not self._nothing_else_came(made, planned, before):
            return None
        ended = None
        if like.ended_at is not None:
            cancelled = self._recording.cancelled_at
            ended = max(cancelled[0], before[0]) if like.is_cancelled and cancelled else before[0]
        return replace(like, made=made, ended_at=ended)

    def _plan(self, made: list[Made], planned: list[tuple[dt.datetime, int] | None], ready: int, number: int) -> int:
        """Place the waits that were opened by the answers before this one."""
        while ready < len(made) and made[ready].opened_by < number:
            each = made[ready]
            kept_at = each.at
            each.at = self._recording.started_at if each.opened_by < 0 else self._answered[each.opened_by]
            planned[ready] = self._planned(each, kept_at)
            ready += 1
        return ready

    def _planned(self, made: Made, kept_at: dt.datetime) -> tuple[dt.datetime, int] | None:
        opening = _opening(made, self._recording)
        known = opening.outcome if opening else None
        kept_due, kept_planned = made.due, made.planned
        if kept_due is not None:
            made.due = self._due(made, kept_at, opening)
        if made.place[2] != "timer":
            if kept_planned is None:
                return None
            if known is not None and made.by == "recorded" and opening is not None:
                made.planned = (made.at + (known.at - opening.at), known.position)
            else:
                made.planned = (made.at + (kept_planned[0] - kept_at), kept_planned[1])
            return made.planned
        made.planned = None if kept_planned is None or made.due is None else self._time(made, opening, made.due)
        return made.planned

    def _time(self, made: Made, opening: Opening | None, due: dt.datetime) -> tuple[dt.datetime, int] | None:
        """When a timer comes, as a run would say it."""
        at, position = due, made.planned[1] if made.planned and made.planned[1] >= LATER else LATER
        if opening is not None and opening.due is not None:
            known, seen = opening.outcome, self._recording.seen_at or made.at
            if known is None and opening.due <= seen and self._recording.ended_at is None:
                return None
            if known is not None and known.kind == "fired":
                at, position = due + (known.at - opening.due), known.position
            elif known is not None and opening.due <= known.at:
                at, position = max(at, made.at + (known.at - opening.at)), known.position
        return max(at, made.at), position

    def _due(self, made: Made, kept_at: dt.datetime, opening: Opening | None) -> dt.datetime | None:
        """As recorded where the one like it has it as recorded, else as far away."""
        assert made.due is not None
        if opening is not None and opening.due is not None and made.due_as:
            return opening.due if made.due_as == "moment" else made.at + (opening.due - opening.at)
        return made.at + (made.due - kept_at)

    def _nothing_else_came(
        self, made: list[Made], planned: list[tuple[dt.datetime, int] | None], last: tuple[dt.datetime, int]
    ) -> bool:
        """Whether what was not answered is taken back in time, or comes after all is over."""
        recording = self._recording
        for each, moment in zip(made, planned, strict=True):
            if moment is None or each.answered >= 0:
                continue
            if each.withdrawn_by != NEVER:
                by = each.withdrawn_by
                limit = self._answered[by] if by >= 0 else recording.started_at
                position = planned[self._like.answers[by]] if by >= 0 else None
                if moment <= (limit, position[1] if position else -1):
                    return False
            elif self._like.ended_at is not None:
                if moment <= last and not self._like.is_cancelled:
                    return False
                if self._like.is_cancelled and recording.cancelled_at and moment <= recording.cancelled_at:
                    return False
            elif recording.ended_at is None and moment[0] <= (recording.seen_at or recording.started_at):
                return False
        return True


def _opening(made: Made, recording: Recording) -> Opening | None:
    openings = recording.openings.get(made.place, [])
    return openings[made.round] if made.round < len(openings) else None


def _due_text(node: Node, made: Made) -> str:
    if made.place[2] == "task":
        return (node.assignment.due or "") if node.assignment else ""
    events = [each for each in (node.event.single if node.event else ()) if each.trigger == "timer"]
    return (events[0].expression or "") if len(events) == 1 and events[0].timer_kind == "duration" else ""


def _reached(library: Library, process_id: str) -> list[ProcessModel]:
    """The models of a process and of all that it calls, as a replay would meet them."""
    found: dict[str, ProcessModel] = {}
    ahead = [process_id]
    while ahead:
        id = ahead.pop()
        if id in found or id.startswith("="):
            continue
        try:
            found[id] = library.process(id).model
        except EngineError:
            continue
        ahead += [node.call.process.id for node in found[id].nodes.values() if node.call is not None]
    return list(found.values())
