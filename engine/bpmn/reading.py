"""What reading one diagram gathers on its way: the named things at the file's root, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.documents import is_bpmn, local_name, reference, text_of
from engine.bpmn.elements import BuiltInForm, Unread
from engine.bpmn.juel import is_juel, to_feel
from engine.errors import Problem
from engine.xml_files import line_of

_REFERRED_TO = frozenset({"message", "signal", "error", "escalation"})


@dataclass
class Reading:
    """The state of reading one file."""

    resource: str
    roots: dict[str, etree._Element]
    """Messages, signals, errors, escalations and event definitions at the file's root, by id."""
    language_is_feel: bool = False
    """Whether the file says that expressions without a language of their own are FEEL."""
    unread: list[Unread] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ids: dict[str, int | None] = field(default_factory=dict)
    """Every id met so far, with its line."""
    made_up: int = 0
    forms: dict[str, BuiltInForm] = field(default_factory=dict)
    """The forms that the file holds itself, by id."""

    @classmethod
    def of(cls, definitions: etree._Element, resource: str) -> Reading:
        roots = {root.get("id", ""): root for root in definitions.iterchildren(etree.Element) if is_bpmn(root)}
        language = definitions.get("expressionLanguage", "")
        reading = cls(resource, roots, language_is_feel=is_feel(language))
        for root in definitions.iterchildren(etree.Element):
            if is_bpmn(root) and local_name(root) in _REFERRED_TO:
                reading.id_of(root)
        return reading

    def note(self, tag: str, element: etree._Element, element_id: str) -> None:
        """Something here means something to execution, and nothing reads it."""
        self.unread.append((tag, line_of(element), element_id))

    def problem(self, rule: str, template: str, element: etree._Element, element_id: str, **values: object) -> None:
        self.problems.append(
            Problem(
                template,
                values,
                resource=self.resource,
                line=line_of(element),
                element_id=element_id or None,
                rule=rule,
            )
        )

    def take_unread(self) -> tuple[Unread, ...]:
        """What was noted since the last time; a process takes what lies in it."""
        taken, self.unread = tuple(self.unread), []
        return taken

    def take_problems(self) -> tuple[Problem, ...]:
        """What was found wrong since the last time."""
        taken, self.problems = tuple(self.problems), []
        return taken

    def id_of(self, element: etree._Element) -> str:
        """The element's id, or one made up for it, since BPMN lets it be missing."""
        element_id = element.get("id", "").strip()
        if not element_id:
            self.made_up += 1
            return f"{local_name(element)}_without_id_{self.made_up}"
        if element_id in self.ids:
            self.problem(
                "duplicate-id",
                "The id '{id}' is given twice, in line {first} too. Give one of them another id.",
                element,
                element_id,
                id=element_id,
                first=self.ids[element_id],
            )
        self.ids[element_id] = line_of(element)
        return element_id

    def root(self, element: etree._Element, attribute: str, owner: str, kind: str) -> etree._Element | None:
        """The message, signal, error or escalation that an attribute refers to."""
        named = element.get(attribute, "").strip()
        if not named:
            return None
        found = self.roots.get(named, self.roots.get(reference(named)))
        if found is None or local_name(found) != kind:
            self.problem(
                "dangling-reference",
                "'{owner}' refers to the {kind} '{named}', which the file does not define.",
                element,
                owner,
                owner=owner,
                kind=kind,
                named=named,
            )
            return etree.Element("missing")
        return found

    def expression(self, element: etree._Element | None) -> str | None:
        """The text of an expression; `=` is put before it where the file says in another way that it is FEEL."""
        text = text_of(element)
        if element is None or not text:
            return None
        language = element.get("language", "")
        feel = is_feel(language) if language else self.language_is_feel
        if is_juel(text):
            return to_feel(text) or text
        return f"={text}" if feel and not text.startswith("=") else text


def is_feel(language: str) -> bool:
    """Whether the name of an expression language, often a web address, means FEEL."""
    return "feel" in language.lower()
