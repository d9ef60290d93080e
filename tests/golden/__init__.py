"""States of cases that released versions dumped: each must load and come to its end in all later versions.

`python -m tests.golden VERSION` adds those of the version at hand; files of older versions are never written again.
"""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engine import bpmn
from engine.events import Event
from tests.stories.story import FOLDER as STORIES
from tests.stories.story import line

FOLDER = Path(__file__).parent
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
GIVEN = {
    "reference": "C-1", "order": "O-1", "amount": 1, "items": ["a", "b"], "people": ["p", "q"], "enough": False,
    "departments": ["law", "it"], "branches": ["north", "south"],
}  # fmt: skip
"""What the cases of the stories begin with."""
LONGEST = 30
"""Stimuli after which a walk is given up."""
SEEDS = 40
STATES_OF_ONE = 4
"""So many states of one diagram are kept, at different places."""


@dataclass(frozen=True)
class Move:
    """One stimulus, and the events that it had."""

    verb: str
    """complete, deliver, trigger, retry, throw_error or set_variables."""
    element_id: str
    variables: dict[str, Any]
    told: list[str]


@dataclass(frozen=True)
class Golden:
    """One state, and how the case went on from there."""

    diagram: str
    state: str
    waits: list[str]
    failures: list[str]
    moves: list[Move]
    variables: dict[str, Any]
    """At the end."""


def environment(first_key: int) -> bpmn.Environment:
    keys = itertools.count(first_key)

    def decide(*_: object) -> bpmn.Decided:
        return bpmn.Decided(1, SimpleNamespace(value="x", trace=(), warnings=()))  # type: ignore[arg-type]

    return bpmn.Environment(NOW, lambda: next(keys), decide)


def compiled(diagram: bytes) -> bpmn.CompiledProcess:
    return bpmn.compile(bpmn.parse(diagram, "golden.bpmn").processes[0])


def make(case: bpmn.Execution, verb: str, element_id: str, variables: dict[str, Any]) -> list[Event]:
    """Give a stimulus to the oldest passage that waits, or has failed, at an element."""
    if verb == "set_variables":
        return case.set_variables(variables)
    places = case.failures() if verb == "retry" else case.waits()
    key = next(key for key, place in places.items() if place == element_id and _fits(case, key, verb))
    if verb == "trigger":
        return case.trigger(key)
    if verb == "throw_error":
        return case.throw_error(key, "ANY", "", variables)
    if verb == "retry":
        return case.retry(key, variables)
    return case.complete(key, variables) if verb == "complete" else case.deliver(key, variables)


def _fits(case: bpmn.Execution, key: int, verb: str) -> bool:
    spec = case._case.by_key[key].task_spec
    kinds = {"complete": spec.completes, "deliver": spec.delivers, "trigger": spec.triggers}
    return bool(kinds.get(verb, True))


# -- recording ----------------------------------------------------------------------------------------------------


def record() -> dict[str, Any]:
    """The states of all stories, with their diagrams."""
    diagrams: dict[str, str] = {}
    found: list[Golden] = []
    for path in sorted(STORIES.glob("*.bpmn")):
        states = list(_states(path))
        if states:
            found += states
            diagrams[path.stem] = _packed(_undrawn(path.read_text("utf-8")).encode())
    return {"diagrams": diagrams, "states": [asdict(each) for each in found]}


def _states(path: Path) -> Iterator[Golden]:
    """States at different places, from walks that come to their end."""
    process = compiled(path.read_bytes())
    seen: set[tuple[str, ...]] = set()
    for seed in range(SEEDS):
        for golden in _walk(process, path.stem, random.Random(seed)):
            place = (*sorted(golden.waits), "|", *sorted(golden.failures))
            if len(seen) < STATES_OF_ONE and place not in seen:
                seen.add(place)
                yield golden


def _walk(process: bpmn.CompiledProcess, diagram: str, chance: random.Random) -> list[Golden]:
    beginnings = [each.element_id for each in process.model.beginnings()]
    begin = chance.choice(beginnings) if beginnings else None
    case, _ = bpmn.Execution.start(process, GIVEN, environment(1), begin)
    stations: list[tuple[str, list[str], list[str]]] = []
    moves: list[Move] = []
    while not case.is_completed and len(moves) < LONGEST:
        stations.append((_packed(case.dump()), list(case.waits().values()), list(case.failures().values())))
        verb, element_id, variables = _chosen(case, chance)
        told = [line(event) for event in make(case, verb, element_id, variables)]
        moves.append(Move(verb, element_id, variables, told))
    if not case.is_completed:
        return []
    return [
        Golden(diagram, state, waits, failures, moves[index:], case.variables)
        for index, (state, waits, failures) in enumerate(stations)
    ]


def _chosen(case: bpmn.Execution, chance: random.Random) -> tuple[str, str, dict[str, Any]]:
    value = {chance.choice(["amount", "enough", "good", "ok", "go", "x"]): chance.choice([True, False, 20])}
    failures, waits = case.failures(), case.waits()
    if failures and (not waits or chance.random() < 0.5):
        return "retry", chance.choice(list(failures.values())), value
    if not waits or chance.random() < 0.15:
        return "set_variables", "", value
    key = chance.choice(list(waits))
    token = case._case.by_key[key]
    if token.task_spec.is_activity and chance.random() < 0.1:
        return "throw_error", waits[key], value
    verb = next(verb for verb in ("complete", "deliver", "trigger") if _fits(case, key, verb))
    return verb, waits[key], value


def _undrawn(diagram: str) -> str:
    return re.sub(r"<(bpmndi:)BPMNDiagram.*</\1BPMNDiagram>", "", diagram, flags=re.DOTALL)


def _packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()


# -- reading ------------------------------------------------------------------------------------------------------


def files() -> list[Path]:
    return sorted(FOLDER.glob("*.json"))


def read(path: Path) -> tuple[dict[str, bpmn.CompiledProcess], list[Golden]]:
    """The compiled diagrams and the states of one version."""
    document = json.loads(path.read_text("utf-8"))
    diagrams = {name: compiled(unpacked(text)) for name, text in document["diagrams"].items()}
    states = [Golden(**{**each, "moves": [Move(**move) for move in each["moves"]]}) for each in document["states"]]
    return diagrams, states


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text))


def write(version: str) -> Path:
    """Add the states of a version. Raises FileExistsError when it has some: what was released stays as it was."""
    path = FOLDER / f"{version}.json"
    with path.open("x", encoding="utf-8") as file:
        json.dump(record(), file, ensure_ascii=False, indent=0, sort_keys=True)
        file.write("\n")
    return path


__all__ = ["Golden", "Move", "environment", "files", "make", "read", "unpacked", "write"]
