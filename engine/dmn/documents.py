"""The XML of DMN models: the root of a file, and small questions to its elements."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.xml_files import line_of, read_root, unreadable

MAX_ELEMENTS = 300_000

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)
"""DMN 1.1 (in two spellings) to 1.6."""


def read_document(xml: bytes, resource: str) -> etree._Element:
    """The root element of a DMN file. Raises Invalid with one problem that says why it cannot be read."""
    root = read_root(xml, resource, most_elements=MAX_ELEMENTS)
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise unreadable(
            resource,
            "The file is not a DMN model of version 1.1 to 1.6: it begins with <{tag}> of '{namespace}'.",
            line=line_of(root),
            tag=name.localname,
            namespace=name.namespace or "",
        )
    return root


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, such as `decisionTable`, whatever prefix the file uses."""
    return str(etree.QName(element).localname)


def parts(element: etree._Element) -> Iterator[etree._Element]:
    """The DMN elements directly below an element; those of tools' own namespaces are passed over."""
    namespace = etree.QName(element).namespace
    return (child for child in element.iterchildren(etree.Element) if etree.QName(child).namespace == namespace)


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """The DMN elements of a name directly below an element."""
    return element.iterchildren(f"{{{etree.QName(element).namespace}}}{name}")


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    return None if element is None else next(children(element, name), None)


def text_of(element: etree._Element | None) -> str:
    """All text of an element without blanks around it; empty for no element."""
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def text_in(element: etree._Element | None) -> str:
    """The text of the element's <text>."""
    return text_of(child(element, "text"))
