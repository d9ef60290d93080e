"""Things taken apart into single facts, path → value, so that two of them can be compared whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

Facts = dict[str, str]


def of_dataclass(thing: Any, passed_over: frozenset[str] = frozenset()) -> Facts:
    """The facts of a dataclass and of those in it. What is empty is no fact; mappings keep their keys."""
    return dict(_taken_apart(thing, "", passed_over))


def _taken_apart(thing: Any, path: str, passed_over: frozenset[str]) -> Iterator[tuple[str, str]]:
    if dataclasses.is_dataclass(thing):
        for each in dataclasses.fields(thing):
            inner = f"{path}.{each.name}" if path else each.name
            if inner not in passed_over and each.name != "line":
                yield from _taken_apart(getattr(thing, each.name), inner, passed_over)
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from _taken_apart(value, f"{path}:{key}", passed_over)
    elif isinstance(thing, tuple | list):
        yield from _listed(thing, path, passed_over)
    elif isinstance(thing, bool):
        yield path, "yes" if thing else "no"
    elif thing is not None and thing != "":
        yield path, str(thing)


def _listed(things: tuple[Any, ...] | list[Any], path: str, passed_over: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Mappings and headers by the name that they set; what stands there twice is counted."""
    seen: dict[str, int] = {}
    for index, thing in enumerate(things):
        key = getattr(thing, "target", None)
        value = getattr(thing, "source", thing)
        if isinstance(thing, tuple) and len(thing) == 2:
            key, value = thing
        if key is None:
            yield from _taken_apart(thing, f"{path}[{index + 1}]", passed_over)
            continue
        seen[key] = seen.get(key, 0) + 1
        again = f" ({seen[key]})" if seen[key] > 1 else ""
        yield f"{path}:{key}{again}", str(value)


def of_json(thing: Any, path: str = "") -> Facts:
    """The facts of plain data."""
    found: Facts = {}
    if isinstance(thing, Mapping):
        for key, value in thing.items():
            found.update(of_json(value, f"{path}.{key}" if path else str(key)))
    elif isinstance(thing, list):
        for index, value in enumerate(thing):
            found.update(of_json(value, f"{path}[{index + 1}]"))
    elif isinstance(thing, bool):
        found[path] = "yes" if thing else "no"
    elif thing is not None and thing != "":
        found[path] = str(thing)
    return found


def of_xml(
    element: etree._Element,
    *,
    is_apart: Callable[[etree._Element], bool] = lambda element: False,
    is_passed_over: Callable[[etree._Element], bool] = lambda element: False,
    renamed: Mapping[str, str] | None = None,
    has_ids: bool = False,
) -> Facts:
    """The facts of an XML element and what belongs to it: whatever prefixes, blanks and order of attributes it has.

    `is_apart` are inner elements that are compared for themselves; ids that are written `renamed` count as the same.
    Ids of inner elements are no facts unless `has_ids`.
    """
    found: Facts = {}
    names = renamed or {}

    def visit(inner: etree._Element, path: str) -> None:
        for key, value in inner.attrib.items():
            label = str(etree.QName(str(key)).localname)
            if label != "id" or has_ids:
                said = " ".join(str(value).split())
                place = f"{path}@{label}"
                found[f"{path}@{key!s}" if place in found else place] = names.get(said, said)
        children = [
            each for each in inner.iterchildren(etree.Element) if not is_apart(each) and not is_passed_over(each)
        ]
        words = (inner.text or "").strip()
        if words:
            found[path or "text"] = names.get(words, words)
        count: dict[str, int] = {}
        for each in children:
            tag = str(etree.QName(each).localname)
            count[tag] = count.get(tag, 0) + 1
            step = tag if count[tag] == 1 else f"{tag}[{count[tag]}]"
            found.setdefault(f"{path}/{step}" if path else step, "")
            visit(each, f"{path}/{step}" if path else step)

    visit(element, "")
    return found


def differing(before: Facts, after: Facts) -> Iterator[tuple[str, str | None, str | None]]:
    """The paths whose values are not the same: (path, before, after); None where it is not there."""
    for path in dict.fromkeys([*before, *after]):
        if before.get(path) != after.get(path):
            yield path, before.get(path), after.get(path)
