"""Problems of a model, collected while it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from lxml import etree

from engine.errors import Problem
from engine.xml_files import line_of


@dataclass
class Findings:
    """All problems of one file."""

    resource: str
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        rule: str,
        template: str,
        element: etree._Element | None,
        *,
        severity: Literal["error", "warning"] = "error",
        **values: Any,
    ) -> None:
        """Remember a problem at an XML element."""
        self.problems.append(
            Problem(
                template,
                values,
                resource=self.resource,
                line=None if element is None else line_of(element),
                element_id=None if element is None else owner_id(element),
                severity=severity,
                rule=rule,
            )
        )


def owner_id(element: etree._Element) -> str | None:
    """The id of the element, or of the nearest one around it that has one."""
    found: etree._Element | None = element
    while found is not None:
        if found.get("id"):
            return str(found.get("id"))
        found = found.getparent()
    return None
