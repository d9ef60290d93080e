"""Decisions tried out while they are drawn: made with values that somebody types, kept nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import dmn, feel
from engine.commands.projects import files_of
from engine.dmn.free_names import free_names
from engine.dmn.graph import Decision, InputData
from engine.dmn.tables import Table
from engine.errors import NotFound, Problem
from engine.feel.runtime import Warning
from engine.model import Actor
from engine.queries import projects


@dataclass(frozen=True)
class Asked:
    """A value that a decision reads from the case."""

    name: str
    label: str
    kind: str
    """The type that the table says, such as `string`; empty when it says none."""


@dataclass(frozen=True)
class Trial:
    """What a decision answered."""

    asked: tuple[Asked, ...]
    value: Any
    made: tuple[dmn.DecisionTrace, ...] = ()
    warnings: tuple[Warning, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Values that could not be read, each with its name as the field."""


def trial(
    session: Session, actor: Actor, key: int, name: str, content: bytes, decision_id: str,
    typed: Mapping[str, str] | None, now: dt.datetime,
) -> Trial:  # fmt: skip
    """Make a decision of a file as it stands in an editor with values as they are typed; without any, say what it asks.

    Raises NotFound, and Invalid when the file cannot be read.
    """
    projects.project(session, actor, key)
    model = dmn.parse(content, name, _finder(dict(files_of(session, key)), name))
    decision = model.decisions.get(decision_id)
    if decision is None:
        raise NotFound(
            "Expected to find decision '{decision}' in '{model}', but it is not there.",
            decision=decision_id, model=name,
        )  # fmt: skip
    asked = tuple(_asked(model, decision))
    if typed is None:
        return Trial(asked, None)
    values, problems = _values(asked, typed)
    if problems:
        return Trial(asked, None, problems=problems)
    result = model.evaluate(decision_id, values, now)
    return Trial(asked, result.value, result.trace, result.warnings)


def _finder(files: Mapping[str, bytes], own: str) -> dmn.Find:
    """Finds imported models among the files of the project."""

    def find(namespace: str, location: str) -> dmn.DecisionModel | None:
        for name, content in files.items():
            heading = dmn.heading(content) if name != own and name.lower().endswith(".dmn") else None
            if heading is not None and heading.namespace == namespace:
                return dmn.parse(content, name, find)
        return None

    return find


def _asked(model: dmn.DecisionModel, decision: Decision) -> Iterator[Asked]:
    """What the decision and those it requires read from the case, each once, the columns of tables first."""
    told: set[str] = set()
    ahead, seen = [decision], list[Decision]()
    while ahead:
        each = ahead.pop(0)
        if each in seen:
            continue
        seen.append(each)
        required = [model.graph.elements.get(need.key) for need in each.requirements]
        ahead += [element for element in required if isinstance(element, Decision)]
        answered = {name for element in required if element for name in (element.name, *element.aliases)}
        data = {element.name: element for element in required if isinstance(element, InputData)}
        for asked in _columns(each.logic):
            if asked.name not in told and (asked.name not in answered or asked.name in data):
                told.add(asked.name)
                yield asked
        for name in sorted(free_names(each.logic) - told):
            if name not in answered or name in data:
                told.add(name)
                kind = data[name].type if name in data else None
                yield Asked(name, name, str(kind).casefold() if kind else "")


def _columns(logic: Any) -> Iterator[Asked]:
    if isinstance(logic, Table):
        names = free_names(logic)
        for column in logic.inputs:
            if column.text in names:
                yield Asked(column.text, column.label or column.text, str(column.kind) if column.kind else "")


def _values(asked: tuple[Asked, ...], typed: Mapping[str, str]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    values: dict[str, Any] = {}
    problems = []
    for each in asked:
        text = typed.get(each.name, "").strip()
        try:
            values[each.name] = _value(text, each.kind)
        except feel.FeelSyntaxError as error:
            problems.append(Problem(error.template, error.values, field=(each.name,)))
    return values, tuple(problems)


def _value(text: str, kind: str) -> Any:
    """What somebody means who types a value: words stand for themselves, everything else is FEEL."""
    if not text:
        return None
    if kind == "string" and not text.startswith(('"', "=")):
        return text
    if kind in ("date", "time", "date and time") and text[:1].isdigit():
        text = f'{kind}("{text}")'
    return feel.compile(text.removeprefix("=")).value({})
