"""Reads XML that anybody may have written: size and depth limited, no DOCTYPE, no entities, no network."""

from __future__ import annotations

from typing import cast

from lxml import etree

from engine.errors import Invalid, Problem

MAX_BYTES = 10 * 1024 * 1024


def read_root(xml: bytes, resource: str, *, most_elements: int) -> etree._Element:
    """The root element of a file. Raises Invalid with one problem that says why it cannot be read."""
    if len(xml) > MAX_BYTES:
        raise unreadable(resource, "The file is larger than {limit} MB.", limit=MAX_BYTES // 1024 // 1024)
    root = _well_formed(xml, resource)
    if root.getroottree().docinfo.internalDTD is not None:
        raise unreadable(resource, "The file has a DOCTYPE. Remove it: it is not needed, and it can hide attacks.")
    if sum(1 for _ in root.iter(etree.Element)) > most_elements:
        raise unreadable(resource, "The file has more than {limit} XML elements.", limit=most_elements)
    return root


def unreadable(resource: str, template: str, *, line: int | None = None, **values: object) -> Invalid:
    """The refusal of a whole file, with its one reason."""
    if line is not None and "{line}" in template:
        values["line"] = line
    problem = Problem(template, values, resource=resource, line=line, rule="document")
    return Invalid("The file '{resource}' cannot be read.", problems=[problem], resource=resource)


def line_of(element: etree._Element) -> int | None:
    return cast("int | None", element.sourceline)


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
            reason=_reason(error),
        ) from error
    if root is None:
        raise unreadable(resource, "The file is empty.")
    return root


def _reason(error: etree.XMLSyntaxError) -> str:
    """The XML library's words without the place, which it appends and which the problem carries anyway."""
    return (error.msg or "unknown reason").split(", line ")[0].strip().rstrip(".")
