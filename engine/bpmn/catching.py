"""Who takes an error or an escalation: the boundary event or event sub-process nearest outward, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.bpmn.specs.activities import ActivitySpec
from engine.bpmn.tokens import Token


@dataclass(frozen=True)
class Catcher:
    """An event that takes what was thrown."""

    element_id: str
    code: str | None
    """None takes every code."""
    take: Callable[[dict[str, Any], str], None]


def find_catcher(token: Token, trigger: str, code: str) -> Catcher | None:
    """The event that takes an error or escalation thrown at a token; at each level exact codes go before catch-alls."""
    for level in _levels(token, trigger):
        catchers = list(level)
        for wanted in (code, None):
            for catcher in catchers:
                if (catcher.code or None) == wanted:
                    return catcher
    return None


def _levels(token: Token, trigger: str) -> Iterator[Iterable[Catcher]]:
    current: Token | None = token
    while current is not None:
        yield _boundaries(current.loop or current, trigger)
        yield _event_subprocesses(current, trigger)
        current = current.workflow.holder


def _boundaries(host: Token, trigger: str) -> Iterator[Catcher]:
    if not isinstance(host.task_spec, ActivitySpec):
        return
    for spec in host.task_spec.boundaries:
        if spec.event.trigger == trigger:
            yield Catcher(spec.node.id, spec.event.name, partial(spec.occur, host))


def _event_subprocesses(inside: Token, trigger: str) -> Iterator[Catcher]:
    scope = inside.workflow
    if scope.interrupted:
        return
    for spec in scope.spec.event_subprocesses:
        start = spec.start_event.node
        if start.event is None or spec is inside.task_spec:
            continue
        for event in start.event.single:
            if event.trigger == trigger:
                yield Catcher(start.id, event.name, partial(spec.occur, scope, trigger))
