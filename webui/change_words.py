"""How the differences of two versions are said on pages: in the reader's language, names emphasised."""

from __future__ import annotations

import re

from flask_babel import gettext
from markupsafe import Markup, escape

from engine.analysis.changes import Change, Said, Value, duration, spaced, with_names
from webui.language import group, label, person, span


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


WEIGHTS = {
    "behaviour": _("changes what happens"),
    "wording": _("changes what people read"),
    "drawing": _("changes the drawing alone"),
}
SIGNS = {"added": _("new"), "removed": _("gone"), "changed": _("changed"), "moved": _("moved")}

PROPERTIES = frozenset(
    {
        _("the kind of step"), _("the name"), _("the description"), _("the sub-process"), _("the lane"),
        _("the step it waits at"), _("the way when no condition holds"), _("whether it ends what it interrupts"),
        _("the step that undoes"), _("whether an event starts it"), _("whether it only undoes"),
        _("whether it starts cases"), _("whether it waits for all its events"), _("the assignee"),
        _("the people asked"), _("the groups asked"), _("the deadline"), _("the follow-up date"), _("the priority"),
        _("the form"), _("which version of the form is meant"), _("the calculation"), _("the name of the result"),
        _("the decision"), _("which version of the decision is meant"), _("the service"), _("the number of tries"),
        _("the setting"), _("the called process"), _("which version of the process is meant"),
        _("whether the called process sees all data"), _("whether all results come back"), _("how it is repeated"),
        _("the list it is repeated for"), _("the number of repetitions"), _("the name of each entry"),
        _("the list of results"), _("the result of each repetition"), _("the condition that ends the repetition"),
        _("the condition to repeat it"), _("the greatest number of rounds"),
        _("whether the condition is looked at first"), _("after which repetitions an event is thrown"),
        _("the input"), _("the output"), _("whether all results are kept"), _("the property"),
        _("the data of its own"), _("the condition that ends it"), _("whether its steps run one after another"),
        _("whether it ends what still runs"), _("whether it can be run"), _("the version tag"),
        _("the id of the process"), _("what it waits for or does"), _("the message, signal or code"),
        _("the key that finds the case"), _("the kind of time"), _("the time or condition"), _("what is undone"),
        _("whether it waits until all is undone"), _("the condition of its event"), _("another property"),
        _("the hint"), _("the text"), _("the kind of field"), _("the name of its data"),
        _("the condition that hides it"), _("the first value"), _("whether it can only be read"),
        _("whether it is switched off"), _("the list of answers"), _("whether it must be answered"),
        _("the least value"), _("the greatest value"), _("the least number of letters"),
        _("the greatest number of letters"), _("the pattern of the answer"), _("what is said of a wrong answer"),
        _("the kind of check"), _("what the file says of itself"), _("the step or expectation"),
        _("the note"), _("what it says"),
    }
)  # fmt: skip
"""What `engine.analysis` calls properties."""

VALUES = {
    "yes": _("yes"), "no": _("no"), "latest": _("the newest"), "deployment": _("that of the same deployment"),
    "versionTag": _("that of a version tag"), "parallel": _("all at once"), "sequential": _("one after another"),
    "standard": _("as a loop"), "date": _("a moment"), "duration": _("a length of time"), "cycle": _("again and again"),
    "none": _("nothing"), "message": _("message"), "timer": _("timer"), "signal": _("signal"), "error": _("error"),
    "escalation": _("escalation"), "conditional": _("conditional"), "terminate": _("end of everything"),
    "cancel": _("cancellation"), "compensation": _("undoing"), "link": _("link"), "multiple": _("one of several"),
    "parallelMultiple": _("all of several"),
}  # fmt: skip
"""The words that diagrams write for a choice."""

KINDS = {
    "task": _("step without a kind"), "transaction": _("transaction"), "adHocSubProcess": _("ad-hoc sub-process"),
    "subProcess": _("sub process"), "textAnnotation": _("note"), "group": _("group"),
    "association": _("dotted line"), "participant": _("pool"), "messageFlow": _("message flow"),
    "collaboration": _("pools"), "category": _("category"), "categoryValue": _("group"), "lane": _("lane"),
    "laneSet": _("lanes"), "childLaneSet": _("lanes"), "dataObject": _("data object"),
    "dataObjectReference": _("data object"), "dataStoreReference": _("data store"), "dataStore": _("data store"),
    "property": _("data of a step"), "process": _("process"), "sequenceFlow": _("sequence flow"),
    "message": _("message"), "signal": _("signal"), "error": _("error"), "escalation": _("escalation"),
    "itemDefinition": _("type of data"), "decision": _("decision"), "inputData": _("input of decisions"),
    "businessKnowledgeModel": _("shared calculation"), "decisionService": _("decision service"),
    "knowledgeSource": _("source"), "import": _("import"), "artifact": _("note"),
    "textfield": _("text field"), "textarea": _("text area"), "number": _("number field"),
    "datetime": _("date field"), "checkbox": _("check box"), "checklist": _("check list"), "radio": _("choice"),
    "select": _("list of choices"), "taglist": _("list of several choices"), "filepicker": _("file field"),
    "expression": _("calculated value"), "dynamiclist": _("list of rows"), "text": _("text"), "html": _("text"),
    "image": _("picture"), "iframe": _("embedded page"), "table": _("table"), "separator": _("line"),
    "spacer": _("gap"), "button": _("button"), "documentPreview": _("preview of files"),
}  # fmt: skip
"""Kinds of elements and fields; other tags of BPMN are among the engine's words as they are spelled."""


def told(change: Change) -> Markup:
    """The sentence of a difference, its names emphasised."""
    template = re.sub(r"\*(\{\w+\})\*", r"<em>\1</em>", str(escape(gettext(change.template))))
    return Markup(template).format(**{name: value_told(value) for name, value in change.values.items()})


def told_plainly(change: Change) -> str:
    """The same without emphasis."""
    return told(change).striptags()


def value_told(value: Value) -> Markup:
    if isinstance(value, tuple):
        return Markup(gettext(", ")).join(map(said, value))
    return said(value) if isinstance(value, Said) else Markup(value)


def said(value: Said) -> Markup:
    match value.kind:
        case "name":
            return escape(label(value.text))
        case "word":
            return escape(gettext(VALUES.get(value.text, value.text)))
        case "kind":
            return escape(_kind(value))
        case "text":
            return escape(gettext("“{text}”").format(text=label(value.text)))
        case "group":
            return escape(group(value.text))
        case "user":
            return escape(person(value.text))
        case "expression":
            return _expression(value)
    return escape(value.text)


def _kind(value: Said) -> str:
    kind = gettext(KINDS.get(value.text, spaced(value.text)))
    return gettext("{kind} after {near}").format(kind=kind, near=label(value.near)) if value.near else kind


def _expression(value: Said) -> Markup:
    length = duration(value.text)
    if length is not None:
        return escape(span(length))
    return Markup("<code>{}</code>").format(with_names(value.text, {id: label(text) for id, text in value.names}, span))
