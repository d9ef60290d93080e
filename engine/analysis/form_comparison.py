"""What differs between two versions of a form: its fields, what they ask, and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine import forms
from engine.analysis import facts
from engine.analysis.aspects import Aspect, plain_value
from engine.analysis.changes import Change, Said, Value, name, told, word
from engine.analysis.sequences import out_of_order

Schema = Mapping[str, Any]

_SHOWN = re.compile(r"^#+\s*")
_DRAWN = frozenset({"layout", "appearance"})
_OF_THE_TOOL = frozenset({"exporter", "schemaVersion", "executionPlatform", "executionPlatformVersion"})
_LABEL = (
    "The field *{before}* is now called *{after}*.",
    "A field without a name is now called *{after}*.",
    "The field *{before}* no longer has a name.",
)
_REQUIRED = {"yes": "*{element}* must now be answered.", "no": "*{element}* may now stay empty."}
_ASPECTS = {
    "label": Aspect("the name", "name", 20, "wording", _LABEL),
    "description": Aspect("the hint", "text", 30, "wording"),
    "text": Aspect("the text", "text", 30, "wording"),
    "content": Aspect("the text", "text", 30, "wording"),
    "type": Aspect("the kind of field", "plain", 8),
    "key": Aspect("the name of its data", "plain", 7),
    "path": Aspect("the name of its data", "plain", 7),
    "conditional.hide": Aspect("the condition that hides it", importance=9),
    "defaultValue": Aspect("the first value", "plain", 12),
    "readonly": Aspect("whether it can only be read", "word", 9),
    "disabled": Aspect("whether it is switched off", "word", 9),
    "expression": Aspect("the calculation", importance=9),
    "valuesExpression": Aspect("the list of answers", importance=9),
    "valuesKey": Aspect("the list of answers", "plain", 9),
    "validate.required": Aspect("whether it must be answered", "word", 8),
    "validate.min": Aspect("the least value", "plain", 10),
    "validate.max": Aspect("the greatest value", "plain", 10),
    "validate.minLength": Aspect("the least number of letters", "plain", 10),
    "validate.maxLength": Aspect("the greatest number of letters", "plain", 10),
    "validate.pattern": Aspect("the pattern of the answer", "plain", 10),
    "validate.patternErrorMessage": Aspect("what is said of a wrong answer", "text", 30, "wording"),
    "validate.validationType": Aspect("the kind of check", "plain", 10),
}
_OTHER = Aspect("another property", "plain", 40)


def form_changes(before: bytes, after: bytes, resource: str) -> tuple[Change, ...]:
    """All differences of two versions of a form. Raises Invalid when one of them cannot be read."""
    old, new = forms.parse(before, resource), forms.parse(after, resource)
    found = [*_of_the_form(old.schema, new.schema, new.name), *_of_fields(old.schema, new.schema)]
    if not found and before != after:
        found.append(Change("The file is written differently, but says the same.", {}, "drawing", 99))
    return tuple(replace(change, resource=resource) for change in found)


def fields(schema: Schema) -> list[tuple[Schema, str]]:
    """All components, each with the id of the group that it lies in."""
    found: list[tuple[Schema, str]] = []

    def visit(components: Any, group: str) -> None:
        for component in components if isinstance(components, list) else ():
            if isinstance(component, Mapping):
                found.append((component, group))
                visit(component.get("components"), str(component.get("id", "")))

    visit(schema.get("components"), "")
    return found


def called(component: Schema) -> Said:
    """A component as people know it: its label, the beginning of its text, or its kind."""
    label = component.get("label") or component.get("text") or component.get("key")
    if isinstance(label, str) and label.strip():
        line = _SHOWN.sub("", label.strip().splitlines()[0])
        return name(line if len(line) <= 60 else line[:59] + "…")
    return Said(str(component.get("type", "")), "kind")


def _of_the_form(old: Schema, new: Schema, title: str) -> Iterator[Change]:
    one, other = (
        facts.of_json({key: value for key, value in each.items() if key != "components"}) for each in (old, new)
    )
    for path, before, after in facts.differing(one, other):
        is_of_the_tool = path.partition(".")[0] in _OF_THE_TOOL
        aspect = Aspect("the name", "name", 20, "wording") if path == "name" else _OTHER
        change = _told(aspect, "" if path == "name" else path, before, after, name(title))
        yield replace(change, weight="drawing") if is_of_the_tool else change


def _of_fields(old: Schema, new: Schema) -> Iterator[Change]:
    before, after = fields(old), fields(new)
    pairs = paired_fields([each for each, _ in before], [each for each, _ in after])
    earlier = {there: here for here, there in pairs.items()}
    for index, (component, group) in enumerate(after):
        if index not in earlier:
            yield from _new(component)
            continue
        previous, previous_group = before[earlier[index]]
        yield from _changed(previous, component)
        if _position(previous_group, before, pairs) != _group_index(group, after):
            yield Change(
                "*{element}* was moved to another group of fields.", {"element": called(component)}, "wording", 25,
                "moved", before_id=_id(previous), after_id=_id(component),
            )  # fmt: skip
    for index, (component, _) in enumerate(before):
        if index not in pairs:
            yield Change(
                "The field *{element}* is gone." if _is_asked(component) else "Gone: {kind} *{element}*.",
                {"element": called(component), "kind": Said(str(component.get("type", "")), "kind")},
                "behaviour" if _is_asked(component) else "wording", 1, "removed", before_id=_id(component),
            )  # fmt: skip
    for index in out_of_order([pairs[each] for each in sorted(pairs)]):
        component = after[index][0]
        yield Change(
            "*{element}* now stands in another place of the form.", {"element": called(component)}, "wording", 26,
            "moved", before_id=_id(before[earlier[index]][0]), after_id=_id(component),
        )  # fmt: skip


def _group_index(group: str, components: list[tuple[Schema, str]]) -> int:
    return next((index for index, (each, _) in enumerate(components) if group and each.get("id") == group), -1)


def _position(group: str, before: list[tuple[Schema, str]], pairs: Mapping[int, int]) -> int:
    index = _group_index(group, before)
    return -1 if index < 0 else pairs.get(index, -2)


def paired_fields(before: list[Schema], after: list[Schema]) -> dict[int, int]:
    """Which field is which: by id, else by the name of its data, else by its kind and name."""
    pairs: dict[int, int] = {}
    for mark in (_id, _data, _kind_and_name):
        free = {mark(each): index for index, each in enumerate(after) if mark(each) and index not in pairs.values()}
        for index, each in enumerate(before):
            if index not in pairs and mark(each) in free:
                pairs[index] = free.pop(mark(each))
    return pairs


def _id(component: Schema) -> str | None:
    id = component.get("id")
    return id if isinstance(id, str) else None


def _data(component: Schema) -> str | None:
    key = component.get("key") or component.get("path")
    return key if isinstance(key, str) else None


def _kind_and_name(component: Schema) -> str | None:
    return f"{component.get('type')} {called(component)}"


def _is_asked(component: Schema) -> bool:
    return bool(_data(component))


def _new(component: Schema) -> Iterator[Change]:
    is_asked = _is_asked(component)
    is_required = is_asked and bool((component.get("validate") or {}).get("required"))
    template = "New: {kind} *{element}*."
    if is_asked:
        template = (
            "New: the field *{element}*, which must be answered." if is_required else "New: the field *{element}*."
        )
    yield Change(
        template, {"element": called(component), "kind": Said(str(component.get("type", "")), "kind")},
        "behaviour" if is_asked else "wording", 1, "added", after_id=_id(component),
    )  # fmt: skip


def _changed(before: Schema, after: Schema) -> Iterator[Change]:
    element, ids = called(after), (_id(before), _id(after))
    one, other = (_facts(each) for each in (before, after))
    for path, old, new in facts.differing(one, other):
        if path in ("id", "validate.required"):
            continue
        stem = path.partition(".")[0]
        aspect = _ASPECTS.get(path, _OTHER)
        change = _told(aspect, "" if path in _ASPECTS else path, old, new, element)
        if stem in _DRAWN:
            change = Change("*{element}* is laid out differently.", {"element": element}, "drawing", 60)
        yield replace(change, before_id=ids[0], after_id=ids[1], path=path)
    required = [each.get("validate.required", "no") for each in (one, other)]
    if required[0] != required[1]:
        yield Change(
            _REQUIRED.get(required[1], _REQUIRED["yes"]), {"element": element}, "behaviour", 8,
            before_id=ids[0], after_id=ids[1], path="validate.required",
        )  # fmt: skip
    yield from _answers(before, after, element)
    if ids[0] != ids[1]:
        yield Change(
            "*{element}* was made anew; its data is called the same.", {"element": element}, "drawing", 61,
            before_id=ids[0], after_id=ids[1],
        )  # fmt: skip


def _facts(component: Schema) -> facts.Facts:
    return facts.of_json({key: value for key, value in component.items() if key not in ("components", "values")})


def _answers(before: Schema, after: Schema, element: Said) -> Iterator[Change]:
    one, other = options(before), options(after)
    ids = _id(before), _id(after)
    for value, label in other.items():
        values: dict[str, Value] = {"element": element, "answer": name(label)}
        if value not in one:
            yield Change("*{element}* has a new answer: *{answer}*.", values, "behaviour", 5, "added", "", *ids)
        elif one[value] != label:
            values["before"] = name(one[value])
            yield Change(
                "The answer *{before}* of *{element}* is now called *{answer}*.",
                values,
                "wording",
                21,
                "changed",
                "",
                *ids,
            )
    for value, label in one.items():
        if value not in other:
            values = {"element": element, "answer": name(label)}
            yield Change(
                "*{element}* no longer has the answer *{answer}*.", values, "behaviour", 5, "removed", "", *ids
            )
    if [each for each in one if each in other] != [each for each in other if each in one]:
        yield Change(
            "The answers of *{element}* stand in another order.", {"element": element}, "wording", 27, "moved", "", *ids
        )


def options(component: Schema) -> dict[str, str]:
    values = component.get("values")
    return {
        str(each.get("value")): str(each.get("label", each.get("value")))
        for each in (values if isinstance(values, list) else ())
        if isinstance(each, Mapping)
    }


def _told(aspect: Aspect, path: str, old: str | None, new: str | None, element: Said) -> Change:
    values: dict[str, Value] = {"element": element, "property": word(aspect.noun), "name": Said(path)}
    values |= {"before": plain_value(old, aspect.show)} if old is not None else {}
    values |= {"after": plain_value(new, aspect.show)} if new is not None else {}
    template = told(old, new, aspect.named_templates if path else aspect.templates)
    used = {each: value for each, value in values.items() if "{" + each + "}" in template}
    return Change(template, used, aspect.weight, aspect.importance)
