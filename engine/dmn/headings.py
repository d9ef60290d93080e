"""What a DMN file says of itself, read without its logic: enough to know which file an import means."""

from __future__ import annotations

from dataclasses import dataclass

from engine.dmn.documents import children, read_document
from engine.errors import Invalid


@dataclass(frozen=True)
class Heading:
    """The namespace of a file and the ids by which it is known: of its decisions or, without any, its own."""

    namespace: str
    ids: frozenset[str]


def heading(xml: bytes) -> Heading | None:
    """The heading of a file; none when it cannot be read."""
    try:
        root = read_document(xml, "")
    except Invalid:
        return None
    decisions = [str(each.get("id") or each.get("name", "").strip()) for each in children(root, "decision")]
    namespace = root.get("namespace", "")
    return Heading(namespace, frozenset(decisions or [root.get("id") or namespace]))
