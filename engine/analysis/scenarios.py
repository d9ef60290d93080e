"""Runs test scenarios in sandboxes: what was expected, what happened, and what of the diagrams was passed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.analysis.sandbox import SCENARIO, Done, Files, Sandbox
from engine.errors import EngineError, Invalid, Problem
from engine.queries import places, trace, waits
from engine.scenarios import Scenario, Step, plain_numbers, read

_UNSTABLE = frozenset({"reference", "initiator"})
_NOT_PASSED = frozenset({"dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation", "group"})


@dataclass(frozen=True)
class Passed:
    """What cases passed of one process."""

    process_id: str
    name: str
    elements: dict[str, int]
    """Element or flow id → how often."""
    all_elements: frozenset[str]
    all_flows: frozenset[str]

    @property
    def missing(self) -> tuple[str, ...]:
        """Elements that were never passed."""
        return tuple(sorted(self.all_elements - self.elements.keys()))

    @property
    def missing_flows(self) -> tuple[str, ...]:
        return tuple(sorted(self.all_flows - self.elements.keys()))

    @property
    def passed_count(self) -> int:
        return len(self.all_elements & self.elements.keys())

    @property
    def percent(self) -> int:
        """Of the elements, rounded down."""
        return self.passed_count * 100 // len(self.all_elements) if self.all_elements else 100


@dataclass(frozen=True)
class Result:
    """What running one scenario gave."""

    file: str
    name: str
    process_id: str
    problems: tuple[Problem, ...]
    """Where what happened differs from what was expected, the first difference first; none when all holds."""
    steps: int
    """How many steps were done."""
    passed: Mapping[str, Passed] = field(default_factory=dict)
    """What was passed of each process, also of those that were called."""

    @property
    def holds(self) -> bool:
        return not self.problems


def run_scenarios(files: Files, only: Iterable[str] | None = None) -> tuple[Result, ...]:
    """Run all scenarios among the files (or those named) against the diagrams, forms and tables among them.

    Nothing reaches the database that is in force, nor anything outside. What cannot be run is a result that fails.
    """
    wanted = None if only is None else set(only)
    return tuple(
        run_scenario(files, name, content)
        for name, content in sorted(files)
        if name.lower().endswith(SCENARIO) and (wanted is None or name in wanted)
    )


@lru_cache(maxsize=8)
def results_of(files: tuple[tuple[str, bytes], ...]) -> tuple[Result, ...]:
    """The results of all scenarios, remembered: the same files give the same ones, since nothing else has a say."""
    return run_scenarios(files)


def run_scenario(files: Files, name: str, content: bytes) -> Result:
    """Run one scenario."""
    try:
        scenario = read(content, name)
    except Invalid as invalid:
        return Result(name, name, "", invalid.problems, 0)
    try:
        sandbox = Sandbox(files, scenario.clock)
    except Invalid as invalid:
        return Result(name, scenario.name, scenario.process_id, _of(invalid), 0)
    with sandbox:
        problems = [*_walked(sandbox, scenario)]
        if not problems:
            problems = [*differences(sandbox, scenario.expected)]
        problems = [_placed(problem, name) for problem in problems]
        return Result(name, scenario.name, scenario.process_id, tuple(problems), len(sandbox.done), passed(sandbox))


def played(files: Files, steps: Sequence[Step], clock: dt.datetime) -> tuple[Sandbox, EngineError | None]:
    """A sandbox after these steps; with the error of the first that could not be done, where it stopped.

    Raises Invalid when the files could not be put into force.
    """
    sandbox = Sandbox(files, clock)
    for step in steps:
        try:
            sandbox.play(step)
        except EngineError as error:
            return sandbox, error
        except BaseException:
            sandbox.close()
            raise
    return sandbox, None


def expectations(sandbox: Sandbox) -> dict[str, Any]:
    """What happened in a sandbox, as a scenario would expect it."""
    facts, parts = sandbox.story(), sandbox.ask(waits.parts)
    roots = [part for part in parts if part.is_root]
    if not roots:
        return {}
    groups = {fact.element_id: list((fact.data or {})["candidate_groups"])
              for fact in facts if fact.event == "TaskCreated"}  # fmt: skip
    return {
        "status": roots[0].status,
        "ends": _ends(facts, roots[0].key),
        "waits": _waiting(sandbox),
        "path": [each for each in _path(facts) if each in _notable(facts)],
        "groups": {element: names for element, names in groups.items() if element and names},
        "data": {
            name: value
            for name, value in plain_numbers(roots[0].variables).items()
            if name not in _UNSTABLE and value not in (None, "", [], {})
        },
        "mails": _subjects(sandbox),
    }


def differences(sandbox: Sandbox, expected: Mapping[str, Any]) -> Iterator[Problem]:
    """Where what happened differs from what is expected."""
    facts, parts = sandbox.story(), sandbox.ask(waits.parts)
    roots = [part for part in parts if part.is_root]
    if not roots:
        yield Problem("No case was started.")
        return
    root = roots[0]
    if "path" in expected:
        yield from _path_differences(expected["path"], _path(facts))
    for element in expected.get("never", ()):
        if element in _path(facts):
            yield Problem("'{element}' was to be left out, but the case came to it.", {"element": element},
                          element_id=element)  # fmt: skip
    yield from _group_differences(facts, expected.get("groups", {}))
    if "status" in expected and expected["status"] != root.status:
        yield Problem("The case was to be {expected}, but it is {found}.",
                      {"expected": expected["status"], "found": root.status})  # fmt: skip
    if "ends" in expected:
        yield from _set_difference("ends", expected["ends"], _ends(facts, root.key))
    if "waits" in expected:
        yield from _set_difference("waits", expected["waits"], _waiting(sandbox))
    if "cases" in expected and expected["cases"] != len(roots):
        yield Problem("{expected} cases were to be there, but there are {found}.",
                      {"expected": expected["cases"], "found": len(roots)})  # fmt: skip
    yield from _data_differences(root.variables, expected.get("data", {}))
    if "mails" in expected:
        yield from _mail_differences(expected["mails"], _subjects(sandbox))


def passed(sandbox: Sandbox) -> dict[str, Passed]:
    """What all cases of a sandbox passed, by process; of every process that is there."""
    found = {id: Counter[str]() for id in sandbox.ask(waits.process_outlines)}
    facts = sandbox.story()
    for part in sandbox.ask(waits.parts):
        counts = sandbox.ask(places.path, part.key).passed
        # The log tells no gateway by itself: it is passed by who comes to it, or goes on from it.
        ends = Counter(
            end
            for fact in facts
            if fact.event == "FlowTaken" and fact.instance_key == part.key and fact.data
            for end in (fact.data["source"], fact.data["target"])
        )
        found[part.process_id].update({**ends, **counts})
    return {id: _passed(id, outline, dict(found[id])) for id, outline in sandbox.ask(waits.process_outlines).items()}


def coverage(results: Iterable[Result]) -> dict[str, Passed]:
    """What all scenarios together passed of each process that any of them came to, or could have started."""
    counts: dict[str, Counter[str]] = {}
    models: dict[str, Passed] = {}
    for result in results:
        for id, each in result.passed.items():
            counts.setdefault(id, Counter()).update(each.elements)
            models[id] = each
    return {
        id: Passed(id, model.name, dict(counts[id]), model.all_elements, model.all_flows)
        for id, model in sorted(models.items())
    }


def _walked(sandbox: Sandbox, scenario: Scenario) -> Iterator[Problem]:
    """Play the steps; where one cannot be done, the walk is over."""
    for number, step in enumerate(scenario.steps, 1):
        try:
            sandbox.play(step)
        except EngineError as error:
            values = {"number": number, "step": f"{step.verb} {step.target}".strip(), "reason": error}
            about = step.target if step.verb in ("task", "service", "timer", "retry") else None
            yield Problem("Step {number} ({step}) could not be done: {reason}", values, element_id=about)
            for problem in error.problems:
                yield Problem(problem.template, problem.values, element_id=about, field=problem.field)
            return


def _passed(id: str, outline: Mapping[str, Any], counts: dict[str, int]) -> Passed:
    elements = outline["elements"]
    flows = frozenset(each for each, said in elements.items() if said["kind"] == "sequenceFlow")
    nodes = frozenset(each for each, said in elements.items() if said["kind"] not in _NOT_PASSED) - flows
    return Passed(id, outline["name"], counts, nodes, flows)


def _path(facts: Sequence[trace.Fact]) -> list[str]:
    """The elements that were come to, in the order of time."""
    return [fact.element_id for fact in facts if fact.event in ("ActivityStarted", "EventOccurred") and fact.element_id]


def _notable(facts: Sequence[trace.Fact]) -> set[str]:
    """Elements whose order people care about: work, services, decisions, called processes, and ends."""
    kinds = ("Task", "task", "callActivity", "endEvent", "boundaryEvent", "intermediateCatchEvent")
    return {
        fact.element_id
        for fact in facts
        if fact.element_id and fact.data and str(fact.data.get("kind", "")).endswith(kinds)
    }


def _ends(facts: Sequence[trace.Fact], root_key: int) -> list[str]:
    """The end events of the case itself."""
    return sorted(
        {
            fact.element_id
            for fact in facts
            if fact.event == "EventOccurred" and fact.instance_key == root_key and fact.element_id
            and (fact.data or {}).get("kind") == "endEvent"
        }
    )  # fmt: skip


def _waiting(sandbox: Sandbox) -> list[str]:
    """Where work waits: tasks, services, incidents, and what is awaited where nothing else is to be done."""
    found = sandbox.ask(waits.waits)
    work = {wait.element_id for wait in found if wait.kind in ("task", "service", "incident")}
    return sorted(work or {wait.element_id for wait in found})


def _subjects(sandbox: Sandbox) -> list[str]:
    """The subjects of all mails, with `{reference}` instead of the case number, which is another one each time."""
    subjects = [mail.subject for mail in sandbox.ask(waits.mails)]
    for reference in {part.reference for part in sandbox.ask(waits.parts)}:
        subjects = [subject.replace(reference, "{reference}") for subject in subjects]
    return subjects


def _path_differences(expected: Sequence[str], found: Sequence[str]) -> Iterator[Problem]:
    """The first element that was not come to in this order; others may lie between."""
    place, before = 0, ""
    for element in expected:
        try:
            place = found.index(element, place) + 1
        except ValueError:
            ahead = ", ".join(found[place : place + 5]) or "-"
            if before:
                yield Problem("After '{before}' the case was to come to '{element}', but it went on to {found}.",
                              {"before": before, "element": element, "found": ahead}, element_id=element)  # fmt: skip
            else:
                yield Problem("The case was to come to '{element}', but it went to {found}.",
                              {"element": element, "found": ahead}, element_id=element)  # fmt: skip
            return
        before = element


def _group_differences(facts: Sequence[trace.Fact], expected: Mapping[str, Any]) -> Iterator[Problem]:
    offered: dict[str, list[str]] = {}
    for fact in facts:
        if fact.event == "TaskCreated" and fact.element_id and fact.data:
            offered[fact.element_id] = sorted(fact.data["candidate_groups"])
    for element, groups in expected.items():
        wanted = sorted([groups] if isinstance(groups, str) else groups)
        if element not in offered:
            yield Problem("Task '{element}' was to be offered to {expected}, but there was no such task.",
                          {"element": element, "expected": ", ".join(wanted)}, element_id=element)  # fmt: skip
        elif offered[element] != wanted:
            yield Problem(
                "Task '{element}' was to be offered to {expected}, but it was offered to {found}.",
                {"element": element, "expected": ", ".join(wanted), "found": ", ".join(offered[element]) or "-"},
                element_id=element,
            )


def _set_difference(name: str, expected: Sequence[str], found: Sequence[str]) -> Iterator[Problem]:
    if sorted(set(expected)) == sorted(set(found)):
        return
    values = {"expected": ", ".join(expected) or "-", "found": ", ".join(found) or "-"}
    element = next(iter(sorted(set(expected) ^ set(found))))
    if name == "ends":
        yield Problem("The case was to end at {expected}, but it ended at {found}.", values, element_id=element)
    else:
        yield Problem("The case was to wait at {expected}, but it waits at {found}.", values, element_id=element)


def _data_differences(found: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[Problem]:
    plain_found = plain_numbers(dict(found))
    for name, value in plain_numbers(dict(expected)).items():
        if name not in plain_found or plain_found[name] != value:
            yield Problem(
                "'{name}' was to be {expected}, but it is {found}.",
                {"name": name, "expected": value, "found": plain_found.get(name)},
            )


def _mail_differences(expected: Sequence[str], found: Sequence[str]) -> Iterator[Problem]:
    """Subjects of the mails in their order."""
    for number in range(max(len(expected), len(found))):
        wanted = expected[number] if number < len(expected) else None
        got = found[number] if number < len(found) else None
        if wanted != got:
            yield Problem("Mail {number} was to be “{expected}”, but it is “{found}”.",
                          {"number": number + 1, "expected": wanted or "-", "found": got or "-"})  # fmt: skip
            return


def _of(invalid: Invalid) -> tuple[Problem, ...]:
    errors = tuple(problem for problem in invalid.problems if problem.severity == "error")
    return errors or (Problem(invalid.template, invalid.values),)


def _placed(problem: Problem, file: str) -> Problem:
    return dataclasses.replace(problem, resource=problem.resource or file)


__all__ = [
    "Done", "Passed", "Result", "coverage", "differences", "expectations", "passed", "played", "results_of",
    "run_scenario", "run_scenarios",
]  # fmt: skip
