"""What a property of an element is called, how its value is said, and how much it matters that it changed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from engine.analysis.changes import (
    IS_CLEARED,
    IS_NOW,
    IS_SET,
    NAMED_IS_CLEARED,
    NAMED_IS_NOW,
    NAMED_IS_SET,
    Said,
    SaidAs,
    Value,
    Weight,
    text,
    word,
)
from engine.bpmn.elements import comma_list

Templates = tuple[str, str, str]
"""For a value that changed, was set, was cleared."""


@dataclass(frozen=True)
class Aspect:
    """One property."""

    noun: str
    show: SaidAs | str = "expression"
    """How its value is said: as in `Said`, or groups, users, form, decision, process, node, flow."""
    importance: int = 50
    weight: Weight = "behaviour"
    templates: Templates = (IS_NOW, IS_SET, IS_CLEARED)
    named_templates: Templates = (NAMED_IS_NOW, NAMED_IS_SET, NAMED_IS_CLEARED)


_ASKS = (
    "*{element}* now asks {after} instead of {before}.",
    "*{element}* now asks {after}.",
    "*{element}* no longer asks {before}.",
)
_ASSIGNS = (
    "*{element}* is now given to {after} instead of {before}.",
    "*{element}* is now given to {after}.",
    "*{element}* is no longer given to {before}.",
)
_DUE = (
    "The deadline of *{element}* is now {after} instead of {before}.",
    "*{element}* now has a deadline: {after}.",
    "*{element}* no longer has a deadline; it was {before}.",
)
_FORM = (
    "*{element}* now shows the form *{after}* instead of *{before}*.",
    "*{element}* now shows the form *{after}*.",
    "*{element}* no longer shows the form *{before}*.",
)
_DECIDES = (
    "*{element}* now decides by *{after}* instead of *{before}*.",
    "*{element}* now decides by *{after}*.",
    "*{element}* no longer decides by *{before}*.",
)
_CALLS = (
    "*{element}* now calls the process *{after}* instead of *{before}*.",
    "*{element}* now calls the process *{after}*.",
    "*{element}* no longer calls the process *{before}*.",
)
_NAMED = (
    "*{before}* is now called *{after}*.",
    "A step without a name is now called *{after}*.",
    "*{before}* no longer has a name.",
)
_LANE = (
    "*{element}* was moved from the lane *{before}* to the lane *{after}*.",
    "*{element}* was moved into the lane *{after}*.",
    "*{element}* was moved out of the lane *{before}*.",
)
_SCOPE = (
    "*{element}* was moved from *{before}* to *{after}*.",
    "*{element}* was moved into *{after}*.",
    "*{element}* was moved out of *{before}*.",
)
_HOST = (
    "*{element}* was moved from *{before}* to *{after}*, on whose edge it now waits.",
    "*{element}* now waits on the edge of *{after}*.",
    "*{element}* no longer waits on the edge of *{before}*.",
)
_DEFAULT = (
    "When no condition holds, *{element}* now goes to *{after}* instead of *{before}*.",
    "When no condition holds, *{element}* now goes to *{after}*.",
    "*{element}* no longer says where to go when no condition holds; before, it went to *{before}*.",
)

ASPECTS: dict[str, Aspect] = {
    "kind": Aspect("the kind of step", "kind", 5),
    "name": Aspect("the name", "name", 20, "wording", _NAMED),
    "documentation": Aspect("the description", "text", 30, "wording"),
    "scope": Aspect("the sub-process", "node", 12, templates=_SCOPE),
    "lane": Aspect("the lane", "name", 14, templates=_LANE),
    "attached_to": Aspect("the step it waits at", "node", 12, templates=_HOST),
    "default": Aspect("the way when no condition holds", "flow", 11, templates=_DEFAULT),
    "is_interrupting": Aspect("whether it ends what it interrupts", "word", 15),
    "compensated_by": Aspect("the step that undoes", "node", 15, templates=(IS_NOW, IS_SET, IS_CLEARED)),
    "is_event_subprocess": Aspect("whether an event starts it", "word", 12),
    "is_for_compensation": Aspect("whether it only undoes", "word", 12),
    "instantiate": Aspect("whether it starts cases", "word", 12),
    "waits_for_all": Aspect("whether it waits for all its events", "word", 15),
    "assignment.assignee": Aspect("the assignee", "users", 2, templates=_ASSIGNS),
    "assignment.candidate_users": Aspect("the people asked", "users", 3, templates=_ASKS),
    "assignment.candidate_groups": Aspect("the groups asked", "groups", 1, templates=_ASKS),
    "assignment.due": Aspect("the deadline", "expression", 4, templates=_DUE),
    "assignment.follow_up": Aspect("the follow-up date", importance=16),
    "assignment.priority": Aspect("the priority", importance=17),
    "form.id": Aspect("the form", "form", 6, templates=_FORM),
    "form.binding": Aspect("which version of the form is meant", "word", 25),
    "form.version_tag": Aspect("which version of the form is meant", "text", 25),
    "script.expression": Aspect("the calculation", importance=8),
    "script.result_variable": Aspect("the name of the result", "plain", 18),
    "decision.decision.id": Aspect("the decision", "decision", 6, templates=_DECIDES),
    "decision.decision.binding": Aspect("which version of the decision is meant", "word", 25),
    "decision.decision.version_tag": Aspect("which version of the decision is meant", "text", 25),
    "decision.result_variable": Aspect("the name of the result", "plain", 18),
    "service.type": Aspect("the service", "plain", 7),
    "service.retries": Aspect("the number of tries", "expression", 19),
    "service.headers": Aspect("the setting", "expression", 19),
    "call.process.id": Aspect("the called process", "process", 6, templates=_CALLS),
    "call.process.binding": Aspect("which version of the process is meant", "word", 25),
    "call.process.version_tag": Aspect("which version of the process is meant", "text", 25),
    "call.propagate_parent": Aspect("whether the called process sees all data", "word", 20),
    "call.propagate_child": Aspect("whether all results come back", "word", 20),
    "loop.kind": Aspect("how it is repeated", "word", 9),
    "loop.collection": Aspect("the list it is repeated for", importance=9),
    "loop.cardinality": Aspect("the number of repetitions", importance=9),
    "loop.element": Aspect("the name of each entry", "plain", 18),
    "loop.output_collection": Aspect("the list of results", "plain", 18),
    "loop.output_element": Aspect("the result of each repetition", importance=18),
    "loop.completion_condition": Aspect("the condition that ends the repetition", importance=9),
    "loop.loop_condition": Aspect("the condition to repeat it", importance=9),
    "loop.loop_maximum": Aspect("the greatest number of rounds", importance=9),
    "loop.test_before": Aspect("whether the condition is looked at first", "word", 18),
    "loop.behavior": Aspect("after which repetitions an event is thrown", "plain", 18),
    "inputs": Aspect("the input", importance=18),
    "outputs": Aspect("the output", importance=18),
    "keeps_results": Aspect("whether all results are kept", "word", 18),
    "properties": Aspect("the property", "text", 21),
    "local_variables": Aspect("the data of its own", "plain", 22),
    "ad_hoc_completion": Aspect("the condition that ends it", importance=9),
    "in_turn": Aspect("whether its steps run one after another", "word", 15),
    "cancels_remaining": Aspect("whether it ends what still runs", "word", 15),
    "is_executable": Aspect("whether it can be run", "word", 3),
    "version_tag": Aspect("the version tag", "text", 22),
    "id": Aspect("the id of the process", "plain", 2),
    # events, behind "event." or one of their parts
    "trigger": Aspect("what it waits for or does", "word", 6),
    "event.name": Aspect("the message, signal or code", "expression", 7),
    "correlation_key": Aspect("the key that finds the case", importance=8),
    "timer_kind": Aspect("the kind of time", "word", 8),
    "expression": Aspect("the time or condition", importance=4),
    "activity": Aspect("what is undone", "node", 8),
    "waits": Aspect("whether it waits until all is undone", "word", 18),
    "condition": Aspect("the condition of its event", importance=18),
}
_OTHER = Aspect("another property", "plain", 40)


def aspect_of(path: str) -> tuple[Aspect, str]:
    """The property that a path is about, and the name that it has there (of an input, a header …), if any."""
    stem, _, called = path.partition(":")
    if stem in ASPECTS:
        return ASPECTS[stem], called
    stem = re.sub(r"\[\d+\]", "", stem)
    if stem in ASPECTS:
        return ASPECTS[stem], called
    last = stem.rpartition(".")[2]
    if stem.startswith(("event.", "loop.throws")):
        found = ASPECTS.get("event.name" if last == "name" else last)
        if found is not None:
            return found, ""
    return _OTHER, path


_LITERAL = re.compile(r'=\s*("[^"\\]*"|\[\s*"[^"\\]*"(\s*,\s*"[^"\\]*")*\s*\])\s*')


def people(value: str, kind: SaidAs) -> Value:
    """Who an assignment names: groups or users where they stand written, else the expression that says who."""
    if not value.startswith("="):
        return tuple(Said(each, kind) for each in comma_list(value)) or text(value)
    if _LITERAL.fullmatch(value):
        named = json.loads(value[1:])
        return tuple(Said(each, kind) for each in ([named] if isinstance(named, str) else named))
    return Said(value, "expression")


WORDS = {"yes": "yes", "no": "no"}


def plain_value(value: str, show: str) -> Value:
    """A value that needs nothing else to be said."""
    match show:
        case "groups":
            return people(value, "group")
        case "users":
            return people(value, "user")
        case "word":
            return word(value)
        case "kind":
            return Said(value, "kind")
        case "text":
            return text(value)
        case "name":
            return Said(" ".join(value.split()), "name")
        case "expression":
            return Said(" ".join(value.split()), "expression")
    return Said(value)
