"""What the files of two diagrams say beyond their models: notes, other attributes, and how they are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
from engine.bpmn.documents import is_bpmn, local_name, read_document, text_of
from engine.bpmn.node_parser import NODES

_APART = NODES | {
    "process", "sequenceFlow", "laneSet", "lane", "textAnnotation", "group", "association", "dataObject",
    "dataObjectReference", "dataStoreReference", "participant", "messageFlow", "collaboration", "message", "signal",
    "error", "escalation", "category", "itemDefinition", "dataStore", "childLaneSet", "categoryValue",
}  # fmt: skip
_FOR_PEOPLE = frozenset(
    {"textAnnotation", "group", "association", "participant", "messageFlow", "collaboration", "category",
     "dataObjectReference", "dataStoreReference", "dataStore", "lane", "laneSet", "childLaneSet", "categoryValue"}
)  # fmt: skip
"""What the interpreter does not act upon."""
_REFERRED_TO = frozenset({"message", "signal", "error", "escalation", "itemDefinition"})
_REPEATED = frozenset({"incoming", "outgoing", "flowNodeRef"})
"""What the flows and the elements say, too."""
_READ_BY_THE_MODEL = frozenset({"@id", "@sourceRef", "@targetRef", "@attachedToRef", "@default"})
"""What the sentences of flows and nodes tell in every case."""
_OF_THE_TOOL = frozenset(
    {"@exporter", "@exporterVersion", "@executionPlatform", "@executionPlatformVersion", "@targetNamespace",
     "@schemaLocation", "@name", "@modelerTemplateIcon"}
)  # fmt: skip
_ANNOTATED = (
    "The note {before} now says {after}.",
    "New: the note {after}.",
    "Gone: the note {before}.",
)
_CALLED = (
    "*{before}* is now called *{after}*.",
    "New: {kind} *{after}*.",
    "Gone: {kind} *{before}*.",
)


def differences_of_files(
    before: bytes, after: bytes, resource: str, after_of: Mapping[str, str], said: tuple[Change, ...]
) -> Iterator[Change]:
    """What was not `said` yet of the elements of two files, whose ids `after_of` pairs; at last, how they are drawn."""
    old, new = read_document(before, resource), read_document(after, resource)
    found = list(_of_elements(old, new, after_of, said))
    found.extend(_of_the_root(old, new, resource))
    found.extend(_of_the_drawing(old, new, after_of))
    yield from found
    if not found and not said and before != after:
        yield Change("The file is written differently, but says the same.", {}, "drawing", 99)


def _units(root: etree._Element) -> dict[str, etree._Element]:
    return {
        element.get("id", ""): element
        for element in root.iter(etree.Element)
        if is_bpmn(element) and local_name(element) in _APART and element.get("id")
    }


def _is_apart(element: etree._Element) -> bool:
    return is_bpmn(element) and local_name(element) in _APART and bool(element.get("id"))


def _is_repeated(element: etree._Element) -> bool:
    return is_bpmn(element) and local_name(element) in _REPEATED


def _facts(element: etree._Element, renamed: Mapping[str, str]) -> facts.Facts:
    return facts.of_xml(element, is_apart=_is_apart, is_passed_over=_is_repeated, renamed=renamed)


def _of_elements(
    old: etree._Element, new: etree._Element, after_of: Mapping[str, str], said: tuple[Change, ...]
) -> Iterator[Change]:
    before, after = _units(old), _units(new)
    renamed = {**_pair_roots(before, after), **after_of}
    spoken_of = {change.before_id for change in said} | {change.after_id for change in said}
    spoken_of |= _referred_by(old, spoken_of) | _referred_by(new, spoken_of)
    for id, element in before.items():
        other = after.get(renamed.get(id, id))
        tag = local_name(element)
        if other is None:
            if tag in _FOR_PEOPLE or tag == "dataObject":
                yield from _for_people(element, None, renamed)
            continue
        if tag in _FOR_PEOPLE:
            yield from _for_people(element, other, renamed)
        else:
            ids = {id, other.get("id")}
            about = [change for change in said if change.before_id in ids or change.after_id in ids]
            yield from _unknown(element, other, renamed, about, is_spoken_of=not ids.isdisjoint(spoken_of))
    taken = {renamed.get(id, id) for id in before}
    for id, element in after.items():
        if id not in taken and (local_name(element) in _FOR_PEOPLE or local_name(element) == "dataObject"):
            yield from _for_people(None, element, renamed)


def _pair_roots(before: Mapping[str, etree._Element], after: Mapping[str, etree._Element]) -> dict[str, str]:
    """Messages and their like of another id, but with the same name."""
    free = {
        (local_name(element), element.get("name")): id
        for id, element in after.items()
        if id not in before and local_name(element) in _APART - NODES
    }
    found = {}
    for id, element in before.items():
        key = local_name(element), element.get("name")
        if id not in after and key in free and key[1]:
            found[id] = free.pop(key)
    return found


def _referred_by(root: etree._Element, ids: set[str | None]) -> set[str]:
    """The messages and their like that these elements refer to: their sentences tell of those too."""
    return {
        str(value)
        for element in root.iter(etree.Element)
        if element.get("id") in ids
        for inner in element.iter(etree.Element)
        for key, value in inner.attrib.items()
        if str(key).endswith("Ref")
    }


def _for_people(
    before: etree._Element | None, after: etree._Element | None, renamed: Mapping[str, str]
) -> Iterator[Change]:
    """A note, a group, a pool: what it says, or else that it is drawn differently."""
    element = after if after is not None else before
    assert element is not None
    tag = local_name(element)
    ids = (before.get("id") if before is not None else None, after.get("id") if after is not None else None)
    words = tuple(_words_of(each) for each in (before, after))
    if words[0] != words[1]:
        is_note = tag == "textAnnotation"
        values: dict[str, Value] = {"kind": Said(tag, "kind")}
        for key, said in zip(("before", "after"), words, strict=True):
            if said is not None:
                values[key] = text(said) if is_note else name(said)
        template = told(words[0], words[1], _ANNOTATED if is_note else _CALLED)
        sign = "added" if before is None else "removed" if after is None else "changed"
        weight: Weight = "behaviour" if tag == "dataObject" else "wording"
        yield Change(template, values, weight, 40, sign, before_id=ids[0], after_id=ids[1])  # type: ignore[arg-type]
    elif before is None or after is None:
        template = "New in the drawing: {kind}." if before is None else "Gone from the drawing: {kind}."
        yield Change(
            template, {"kind": Said(tag, "kind")}, "drawing", 60, "added" if before is None else "removed",
            before_id=ids[0], after_id=ids[1],
        )  # fmt: skip
    elif _facts(before, renamed) != _facts(after, {}):
        yield Change(
            "In the drawing, {kind} is different.", {"kind": Said(tag, "kind")}, "drawing", 60,
            before_id=ids[0], after_id=ids[1],
        )  # fmt: skip


def _words_of(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    if local_name(element) == "textAnnotation":
        return " ".join(text_of(element).split()) or None
    return " ".join((element.get("name") or element.get("value") or "").split()) or None


def _unknown(
    before: etree._Element,
    after: etree._Element,
    renamed: Mapping[str, str],
    about: list[Change],
    *,
    is_spoken_of: bool,
) -> Iterator[Change]:
    """What no sentence `about` the element says: every attribute and text that is not the same."""
    heard = {said for change in about for value in change.values.values() for said in _heard(value)}
    heard |= {_bare(each) for change in about for each in change.written}
    called = " ".join((after.get("name") or "").split())
    element = name(called) if called else Said(local_name(after), "kind")
    for path, old, new in facts.differing(_facts(before, renamed), _facts(after, {})):
        if path in _READ_BY_THE_MODEL or (old or "") == (new or ""):
            continue
        if is_spoken_of and (path.endswith("Ref") or not about or _is_heard(old, heard) or _is_heard(new, heard)):
            continue
        values: dict[str, Value] = {"element": element, "property": word("another property"), "name": Said(path)}
        values |= {"before": text(old)} if old is not None else {}
        values |= {"after": text(new)} if new is not None else {}
        template = told(old, new, (NAMED_IS_NOW, NAMED_IS_SET, NAMED_IS_CLEARED))
        weight: Weight = "drawing" if path in _OF_THE_TOOL and path != "@name" else "behaviour"
        yield Change(template, values, weight, 41, before_id=before.get("id"), after_id=after.get("id"), path=path)


def _heard(value: Value) -> Iterator[str]:
    parts = value if isinstance(value, tuple) else (value,)
    texts = [part.text if isinstance(part, Said) else str(part) for part in parts]
    yield from (
        _bare(each) for each in (*texts, ", ".join(texts), ",".join(texts), ", ".join(f'"{each}"' for each in texts))
    )


def _bare(said: str) -> str:
    return {"true": "yes", "false": "no"}.get(said, "".join(said.split()).lstrip("=")[:100].strip('[]"'))


def _is_heard(value: str | None, heard: set[str]) -> bool:
    return bool(value) and _bare(str(value)) in heard


def _of_the_root(old: etree._Element, new: etree._Element, resource: str) -> Iterator[Change]:
    def own(root: etree._Element) -> facts.Facts:
        return facts.of_xml(root, is_apart=lambda each: True)

    for path, before, after in facts.differing(own(old), own(new)):
        values: dict[str, Value] = {"element": Said(resource), "property": word("what the file says of itself")}
        values["name"] = Said(path.removeprefix("@"))
        values |= {"before": text(before)} if before is not None else {}
        values |= {"after": text(after)} if after is not None else {}
        template = told(before, after, (NAMED_IS_NOW, NAMED_IS_SET, NAMED_IS_CLEARED))
        yield Change(template, values, "drawing" if path in _OF_THE_TOOL else "behaviour", 70, path=path)


def _of_the_drawing(old: etree._Element, new: etree._Element, after_of: Mapping[str, str]) -> Iterator[Change]:
    before, after = _drawn(old, after_of), _drawn(new, {})
    moved = [id for id in before if id in after and before[id] != after[id]]
    if moved:
        count = len(moved)
        yield Change(
            "In the drawing, {count} shapes or lines lie or look different.", {"count": count}, "drawing", 90, "moved"
        )


def _drawn(root: etree._Element, renamed: Mapping[str, str]) -> dict[str, facts.Facts]:
    """Every shape and line, by what it draws."""
    found = {}
    for element in root.iter(etree.Element):
        what = element.get("bpmnElement")
        if what and local_name(element) in ("BPMNShape", "BPMNEdge"):
            found[renamed.get(what, what)] = facts.of_xml(element, renamed=renamed)
    return found
