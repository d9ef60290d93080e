"""Reads data objects and what they are connected with: a data object is the variable of its name.

A data association passes a value on under another name, or computes it in FEEL: then it is a line of the input or
output mapping. One between things of one name, or of none, says nothing beyond what is so anyway: that activities see
the variables of their case. Names that cannot be variables, and data stores, are drawing only, which a rule tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.documents import child, children, is_bpmn, local_name, reference, text_of
from engine.bpmn.elements import DataItem, Mapping
from engine.bpmn.reading import Reading
from engine.xml_files import line_of

_VARIABLE = re.compile(r"[^\W\d]\w*")
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_NAMED = frozenset({"dataObject", "dataInput", "dataOutput", "property"})
_PLACEHOLDER = "__targetRef_placeholder"
"""What some tools name a property that is there only because the standard wants a target."""


@dataclass
class Data:
    """What the file says about data: which variable each thing is."""

    variables: dict[str, str] = field(default_factory=dict)
    """Id of a data object, input, output or property → its variable."""
    names: dict[str, str] = field(default_factory=dict)
    """Id → what people call it."""

    @classmethod
    def of(cls, definitions: etree._Element) -> Data:
        names: dict[str, str] = {}
        references: dict[str, str] = {}
        for element in definitions.iter(etree.Element):
            if not is_bpmn(element):
                continue
            kind, name, element_id = local_name(element), element.get("name", "").strip(), element.get("id", "")
            if kind in _NAMED:
                names.setdefault(element_id, name)
            elif kind == "dataObjectReference":
                target = reference(element.get("dataObjectRef"))
                references[element_id] = target
                if name and not names.get(target):
                    names[target] = name
        names |= {each: names.get(target, "") for each, target in references.items()}
        usable = {each: name for each, name in names.items() if _VARIABLE.fullmatch(name) and name != _PLACEHOLDER}
        return cls(usable, names)

    def mappings(self, element: etree._Element, owner: str, reading: Reading, kind: str) -> tuple[Mapping, ...]:
        """The lines that the data associations of an activity or event add to its mapping."""
        return tuple(
            line
            for association in children(element, kind)
            for line in self._of_association(association, owner, reading)
        )

    def behind(self, element: etree._Element, named: str) -> str | None:
        """The variable that a repeated activity reads or writes when it names this input, output or data object."""
        for association in children(element, "dataInputAssociation"):
            if reference(text_of(child(association, "targetRef"))) == named:
                return self.variables.get(_source(association))
        for association in children(element, "dataOutputAssociation"):
            if _source(association) == named:
                return self.variables.get(reference(text_of(child(association, "targetRef"))))
        return self.variables.get(named)

    def _of_association(self, association: etree._Element, owner: str, reading: Reading) -> Iterator[Mapping]:
        target = self.variables.get(reference(text_of(child(association, "targetRef"))))
        assignments = [
            (child(each, "from"), text_of(child(each, "to")).removeprefix("=").strip())
            for each in children(association, "assignment")
        ]
        transformation = child(association, "transformation")
        if transformation is not None:
            assignments.insert(0, (transformation, target or ""))
        for source, to in assignments:
            text = reading.expression(source) or ""
            if not text.startswith("=") or not _PATH.fullmatch(to):
                reading.note(local_name(association), association, owner)
                continue
            yield Mapping(text, to)
        given = self.variables.get(_source(association))
        if not assignments and given and target and given != target and not _is_of_loop(association):
            yield Mapping(f"={given}", target)


def data_items(element: etree._Element, scope: str, data: Data) -> Iterator[DataItem]:
    """The data objects, properties and data stores that lie in a process or sub-process."""
    for part in element.iterchildren(etree.Element):
        kind = local_name(part) if is_bpmn(part) else ""
        item_id, name = part.get("id", ""), part.get("name", "").strip()
        if kind in ("dataObject", "property") and name != _PLACEHOLDER:
            yield DataItem(
                item_id, data.names.get(item_id) or item_id, kind, scope, data.variables.get(item_id), line_of(part)
            )
        elif kind == "dataStoreReference":
            yield DataItem(item_id, name or item_id, kind, scope, None, line_of(part))


def _source(association: etree._Element) -> str:
    return reference(text_of(child(association, "sourceRef")))


def _is_of_loop(association: etree._Element) -> bool:
    """Whether an association brings the list that a repeated activity takes its entries from, or collects in."""
    activity = association.getparent()
    loop = child(activity, "multiInstanceLoopCharacteristics") if activity is not None else None
    if loop is None:
        return False
    refs = {reference(text_of(child(loop, name))) for name in ("loopDataInputRef", "loopDataOutputRef")} - {""}
    return not refs.isdisjoint({_source(association), reference(text_of(child(association, "targetRef")))})
