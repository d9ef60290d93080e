"""Rules on activities: what each kind needs to be done by a person, a service, rules or another process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.bpmn.elements import Loop, Node, ProcessModel
from engine.bpmn.rules.findings import Rule, error, warning
from engine.errors import Problem

_WORK_NOT_READ = frozenset(
    {
        "script",
        "class",
        "expression",
        "delegateExpression",
        "type",
        "caseRef",
        "serviceTaskOperator",
        "calledDecisionId",
        "serviceimplementation",
        "ruleFlowGroup",
    }
)
"""What says in a way that is not read what a task does; refusing that is enough."""
_LOOKS_COMPUTED = re.compile(r"""[\[\](){}"';]""")


def tasks_say_what_to_do(model: ProcessModel) -> Iterator[Problem]:
    """Service, script, rule and send tasks name what they use; a call activity names its process."""
    told = {owner for tag, _, owner in model.unread if tag.rpartition(":")[2].lstrip("@") in _WORK_NOT_READ}
    for node in model.nodes.values():
        sentence = _missing(node)
        if sentence and node.id not in told:
            yield error(model, node, "task-without-work", sentence)


def _missing(node: Node) -> str | None:
    if node.service is not None:
        return None if node.service.type else "*{name}* does not say which type of service it asks for."
    match node.kind:
        case "serviceTask":
            return "The service task *{name}* does not say what to ask for. Give it a type, such as casewright:mail."
        case "sendTask" if node.event is None:
            return "The send task *{name}* does not say what to send. Give it a type, such as casewright:mail."
        case "scriptTask":
            return _missing_in_script(node)
        case "businessRuleTask":
            return _missing_in_decision(node)
        case "callActivity" if node.call is None or not node.call.process.id:
            return "The call activity *{name}* does not say which process it calls."
    return None


def _missing_in_script(node: Node) -> str | None:
    if node.script is None or not node.script.expression:
        return "The script task *{name}* has no expression. Write one in FEEL, beginning with '='."
    if not node.script.result_variable:
        return "The script task *{name}* does not say which variable gets its result."
    return None


def _missing_in_decision(node: Node) -> str | None:
    if node.decision is None or not node.decision.decision.id:
        return "The business rule task *{name}* does not say which decision it asks."
    if not node.decision.result_variable:
        return "The business rule task *{name}* does not say which variable gets the decision's result."
    return None


def somebody_sees_each_task(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.kind != "userTask" or node.lane:
            continue
        who = node.assignment
        if who is None or not (who.assignee or who.candidate_users or who.candidate_groups):
            yield warning(
                model,
                node,
                "nobody-sees-task",
                "Nobody can see the task *{name}*: it has no assignee, no candidates, and lies in no lane.",
            )


def names_are_shown_as_written(model: ProcessModel) -> Iterator[Problem]:
    """Older engines compute the names of tasks."""
    for node in model.nodes.values():
        if node.kind == "userTask" and ("${" in node.name or "#{" in node.name):
            yield warning(
                model,
                node,
                "name-not-computed",
                "People see the name *{name}* as it is written: names of tasks are not computed here.",
            )


def people_are_named_plainly(model: ProcessModel) -> Iterator[Problem]:
    """Candidates that are no FEEL are a comma list of names, an assignee is one name."""
    for node in model.nodes.values():
        if node.assignment is None:
            continue
        candidates = (
            ("candidate users", node.assignment.candidate_users),
            ("candidate groups", node.assignment.candidate_groups),
            ("assignee", node.assignment.assignee),
        )
        for use, text in candidates:
            if text is None or text.startswith("=") or "${" in text or "#{" in text:
                continue
            if _LOOKS_COMPUTED.search(text) or not all(part.strip() for part in text.split(",")):
                yield error(
                    model,
                    node,
                    "candidates",
                    "The {use} of *{name}* are written as {text}. Write names with commas between them, or FEEL"
                    " beginning with '='.",
                    use=use,
                    text=text,
                )
            elif use == "assignee" and "," in text:
                yield error(
                    model,
                    node,
                    "candidates",
                    "The assignee of *{name}* is '{text}', but only one person can be it. Make them candidate users.",
                    text=text,
                )


def forms_are_named(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        for reference in (node.form, node.decision and node.decision.decision, node.call and node.call.process):
            if reference and reference.binding == "versionTag" and not reference.version_tag:
                yield error(
                    model,
                    node,
                    "no-version-tag",
                    "*{name}* wants '{id}' in the version of a certain tag, but does not say which tag.",
                    id=reference.id,
                )


def priorities_are_in_range(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        text = node.assignment.priority if node.assignment is not None else None
        if text is not None and text.isdecimal() and int(text) > 100:
            yield error(
                model, node, "priority", "The priority of *{name}* is {text}; it must be from 0 to 100.", text=text
            )


def loops_say_how_often(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.loop is None:
            continue
        sentence = _missing_in_loop(node.loop)
        if sentence:
            yield error(model, node, "loop", sentence)


_THROWN = frozenset({"message", "signal", "escalation"})


def loops_throw_what_can_be_caught(model: ProcessModel) -> Iterator[Problem]:
    """A multi-instance that throws events while it runs says which, and these stop nothing by themselves."""
    for node in model.nodes.values():
        loop = node.loop
        if loop is None or loop.behavior == "All":
            continue
        sentence = None
        if not loop.throws:
            sentence = "*{name}* throws an event while it is done several times, but does not say which. Give it one."
        elif any(each.event.trigger not in _THROWN or not each.event.name for each in loop.throws):
            sentence = (
                "*{name}* throws an event while it is done several times. It can be a message, a signal or an"
                " escalation with a name or code."
            )
        elif loop.behavior == "Complex" and any(each.condition is None for each in loop.throws):
            sentence = "*{name}* throws an event while it is done several times, but does not say when."
        if sentence:
            yield error(model, node, "loop-event", sentence)


def data_that_is_only_drawn(model: ProcessModel) -> Iterator[Problem]:
    """Data objects whose names are no variables, and data stores, mean nothing to the engine."""
    drawn = [item.name for item in model.data if item.variable is None and item.kind != "dataStoreReference"]
    if drawn:
        yield warning(
            model,
            model,
            "data-only-drawn",
            "Only drawn, and no variables: {items}. A data object whose name has letters, digits and underscores alone"
            " is the variable of that name.",
            items=", ".join(dict.fromkeys(drawn)),
        )
    stores = [item.name for item in model.data if item.kind == "dataStoreReference"]
    if stores:
        yield warning(
            model,
            model,
            "data-only-drawn",
            "Data stores are only drawn, nothing is read from them or written to them: {items}. A service task can do"
            " that.",
            items=", ".join(dict.fromkeys(stores)),
        )


def _missing_in_loop(loop: Loop) -> str | None:
    if loop.kind == "standard":
        if loop.loop_condition is None and loop.loop_maximum is None:
            return "*{name}* is repeated, but does not say how long. Give it a loop condition or a number."
        return None
    if loop.collection is None and loop.cardinality is None:
        return "*{name}* is done several times, but does not say for what. Give it a collection, such as =departments."
    if loop.output_collection is not None and loop.output_element is None:
        return "*{name}* collects results in a list, but does not say what each repetition adds to it."
    if loop.output_element is not None and loop.output_collection is None:
        return "*{name}* has a result of each repetition, but does not say in which list to collect it."
    return None


RULES: tuple[Rule, ...] = (
    tasks_say_what_to_do,
    somebody_sees_each_task,
    names_are_shown_as_written,
    people_are_named_plainly,
    forms_are_named,
    priorities_are_in_range,
    loops_say_how_often,
    loops_throw_what_can_be_caught,
    data_that_is_only_drawn,
)
