"""What differs between two versions of a decision model: rows, cells, columns, and what its decisions require."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from lxml import etree

from engine.analysis import facts
from engine.analysis.changes import (
    NAMED_IS_CLEARED,
    NAMED_IS_NOW,
    NAMED_IS_SET,
    Change,
    Said,
    Value,
    Weight,
    name,
    text,
    told,
    word,
)
from engine.analysis.decision_tables import TABLE, table_changes
from engine.dmn.documents import children, local_name, read_document

_ELEMENTS = frozenset(
    {"decision", "inputData", "businessKnowledgeModel", "decisionService", "knowledgeSource", "itemDefinition",
     "textAnnotation", "association", "group", "import"}
)  # fmt: skip
_FOR_PEOPLE = frozenset({"knowledgeSource", "textAnnotation", "association", "group"})
_WORDING = frozenset({"@name", "@label", "description", "question", "allowedAnswers", "text"})
_OF_THE_TOOL = frozenset(
    {"@exporter", "@exporterVersion", "@executionPlatform", "@executionPlatformVersion", "@schemaLocation"}
)


@dataclass(frozen=True)
class _Pair:
    before: etree._Element | None
    after: etree._Element | None


def decision_changes(before: bytes, after: bytes, resource: str) -> tuple[Change, ...]:
    """All differences of two versions of a model. Raises Invalid when one of them cannot be read."""
    old, new = read_document(before, resource), read_document(after, resource)
    found = list(_of_the_model(old, new))
    for pair in _pairs(old, new):
        found.extend(_of_an_element(pair, old, new))
    if _drawing(old) != _drawing(new):
        found.append(Change("The drawing of the decisions is different.", {}, "drawing", 90, "moved"))
    if not found and before != after:
        found.append(Change("The file is written differently, but says the same.", {}, "drawing", 99))
    return tuple(replace(change, resource=resource) for change in found)


def _elements(root: etree._Element) -> dict[str, etree._Element]:
    return {
        element.get("id") or f"{local_name(element)} {element.get('name', '')}": element
        for element in root.iterchildren(etree.Element)
        if local_name(element) in _ELEMENTS or (local_name(element) == "artifact")
    }


def _pairs(old: etree._Element, new: etree._Element) -> Iterator[_Pair]:
    before, after = _elements(old), _elements(new)
    names = {(local_name(each), each.get("name")): id for id, each in after.items() if id not in before}
    taken = set()
    for id, element in before.items():
        there = id if id in after else names.get((local_name(element), element.get("name")), "")
        taken.add(there)
        yield _Pair(element, after.get(there))
    yield from (_Pair(None, element) for id, element in after.items() if id not in taken)


def _called(element: etree._Element) -> Said:
    return name(" ".join((element.get("name") or element.get("id") or local_name(element)).split()))


def _of_an_element(pair: _Pair, old: etree._Element, new: etree._Element) -> Iterator[Change]:
    before, after = pair.before, pair.after
    if before is None or after is None:
        yield _come_or_gone(pair)
        return
    ids = before.get("id"), after.get("id")
    if ids[0] != ids[1]:
        values: dict[str, Value] = {
            "element": _called(after),
            "before": Said(ids[0] or ""),
            "after": Said(ids[1] or ""),
        }
        yield Change("*{element}*: the id is now {after} instead of {before}; diagrams name it by its id.", values,
                     "behaviour", 3, before_id=ids[0], after_id=ids[1])  # fmt: skip
    yield from _requirements(before, after, old, new)
    one, other = (next(children(each, TABLE), None) for each in (before, after))
    if one is not None and other is not None:
        for change in table_changes(one, other, _called(after)):
            yield replace(change, before_id=change.before_id or ids[0], after_id=change.after_id or ids[1])
    else:
        yield from _kind_of_logic(before, after)
    yield from _others(before, after, has_tables=one is not None and other is not None)


def _come_or_gone(pair: _Pair) -> Change:
    element = pair.after if pair.after is not None else pair.before
    assert element is not None
    weight: Weight = "wording" if local_name(element) in _FOR_PEOPLE else "behaviour"
    is_new = pair.after is not None
    return Change(
        "New: the {kind} *{element}*." if is_new else "Gone: the {kind} *{element}*.",
        {"kind": Said(local_name(element), "kind"), "element": _called(element)}, weight, 0,
        "added" if is_new else "removed",
        before_id=None if is_new else element.get("id"), after_id=element.get("id") if is_new else None,
    )  # fmt: skip


def _requirements(
    before: etree._Element, after: etree._Element, old: etree._Element, new: etree._Element
) -> Iterator[Change]:
    was, now = _required(before), _required(after)
    ids = before.get("id"), after.get("id")
    for target in now - was:
        values: dict[str, Value] = {"element": _called(after), "other": _named(target, new)}
        yield Change("*{element}* now also looks at *{other}*.", values, "behaviour", 4, "added", "", *ids)
    for target in was - now:
        values = {"element": _called(after), "other": _named(target, old)}
        yield Change("*{element}* no longer looks at *{other}*.", values, "behaviour", 4, "removed", "", *ids)


_REQUIRING = frozenset({"informationRequirement", "knowledgeRequirement", "authorityRequirement"})


def _required(element: etree._Element) -> set[str]:
    return {
        str(inner.get("href"))
        for each in element.iterchildren(etree.Element)
        if local_name(each) in _REQUIRING
        for inner in each.iterchildren(etree.Element)
        if inner.get("href")
    }


def _named(href: str, root: etree._Element) -> Said:
    element = _elements(root).get(href.rpartition("#")[2])
    return name(href.removeprefix("#")) if element is None else _called(element)


def _kind_of_logic(before: etree._Element, after: etree._Element) -> Iterator[Change]:
    for here, there, template in (
        (before, after, "*{element}* no longer decides by a table."),
        (after, before, "*{element}* now decides by a table."),
    ):
        if next(children(here, TABLE), None) is not None and next(children(there, TABLE), None) is None:
            yield Change(
                template, {"element": _called(after)}, "behaviour", 2, "changed", "", before.get("id"), after.get("id")
            )


def _others(before: etree._Element, after: etree._Element, *, has_tables: bool) -> Iterator[Change]:
    """Everything else that an element says, property by property."""

    def passed(inner: etree._Element) -> bool:
        return local_name(inner) in _REQUIRING or (has_tables and local_name(inner) == TABLE)

    one, other = (facts.of_xml(each, is_passed_over=passed) for each in (before, after))
    for path, old, new in facts.differing(one, other):
        if path == "@id" or (old or "") == (new or ""):
            continue
        yield _told(path, old, new, _called(after), before.get("id"), after.get("id"))


def _told(
    path: str, old: str | None, new: str | None, element: Said, before_id: str | None, after_id: str | None
) -> Change:
    values: dict[str, Value] = {"element": element, "property": word("the property"), "name": Said(path.lstrip("@"))}
    values |= {"before": text(old)} if old is not None else {}
    values |= {"after": text(new)} if new is not None else {}
    template = told(old, new, (NAMED_IS_NOW, NAMED_IS_SET, NAMED_IS_CLEARED))
    weight: Weight = "behaviour"
    if path in _WORDING and path != "text":
        weight = "wording"
    elif path in _OF_THE_TOOL:
        weight = "drawing"
    return Change(template, values, weight, 30, before_id=before_id, after_id=after_id, path=path)


def _of_the_model(old: etree._Element, new: etree._Element) -> Iterator[Change]:
    one, other = (facts.of_xml(each, is_apart=lambda inner: True) for each in (old, new))
    for path, before, after in facts.differing(one, other):
        yield _told(path, before, after, _called(new), None, None)


def _drawing(root: etree._Element) -> dict[str, facts.Facts]:
    """Shapes and lines by what they draw."""
    found: Mapping[str, facts.Facts] = {
        str(element.get("dmnElementRef")): facts.of_xml(element)
        for element in root.iter(etree.Element)
        if element.get("dmnElementRef")
    }
    return dict(found)
