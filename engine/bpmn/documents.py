"""Reads XML that anybody may have written: size and depth limited, no DOCTYPE, no entities, no network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml import etree

from engine.errors import Invalid, Problem

MAX_BYTES = 10 * 1024 * 1024
MAX_ELEMENTS = 100_000

BPMN_NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def read_document(xml: bytes, resource: str) -> etree._Element:
    """The root element of a BPMN file. Raises Invalid with one problem that says why it cannot be read."""
    if len(xml) > MAX_BYTES:
        raise _unreadable(resource, "The file is larger than {limit} MB.", limit=MAX_BYTES // 1024 // 1024)
    root = _well_formed(xml, resource)
    if root.getroottree().docinfo.internalDTD is not None:
        raise _unreadable(resource, "The file has a DOCTYPE. Remove it: diagrams need none, and it can hide attacks.")
    if sum(1 for _ in root.iter(etree.Element)) > MAX_ELEMENTS:
        raise _unreadable(resource, "The file has more than {limit} XML elements.", limit=MAX_ELEMENTS)
    if root.tag != f"{{{BPMN_NAMESPACE}}}definitions":
        raise _unreadable(
            resource,
            "The file is not a BPMN 2.0 diagram: it begins with <{tag}>, where BPMN 2.0 <definitions> are expected.",
            line=line_of(root),
            tag=etree.QName(root).localname,
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
            raise _unreadable(resource, "The file is empty.") from error
        line, column = error.position
        raise _unreadable(
            resource,
            "The file is not well-formed XML. Reading stopped at line {line}, column {column}: {reason}.",
            line=line,
            column=column,
            reason=_reason(error),
        ) from error
    if root is None:
        raise _unreadable(resource, "The file is empty.")
    return root


def _reason(error: etree.XMLSyntaxError) -> str:
    """The XML library's words without the place, which it appends and which the problem carries anyway."""
    return (error.msg or "unknown reason").split(", line ")[0].strip().rstrip(".")


def _unreadable(resource: str, template: str, *, line: int | None = None, **values: object) -> Invalid:
    if line is not None and "{line}" in template:
        values["line"] = line
    problem = Problem(template, values, resource=resource, line=line, rule="document")
    return Invalid("The diagram '{resource}' cannot be read.", problems=[problem], resource=resource)


def line_of(element: etree._Element) -> int | None:
    return cast("int | None", element.sourceline)


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
