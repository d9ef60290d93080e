"""A person moves a case by hand: passages are stopped, others begin before or after elements of the same version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.case import Case
from engine.bpmn.elements import Node
from engine.bpmn.scripting import Failure
from engine.bpmn.specs.loops import LoopSpec
from engine.bpmn.specs.subprocesses import ArmSpec, EventSubProcessSpec, SubProcessSpec
from engine.bpmn.tokens import LEAVE, Scope, Token
from engine.errors import NotFound, Refused
from engine.events import ActivityFailed

NOT_THERE = "Expected to move the case to '{element}', but the diagram has no such element."
NOT_AT = "Expected to stop '{element}', but the case is not there."
BELONGS = "Expected to stop '{element}', but it belongs to '{holder}': stop that instead."
NOTHING_LEFT = "Expected to move the case, but nothing would be left in it: end the case early instead."
NOTHING_AFTER = "Expected to go on after '{element}', but no way leads on from there."
EVENTS_DECIDE = "Expected to go on after '{element}', but only the events behind it say which way."
NO_INSTANCE = "Expected to move the case into '{element}', but it runs several times and none of its rounds is running."
SEVERAL = "Expected to move the case into '{element}', but it is running {count} times: say which is meant."
NOT_INSIDE = "Expected to move the case into the passage '{key}', but '{element}' does not lie in it."
EVENT_SUBPROCESS = "Expected to move the case into '{element}', but only its event starts that."
HANGS_ON = "Expected to start '{element}', but it happens only to what it is attached to: go on after it instead."
LEG = "Expected to start '{element}', but it is one of the events that '{gateway}' waits for: start that instead."
UNDOING = "Expected to start '{element}', but it only runs to undo something."
WHICH_WAY = "Expected to start '{element}', but it waits for several ways: name the way that counts, one of {flows}."
WAY_STARTS = "Expected to go on after the way '{element}', but a way can only be started."
COULD_NOT_OPEN = "Expected to move the case into '{element}', but that could not begin: {reason}"


@dataclass(frozen=True)
class Moves:
    """What is stopped, and what begins."""

    stop: tuple[str | int, ...] = ()
    """Element ids (all passages there) or activity keys."""
    before: tuple[str, ...] = ()
    """Elements that begin; a flow instead lets a token come along it, as to a gateway that waits for several."""
    after: tuple[str, ...] = ()
    """Elements behind which the case goes on, as if they had just been done."""
    inside: int | None = None
    """Activity key of the sub-process that is meant, when it runs several times."""


@dataclass(frozen=True)
class Place:
    """Where a case stands now."""

    element_id: str
    key: int | None
    kind: str
    label: str
    inside: str
    """Id of the process or sub-process around it."""
    has_failed: bool


def places(case: Case) -> Iterator[Place]:
    """Where the case stands: what can be stopped by itself."""
    for token in case.tokens:
        if token.holder is None and not isinstance(token.task_spec, ArmSpec) and token.node.kind != "undo":
            key = token.key if token.has_key else None
            scope = token.workflow.spec.name
            yield Place(token.node.id, key, token.node.kind, token.node.name, scope, token.has_failed)


def move(case: Case, moves: Moves) -> None:
    """Begin and stop passages; the case has still to run on. Raises Refused or NotFound, and is then of no use."""
    stopping = [token for wanted in moves.stop for token in _meant(case, wanted)]
    starting = [(spec, False) for spec in moves.before] + [(spec, True) for spec in moves.after]
    if not starting and not stopping:
        raise Refused("Expected to move the case, but nothing is said to stop or to begin.")
    for element_id, is_after in starting:
        _start(case, element_id, is_after, moves.inside, stopping)
    for token in stopping:
        if token.is_running:
            token.stop(None)
    _stop_empty(case)


def _meant(case: Case, wanted: str | int) -> list[Token]:
    """The passages that are to be stopped."""
    if isinstance(wanted, int):
        found = [case.by_key[wanted]] if wanted in case.by_key else []
    else:
        found = [token for token in case.tokens if token.task_spec.name == wanted]
    if not found:
        known = case.process.model.nodes.get(str(wanted))
        raise NotFound(NOT_AT, element=known.label if known else wanted)
    for token in found:
        holder = token.holder
        if isinstance(token.task_spec, ArmSpec):
            around = case.process.model.nodes.get(token.workflow.spec.name)
            raise Refused(BELONGS, element=token.node.label, holder=around.label if around else case.process.id)
        if holder is not None:
            raise Refused(BELONGS, element=token.node.label, holder=holder.node.label)
    return found


def _start(case: Case, element_id: str, is_after: bool, inside: int | None, stopping: list[Token]) -> None:
    model = case.process.model
    flow = model.flows.get(element_id)
    if flow is not None and is_after:
        raise Refused(WAY_STARTS, element=flow.name or flow.id)
    node = model.nodes.get(flow.target if flow else element_id)
    if node is None:
        raise NotFound(NOT_THERE, element=element_id)
    if is_after:
        _expect_way_on(case, node)
    else:
        _expect_startable(case, node, is_flow=flow is not None)
    scope = _scope_for(case, node, inside, stopping)
    token = scope.put(scope.spec.task_specs[node.id])
    if is_after:
        token.phase = LEAVE
        case.schedule(token)
        return
    if flow is not None and token.task_spec.is_join:
        token.internal_data["flow"] = flow.id
    token.task_spec._update(token)


def _expect_way_on(case: Case, node: Node) -> None:
    if node.kind == "eventBasedGateway":
        raise Refused(EVENTS_DECIDE, element=node.label)
    if node.is_event_subprocess:
        raise Refused(NOTHING_AFTER, element=node.label)
    is_link = node.kind == "intermediateThrowEvent" and node.event is not None and node.event.trigger == "link"
    if not node.outgoing and not is_link:
        raise Refused(NOTHING_AFTER, element=node.label)


def _expect_startable(case: Case, node: Node, *, is_flow: bool) -> None:
    if node.kind == "boundaryEvent":
        raise Refused(HANGS_ON, element=node.label)
    if node.is_event_subprocess:
        raise Refused(EVENT_SUBPROCESS, element=node.label)
    if node.is_for_compensation:
        raise Refused(UNDOING, element=node.label)
    model = case.process.model
    around = model.nodes.get(node.scope)
    if node.kind == "startEvent" and around is not None and around.is_event_subprocess:
        raise Refused(EVENT_SUBPROCESS, element=around.label)
    for flow in node.incoming:
        gateway = model.nodes[model.flows[flow].source]
        if gateway.kind == "eventBasedGateway":
            raise Refused(LEG, element=node.label, gateway=gateway.label)
    spec = case.process.scopes[node.scope].task_specs[node.id]
    if spec.is_join and len(node.incoming) > 1 and not is_flow:
        ways = [f"'{each}'" for each in node.incoming]
        raise Refused(WHICH_WAY, element=node.label, flows=", ".join(ways))


def _scope_for(case: Case, node: Node, inside: int | None, stopping: list[Token]) -> Scope:
    """The passage through the process or sub-process in which an element lies; begun if there is none."""
    if node.scope == case.process.id:
        return case.root
    running = [scope for scope in case.scopes.values() if scope.spec.name == node.scope]
    running = [scope for scope in running if not any(_is_within(scope, token) for token in stopping)]
    around = case.process.node(node.scope)
    if inside is not None:
        meant = [scope for scope in running if _lies_in(scope, inside)]
        if len(meant) == 1:
            return meant[0]
        if not meant:
            raise Refused(NOT_INSIDE, key=inside, element=node.label)
        running = meant
    if len(running) == 1:
        return running[0]
    if running:
        raise Refused(SEVERAL, element=around.label, count=len(running))
    return _opened(case, around, inside, stopping)


def _opened(case: Case, around: Node, inside: int | None, stopping: list[Token]) -> Scope:
    """Begin a sub-process without its start."""
    if around.is_event_subprocess:
        raise Refused(EVENT_SUBPROCESS, element=around.label)
    outer = _scope_for(case, around, inside, stopping)
    spec = outer.spec.task_specs[around.id]
    if isinstance(spec, LoopSpec):
        raise Refused(NO_INSTANCE, element=around.label)
    assert isinstance(spec, SubProcessSpec) and not isinstance(spec, EventSubProcessSpec)
    holder = outer.put(spec)
    holder.internal_data["entered"] = True
    holder._ready()
    case.run_now(holder)
    scope = case.scopes.get(holder.id)
    if scope is None:
        failed = next(event for event in reversed(case.events) if isinstance(event, ActivityFailed))
        raise Refused(COULD_NOT_OPEN, element=around.label, reason=Failure(failed.template, **failed.values))
    return scope


def _is_within(scope: Scope, token: Token) -> bool:
    """Whether a passage through a sub-process lies in a token that is to be stopped."""
    holder = scope.holder
    while holder is not None:
        if holder is token or holder.loop is token:
            return True
        holder = holder.workflow.holder
    return False


def _lies_in(scope: Scope, key: int) -> bool:
    holder = scope.holder
    while holder is not None:
        if holder.has_key and holder.key == key:
            return True
        holder = holder.workflow.holder
    return False


def _stop_empty(case: Case) -> None:
    """A sub-process in which nothing is left was stopped with what was in it."""
    while True:
        empty = next((scope for scope in case.scopes.values() if scope.running == 0 and not scope.completed), None)
        if empty is None:
            break
        holder = empty.holder
        assert holder is not None
        (holder.loop or holder).stop(None)
    if case.root.running == 0:
        raise Refused(NOTHING_LEFT)
