"""Rules on what the engine does not run: refused by name, so that nothing is passed over in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from engine.bpmn import support
from engine.bpmn.elements import Diagram, Node, ProcessModel, Unread
from engine.bpmn.rules.findings import Place, called, error
from engine.errors import Problem

_KINDS = {
    "complexGateway": "The complex gateway *{name}* is of a kind that this engine does not run. Use exclusive, parallel"
    " or inclusive gateways.",
}
_TRIGGERS = {
    "compensation": "*{name}* waits for a compensation, which happens on the border of activities and at the start of"
    " event sub-processes only. Attach compensation events to those that can be undone.",
    "multiple": "*{name}* is about several events at once, of which not all can be run together here. Draw one event"
    " each.",
    "cancel": "*{name}* is about cancelling a transaction, which is done by an end event inside of it and caught by an"
    " interrupting event on its border.",
}
_POSITIONS = {
    "instantiatingInside": "*{name}* starts cases, but lies in a sub-process, where no case can begin. Remove the mark,"
    " or move it out.",
}
_TOGETHER = {
    "parts": "*{name}* waits for several events together, of which not all can be waited for. Choose from messages,"
    " signals, times and conditions.",
    "startParts": "*{name}* starts cases when several events have happened together, which only messages can: by their"
    " keys one can tell which belong to the same case. Draw the others as events after the start.",
}
_WHERE = {
    "process": "at the start of a process",
    "subProcess": "at the start of a sub-process",
    "interrupting": "as an interrupting event",
    "nonInterrupting": "as a non-interrupting event",
    "parallel": "for several entries at once",
    "sequential": "for several entries in turn",
}


def elements_are_run(model: ProcessModel) -> Iterator[Problem]:
    for node, (kind, trigger, position) in support.unsupported(model):
        yield _unsupported(model, node, kind, trigger, position)


def _unsupported(model: ProcessModel, node: Node, kind: str, trigger: str, position: str) -> Problem:
    if trigger == "parallelMultiple" and position in ("parts", "startParts"):
        sentence = _TOGETHER[position]
    elif kind == "intermediateCatchEvent" and trigger == "none":
        sentence = "The event *{name}* does not say what it waits for, such as a message or a time."
    elif kind == "boundaryEvent" and trigger == "none":
        sentence = "The boundary event *{name}* does not say what it waits for, such as a message or a time."
    elif kind == "startEvent" and position == "subProcess":
        sentence = (
            "The sub-process starts with *{name}*, which waits for something; a sub-process starts when a case reaches"
            " it. Use a plain start event, or make it an event sub-process."
        )
    else:
        sentence = (
            _KINDS.get(kind)
            or _TRIGGERS.get(trigger)
            or _POSITIONS.get(position)
            or "*{name}* is a {kind} of the type '{trigger}', which this engine does not run {where}."
        )
    where = _WHERE.get(position, "here")
    return error(model, node, "not-run", sentence, kind=_in_words(kind), trigger=trigger, where=where)


def _in_words(kind: str) -> str:
    """`startEvent` as people say it: start event."""
    return re.sub("[A-Z]", lambda letter: f" {letter[0].lower()}", kind)


def conditions_of_activities_are_run(model: ProcessModel) -> Iterator[Problem]:
    """Conditions on flows that leave an activity directly."""
    if ("sequenceFlow", "condition", "activity") in support.SUPPORTED:
        return
    for flow in model.flows.values():
        source = model.nodes.get(flow.source)
        if source is None or source.kind.endswith(("Gateway", "Event")):
            continue
        if flow.condition is not None or source.default == flow.id:
            yield error(
                model,
                flow,
                "not-run",
                "A way that leaves the activity *{source}* has a condition, which this engine asks at gateways only."
                " Put a gateway after *{source}*.",
                source=source.label,
            )


_LISTENERS = "*{name}* has listeners, which this engine does not run. Remove them, and draw what they do as tasks."
_PERFORMERS = (
    "*{name}* says by <{what}> who does it, which this engine does not read. Give it an assignee or candidates."
)
_DATA = (
    "*{name}* computes data in a data association in a way that cannot be read. Write what it computes in FEEL,"
    " beginning with '=', and give its target a name of letters, digits and underscores."
)
_UNREAD = {
    "zeebe:executionListeners": _LISTENERS,
    "zeebe:taskListeners": _LISTENERS,
    "zeebe:formDefinition/@formKey": "*{name}* has its form by a form key or built in, which this engine does not"
    " show. Link a form by its id.",
    "zeebe:formDefinition/@externalReference": "*{name}* has a form outside of this system, which this engine cannot"
    " show. Link a form by its id.",
    "zeebe:taskDefinition": "*{name}* is to be done by a job worker, which this engine knows for service, send, script"
    " and rule tasks and for throw events only.",
    "script": "The script of *{name}* is in a language that this engine does not run. Write it in FEEL.",
    "dataInputAssociation": _DATA,
    "dataOutputAssociation": _DATA,
    "potentialOwner": _PERFORMERS,
    "humanPerformer": _PERFORMERS,
    "performer": _PERFORMERS,
    "resourceRole": _PERFORMERS,
    "loopDataInputRef": "*{name}* is done for each entry of something that is no variable. Name a data object that is"
    " one, or give it a collection, such as =departments.",
    "loopDataOutputRef": "*{name}* collects its results in something that is no variable. Name a data object that is"
    " one, or give it an output collection.",
}
_OTHERWISE = "*{name}* has {what}, which this engine does not run. Remove it, or draw it in another way."
_ZEEBE_OTHERWISE = "*{name}* has {what}, which this engine does not read at this place. Remove it."

_CODE = (
    "*{name}* is done by program code ({what}), which this engine does not run. Give it a type of service instead, such"
    " as casewright:http."
)
_FORM = "*{name}* has its form by {what}, which this engine does not show. Link a form by its id."
_CMMN = "*{name}* begins a CMMN case ({what}), which this engine does not run. Let it call a process instead."
_OF_CODE = frozenset({"field", "resultVariable", "resultVariableName"})
"""What belongs to a call of program code and goes with it."""
_FOREIGN = {
    "class": _CODE,
    "delegateExpression": _CODE,
    "expression": _CODE,
    "type": _CODE,
    "executionListener": _LISTENERS,
    "taskListener": _LISTENERS,
    "caseRef": _CMMN,
    "caseBinding": _CMMN,
    "caseVersion": _CMMN,
    "formKey": _FORM,
    "formData": _FORM,
    "mapDecisionResult=resultList": "*{name}* takes what its decision says as a list of rows, as {product} does unless"
    " told otherwise. Here it is the value itself: choose singleEntry, singleResult or collectEntries, and see that the"
    " expressions after it fit.",
}
_FOREIGN_OTHERWISE = (
    "*{name}* has {what}, meant for {product}, which this engine does not read. Say it again with the properties panel,"
    " and remove it."
)
_DIALECTS = {
    "camunda": "Camunda 7",
    "activiti": "Activiti",
    "flowable": "Flowable",
    "spiffworkflow": "SpiffWorkflow",
    "drools": "jBPM",
}


def everything_was_read(model: ProcessModel) -> Iterator[Problem]:
    places: list[Place] = [model, *model.nodes.values(), *model.flows.values()]
    names = {place.id: called(model, place) for place in places}
    yield from _unread(model.resource, model.unread, names)


def outside_was_read(diagram: Diagram) -> Iterator[Problem]:
    """The same for what lies outside of all processes."""
    yield from _unread(diagram.resource, diagram.unread, {})


def _unread(resource: str, unread: Iterable[Unread], names: Mapping[str, str]) -> Iterator[Problem]:
    """One problem for each element and reason; things that are unread for the same reason are named together."""
    together: dict[tuple[str, str], list[Unread]] = {}
    unread = list(unread)
    coded = {owner for tag, _, owner in unread if _sentence(tag) == _CODE}
    for found in unread:
        tag, _, owner = found
        sentence = _CODE if owner in coded and _own_name(tag) in _OF_CODE else _sentence(tag)
        together.setdefault((owner, sentence), []).append(found)
    for (owner, sentence), things in together.items():
        tag, line, _ = things[0]
        what = ", ".join(dict.fromkeys(_written(tag) for tag, _, _ in things))
        values = {"name": names.get(owner, owner), "what": what, "product": _DIALECTS.get(_prefix(tag), "")}
        yield Problem(sentence, values, resource, line, element_id=owner, rule="not-read")


def _sentence(tag: str) -> str:
    prefix = _prefix(tag)
    if prefix in _DIALECTS:
        return _FOREIGN.get(_own_name(tag), _FOREIGN_OTHERWISE)
    if tag in _UNREAD:
        return _UNREAD[tag]
    return _ZEEBE_OTHERWISE if prefix == "zeebe" else _OTHERWISE


def _own_name(tag: str) -> str:
    """The tag or attribute without its prefix."""
    return tag.partition(":")[2].lstrip("@")


def _prefix(tag: str) -> str:
    return tag.partition(":")[0]


def _written(tag: str) -> str:
    """The tag or attribute as people know it from the file."""
    return tag.replace("/@", " ").replace("@", "")
