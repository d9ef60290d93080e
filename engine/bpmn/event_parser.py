"""Reads what an event waits for or throws."""

from __future__ import annotations

from typing import Literal

from lxml import etree

from engine.bpmn.dialect import Extensions
from engine.bpmn.documents import child, children, is_bpmn, local_name, reference
from engine.bpmn.elements import EventDefinition
from engine.bpmn.reading import Reading
from engine.xml_files import line_of


def read_event(element: etree._Element, owner: str, reading: Reading) -> EventDefinition | None:
    """The definition of an event; None for an event that just happens, one of its own for several things."""
    definitions = [part for part in element.iterchildren(etree.Element) if _is_definition(part)]
    for named in children(element, "eventDefinitionRef"):
        root = reading.roots.get(reference(named.text))
        if root is None or not _is_definition(root):
            reading.note("eventDefinitionRef", named, owner)
        else:
            definitions.append(root)
    read = tuple(_read_definition(definition, owner, reading) for definition in definitions)
    if len(read) > 1:
        all_of_them = element.get("parallelMultiple", "false").strip() in ("true", "1")
        return EventDefinition("parallelMultiple" if all_of_them else "multiple", parts=read, line=line_of(element))
    return read[0] if read else None


def read_named_event(element: etree._Element, attribute: str, owner: str, reading: Reading) -> EventDefinition | None:
    """The event definition at the file's root that an attribute refers to."""
    root = reading.roots.get(reference(element.get(attribute)))
    if root is None or not _is_definition(root):
        return None
    return _read_definition(root, owner, reading)


def read_message(element: etree._Element, owner: str, reading: Reading) -> EventDefinition:
    """The message that a message event, a receive task or a send task refers to."""
    message = reading.root(element, "messageRef", owner, "message")
    if message is None:
        return EventDefinition("message", line=line_of(element))
    return EventDefinition(
        "message",
        name=message.get("name", "").strip(),
        correlation_key=Extensions(message, reading, owner).correlation_key(),
        line=line_of(element),
    )


def _is_definition(element: etree._Element) -> bool:
    return is_bpmn(element) and local_name(element).endswith("EventDefinition")


def _read_definition(element: etree._Element, owner: str, reading: Reading) -> EventDefinition:
    Extensions(element, reading, owner)
    line = line_of(element)
    match local_name(element):
        case "messageEventDefinition":
            return read_message(element, owner, reading)
        case "timerEventDefinition":
            return _timer(element, reading)
        case "signalEventDefinition":
            return EventDefinition("signal", _named(element, owner, reading, "signal", "name"), line=line)
        case "errorEventDefinition":
            return EventDefinition("error", _named(element, owner, reading, "error", "errorCode"), line=line)
        case "escalationEventDefinition":
            code = _named(element, owner, reading, "escalation", "escalationCode")
            return EventDefinition("escalation", code, line=line)
        case "conditionalEventDefinition":
            condition = reading.expression(child(element, "condition"))
            return EventDefinition("conditional", expression=condition, line=line)
        case "linkEventDefinition":
            return EventDefinition("link", name=element.get("name", "").strip(), line=line)
        case "compensateEventDefinition":
            waits = element.get("waitForCompletion", "true").strip() not in ("false", "0")
            activity = reference(element.get("activityRef")) or None
            return EventDefinition("compensation", activity=activity, waits=waits, line=line)
        case "terminateEventDefinition":
            return EventDefinition("terminate", line=line)
        case "cancelEventDefinition":
            return EventDefinition("cancel", line=line)
    reading.note(local_name(element), element, owner)
    return EventDefinition("none", line=line)


_TIMER_KINDS: dict[str, Literal["date", "duration", "cycle"]] = {
    "timeDate": "date",
    "timeDuration": "duration",
    "timeCycle": "cycle",
}


def _timer(element: etree._Element, reading: Reading) -> EventDefinition:
    for tag, kind in _TIMER_KINDS.items():
        timer = child(element, tag)
        if timer is not None:
            text = reading.expression(timer)
            return EventDefinition("timer", timer_kind=kind, expression=text, line=line_of(element))
    return EventDefinition("timer", line=line_of(element))


def _named(element: etree._Element, owner: str, reading: Reading, kind: str, attribute: str) -> str | None:
    root = reading.root(element, f"{kind}Ref", owner, kind)
    if root is None:
        return None
    Extensions(root, reading, owner)
    return root.get(attribute, "").strip()
