"""Variables live in scopes: process, sub-process, multi-instance, activity. Tokens never carry copies of them.

A value that an activity brings goes to the innermost scope that already has the variable, else to the process; only
mappings create variables further in. Values are never changed in place, so events may keep them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.bpmn.scripting import Attribute
from engine.bpmn.tokens import Scope, Token
from engine.events import VariablesChanged

_ABSENT = object()


Layer = tuple[dict[str, Any], Scope | None]
"""Variables of one level; those of a process or sub-process with their `Scope`."""


def containers(token: Token) -> Iterator[Layer]:
    """The levels of variables around a passage, innermost first."""
    current: Token | None = token
    while current is not None:
        yield current.data, None
        holder = current.holder
        while holder is not None:
            yield holder.data, None
            holder = holder.holder
        yield current.workflow.data, current.workflow
        current = current.workflow.holder


def beyond(token: Token) -> Iterator[Layer]:
    """The levels of variables around a passage without its own."""
    return itertools.islice(containers(token), 1, None)


def visible(token: Token) -> Mapping[str, Any]:
    """All variables that an expression at this passage can read; not to be written to."""
    layers = [data for data, _ in containers(token) if data]
    if len(layers) == 1:
        return layers[0]
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged.update(layer)
    return merged


def visible_in(scope: Scope) -> Mapping[str, Any]:
    """All variables that an expression in a process or sub-process can read; not to be written to."""
    return visible(scope.task_tree)


def assign(token: Token, values: Mapping[str, Any], layers: Iterable[Layer]) -> None:
    """Give variables their new values, each in the innermost layer that has it, else in the process."""
    layers = list(layers)
    changed: dict[int, tuple[Scope, dict[str, Any]]] = {}
    for name, value in values.items():
        data, scope = next((layer for layer in layers if name in layer[0]), layers[-1])
        if scope is None:
            data[name] = value
        else:
            changed.setdefault(id(scope), (scope, {}))[1][name] = value
    for scope, mine in changed.values():
        set_local(scope, mine, token.node.id, token.key)


def bring(token: Token, result: Mapping[str, Any], outputs: Mappings) -> None:
    """Take over what a passage brought: all of it, or with an output mapping usually only what that makes."""
    if result and (not outputs or outputs.keeps_results):
        assign(token, result, containers(token))
    if not outputs:
        return
    made = outputs.apply(token, {**visible(token), **result})
    assign(token, made, containers(token) if token.loop else beyond(token))


def set_local(scope: Scope, values: Mapping[str, Any], element_id: str, activity_key: int) -> None:
    """Give variables of exactly this process or sub-process their new values, and tell those that changed."""
    changes: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        old = scope.data.get(name, _ABSENT)
        if old is _ABSENT:
            changes[name] = {"new": value}
        elif not same(old, value):
            changes[name] = {"old": old, "new": value}
        scope.data[name] = value
    if changes:
        scope.case.variables_changed(
            VariablesChanged(element_id=element_id, activity_key=activity_key, scope=scope.spec.name, changes=changes)
        )


def same(left: Any, right: Any) -> bool:
    """Whether two plain values are equal and of the same type: 1 is not true."""
    if left is right:
        return True
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


class Mappings:
    """The lines of an input or output mapping, in order; a later line sees what an earlier one made."""

    def __init__(self, lines: list[tuple[Attribute, tuple[str, ...]]], keeps_results: bool = False) -> None:
        self._lines = lines
        self.keeps_results = keeps_results

    def __bool__(self) -> bool:
        return bool(self._lines)

    @property
    def names(self) -> frozenset[str]:
        """The variables that it makes."""
        return frozenset(path[0] for _, path in self._lines)

    def apply(self, token: Token, variables: Mapping[str, Any]) -> dict[str, Any]:
        """What the mapping makes of the variables: name → value."""
        made: dict[str, Any] = {}
        seen = dict(variables)
        for source, path in self._lines:
            value = source.value(seen, token.workflow.case.environment.now)
            name = path[0]
            made[name] = seen[name] = _with(seen.get(name) if len(path) > 1 else None, path[1:], value)
        return made


def _with(container: Any, path: tuple[str, ...], value: Any) -> Any:
    """A copy of the container in which the path leads to the value."""
    if not path:
        return value
    inner = dict(container) if isinstance(container, dict) else {}
    inner[path[0]] = _with(inner.get(path[0]), path[1:], value)
    return inner
