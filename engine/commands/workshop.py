"""How processes are changed here: what owners ask of changes, reviews by somebody else, prepared elements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from engine import plain
from engine.bpmn import house_rules
from engine.command import Command, Transaction, not_found
from engine.commands.projects import locked
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.events import ElementTemplateRemoved, ElementTemplateSaved, WorkshopSettingChanged
from engine.model import ElementTemplate, Permission, Project, Review, WorkshopSetting
from engine.model.workshop import HOUSE_RULE, REVIEW, SEVERITIES, latest_review

WORDS_LENGTH = 10_000
TEMPLATE_BYTES = 100_000
TEMPLATE_KEYS = frozenset(
    {"$schema", "name", "id", "version", "description", "appliesTo", "elementType", "icon", "properties", "category"}
)
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,120}")


@dataclass(frozen=True)
class ChangeWorkshopSetting(Command):
    """Set what is asked of changes to a process, or to all of them."""

    permission = Permission.DEFINITION_DEPLOY
    process_id: str
    """Empty: for all processes."""
    name: str
    """`review`, or `house-rule:` and the name of a rule."""
    value: str

    def execute(self, tx: Transaction) -> None:
        if not self._is_known():
            raise Invalid(
                "Expected a setting that there is, with a value that it can have, but it is '{name}' = '{value}'.",
                name=self.name, value=self.value,
            )  # fmt: skip
        row = tx.session.get(WorkshopSetting, (self.process_id, self.name), with_for_update=True)
        before = row.value if row else ""
        if before == self.value:
            return
        if row is None:
            row = WorkshopSetting(process_id=self.process_id, name=self.name)
            tx.add(row)
        row.value, row.changed_by, row.changed_at = self.value, tx.actor.username, tx.now
        tx.record(tx.actor.key, WorkshopSettingChanged(self.process_id, self.name, self.value, before))

    def _is_known(self) -> bool:
        if len(self.process_id) > 200:
            return False
        if self.name == REVIEW:
            return self.value in ("wanted", "not-wanted")
        rule = self.name.removeprefix(HOUSE_RULE)
        return self.name.startswith(HOUSE_RULE) and rule in house_rules.RULES and self.value in SEVERITIES


@dataclass(frozen=True)
class AskForReview(Command):
    """Ask somebody else to look at a change before it is published. Returns the review's key."""

    permission = Permission.DEFINITION_DRAFT
    project_key: int
    question: str

    def execute(self, tx: Transaction) -> int:
        project = locked(tx, self.project_key)
        latest = latest_review(tx.session, project.key)
        if latest is not None and latest.status == "asked":
            raise Refused("Expected to ask for a review of '{project}', but one is asked for.", project=project.name)
        question = self.question.strip()[:WORDS_LENGTH]
        review = Review.ask(
            tx.new_key(), project.key, project.content_digest, tx.actor.username, question, tx.now
        )
        tx.add(review)
        tx.record(project.key, review.told(project.name))
        return review.key


@dataclass(frozen=True)
class GiveReview(Command):
    """Approve a change, or send it back; who changed a file of it cannot. Any change afterwards takes it back."""

    permission = Permission.DEFINITION_DRAFT
    review_key: int
    is_approved: bool
    digest: str
    """Of what was looked at: a change meanwhile is not approved unseen."""
    answer: str = ""

    def execute(self, tx: Transaction) -> None:
        review = tx.session.get(Review, self.review_key)
        if review is None:
            raise not_found(Review, self.review_key)
        project: Project = locked(tx, review.project_key)
        tx.session.refresh(review, with_for_update=True)
        if tx.actor.username in project.authors:
            raise Forbidden(
                "Expected somebody else to review '{project}', but you have changed files of it.", project=project.name
            )
        if self.digest != project.content_digest:
            raise Refused(
                "Expected to review '{project}' as it is, but it has changed since you opened the page. Look again.",
                project=project.name,
            )
        answer = self.answer.strip()[:WORDS_LENGTH]
        if not self.is_approved and not answer:
            raise Invalid("Expected words on why the change is sent back, but there are none.")
        review.digest = self.digest
        tx.record(project.key, review.give(project.name, self.is_approved, tx.actor.username, answer, tx.now))


@dataclass(frozen=True)
class SaveElementTemplate(Command):
    """Keep a prepared element for diagrams, as bpmn.io's element templates are written; the same id replaces it."""

    permission = Permission.DEFINITION_DRAFT
    content: str = field(repr=False)

    def execute(self, tx: Transaction) -> str:
        template = _template(self.content)
        row = tx.session.get(ElementTemplate, template["id"], with_for_update=True)
        if row is None:
            row = ElementTemplate(id=template["id"])
            tx.add(row)
        row.name, row.content = template["name"], template
        row.changed_by, row.changed_at = tx.actor.username, tx.now
        tx.record(tx.actor.key, ElementTemplateSaved(row.id, row.name))
        return row.id


@dataclass(frozen=True)
class RemoveElementTemplate(Command):
    """Take a prepared element away; what diagrams made of it stays as it is."""

    permission = Permission.DEFINITION_DRAFT
    id: str

    def execute(self, tx: Transaction) -> None:
        row = tx.session.get(ElementTemplate, self.id, with_for_update=True)
        if row is None:
            raise NotFound("Expected to find {noun} '{key}', but there is none.", noun="element template", key=self.id)
        tx.session.delete(row)
        tx.record(tx.actor.key, ElementTemplateRemoved(row.id, row.name))


def _template(text: str) -> dict[str, Any]:
    """A template whose shape editors can take. Raises Invalid."""
    if len(text.encode()) > TEMPLATE_BYTES:
        raise Invalid("Expected a template of no more than {limit} bytes, but it is larger.", limit=TEMPLATE_BYTES)
    try:
        said = plain.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("Expected a template in JSON, but it cannot be read: {reason}.", reason=str(error)) from error
    if not isinstance(said, dict) or not said.keys() <= TEMPLATE_KEYS:
        raise Invalid("Expected one element template, an object with the known fields, but it is something else.")
    id, name = said.get("id"), said.get("name")
    if not isinstance(id, str) or not _ID.fullmatch(id) or not isinstance(name, str) or not 0 < len(name) <= 120:
        raise Invalid("Expected a template with an id (letters, digits, . _ : -) and a name, but one is missing.")
    applies, properties = said.get("appliesTo"), said.get("properties")
    if not _is_list_of(applies, str) or not applies or not all(str(each).startswith("bpmn:") for each in applies):
        raise Invalid("Expected a template for elements of BPMN, such as bpmn:ServiceTask, but it is for others.")
    if not _is_list_of(properties, dict) or not all(isinstance(each.get("binding"), dict) for each in properties or ()):
        raise Invalid("Expected a template with a list of properties that are bound to something, but it has none.")
    return said


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)
