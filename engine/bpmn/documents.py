"""The XML of BPMN diagrams: the root of a file, and small questions to its elements."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.xml_files import line_of, read_root, unreadable

MAX_ELEMENTS = 100_000

BPMN_NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def read_document(xml: bytes, resource: str) -> etree._Element:
    """The root element of a BPMN file. Raises Invalid with one problem that says why it cannot be read."""
    root = read_root(xml, resource, most_elements=MAX_ELEMENTS)
    if root.tag != f"{{{BPMN_NAMESPACE}}}definitions":
        raise unreadable(
            resource,
            "The file is not a BPMN 2.0 diagram: it begins with <{tag}>, where BPMN 2.0 <definitions> are expected.",
            line=line_of(root),
            tag=etree.QName(root).localname,
        )
    return root


def is_bpmn(element: etree._Element) -> bool:
    return etree.QName(element).namespace == BPMN_NAMESPACE


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, such as `userTask`, whatever prefix the file uses."""
    return str(etree.QName(element).localname)


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The BPMN elements of a name directly below an element."""
    return element.iterchildren(f"{{{BPMN_NAMESPACE}}}{name}")


def child(element: etree._Element, name: str) -> etree._Element | None:
    return next(children(element, name), None)


def text_of(element: etree._Element | None) -> str:
    """All text of an element without blanks around it; empty for no element."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def reference(text: str | None) -> str:
    """The id that a reference names, without the namespace prefix that BPMN allows before it."""
    return (text or "").strip().rpartition(":")[2]
