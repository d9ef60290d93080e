"""To whom a user task is offered, when it is due, and how it looks to the one who does it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from engine.bpmn.elements import Assignment, Node, Reference, comma_list
from engine.bpmn.scopes import visible
from engine.bpmn.scripting import Attribute, Variables, as_text, attribute
from engine.bpmn.timers import moment_of
from engine.bpmn.tokens import Token
from engine.events import TaskCreated

DEFAULT_PRIORITY = 50


class Offer:
    """The offer that a user task of the diagram makes."""

    def __init__(self, node: Node) -> None:
        assignment = node.assignment or Assignment()
        self._assignee = attribute(assignment.assignee, "assignee")
        self._users = attribute(assignment.candidate_users, "candidate users")
        self._groups = attribute(assignment.candidate_groups, "candidate groups")
        if node.lane and not (self._assignee or self._users or self._groups):
            self._groups = Attribute(node.lane.replace(",", " "), "lane")
        self._due = attribute(assignment.due, "due date")
        self._follow_up = attribute(assignment.follow_up, "follow-up date")
        self._priority = attribute(assignment.priority, "priority")
        self._form = node.form
        self._form_id = attribute(node.form.id, "form") if node.form else None
        self._separate_from = comma_list(node.properties.get("separateFrom", ""))
        self._action = node.properties.get("action", "")

    def make(self, token: Token) -> None:
        """Offer the task. Raises Failure when nobody would see it."""
        token.record(TaskCreated, **self.terms(token))

    def form_now(self, token: Token) -> tuple[str | None, str]:
        """Which form is filled in, and in which version of it. Raises Failure."""
        variables, now = visible(token), token.workflow.case.environment.now
        form_id = self._form_id.required_text(variables, now) if self._form_id else None
        return form_id, binding(self._form) if self._form else "latest"

    def terms(self, token: Token) -> dict[str, Any]:
        """To whom it is offered, by when it is due and so on: the fields of `TaskCreated`. Raises Failure."""
        variables, now = visible(token), token.workflow.case.environment.now
        assignee = self._assignee.text_value(variables, now) if self._assignee else None
        users = _listed(self._users, variables, now)
        groups = _listed(self._groups, variables, now)
        named = self._assignee or self._groups or self._users
        if named and not (assignee or users or groups):
            raise named.without_value(variables)
        form_id, form_binding = self.form_now(token)
        return {
            "assignee": assignee or None,
            "candidate_users": users,
            "candidate_groups": groups,
            "due": moment_of(self._due, variables, now) if self._due else None,
            "follow_up": moment_of(self._follow_up, variables, now) if self._follow_up else None,
            "priority": self._priority.whole_number(variables, now) if self._priority else DEFAULT_PRIORITY,
            "form_id": form_id,
            "form_binding": form_binding,
            "separate_from": list(self._separate_from),
            "action": self._action,
        }


def binding(reference: Reference) -> str:
    """Which version is meant, in one word: latest, deployment or `versionTag:` with the tag behind it."""
    if reference.binding == "versionTag":
        return f"versionTag:{reference.version_tag or ''}"
    return reference.binding


def _listed(entries: Attribute | None, variables: Variables, now: dt.datetime) -> list[str]:
    value = entries.value(variables, now) if entries else None
    if isinstance(value, list):
        return [text for text in map(as_text, value) if text]
    return list(comma_list(as_text(value) or ""))
