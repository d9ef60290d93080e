"""Who does a user task in the words of BPMN itself: potential owners, human performers, the resources they name."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from engine.bpmn.documents import child, children, local_name, reference, text_of
from engine.bpmn.elements import Assignment, comma_list
from engine.bpmn.reading import Reading

PERFORMERS = ("potentialOwner", "humanPerformer")

_KIND = re.compile(r"(?P<kind>user|group)\((?P<name>[^()]+)\)")


def with_performers(
    assignment: Assignment | None, element: etree._Element, node_id: str, reading: Reading
) -> Assignment | None:
    """An assignment, completed by the performers that a user task names; those that cannot be read are noted."""
    for tag in PERFORMERS:
        for performer in children(element, tag):
            who = _who(performer, reading)
            completed = _completed(assignment or Assignment(), tag, who) if who else None
            if completed is None:
                reading.note(tag, performer, node_id)
            else:
                assignment = completed
    return assignment


def _who(performer: etree._Element, reading: Reading) -> str | None:
    """The name of the resource, or the expression that says who it is."""
    if child(performer, "resourceParameterBinding") is not None:
        return None
    named = child(performer, "resourceRef")
    if named is not None:
        resource = reading.roots.get(reference(text_of(named)))
        is_resource = resource is not None and local_name(resource) == "resource"
        return resource.get("name", "").strip() or None if resource is not None and is_resource else None
    computed = child(performer, "resourceAssignmentExpression")
    if computed is None:
        return None
    inner = next((child(computed, tag) for tag in ("formalExpression", "expression") if _has(computed, tag)), None)
    return reading.expression(inner)


def _has(element: etree._Element, tag: str) -> bool:
    return child(element, tag) is not None


def _completed(assignment: Assignment, tag: str, who: str) -> Assignment | None:
    """The assignment with those who are named where it says nothing yet; None when it cannot be told who is meant."""
    if "${" in who or "#{" in who:
        return None
    if who.startswith("="):
        return _filled(assignment, **{"assignee" if tag == "humanPerformer" else "candidate_groups": who})
    users: list[str] = []
    groups: list[str] = []
    for entry in comma_list(who):
        found = _KIND.fullmatch(entry)
        is_user = found["kind"] == "user" if found else tag == "humanPerformer"
        (users if is_user else groups).append(found["name"].strip() if found else entry)
    if tag == "humanPerformer":
        return _filled(assignment, assignee=users[0]) if len(users) == 1 and not groups else None
    return _filled(assignment, candidate_users=", ".join(users), candidate_groups=", ".join(groups))


def _filled(assignment: Assignment, **values: str) -> Assignment:
    missing = {name: value for name, value in values.items() if value and getattr(assignment, name) is None}
    return replace(assignment, **missing)
