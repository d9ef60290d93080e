"""Rules on the own properties: stages, promises, four eyes, public forms and the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.elements import Node, ProcessModel, comma_list
from engine.bpmn.rules.findings import Rule, error, warning
from engine.bpmn.timers import is_duration
from engine.errors import Problem

OF_PROCESSES = frozenset(
    {
        "candidateStarterGroups",
        "candidateStarterUsers",
        "publicStart",
        "stages",
        "startable",
        "referencePrefix",
        "subject",
    }  # fmt: skip
)
OF_ELEMENTS = frozenset({"stage", "promise", "separateFrom", "action", "publicForm", "timeToLive"})

_PREFIX = re.compile(r"[A-Z][A-Z0-9]{0,7}")
_MESSAGE_PLACES = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})


def properties_stand_where_read(model: ProcessModel) -> Iterator[Problem]:
    for name in model.properties.keys() & OF_ELEMENTS:
        yield error(
            model,
            model,
            "property",
            "The property '{property}' belongs to elements, not to the process.",
            property=name,
        )
    for node in model.nodes.values():
        for name in node.properties.keys() & OF_PROCESSES:
            yield error(
                model,
                node,
                "property",
                "The property '{property}' belongs to the process, but stands at *{name}*.",
                property=name,
            )


def process_properties_can_be_read(model: ProcessModel) -> Iterator[Problem]:
    for name in ("publicStart", "startable"):
        value = model.properties.get(name, "false")
        if value not in ("true", "false"):
            yield error(
                model,
                model,
                "property",
                "The property '{property}' is '{value}'; it must be true or false.",
                property=name,
                value=value,
            )
    prefix = model.properties.get("referencePrefix")
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        yield error(
            model,
            model,
            "property",
            "The property 'referencePrefix' is '{value}'; it must be one to eight capital letters or digits, beginning"
            " with a letter.",
            value=prefix,
        )
    stages = model.listed("stages")
    for stage in sorted({stage for stage in stages if stages.count(stage) > 1}):
        yield error(model, model, "property", "The stage '{stage}' is listed twice in 'stages'.", stage=stage)


def stages_are_listed(model: ProcessModel) -> Iterator[Problem]:
    stages = model.listed("stages")
    for node in model.nodes.values():
        stage = node.properties.get("stage")
        if stage is not None and not stage.startswith("=") and stage not in stages:
            yield error(
                model,
                node,
                "property",
                "The stage '{stage}' of *{name}* is not among the process's stages: {stages}."
                " Add it there, or correct it.",
                stage=stage,
                stages=", ".join(stages) or "–",
            )


def promises_are_computed(model: ProcessModel) -> Iterator[Problem]:
    """A promise is told together with a stage, so it needs one."""
    for node in model.nodes.values():
        if "promise" in node.properties and "stage" not in node.properties:
            yield error(
                model,
                node,
                "property",
                "*{name}* has a promise but no stage. The customer is told both together: give it a stage.",
            )


def separated_tasks_exist(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        text = node.properties.get("separateFrom")
        if text is None:
            continue
        if node.kind != "userTask":
            yield _only_user_tasks(model, node, "separateFrom")
        for named in comma_list(text):
            other = model.nodes.get(named)
            if other is None or other.kind != "userTask":
                yield error(
                    model,
                    node,
                    "property",
                    "*{name}* is kept apart from the task '{task}', but that is no user task of this process."
                    " Name it by its id.",
                    task=named,
                )


def actions_belong_to_tasks(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if "action" in node.properties and node.kind != "userTask":
            yield _only_user_tasks(model, node, "action")
        if node.properties.get("action") == "":
            yield warning(model, node, "property", "The property 'action' of *{name}* is empty.")


def public_forms_send_messages(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if "publicForm" not in node.properties:
            continue
        waits_for_message = node.event is not None and node.event.trigger == "message" and node.kind in _MESSAGE_PLACES
        if not waits_for_message or (node.kind == "startEvent" and node.scope == model.id):
            yield error(
                model,
                node,
                "property",
                "The property 'publicForm' stands at *{name}*, which does not wait for a message of a running case.",
            )
        elif not node.properties["publicForm"]:
            yield error(model, node, "property", "The property 'publicForm' of *{name}* does not say which form.")


def sent_messages_live_for_a_time(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        text = node.properties.get("timeToLive")
        if text is None:
            continue
        is_sent = node.kind in ("sendTask", "intermediateThrowEvent", "endEvent") and node.service is None
        if not is_sent or node.event is None or node.event.trigger != "message":
            yield error(
                model,
                node,
                "property",
                "The property 'timeToLive' stands at *{name}*, which does not send a message to other cases.",
            )
        elif not is_duration(text):
            yield error(
                model,
                node,
                "property",
                "The property 'timeToLive' of *{name}* is '{value}'; it must be a duration such as PT4H or P7D.",
                value=text,
            )


def _only_user_tasks(model: ProcessModel, node: Node, name: str) -> Problem:
    return error(
        model,
        node,
        "property",
        "The property '{property}' means something at user tasks only, but stands at *{name}*.",
        property=name,
    )


RULES: tuple[Rule, ...] = (
    properties_stand_where_read,
    process_properties_can_be_read,
    stages_are_listed,
    promises_are_computed,
    separated_tasks_exist,
    actions_belong_to_tasks,
    public_forms_send_messages,
    sent_messages_live_for_a_time,
)
