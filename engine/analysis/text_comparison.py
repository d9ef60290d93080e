"""What differs between two versions of a catalogue of translations or of a test scenario."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from engine import plain
from engine.analysis import facts
from engine.analysis.changes import (
    NAMED_IS_CLEARED,
    NAMED_IS_NOW,
    NAMED_IS_SET,
    Change,
    Said,
    Value,
    name,
    text,
    told,
    word,
)
from engine.errors import Invalid

_SAME = "The file is written differently, but says the same."


def catalogue_changes(before: bytes, after: bytes, resource: str) -> tuple[Change, ...]:
    """All texts that are translated in another way. Raises Invalid when a file cannot be read."""
    found = []
    for said, old, new in facts.differing(translations(before, resource), translations(after, resource)):
        values: dict[str, Value] = {"text": text(said)}
        values |= {"before": text(old)} if old is not None else {}
        values |= {"after": text(new)} if new is not None else {}
        template = told(
            old, new,
            (
                "{text} is now translated {after} instead of {before}.",
                "{text} now has a translation: {after}.",
                "{text} no longer has a translation; it was {before}.",
            ),
        )  # fmt: skip
        found.append(Change(template, values, "wording", 50, "changed", before_id=said, after_id=said))
    if not found and before != after:
        found.append(Change(_SAME, {}, "drawing", 99))
    return tuple(replace(change, resource=resource) for change in found)


def translations(content: bytes, resource: str) -> dict[str, str]:
    """English text → translation. Raises Invalid."""
    # babel is slow to import, and most pages compare no texts
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalogue = read_po(io.BytesIO(content), abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise Invalid("The file '{resource}' cannot be read.", resource=resource) from error
    return {
        str(entry.id[0] if isinstance(entry.id, tuple | list) else entry.id): str(
            entry.string[0] if isinstance(entry.string, tuple | list) else entry.string
        )
        for entry in catalogue
        if entry.id and entry.string
    }


def scenario_changes(before: bytes, after: bytes, resource: str) -> tuple[Change, ...]:
    """All steps and expectations that differ. Raises Invalid when a file cannot be read."""
    one, other = scenario_facts(before, resource), scenario_facts(after, resource)
    found = list(_of_scenarios(one, other, resource))
    if not found and before != after:
        found.append(Change(_SAME, {}, "drawing", 99))
    return tuple(replace(change, resource=resource) for change in found)


def scenario_facts(content: bytes, resource: str) -> facts.Facts:
    try:
        return facts.of_json(plain.loads(content))
    except (ValueError, RecursionError) as error:
        raise Invalid("The file '{resource}' cannot be read.", resource=resource) from error


def _of_scenarios(one: facts.Facts, other: facts.Facts, resource: str) -> Iterator[Change]:
    called = name(other.get("name") or one.get("name") or resource)
    for path, old, new in facts.differing(one, other):
        values: dict[str, Value] = {"element": called, "property": word("the step or expectation"), "name": Said(path)}
        values |= {"before": text(old)} if old is not None else {}
        values |= {"after": text(new)} if new is not None else {}
        template = told(old, new, (NAMED_IS_NOW, NAMED_IS_SET, NAMED_IS_CLEARED))
        yield Change(template, values, "wording", 60, before_id=path, after_id=path)
