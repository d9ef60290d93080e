"""Reads one flow node: an activity, gateway or event, with its extension elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from engine.bpmn.data_parser import Data, data_items
from engine.bpmn.dialect import Extensions
from engine.bpmn.documents import child, children, is_bpmn, local_name, reference, text_of
from engine.bpmn.elements import Assignment, EventDefinition, Loop, LoopEvent, Node, Script
from engine.bpmn.event_parser import read_event, read_message, read_named_event
from engine.bpmn.performers import PERFORMERS, with_performers
from engine.bpmn.reading import Reading, is_feel
from engine.xml_files import line_of

SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
NODES = SUB_PROCESSES | EVENTS | TASKS | GATEWAYS | {"callActivity"}

_READ_OR_DRAWN = frozenset(
    {
        "documentation", "extensionElements", "incoming", "outgoing", "auditing", "monitoring", "categoryValueRef",
        "property", "ioSpecification", "dataInput", "dataOutput", "inputSet", "outputSet", "script", "rendering",
        "completionCondition", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "eventDefinitionRef",
    }
)  # fmt: skip
"""What may stand inside a node and is read here or says nothing about execution."""


def read_node(element: etree._Element, node_id: str, reading: Reading, data: Data) -> Node:
    """One flow node with everything that its element says; where it lies is for the caller to add."""
    kind = local_name(element)
    extensions = Extensions(element, reading, node_id)
    _note_unread(element, node_id, reading)
    return Node(
        id=node_id,
        kind=kind,
        name=element.get("name", "").strip(),
        documentation=documentation_of(element),
        line=line_of(element),
        default=element.get("default", "").strip() or None,
        assignment=_assignment(element, kind, node_id, extensions, reading),
        form=extensions.form(),
        decision=extensions.decision(),
        service=extensions.service(),
        inputs=extensions.inputs() + data.mappings(element, node_id, reading, "dataInputAssociation"),
        outputs=extensions.outputs() + data.mappings(element, node_id, reading, "dataOutputAssociation"),
        local_variables=tuple(
            item.variable for item in data_items(element, node_id, data) if item.variable and kind in SUB_PROCESSES
        ),
        keeps_results=extensions.keeps_results(),
        properties=extensions.properties(),
        loop=_loop(element, node_id, reading, data),
        is_for_compensation=is_true(element, "isForCompensation"),
        **_of_kind(element, kind, node_id, extensions, reading),
    )


def _assignment(
    element: etree._Element, kind: str, node_id: str, extensions: Extensions, reading: Reading
) -> Assignment | None:
    said = extensions.assignment()
    return with_performers(said, element, node_id, reading) if kind == "userTask" else said


def documentation_of(element: etree._Element) -> str:
    return "\n\n".join(filter(None, map(text_of, children(element, "documentation"))))


def is_true(element: etree._Element, attribute: str, default: str = "false") -> bool:
    return element.get(attribute, default).strip() in ("true", "1")


def _of_kind(
    element: etree._Element, kind: str, node_id: str, extensions: Extensions, reading: Reading
) -> dict[str, Any]:
    """The values of the fields that only some kinds of nodes have."""
    match kind:
        case "boundaryEvent":
            return {
                "event": read_event(element, node_id, reading),
                "attached_to": reference(element.get("attachedToRef")) or None,
                "is_interrupting": is_true(element, "cancelActivity", "true"),
            }
        case "startEvent":
            return {
                "event": read_event(element, node_id, reading),
                "is_interrupting": is_true(element, "isInterrupting", "true"),
            }
        case "endEvent" | "intermediateCatchEvent" | "intermediateThrowEvent":
            return {"event": read_event(element, node_id, reading)}
        case "receiveTask":
            return {"event": read_message(element, node_id, reading), "instantiate": is_true(element, "instantiate")}
        case "sendTask":
            return {"event": _sent_message(element, node_id, reading)}
        case "eventBasedGateway":
            return {
                "instantiate": is_true(element, "instantiate"),
                "waits_for_all": element.get("eventGatewayType", "Exclusive").strip() == "Parallel",
            }
        case "scriptTask":
            return {"script": extensions.script() or _standard_script(element, node_id, reading)}
        case "callActivity":
            return {"call": extensions.call(element.get("calledElement", "").strip())}
        case "subProcess" | "transaction":
            return {"is_event_subprocess": is_true(element, "triggeredByEvent")}
        case "adHocSubProcess":
            return {
                "ad_hoc_completion": reading.expression(child(element, "completionCondition")),
                "in_turn": element.get("ordering", "Parallel").strip() == "Sequential",
                "cancels_remaining": is_true(element, "cancelRemainingInstances", "true"),
            }
    return {}


def _sent_message(element: etree._Element, node_id: str, reading: Reading) -> EventDefinition | None:
    return read_message(element, node_id, reading) if element.get("messageRef") else None


def _standard_script(element: etree._Element, node_id: str, reading: Reading) -> Script | None:
    """The script that BPMN itself knows; read when it is FEEL, which then still needs a result variable."""
    script = child(element, "script")
    if not text_of(script):
        return None
    if is_feel(element.get("scriptFormat", "")):
        return Script(f"={text_of(script).removeprefix('=')}", "")
    reading.note("script", element, node_id)
    return None


def _loop(element: etree._Element, node_id: str, reading: Reading, data: Data) -> Loop | None:
    standard = child(element, "standardLoopCharacteristics")
    if standard is not None:
        Extensions(standard, reading, node_id)
        return Loop(
            kind="standard",
            loop_condition=reading.expression(child(standard, "loopCondition")),
            loop_maximum=standard.get("loopMaximum", "").strip() or None,
            test_before=is_true(standard, "testBefore"),
        )
    several = child(element, "multiInstanceLoopCharacteristics")
    return None if several is None else _multi_instance(several, node_id, reading, data)


def _multi_instance(element: etree._Element, node_id: str, reading: Reading, data: Data) -> Loop:
    extensions = Extensions(element, reading, node_id)
    collection, output = extensions.loop("inputCollection"), extensions.loop("outputCollection")
    item, output_element = extensions.loop("inputElement"), extensions.loop("outputElement")
    given = None if collection else _loop_variable(element, "loopDataInputRef", node_id, reading, data)
    if given:
        collection, item = f"={given}", _item_name(element, "inputDataItem")
    collected = None if output else _loop_variable(element, "loopDataOutputRef", node_id, reading, data)
    if collected:
        output, result = collected, _item_name(element, "outputDataItem")
        output_element = f"={result}" if result else None
    behavior = element.get("behavior", "All").strip()
    return Loop(
        kind="sequential" if is_true(element, "isSequential") else "parallel",
        collection=collection,
        cardinality=reading.expression(child(element, "loopCardinality")),
        element=item,
        output_collection=output,
        output_element=output_element,
        completion_condition=reading.expression(child(element, "completionCondition")),
        behavior=behavior,
        throws=tuple(_loop_events(element, behavior, node_id, reading)),
    )


def _loop_variable(element: etree._Element, name: str, node_id: str, reading: Reading, data: Data) -> str | None:
    """The variable that holds the list of a repeated activity, when that names it as data."""
    named, activity = child(element, name), element.getparent()
    if named is None or activity is None:
        return None
    variable = data.behind(activity, reference(named.text))
    if variable is None:
        reading.note(name, element, node_id)
    return variable


def _item_name(element: etree._Element, name: str) -> str | None:
    """The variable of one entry."""
    item = child(element, name)
    return None if item is None else item.get("name", "").strip() or None


def _loop_events(element: etree._Element, behavior: str, node_id: str, reading: Reading) -> Iterator[LoopEvent]:
    """The events that are thrown after instances."""
    if behavior == "Complex":
        for rule in children(element, "complexBehaviorDefinition"):
            condition, thrown = reading.expression(child(rule, "condition")), child(rule, "event")
            event = read_event(thrown, node_id, reading) if thrown is not None else None
            if event is not None:
                yield LoopEvent(event, condition)
    elif behavior in ("None", "One"):
        event = read_named_event(element, f"{behavior.lower()}BehaviorEventRef", node_id, reading)
        if event is not None:
            yield LoopEvent(event)
    elif behavior != "All":
        reading.note("@behavior", element, node_id)


def _note_unread(element: etree._Element, node_id: str, reading: Reading) -> None:
    for part in element.iterchildren(etree.Element):
        name = local_name(part)
        if not is_bpmn(part) or name in _READ_OR_DRAWN or name.endswith("EventDefinition"):
            continue
        if name in ("dataInputAssociation", "dataOutputAssociation"):
            continue
        if local_name(element) == "userTask" and name in PERFORMERS:
            continue
        if local_name(element) not in SUB_PROCESSES:
            reading.note(name, part, node_id)
    for attribute, known in _KNOWN_VALUES.items():
        if element.get(attribute, known[0]).strip() not in known:
            reading.note(f"@{attribute}", element, node_id)


_KNOWN_VALUES = {
    "startQuantity": ("1",),
    "completionQuantity": ("1",),
    "eventGatewayType": ("Exclusive", "Parallel"),
    "ordering": ("Parallel", "Sequential"),
}
"""Attributes that change how a node runs, with the values that are read, the usual one first."""
