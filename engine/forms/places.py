"""Nested plain data read and written by path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Path = tuple[str, ...]

ABSENT: Any = object()
"""Stands for a value that is not there, as opposed to null."""


def get(data: Any, path: Path, default: Any = None) -> Any:
    """The value at the path, or the default where there is none."""
    for step in path:
        if not isinstance(data, Mapping) or step not in data:
            return default
        data = data[step]
    return data


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Set the value at the path, making objects on the way where there are none."""
    for step in path[:-1]:
        inner = data.get(step)
        if not isinstance(inner, dict):
            inner = data[step] = {}
        data = inner
    data[path[-1]] = value


def merged(below: Any, above: Any) -> Any:
    """Both objects in one, the upper winning where both have a value that is no object."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: merged(below[key], value) if key in below else value for key, value in above.items()}}


def copied(data: Any) -> Any:
    """Plain data that can be changed without changing the original."""
    if isinstance(data, Mapping):
        return {key: copied(value) for key, value in data.items()}
    return [copied(item) for item in data] if isinstance(data, list) else data


def pruned(data: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Only what lies at the paths, or in the rows of a list on the way; the whole value where a path ends."""
    branches: dict[str, list[Path]] = {}
    for path in paths:
        if path and path[0] in data:
            branches.setdefault(path[0], []).append(path[1:])
    return {key: _cut(data[key], rests) for key, rests in branches.items()}


def _cut(value: Any, rests: list[Path]) -> Any:
    if () in rests:
        return copied(value)
    if isinstance(value, list):
        return [_cut(item, rests) for item in value]
    return pruned(value, rests) if isinstance(value, Mapping) else value
