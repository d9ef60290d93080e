"""Rules on undoing what was done: compensation events, the activities that undo, and transactions."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.elements import Node, ProcessModel
from engine.bpmn.rules.findings import Rule, error, warning
from engine.errors import Problem


def compensation_events_name_what_undoes(model: ProcessModel) -> Iterator[Problem]:
    """A compensation event on a border is joined by an association to the activity that undoes."""
    for node in _about(model, "compensation", "boundaryEvent"):
        handler = model.nodes.get(node.compensated_by or "")
        if handler is None or handler.scope != node.scope or not handler.is_for_compensation:
            yield error(
                model,
                node,
                "no-compensation-handler",
                "The compensation event *{name}* does not say what undoes the work. Draw an association from it to an"
                " activity that is marked as being for compensation.",
            )
        if node.outgoing:
            yield error(
                model,
                node,
                "compensation-flow",
                "A sequence flow leads out of the compensation event *{name}*. Draw an association to the activity that"
                " undoes instead.",
            )


def handlers_stand_beside_the_flow(model: ProcessModel) -> Iterator[Problem]:
    for node in model.nodes.values():
        if node.is_for_compensation and (node.incoming or node.outgoing):
            yield error(
                model,
                node,
                "compensation-flow",
                "*{name}* is for compensation, so no sequence flow may lead to or from it. Only the association of a"
                " compensation event leads to it.",
            )


def what_is_undone_can_be(model: ProcessModel) -> Iterator[Problem]:
    """A compensation event that names an activity names one here that has something that undoes it."""
    for node in _about(model, "compensation", "intermediateThrowEvent", "endEvent"):
        named = node.event.activity if node.event else None
        if named is None:
            continue
        activity = model.nodes.get(named)
        if activity is None or not _reaches(model, node, activity):
            yield error(
                model,
                node,
                "compensates-nothing",
                "*{name}* undoes the activity '{activity}', which is not beside it. Choose one that is.",
                activity=activity.label if activity else named,
            )
        elif not _can_be_undone(model, activity):
            yield warning(
                model,
                node,
                "compensates-nothing",
                "*{name}* undoes the activity *{activity}*, but nothing is drawn that undoes it, so nothing happens.",
                activity=activity.label,
            )


def _reaches(model: ProcessModel, thrower: Node, activity: Node) -> bool:
    """Whether an event sees what was done: beside itself or, in an event sub-process, beside that."""
    scope = thrower.scope
    while scope != activity.scope:
        around = model.nodes.get(scope)
        if around is None or not around.is_event_subprocess:
            return False
        scope = around.scope
    return True


def _can_be_undone(model: ProcessModel, activity: Node) -> bool:
    own = [event.event.trigger for event in model.boundary_events(activity.id) if event.event]
    if "compensation" in own or _undoing(model, activity):
        return True
    return any(_can_be_undone(model, inner) for inner in model.inside(activity.id))


def cancel_belongs_to_transactions(model: ProcessModel) -> Iterator[Problem]:
    """A cancel event ends a transaction or stands on its border, and the border says how to go on."""
    for node in _about(model, "cancel", "boundaryEvent", "endEvent"):
        around = model.nodes.get((node.attached_to if node.kind == "boundaryEvent" else node.scope) or "")
        if around is None or around.kind != "transaction":
            yield error(
                model, node, "cancel-without-transaction", "*{name}* cancels a transaction, but belongs to none."
            )
        elif node.kind == "endEvent" and not any(
            event.event and event.event.trigger == "cancel" for event in model.boundary_events(around.id)
        ):
            yield error(
                model,
                node,
                "cancel-not-caught",
                "*{name}* cancels the transaction *{transaction}*, which has no cancel event on its border that says"
                " how to go on. Attach one.",
                transaction=around.label,
            )


def event_sub_processes_undo_what_is_around(model: ProcessModel) -> Iterator[Problem]:
    """An event sub-process that a compensation starts undoes the sub-process it lies in."""
    for node in model.nodes.values():
        around = model.nodes.get(node.scope)
        if node not in _undoing(model, around):
            continue
        sentence = None
        if around is None:
            sentence = (
                "The event sub-process *{name}* undoes what is around it, but that is the process itself, which is"
                " never undone. Put it into a sub-process."
            )
        elif around.is_event_subprocess:
            sentence = (
                "The event sub-process *{name}* undoes what is around it, but that is an event sub-process, which is"
                " never undone. Put it into a plain sub-process."
            )
        elif len(_undoing(model, around)) > 1 or any(
            event.event and event.event.trigger == "compensation" for event in model.boundary_events(around.id)
        ):
            sentence = "*{around}* is undone in more than one way, among them by *{name}*. Leave one of them."
        if sentence:
            yield error(model, node, "undoes-nothing", sentence, around=around.label if around else "")


def _undoing(model: ProcessModel, around: Node | None) -> list[Node]:
    """The event sub-processes inside that a compensation starts."""
    starts = {start.scope for start in model.nodes.values() if start.kind == "startEvent" and _is_compensation(start)}
    inner = model.inside(model.id if around is None else around.id)
    return [node for node in inner if node.is_event_subprocess and node.id in starts]


def _is_compensation(node: Node) -> bool:
    return node.event is not None and node.event.trigger == "compensation"


def _about(model: ProcessModel, trigger: str, *kinds: str) -> Iterator[Node]:
    for node in model.nodes.values():
        if node.kind in kinds and node.event is not None and node.event.trigger == trigger:
            yield node


RULES: tuple[Rule, ...] = (
    compensation_events_name_what_undoes,
    handlers_stand_beside_the_flow,
    what_is_undone_can_be,
    cancel_belongs_to_transactions,
    event_sub_processes_undo_what_is_around,
)
