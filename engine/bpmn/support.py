"""What the engine runs, as one table of kind, trigger and position of elements; everything else is refused."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.elements import Node, ProcessModel

Key = tuple[str, str, str]
"""Kind, trigger, position."""


def _rows(kinds: str, triggers: str, positions: str) -> Iterator[Key]:
    for kind in kinds.split():
        for trigger in triggers.split():
            for position in positions.split():
                yield kind, trigger, position


ACTIVITIES = (
    "task userTask manualTask serviceTask sendTask receiveTask scriptTask businessRuleTask callActivity subProcess"
    " transaction adHocSubProcess"
)

SUPPORTED: frozenset[Key] = frozenset(
    [
        *_rows(ACTIVITIES, "none", "once parallel sequential standard compensation"),
        ("sequenceFlow", "condition", "activity"),
        *_rows("eventSubProcess", "none", "once"),
        *_rows("exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway", "none", "once"),
        *_rows("eventBasedGateway receiveTask", "none", "instantiating"),
        *_rows("startEvent", "none message timer signal conditional multiple parallelMultiple", "process"),
        *_rows("startEvent", "none", "subProcess"),
        *_rows(
            "startEvent",
            "message timer signal error escalation conditional compensation multiple parallelMultiple",
            "interrupting",
        ),
        *_rows(
            "startEvent", "message timer signal escalation conditional multiple parallelMultiple", "nonInterrupting"
        ),
        *_rows("intermediateCatchEvent", "message timer signal conditional link multiple parallelMultiple", "once"),
        *_rows("intermediateThrowEvent", "none message signal escalation compensation link multiple", "once"),
        *_rows("endEvent", "none message signal error escalation compensation cancel terminate multiple", "once"),
        *_rows(
            "boundaryEvent",
            "message timer signal error escalation conditional compensation cancel multiple parallelMultiple",
            "interrupting",
        ),
        *_rows(
            "boundaryEvent", "message timer signal escalation conditional multiple parallelMultiple", "nonInterrupting"
        ),
    ]
)

ALONE = frozenset({"none", "compensation", "cancel", "link"})
"""Triggers that an event cannot have together with others."""
TOGETHER = frozenset({"message", "signal", "timer", "conditional"})
"""Triggers that can be waited for together, until all have happened: they come from outside and can be remembered."""


def support_key(model: ProcessModel, node: Node) -> Key:
    """Where a node stands in the table."""
    return _kind(node), _trigger(node), _position(model, node)


def unsupported(model: ProcessModel) -> Iterator[tuple[Node, Key]]:
    """The nodes of a process that are not in the table."""
    for node in model.nodes.values():
        key = support_key(model, node)
        if key not in SUPPORTED:
            yield node, key
        elif key[1] in ("multiple", "parallelMultiple") and not _parts_are_run(node, key):
            yield node, (key[0], key[1], "startParts" if key[2] == "process" else "parts")


def _parts_are_run(node: Node, key: Key) -> bool:
    """Whether an event about several things is about such as are run there, and together with others."""
    triggers = {part.trigger for part in node.event.single} if node.event else set()
    if key[1] == "parallelMultiple":
        # What starts a case together with others is told by its key which case it is for; only messages have one.
        return triggers <= (frozenset({"message"}) if key[2] == "process" else TOGETHER)
    alone = not triggers.isdisjoint(ALONE) or node.service is not None
    return not alone and all((key[0], trigger, key[2]) in SUPPORTED for trigger in triggers)


def _kind(node: Node) -> str:
    return "eventSubProcess" if node.is_event_subprocess else node.kind


def _trigger(node: Node) -> str:
    return node.event.trigger if node.event is not None and node.kind.endswith("Event") else "none"


def _position(model: ProcessModel, node: Node) -> str:
    if node.is_for_compensation:
        return "compensation"
    if node.instantiate:
        return "instantiating" if node.scope == model.id else "instantiatingInside"
    if node.loop is not None:
        return node.loop.kind
    if node.kind == "boundaryEvent":
        return _interrupting(node)
    if node.kind == "startEvent":
        around = model.nodes.get(node.scope)
        if around is None:
            return "process"
        return _interrupting(node) if around.is_event_subprocess else "subProcess"
    return "once"


def _interrupting(node: Node) -> str:
    # What is compensated is done, so there is nothing to interrupt, whatever the file says.
    return "interrupting" if node.is_interrupting or _trigger(node) == "compensation" else "nonInterrupting"
