"""Test scenarios: a walk of a case, step by step, and what is expected of it; files that end in `.scenario`.

They are JSON that people can read and write; docs/scenarios.md describes it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import plain
from engine.errors import Invalid, Problem

BEGINNING = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
"""When a scenario begins that does not say: a Monday morning."""
MAXIMUM_STEPS = 500
LONGEST_TURN = dt.timedelta(days=3660)

_STEPS: dict[str, frozenset[str]] = {
    "start": frozenset({"event", "by", "data", "refused"}),
    "task": frozenset({"by", "number", "data", "refused"}),
    "service": frozenset({"answer", "fails", "throws", "data", "number"}),
    "message": frozenset({"key", "data", "number", "refused"}),
    "signal": frozenset({"data"}),
    "timer": frozenset(),
    "wait": frozenset(),
    "retry": frozenset({"data"}),
    "cancel": frozenset({"refused"}),
}
"""What a step does → what it may say besides."""
_KINDS: dict[str, type | tuple[type, ...]] = {
    "event": str, "by": str, "key": str, "fails": str, "throws": str,
    "data": dict, "answer": dict, "refused": bool, "number": int,
}  # fmt: skip
_EXPECTATIONS: dict[str, type[Any]] = {
    "status": str, "ends": list, "waits": list, "path": list, "never": list, "groups": dict, "data": dict,
    "mails": list, "cases": int,
}  # fmt: skip
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(frozen=True)
class Step:
    """One thing that happens: somebody does a task, a service answers, a message comes, time passes."""

    verb: str
    target: str
    """Id of the process or element, name of the message, or how long; empty for the next timer."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """The rest, as the file writes it."""

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.said.get("data", {}))

    @property
    def number(self) -> int:
        """Which of several that wait at the same element, from 1."""
        return int(self.said.get("number", 1))

    @property
    def is_to_be_refused(self) -> bool:
        return bool(self.said.get("refused", False))

    @property
    def turn(self) -> dt.timedelta:
        """How long it waits."""
        turn = duration(self.target)
        assert turn is not None
        return turn

    def plain(self) -> dict[str, Any]:
        return {self.verb: self.target, **self.said}


@dataclass(frozen=True)
class Scenario:
    """A walk with what is expected of it."""

    name: str
    steps: tuple[Step, ...]
    clock: dt.datetime = BEGINNING
    note: str = ""
    expected: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""

    @property
    def process_id(self) -> str:
        """The process that it begins with."""
        return next((step.target for step in self.steps if step.verb == "start"), "")

    def text(self) -> str:
        """The file: a line a step, so that differences are small."""
        head: dict[str, Any] = {"name": self.name}
        if self.note:
            head["note"] = self.note
        head["clock"] = self.clock.isoformat()
        lines = [f" {_json(name)}: {_json(value)}" for name, value in head.items()]
        steps = ",\n".join(f"  {_json(step.plain())}" for step in self.steps)
        lines.append(f' "steps": [\n{steps}\n ]')
        expected = ",\n".join(f"  {_json(name)}: {_json(value)}" for name, value in self.expected.items())
        lines.append(f' "expect": {{\n{expected}\n }}')
        return "{\n" + ",\n".join(lines) + "\n}\n"


def read(content: bytes, file: str = "") -> Scenario:
    """The scenario in a file. Raises Invalid with everything that is wrong in it."""
    try:
        said = plain.loads(content)
    except (ValueError, RecursionError) as error:
        reason = str(error)
        raise _invalid([Problem("This is no JSON: {reason}.", {"reason": reason}, file, _line(error))]) from error
    problems = list(_problems(said, file))
    if problems:
        raise _invalid(problems)
    return Scenario(
        name=said["name"].strip(),
        steps=tuple(step_of(each) for each in said["steps"]),
        clock=_moment(said["clock"]) or BEGINNING if "clock" in said else BEGINNING,
        note=said.get("note", ""),
        expected=said.get("expect", {}),
        file=file,
    )


def step_of(said: Mapping[str, Any]) -> Step:
    """A step as files and walks write it. Raises Invalid."""
    problems = list(_step_problems(said, 1, ""))
    if problems:
        raise _invalid(problems)
    (verb,) = said.keys() & _STEPS.keys()
    return Step(verb, said[verb], {name: value for name, value in said.items() if name != verb})


def duration(text: str) -> dt.timedelta | None:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds; none for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()) or any(len(each or "") > 9 for each in found.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    turn = dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return turn if turn <= LONGEST_TURN else None


def _problems(said: Any, file: str) -> Iterator[Problem]:
    if not isinstance(said, dict):
        yield Problem("A scenario is a JSON object.", resource=file)
        return
    for name in said.keys() - {"name", "note", "clock", "steps", "expect"}:
        yield Problem("A scenario has no '{name}'.", {"name": name}, file)
    if not isinstance(said.get("name"), str) or not said["name"].strip():
        yield Problem("The scenario needs a name.", resource=file)
    if not isinstance(said.get("note", ""), str):
        yield Problem("'{name}' must be {kind}.", {"name": "note", "kind": "text"}, file)
    if "clock" in said and _moment(said["clock"]) is None:
        yield Problem("'clock' must be a moment with its offset, such as 2026-01-05T08:00:00+00:00.", resource=file)
    steps = said.get("steps")
    if not isinstance(steps, list) or not 0 < len(steps) <= MAXIMUM_STEPS:
        yield Problem("The scenario needs 1 to {limit} steps.", {"limit": MAXIMUM_STEPS}, file)
        return
    for number, step in enumerate(steps, 1):
        yield from _step_problems(step, number, file)
    if isinstance(steps[0], dict) and "start" not in steps[0]:
        yield Problem("The first step must start a case.", resource=file)
    expected = said.get("expect", {})
    if not isinstance(expected, dict):
        yield Problem("'{name}' must be {kind}.", {"name": "expect", "kind": "an object"}, file)
        return
    yield from _expectation_problems(expected, file)


def _step_problems(said: Any, number: int, file: str) -> Iterator[Problem]:
    verbs = said.keys() & _STEPS.keys() if isinstance(said, Mapping) else set()
    if len(verbs) != 1:
        yield Problem(
            "Step {number} must say exactly one of {verbs}.", {"number": number, "verbs": ", ".join(_STEPS)}, file
        )
        return
    (verb,) = verbs
    if not isinstance(said[verb], str):
        yield Problem("Step {number}: '{name}' must be {kind}.", _kind(number, verb, str), file)
    elif verb == "wait" and duration(said[verb]) is None:
        yield Problem(
            "Step {number}: '{text}' is no duration such as P7D or PT12H.", {"number": number, "text": said[verb]}, file
        )
    for name in said.keys() - {verb}:
        if name not in _STEPS[verb]:
            yield Problem("Step {number}: '{verb}' takes no '{name}'.",
                          {"number": number, "verb": verb, "name": name}, file)  # fmt: skip
        elif not isinstance(said[name], _KINDS[name]) or (name == "number" and isinstance(said[name], bool)):
            yield Problem("Step {number}: '{name}' must be {kind}.", _kind(number, name, _KINDS[name]), file)
    if verb == "service" and len(said.keys() & {"answer", "fails", "throws"}) > 1:
        yield Problem("Step {number}: a service answers, fails or throws; only one of them.", {"number": number}, file)


def _expectation_problems(expected: Mapping[str, Any], file: str) -> Iterator[Problem]:
    for name, value in expected.items():
        kind = _EXPECTATIONS.get(name)
        if kind is None:
            yield Problem("A scenario cannot expect '{name}'; it can expect {known}.",
                          {"name": name, "known": ", ".join(_EXPECTATIONS)}, file)  # fmt: skip
        elif not isinstance(value, kind) or isinstance(value, bool):
            yield Problem("'{name}' must be {kind}.", {"name": name, "kind": _NAMES[kind]}, file)
        elif kind is list and not all(isinstance(each, str) for each in value):
            yield Problem("'{name}' must be {kind}.", {"name": name, "kind": "a list of texts"}, file)


_NAMES: dict[Any, str] = {str: "text", dict: "an object", bool: "true or false", int: "a number", list: "a list"}


def _kind(number: int, name: str, kind: Any) -> dict[str, Any]:
    return {"number": number, "name": name, "kind": _NAMES[kind]}


def _moment(text: Any) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    if at.tzinfo is None or not 1970 < at.year < 2200:
        return None
    return at.astimezone(dt.UTC)


def _line(error: Exception) -> int | None:
    line = getattr(error, "lineno", None)
    return line if isinstance(line, int) else None


def _invalid(problems: list[Problem]) -> Invalid:
    return Invalid("Expected a test scenario, but it has problems.", problems=problems)


def _json(value: Any) -> str:
    """JSON as people write it: with a space behind commas and colons."""
    return json.dumps(plain_numbers(value), ensure_ascii=False)


def plain_numbers(value: Any) -> Any:
    """Decimals as the numbers that they are written as."""
    return json.loads(plain.dumps(value))
