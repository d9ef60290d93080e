"""Reads XML that anybody may have written: size and depth limited, no DOCTYPE, no entities, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml import etree

from engine.errors import Invalid, Problem

MAX_BYTES = 10 * 1024 * 1024
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
    if len(xml) > MAX_BYTES:
        raise unreadable(resource, "The file is larger than {limit} MB.", limit=MAX_BYTES // 1024 // 1024)
    root = _well_formed(xml, resource)
    if root.getroottree().docinfo.internalDTD is not None:
        template = "The file has a DOCTYPE. Remove it: decision tables need none, and it can hide attacks."
        raise unreadable(resource, template)
    if sum(1 for _ in root.iter(etree.Element)) > MAX_ELEMENTS:
        raise unreadable(resource, "The file has more than {limit} XML elements.", limit=MAX_ELEMENTS)
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


def _well_formed(xml: bytes, resource: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        if not xml.strip():
            raise unreadable(resource, "The file is empty.") from error
        line, column = error.position
        raise unreadable(
            resource,
            "The file is not well-formed XML. Reading stopped at line {line}, column {column}: {reason}.",
            line=line,
            column=column,
            reason=(error.msg or "unknown reason").split(", line ")[0].strip().rstrip("."),
        ) from error
    if root is None:
        raise unreadable(resource, "The file is empty.")
    return root


def unreadable(resource: str, template: str, *, line: int | None = None, **values: object) -> Invalid:
    """The refusal of a whole file, with its one reason."""
    if "{line}" in template:
        values["line"] = line
    problem = Problem(template, values, resource=resource, line=line, rule="document")
    return Invalid("The decision model '{resource}' cannot be read.", problems=[problem], resource=resource)


def line_of(element: etree._Element) -> int | None:
    return cast("int | None", element.sourceline)


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
