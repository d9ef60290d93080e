"""Rules on events: messages and their keys, timers, errors, links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.bpmn.elements import EventDefinition, Node, ProcessModel
from engine.bpmn.rules.findings import Rule, error, warning
from engine.errors import Problem

_CATCHING = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"})
_THROWING = frozenset({"endEvent", "intermediateThrowEvent", "sendTask"})


def events_name_what_they_mean(model: ProcessModel) -> Iterator[Problem]:
    """Messages and signals have names, errors and escalations that are thrown have codes."""
    for node, event in _events(model):
        sentence = None
        if event.trigger == "message" and not event.name and node.service is None:
            sentence = "*{name}* is about a message, but does not say which. Choose a message and give it a name."
        elif event.trigger == "signal" and not event.name:
            sentence = "*{name}* is about a signal, but does not say which. Choose a signal and give it a name."
        elif event.trigger == "error" and not event.name and (event.name == "" or node.kind in _THROWING):
            sentence = "*{name}* is about an error that has no code. Choose an error and give it a code."
        elif event.trigger == "escalation" and not event.name and (event.name == "" or node.kind in _THROWING):
            sentence = "*{name}* is about an escalation that has no code. Choose an escalation and give it a code."
        if sentence:
            yield error(model, node, "event-without-name", sentence)


def awaited_messages_have_keys(model: ProcessModel) -> Iterator[Problem]:
    """A message to a running case says by its key which case it is for."""
    for node, event in _events(model):
        if event.trigger != "message" or not event.name or node.kind not in _CATCHING or _starts_a_case(model, node):
            continue
        if event.correlation_key is None:
            yield error(
                model,
                node,
                "no-correlation-key",
                "*{name}* waits for the message '{message}', but the message has no correlation key, so nobody could"
                " tell which case it is for. Give it one, such as =reference.",
                message=event.name,
            )
        elif not event.correlation_key.startswith("="):
            yield warning(
                model,
                node,
                "fixed-correlation-key",
                "The correlation key of the message '{message}' at *{name}* is the fixed text '{key}', the same for"
                " all cases. Did you mean ={key} ?",
                message=event.name,
                key=event.correlation_key,
            )


def _starts_a_case(model: ProcessModel, node: Node) -> bool:
    """Whether an event does nothing else than start cases: those that wait for others too must be found again."""
    if node.kind == "startEvent" and node.scope == model.id:
        return node.event is None or node.event.trigger != "parallelMultiple"
    before = [model.nodes.get(model.flows[flow].source) for flow in node.incoming]
    return node.instantiate or any(other and other.instantiate and not other.waits_for_all for other in before)


def timers_say_when(model: ProcessModel) -> Iterator[Problem]:
    for node, event in _events(model):
        if event.trigger != "timer":
            continue
        if event.timer_kind is None or event.expression is None:
            yield error(
                model,
                node,
                "timer-without-time",
                "The timer *{name}* does not say when. Give it a date, a duration or a repetition.",
            )
        elif event.timer_kind == "cycle" and not (_may_repeat(model, node) and _is_about(event, node)):
            yield error(
                model,
                node,
                "timer-repeats",
                "The timer *{name}* repeats, but it can happen only once here. Give it a duration or a date.",
            )
        elif event.timer_kind == "duration" and _starts_a_case(model, node):
            yield error(
                model,
                node,
                "timer-start-duration",
                "The timer *{name}* starts cases, so there is nothing that its duration could count from."
                " Give it a date or a repetition.",
            )


def _is_about(event: EventDefinition, node: Node) -> bool:
    """Whether an event is this one, or this one among several that each count; not one of several together."""
    return node.event is not None and (node.event is event or node.event.trigger == "multiple")


def _may_repeat(model: ProcessModel, node: Node) -> bool:
    if node.kind == "boundaryEvent":
        return not node.is_interrupting
    return node.kind == "startEvent" and (node.scope == model.id or not node.is_interrupting)


def conditions_are_given(model: ProcessModel) -> Iterator[Problem]:
    for node, event in _events(model):
        if event.trigger == "conditional" and event.expression is None:
            yield error(
                model, node, "event-without-condition", "*{name}* waits for a condition, but does not say which."
            )


def errors_interrupt(model: ProcessModel) -> Iterator[Problem]:
    for node, event in _events(model):
        is_at_work = node.kind == "boundaryEvent" or (node.kind == "startEvent" and node.scope != model.id)
        if event.trigger == "error" and is_at_work and not node.is_interrupting:
            yield error(
                model,
                node,
                "error-not-interrupting",
                "*{name}* catches an error without interrupting, but an error always ends what it happened in."
                " Make it interrupting, or use an escalation.",
            )


def boundary_events_differ(model: ProcessModel) -> Iterator[Problem]:
    """No two boundary events of an activity catch the same error or escalation."""
    for host in model.nodes.values():
        caught = Counter(
            (event.trigger, event.name)
            for boundary in model.boundary_events(host.id)
            for event in _definitions(boundary)
            if event.trigger in ("error", "escalation")
        )
        for (trigger, code), count in caught.items():
            if count > 1:
                sentence = (
                    "{count} boundary events of *{name}* catch the {trigger} '{code}'. Only one of them can."
                    if code
                    else "{count} boundary events of *{name}* catch every {trigger}. Only one of them can."
                )
                yield error(
                    model, host, "boundary-events-alike", sentence, count=count, trigger=trigger, code=code or ""
                )


def beginnings_differ(model: ProcessModel) -> Iterator[Problem]:
    """A message starts a case in one place only."""
    awaited = Counter(each.event.name for each in model.beginnings() if each.event.trigger == "message")
    told: set[str | None] = set()
    for beginning in model.beginnings():
        name = beginning.event.name
        if beginning.event.trigger == "message" and name and awaited[name] > 1 and name not in told:
            told.add(name)
            yield error(
                model,
                beginning.node,
                "beginnings-alike",
                "The message '{message}' starts cases in {count} places, among them *{name}*, so nobody could tell"
                " where they begin. Let it start them in one.",
                message=name,
                count=awaited[name],
            )


def links_have_other_ends(model: ProcessModel) -> Iterator[Problem]:
    targets = Counter(_link(node) for node in model.nodes.values() if node.kind == "intermediateCatchEvent")
    sources = {_link(node) for node in model.nodes.values() if node.kind == "intermediateThrowEvent"}
    for node, event in _events(model):
        if event.trigger != "link":
            continue
        place = _link(node)
        sentence = None
        if not event.name:
            sentence = "The link *{name}* has no link name, by which it finds its other end. Give both the same."
        elif node.kind == "intermediateThrowEvent" and targets[place] == 0:
            sentence = "The link *{name}* leads to '{link}', but no catching link event here has this link name."
        elif node.kind == "intermediateCatchEvent" and targets[place] > 1:
            sentence = "The link '{link}' has {count} catching events, among them *{name}*. It can have only one."
        elif node.kind == "intermediateCatchEvent" and place not in sources:
            sentence = "No throwing link event here leads to the link *{name}*, named '{link}'."
        if sentence:
            yield error(model, node, "link", sentence, link=event.name or "", count=targets[place])


def _link(node: Node) -> tuple[str, str] | None:
    if node.event is None or node.event.trigger != "link":
        return None
    return node.scope, node.event.name or ""


def _events(model: ProcessModel) -> Iterator[tuple[Node, EventDefinition]]:
    for node in model.nodes.values():
        for event in _definitions(node):
            yield node, event


def _definitions(node: Node) -> tuple[EventDefinition, ...]:
    return () if node.event is None else node.event.single


RULES: tuple[Rule, ...] = (
    events_name_what_they_mean,
    awaited_messages_have_keys,
    timers_say_when,
    conditions_are_given,
    errors_interrupt,
    boundary_events_differ,
    beginnings_differ,
    links_have_other_ends,
)
