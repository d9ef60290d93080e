"""The texts of a decision model that people read."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.dmn.documents import local_name, text_in, text_of

_NAMED = frozenset(("definitions", "decision", "inputData", "businessKnowledgeModel", "decisionService"))
_LABELLED = frozenset(("input", "output"))


def texts(definitions: etree._Element) -> Iterator[str]:
    """Names, labels, questions, descriptions and annotations, in the file's order."""
    namespace = etree.QName(definitions).namespace
    for element in definitions.iter(f"{{{namespace}}}*"):
        name = local_name(element)
        found = ""
        if name in _NAMED or name == "annotation":
            found = element.get("name", "")
        elif name in _LABELLED:
            found = element.get("label", "")
        elif name in ("question", "description", "allowedAnswers"):
            found = text_of(element)
        elif name == "annotationEntry":
            found = text_in(element)
        if any(character.isalpha() for character in found):
            yield found.strip()
