"""Small damages to files that were right: what hasty editing, bad tools and ill will make of diagrams and forms."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from lxml import etree

ODD_TEXTS = ("", " ", "no-such-id", "=", "=(", "={", "-1", "1e999", "true", "äöü 复核", "x" * 3000)
"""What an attribute or a text may turn into."""


def mutate_xml(xml: bytes, chance: random.Random) -> bytes:
    """The file with one to three damages."""
    root = etree.fromstring(xml)
    for _ in range(chance.randint(1, 3)):
        chance.choice(_XML)(root, chance)
    return etree.tostring(root)


def mutate_json(content: bytes, chance: random.Random) -> bytes:
    """The same for a form."""
    schema = json.loads(content)
    for _ in range(chance.randint(1, 3)):
        chance.choice(_JSON)(schema, chance)
    return json.dumps(schema).encode()


def _elements(root: etree._Element) -> list[etree._Element]:
    """All but the root and what is only drawn."""
    return [element for element in root.iter(etree.Element) if element is not root and "DI" not in str(element.tag)]


def _any_element(root: etree._Element, chance: random.Random) -> etree._Element:
    found = _elements(root)
    return chance.choice(found) if found else root


def _delete(root: etree._Element, chance: random.Random) -> None:
    element = _any_element(root, chance)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _duplicate(root: etree._Element, chance: random.Random) -> None:
    element = _any_element(root, chance)
    parent = element.getparent()
    if parent is not None:
        parent.insert(parent.index(element), copy.deepcopy(element))


def _move(root: etree._Element, chance: random.Random) -> None:
    element, place = _any_element(root, chance), _any_element(root, chance)
    if element is not root and place not in set(element.iter()):
        place.append(element)


def _copy_elsewhere(root: etree._Element, chance: random.Random) -> None:
    _any_element(root, chance).append(copy.deepcopy(_any_element(root, chance)))


def _rename(root: etree._Element, chance: random.Random) -> None:
    element, other = _any_element(root, chance), _any_element(root, chance)
    element.tag = other.tag


def _with_attributes(root: etree._Element, chance: random.Random) -> etree._Element:
    found = [element for element in _elements(root) if element.attrib]
    return chance.choice(found) if found else root


def _delete_attribute(root: etree._Element, chance: random.Random) -> None:
    element = _with_attributes(root, chance)
    if element.attrib:
        del element.attrib[chance.choice(sorted(map(str, element.attrib)))]


def _change_attribute(root: etree._Element, chance: random.Random) -> None:
    element, other = _with_attributes(root, chance), _with_attributes(root, chance)
    if element.attrib and other.attrib:
        values = [str(value) for _, value in sorted(other.attrib.items())]
        element.set(chance.choice(sorted(map(str, element.attrib))), chance.choice([*values, chance.choice(ODD_TEXTS)]))


def _copy_attribute(root: etree._Element, chance: random.Random) -> None:
    element, other = _any_element(root, chance), _with_attributes(root, chance)
    if other.attrib:
        name = chance.choice(sorted(map(str, other.attrib)))
        element.set(name, other.attrib[name])


def _change_text(root: etree._Element, chance: random.Random) -> None:
    found = [element for element in _elements(root) if (element.text or "").strip()]
    if found:
        element, other = chance.choice(found), chance.choice(found)
        element.text = chance.choice([other.text, chance.choice(ODD_TEXTS)])


_XML: tuple[Callable[[etree._Element, random.Random], None], ...] = (
    _delete, _duplicate, _move, _copy_elsewhere, _rename, _delete_attribute, _change_attribute, _change_attribute,
    _copy_attribute, _change_text,
)  # fmt: skip


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a schema."""
    found: list[tuple[Any, Any]] = []
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found.append((value, key))
        found.extend(_places(value[key]))
    return found


def _delete_entry(schema: Any, chance: random.Random) -> None:
    container, key = chance.choice(_places(schema) or [({0: 0}, 0)])
    del container[key]


def _change_entry(schema: Any, chance: random.Random) -> None:
    places = _places(schema)
    if places:
        container, key = chance.choice(places)
        other, its_key = chance.choice(places)
        odd = [
            copy.deepcopy(other[its_key]),
            None,
            -1,
            1e300,
            True,
            [],
            {},
            [None],
            {"id": 1},
            chance.choice(ODD_TEXTS),
        ]
        container[key] = chance.choice(odd)


def _duplicate_entry(schema: Any, chance: random.Random) -> None:
    lists = [container for container, _ in _places(schema) if isinstance(container, list)]
    if lists:
        entries = chance.choice(lists)
        entries.append(copy.deepcopy(chance.choice(entries)))


def _add_entry(schema: Any, chance: random.Random) -> None:
    places = _places(schema)
    if places:
        container, _ = chance.choice(places)
        other, key = chance.choice(places)
        if isinstance(container, dict) and isinstance(other, dict):
            container[key] = copy.deepcopy(other[key])


_JSON: tuple[Callable[[Any, random.Random], None], ...] = (
    _delete_entry,
    _change_entry,
    _change_entry,
    _duplicate_entry,
    _add_entry,
)
