"""Replay: the last cases of a version run again through the change that would replace it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import bpmn
from engine.analysis.libraries import Library
from engine.analysis.memories import Memo
from engine.analysis.recordings import ROOT, Recording, recorded
from engine.analysis.runs import Answers, Ran, run
from engine.analysis.tallies import Tally, hours_between, recorded_flows, recorded_tasks
from engine.analysis.verdicts import LEFT_OUT, MISSING, SAME, STUCK, Verdict, judged, left_out
from engine.commands.replays import KeepReplay
from engine.engine import Engine
from engine.errors import Invalid, Refused
from engine.model import Actor
from engine.queries import recorded as records
from engine.queries.replays import project_digest

USUAL_DAYS = 30
USUAL_CASES = 1_000
MOST_CASES = 20_000
BLOCKING = frozenset({STUCK, MISSING})


@dataclass(frozen=True)
class Progress:
    """How far a replay is."""

    done: int
    total: int


@dataclass(frozen=True)
class Asked:
    """Which cases are replayed, and what recordings cannot know."""

    limit: int = USUAL_CASES
    days: int | None = USUAL_DAYS
    answers: Answers = field(default_factory=Answers)

    def checked(self) -> Asked:
        """Raises Refused."""
        if not 1 <= self.limit <= MOST_CASES or (self.days is not None and not 1 <= self.days <= 36_500):
            raise Refused(
                "Expected to replay 1 to {limit} cases of at most 36500 days, but other numbers were given.",
                limit=MOST_CASES,
            )
        return self


class Replay:
    """Runs recordings through a draft, one after another, and adds up what comes of them."""

    def __init__(self, library: Library, process_id: str, answers: Answers | None = None, *, memo: bool = True) -> None:
        self._library, self._answers = library, answers or Answers()
        self._names = _names(library, process_id)
        self._memo = Memo(library, process_id, self._answers) if memo else None
        self._asked: set[str] = set()
        self.tally = Tally()

    @property
    def runs(self) -> int:
        """How many cases were run in full, since none like them had been."""
        return self._memo.runs if self._memo is not None else sum(self.tally.verdicts.values())

    def add(self, recordings: Iterable[Recording]) -> None:
        """Replay some more cases."""
        page = list(recordings)
        for recording in page:
            self._asked |= _data(recording)
        for recording in page:
            self._judge(recording)

    def _judge(self, recording: Recording) -> None:
        verdict = left_out(recording)
        if verdict is not None:
            self._note(recording, verdict, {})
            return
        ran = self._memo.run(recording) if self._memo else run(recording, self._library, self._answers)
        self._note(recording, judged(recording, ran, self._names, self._asked, self._answers), _known(recording))
        before, after = self.tally.before, self.tally.after
        lasted = hours_between(recording.started_at, recording.ended_at)
        before.add(recorded_tasks(recording), recorded_flows(recording), lasted)
        tasks = [(each.groups, each.at, each.done_at, each.due) for each in ran.made if each.place[2] == "task"]
        after.add(tasks, _flows(ran), hours_between(recording.started_at, ran.ended_at))

    def _note(self, recording: Recording, verdict: Verdict, known: Mapping[str, Any]) -> None:
        reason = verdict.reason
        row = None
        if reason is not None and verdict.kind != SAME:
            row = {
                "template": reason.template,
                "values": dict(reason.values),
                "element": reason.element,
                "reads": {path: known.get(path, value) for path, value in reason.reads.items()},
                "cause": [reason.cause[0], dict(reason.cause[1])] if reason.cause else None,
            }
        self.tally.note(recording, verdict.kind, row)


def replay_project(
    engine: Engine, actor: Actor, project_key: int, asked: Asked, report: Callable[[dict[str, Any]], None] | None = None
) -> Iterator[Progress]:
    """Replay the last cases of the version that a project would replace, and keep the report with the project.

    Reads page by page, each in a transaction of its own, and writes once, at the end. Raises NotFound, Forbidden,
    Refused, Invalid.
    """
    asked = asked.checked()
    digest = engine.query(_digest, actor, project_key)
    draft = engine.query(records.draft, actor, project_key)
    if draft.replaced is None:
        raise Refused("Expected to replay cases of '{process}', but it is not in force yet.", process=draft.process_id)
    library = library_of(engine, actor, draft.files)
    replay = Replay(library, draft.process_id, asked.answers)
    yield from _replayed(engine, actor, replay, draft.replaced, asked)
    found = {**replay.tally.report(), "days": asked.days, "limit": asked.limit}
    is_blocked = any(replay.tally.verdicts[kind] for kind in BLOCKING)
    engine.execute(KeepReplay(project_key, digest, is_blocked, found["cases"], found), actor)
    if report is not None:
        report(found)


def replay_files(engine: Engine, actor: Actor, files: tuple[tuple[str, bytes], ...], asked: Asked) -> dict[str, Any]:
    """The report of a replay through files that are in no project, for their first process; nothing is kept.

    Raises Forbidden, Refused, Invalid.
    """
    asked = asked.checked()
    diagrams = (bpmn.parse(content, name) for name, content in files if name.lower().endswith(".bpmn"))
    process = next((each for diagram in diagrams for each in diagram.executable()), None)
    if process is None:
        raise Invalid("Expected a project's key, or files with a diagram among them, but there is none.")
    replaced = engine.query(records.newest_version, actor, process.id)
    if replaced is None:
        raise Refused("Expected to replay cases of '{process}', but it is not in force yet.", process=process.id)
    deciding = tuple(each for each in files if each[0].lower().endswith((".bpmn", ".dmn")))
    replay = Replay(library_of(engine, actor, deciding), process.id, asked.answers)
    for _ in _replayed(engine, actor, replay, replaced, asked):
        pass
    return {**replay.tally.report(), "days": asked.days, "limit": asked.limit}


def library_of(engine: Engine, actor: Actor, draft: tuple[tuple[str, bytes], ...] = ()) -> Library:
    """All that is or was in force, with a draft before it."""
    stored = engine.query(records.stored, actor)
    files = engine.query(records.stored_files, actor, sorted({each.resource_key for each in stored}))
    return Library(stored, files, draft)


def recordings_of(
    engine: Engine, actor: Actor, definition_key: int, since: dt.datetime | None, limit: int
) -> Iterator[list[Recording]]:
    """The recordings of the last cases of a version, page by page."""
    keys = engine.query(records.recorded_cases, actor, definition_key, since, limit)
    for first in range(0, len(keys), records.PAGE):
        page = keys[first : first + records.PAGE]
        entries = engine.query(records.entries, actor, page)
        yield [found for key in page if (found := recorded(key, entries[key])) is not None]


def _replayed(engine: Engine, actor: Actor, replay: Replay, definition_key: int, asked: Asked) -> Iterator[Progress]:
    since = engine.clock() - dt.timedelta(days=asked.days) if asked.days is not None else None
    total = len(engine.query(records.recorded_cases, actor, definition_key, since, asked.limit))
    done = 0
    yield Progress(0, total)
    for page in recordings_of(engine, actor, definition_key, since, asked.limit):
        replay.add(page)
        done += len(page)
        yield Progress(done, total)


def _digest(session: Any, actor: Actor, project_key: int) -> str:
    records.draft(session, actor, project_key)
    return project_digest(session, project_key)


def _flows(ran: Ran) -> Counter[str]:
    return Counter(f"{step.element} {step.target}" for step in ran.path if step.what == "flow" and step.lineage == ROOT)


def _names(library: Library, process_id: str) -> dict[str, str]:
    """What people call the elements, old and new."""
    found: dict[str, str] = {}
    models = [library.in_force(each.id) for each in library.stored if each.kind == "process"]
    drafted = [value for (kind, _), value in library.drafted.items() if kind == "process"]
    for loaded in [*models, *drafted]:
        if loaded is not None:
            found.update({node.id: node.label for node in loaded.model.nodes.values()})
    return found


def _data(recording: Recording) -> set[str]:
    """The names of all data that came from outside."""
    found = set(recording.variables)
    for openings in recording.openings.values():
        for each in openings:
            if each.outcome is not None:
                found.update(each.outcome.variables)
    return found


def _known(recording: Recording) -> dict[str, Any]:
    """The data of a case that came from outside, as it was last."""
    known = dict(recording.variables)
    outcomes = [each.outcome for openings in recording.openings.values() for each in openings if each.outcome]
    for outcome in sorted(outcomes, key=lambda each: each.position):
        known.update(outcome.variables)
    return known


__all__ = ["LEFT_OUT", "Asked", "Progress", "Replay", "library_of", "recordings_of", "replay_files", "replay_project"]
