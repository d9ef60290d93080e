"""A running case goes on in another version of its process: where it stands and what it waits for is kept.

Only what is alive has to fit. What guards or ends a wait (boundary events, the events of an event-based gateway, event
sub-processes) is taken over where the new version has the same; the rest is withdrawn, and what is new is set up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn import state as codec
from engine.bpmn.case import Case, Environment
from engine.bpmn.compiler import CompiledProcess
from engine.bpmn.elements import Node
from engine.bpmn.scopes import visible
from engine.bpmn.scripting import Failure
from engine.bpmn.specs.activities import ActivitySpec, UserTaskSpec
from engine.bpmn.specs.base import ElementSpec, ScopeSpec
from engine.bpmn.specs.boundaries import BoundarySpec
from engine.bpmn.specs.gateways import EventGatewaySpec
from engine.bpmn.specs.gathering import Gathering, PartSpec
from engine.bpmn.specs.loops import LoopSpec
from engine.bpmn.specs.subprocesses import AdHocSpec, ArmSpec
from engine.bpmn.tokens import BEGIN, Scope, Token
from engine.errors import Invalid, Problem, Refused
from engine.events import ActivityFailed, Event

GONE = "The case is at '{element}', which the other version does not have: say where it goes on."
OTHER_KIND = "The case is at '{element}', but '{target}' of the other version is something else: say where it goes on."
OTHER_PLACE = (
    "The case is at '{element}', but in the other version '{target}' lies inside something else, where the case is not."
)
NO_SUCH_WAY = (
    "The case waits at '{element}' and has come from '{source}'; the other version has no such way to it: say which way"
    " of it counts instead."
)
NO_UNDOING = "'{element}' was done and can be undone, but the other version does not have what undoes it."
OTHER_RESULTS = (
    "'{element}' is in the middle of its rounds and collects results in another way than in the other version."
)
OTHER_ORDER = "'{element}' is in the middle of its activities, which come in another order in the other version."
CANNOT_WAIT = "'{element}' of the other version cannot be set up: {reason}"
CANNOT_GO_ON = "The case could not go on at '{element}' of the other version: {reason}"

NEEDS_MAPPING, CANNOT = "needs-mapping", "cannot"
"""The rule that a problem names: whether a mapping of elements helps, or nothing does."""
RENEWABLE = frozenset({"timer", "message", "signal", "task"})


@dataclass(frozen=True)
class Plan:
    """Where the case goes on, and what of it is worked out anew."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    """Element (or flow into a join) of the old version → the one of the new; the same id where nothing is said."""
    renew: Collection[str] = ()
    """timer, message, signal, task: these are not kept as they were but worked out anew."""

    def target(self, element_id: str) -> str:
        return self.mapping.get(element_id, element_id)


@dataclass(frozen=True)
class Migrated:
    """A case in its new version, not yet kept."""

    case: Case
    withdrawn: list[Event]
    """What the old version waited for and the new one does not; told with the old version's elements."""
    events: list[Event]
    """What the new version does at once: new waits, ways that are open now."""
    renewed: tuple[int, ...]
    """Activity keys of waits that `events` tell anew."""
    origins: dict[int, Node]
    """Where the passages with these activity keys stood."""
    places: dict[int, Node]
    """Where the passages with these activity keys now stand."""
    offers: dict[int, dict[str, Any]]
    """User tasks that are offered anew: activity key → the fields of `TaskCreated`."""
    forms: dict[int, tuple[str | None, str]]
    """Id and binding of the forms of the user tasks, by activity key."""


def migrate(
    old: CompiledProcess, new: CompiledProcess, state: bytes, environment: Environment, plan: Plan
) -> Migrated:
    """Take a case from one version to another. Raises Refused, with a problem for each place that does not fit."""
    expect_sensible(old, new, plan)
    case = codec.load(old, state, environment)
    fitting = _Fitting(old, new, plan)
    problems = list(fitting.problems(case))
    if problems:
        raise _refused(problems)
    for token in [token for token in case.tokens if fitting.is_loose(token) and fitting.counterpart(token) is None]:
        if token.is_running:
            token.stop(None)
    withdrawn, case.events = case.events, []
    origins = {token.key: token.node for token in case.tokens if token.has_key}
    moved = codec.read(new, fitting.rewritten(codec.written(case)), environment)
    return _Arrival(fitting, moved, plan).settle(withdrawn, origins)


def expect_sensible(old: CompiledProcess, new: CompiledProcess, plan: Plan) -> None:
    """Whether a plan names what is there. Raises Invalid."""
    for source, target in plan.mapping.items():
        for process, element in ((old, source), (new, target)):
            if element not in process.model.nodes and element not in process.model.flows:
                raise Invalid(
                    "Expected to map '{source}' to '{target}', but there is no element '{element}'.",
                    source=source, target=target, element=element,
                )  # fmt: skip
    unknown = set(plan.renew) - RENEWABLE
    if unknown:
        raise Invalid("Expected to work out anew timers, messages, signals or tasks, but not '{what}'.",
                      what=", ".join(sorted(unknown)))  # fmt: skip


class _Fitting:
    """What of the old version is what in the new one."""

    def __init__(self, old: CompiledProcess, new: CompiledProcess, plan: Plan) -> None:
        self.old, self.new, self.plan = old, new, plan

    # -- questions ----------------------------------------------------------------------------------------------

    def scope(self, spec: ScopeSpec) -> ScopeSpec | None:
        """The process or sub-process of the new version."""
        if spec.name == self.old.id:
            return self.new.root
        return self.new.scopes.get(self.plan.target(spec.name))

    def renamed(self, spec: ElementSpec) -> str:
        """Its name in the new version; the part of the name behind the element's id stays."""
        return self.plan.target(spec.node.id) + spec.name[len(spec.node.id) :]

    def same(self, spec: ElementSpec, around: ScopeSpec) -> ElementSpec | None:
        """The same element in a scope of the new version, if it is there and of the same kind."""
        inside = self.scope(around)
        found = inside.task_specs.get(self.renamed(spec)) if inside else None
        return found if found is not None and _is_alike(spec, found) else None

    def counterpart(self, token: Token) -> ElementSpec | None:
        """What a token that can be withdrawn becomes."""
        found = self.same(token.task_spec, token.workflow.spec)
        holder = token.holder
        if found is None or holder is None:
            return found
        host = self.plan.target(holder.node.id)
        if isinstance(found, PartSpec):
            return found if not self.is_loose(holder) or self.counterpart(holder) else None
        if isinstance(found, BoundarySpec):
            return found if found.node.attached_to == host else None
        gateway = self.new.model.nodes.get(host)
        leads_here = gateway is not None and any(
            self.new.flow(flow).target == found.node.id for flow in gateway.outgoing
        )
        return found if leads_here else None

    @staticmethod
    def is_loose(token: Token) -> bool:
        """Whether it only waits beside something else: it can go without the case losing its place."""
        holder = token.holder
        if isinstance(token.task_spec, ArmSpec):
            return True
        if holder is None:
            return False
        if isinstance(token.task_spec, PartSpec):
            return _Fitting.is_loose(holder)
        return isinstance(token.task_spec, BoundarySpec) or isinstance(holder.task_spec, EventGatewaySpec)

    # -- problems -----------------------------------------------------------------------------------------------

    def problems(self, case: Case) -> Iterator[Problem]:
        for token in case.tokens:
            if not self.is_loose(token):
                yield from self._problem_at(token)
        for scope in (case.root, *case.scopes.values()):
            yield from self._lost_undoing(scope.undo, scope.spec)
            for token in scope.living:
                memories = token.internal_data.get("undo")
                yield from self._lost_undoing(_memories(memories), scope.spec)

    def _problem_at(self, token: Token) -> Iterator[Problem]:
        spec, node = token.task_spec, token.node
        target = self.plan.target(node.id)
        there = self.new.model.nodes.get(target)
        if node.kind == "undo":
            return
        if there is None:
            yield _problem(GONE, node)
            return
        found = self.same(spec, token.workflow.spec)
        if found is None:
            inside = self.scope(token.workflow.spec)
            is_elsewhere = inside is not None and there.scope != inside.name and not isinstance(spec, ArmSpec)
            yield _problem(OTHER_PLACE if is_elsewhere else OTHER_KIND, node, target=there.label)
            return
        if isinstance(spec, LoopSpec) and isinstance(found, LoopSpec) and not _collect_alike(spec, found):
            yield _problem(OTHER_RESULTS, node, CANNOT)
        if isinstance(spec, AdHocSpec) and isinstance(found, AdHocSpec) and not self._begun_alike(token, spec, found):
            yield _problem(OTHER_ORDER, node, CANNOT)
        if spec.is_join and token.workflow.waits_at_join(token) and self.way(token.internal_data["flow"]) is None:
            flow = self.old.flow(token.internal_data["flow"])
            yield Problem(
                NO_SUCH_WAY, {"element": node.label, "source": self.old.node(flow.source).label},
                element_id=flow.id, rule=NEEDS_MAPPING,
            )  # fmt: skip

    def _begun_alike(self, token: Token, old: AdHocSpec, new: AdHocSpec) -> bool:
        """Whether the activities of an ad-hoc sub-process that began one after another are the first in both."""
        begun = token.internal_data.get("begun", 0)
        first = [self.renamed(entry) for entry in old.inner.entries[:begun]]
        return first == [entry.name for entry in new.inner.entries[:begun]]

    def _lost_undoing(self, memories: list[dict[str, Any]], around: ScopeSpec) -> Iterator[Problem]:
        for memory in memories:
            inside: ScopeSpec | None = around
            if "up" in memory:
                continue  # it was done further out, and is judged where it was
            for name in ("by", "spec"):
                spec = around.task_specs.get(memory.get(name, ""))
                inside = self.scope(around)
                if spec is not None and (inside is None or self.same(spec, around) is None):
                    yield _problem(NO_UNDOING, self.old.node(memory["activity"]))
            if memory.get("undo"):
                inner = self.old.scopes.get(memory["activity"])
                if inner is not None:
                    yield from self._lost_undoing(memory["undo"], inner)

    def way(self, flow_id: str) -> str | None:
        """The flow of the new version by which a token has come to its join."""
        flow = self.old.flow(flow_id)
        incoming = self.new.model.nodes[self.plan.target(flow.target)].incoming
        if self.plan.target(flow_id) in incoming:
            return self.plan.target(flow_id)
        source = self.plan.target(flow.source)
        return next((each for each in incoming if self.new.flow(each).source == source), None)

    # -- rewriting ----------------------------------------------------------------------------------------------

    def rewritten(self, document: dict[str, Any]) -> dict[str, Any]:
        """The state as the new version would have written it."""
        return {**document, "process": self.new.id, "scopes": [self._scope(row) for row in document["scopes"]]}

    def _scope(self, row: dict[str, Any]) -> dict[str, Any]:
        around = self.old.scopes[row["id"]]
        inside = self.scope(around)
        assert inside is not None
        return {
            **row,
            "id": inside.name,
            "undo": self._undo(row["undo"]),
            "tokens": [self._token(around, *token) for token in row["tokens"]],
        }

    def _token(
        self, around: ScopeSpec, token_id: int, element: str, state: int, parent: int, memory: dict[str, Any], data: Any
    ) -> list[Any]:
        memory = dict(memory)
        if "flow" in memory:
            memory["flow"] = self.way(memory["flow"]) or memory["flow"]
        if "came" in memory:
            memory["came"] = {self._name(name): came for name, came in memory["came"].items()}
        if "first" in memory:
            memory["first"] = self._name(memory["first"])
        match memory.get("undo"):
            case [variables, [*memories]]:
                memory["undo"] = [variables, self._undo(memories)]
            case [*memories]:
                memory["undo"] = self._undo(memories)
        return [token_id, self.renamed(around.task_specs[element]), state, parent, memory, data]

    def _name(self, name: str) -> str:
        """The name of a spec whose element may have another id now."""
        element_id, blank, part = name.partition(" ")
        return self.plan.target(element_id) + blank + part

    def _undo(self, memories: list[dict[str, Any]]) -> list[dict[str, Any]]:
        rewritten = []
        for memory in memories:
            changed = {**memory}
            for name in ("activity", "event", "by"):
                if name in memory:
                    changed[name] = self.plan.target(memory[name])
            if "spec" in memory:
                changed["spec"] = changed["activity"] + memory["spec"][len(memory["activity"]) :]
                changed["undo"] = self._undo(memory["undo"])
            rewritten.append(changed)
        return rewritten


class _Arrival:
    """A case that has just come to its new version."""

    def __init__(self, fitting: _Fitting, case: Case, plan: Plan) -> None:
        self._fitting = fitting
        self._case = case
        self._plan = plan
        self._problems: list[Problem] = []
        self._renewed: list[int] = []
        self._offers: dict[int, dict[str, Any]] = {}
        self._forms: dict[int, tuple[str | None, str]] = {}

    def settle(self, withdrawn: list[Event], origins: dict[int, Node]) -> Migrated:
        """Set up what is new, work out anew what shall be, and let joins go on that need not wait any more."""
        case = self._case
        places = {token.key: token.node for token in case.tokens if token.has_key}
        for token in list(case.tokens):
            self._renew(token)
        for scope in (case.root, *case.scopes.values()):
            self._arm(scope)
            for token in scope.living:
                self._guard(token)
        for scope in (case.root, *case.scopes.values()):
            for name in list(scope.joins):
                scope.spec.task_specs[name].arrived(scope)
        case.look_again()
        case.do_engine_steps()
        events, case.events = case.events, []
        for event in events:
            if isinstance(event, ActivityFailed):
                reason = Failure(event.template, **event.values)
                values = {"element": event.label or event.element_id, "reason": reason}
                self._problems.append(Problem(CANNOT_GO_ON, values, element_id=event.element_id, rule=CANNOT))
        if self._problems:
            raise _refused(self._problems)
        return Migrated(
            case, withdrawn, events, tuple(self._renewed), origins, places, self._offers, self._forms
        )

    def _renew(self, token: Token) -> None:
        spec, waits = token.task_spec, token.state in (TaskState.STARTED, TaskState.WAITING)
        if not waits or token.phase != BEGIN or not token.has_key:
            return
        if isinstance(spec, UserTaskSpec):
            form = self._attempt(token, lambda: spec.offer.form_now(token))
            if form is not None:
                self._forms[token.key] = form
            if "task" in self._plan.renew:
                terms = self._attempt(token, lambda: spec.offer.terms(token))
                if terms is not None:
                    self._offers[token.key] = terms
            return
        wait = getattr(spec, "wait", None)
        if wait is None or wait.trigger not in self._plan.renew:
            return
        armed = self._attempt(token, lambda: wait.arm(visible(token), self._case.environment.now))
        if armed is not None:
            for name in ("due", "repeats", "interval", "name", "correlation"):
                token.internal_data.pop(name, None)
            armed.put_into(token)
            self._renewed.append(token.key)

    def _arm(self, scope: Scope) -> None:
        """Let event sub-processes wait that the old version did not have."""
        if scope.interrupted or scope.completed or (scope.holder and "undo" in scope.holder.internal_data):
            return
        known = self._known(self._old_scope(scope).arms, self._old_scope(scope))
        for arm in scope.spec.arms:
            if arm.name not in known:
                scope.put(arm)._ready()

    def _guard(self, token: Token) -> None:
        """Set up the boundary events, and the events of an event-based gateway, that the old version did not have."""
        spec = token.task_spec
        if token.phase != BEGIN or token.state == TaskState.READY or "undo" in token.internal_data:
            return
        if isinstance(spec, ActivitySpec) and "ready" in token.internal_data and spec.boundaries:
            old = self._old_spec(token)
            known = self._known(old.boundaries, self._old_scope(token.workflow), token.node.id)
            for boundary in spec.boundaries:
                if boundary.name not in known:
                    self._add_boundary(token, boundary)
        elif isinstance(spec, EventGatewaySpec) and not token.has_failed:
            here = {child.task_spec.name for child in token.offspring}
            if spec.node.waits_for_all:  # what is not waited for any more has happened
                here |= self._known(
                    [flow.target for flow in self._old_spec(token).flows], self._old_scope(token.workflow)
                )
            self._add(token, [flow.target for flow in spec.flows if flow.target.name not in here])

    def _add(self, token: Token, specs: list[Any]) -> None:
        for spec in specs:
            armed = self._attempt(token, lambda spec=spec: spec.wait.arm(visible(token), self._case.environment.now),
                                  spec.node)  # fmt: skip
            if armed is not None:
                armed.put_into(token._add_child(spec, TaskState.WAITING))

    def _add_boundary(self, token: Token, spec: BoundarySpec) -> None:
        prepared = self._attempt(token, lambda: spec.prepare(token), spec.node)
        if prepared is not None:
            spec.guard(token, prepared)

    def _attempt(self, token: Token, work: Any, node: Node | None = None) -> Any:
        try:
            return work()
        except Failure as failure:
            about = node or token.node
            values = {"element": about.label, "reason": failure}
            self._problems.append(Problem(CANNOT_WAIT, values, element_id=about.id, rule=CANNOT))
            return None

    # -- what it was before -------------------------------------------------------------------------------------

    def _known(self, specs: Collection[Any], around: ScopeSpec, host: str | None = None) -> set[str]:
        """Names in the new version of what the old one had: it waits still, or has happened and does not come again."""
        found = [self._fitting.same(spec, around) for spec in specs]
        return {each.name for each in found if each is not None and host in (None, each.node.attached_to)}

    def _old_scope(self, scope: Scope) -> ScopeSpec:
        fitting = self._fitting
        if scope.holder is None:
            return fitting.old.root
        return next(spec for spec in fitting.old.scopes.values() if fitting.scope(spec) is scope.spec)

    def _old_spec(self, token: Token) -> Any:
        around = self._old_scope(token.workflow)
        return next(
            spec for spec in around.task_specs.values() if self._fitting.same(spec, around) is token.task_spec
        )


def _is_alike(old: ElementSpec, new: ElementSpec) -> bool:
    """Whether a token at one can stand at the other."""
    if type(old) is not type(new):
        return False
    waits = [getattr(spec, "wait", None) for spec in (old, new)]
    if [wait and wait.trigger for wait in waits][0] != [wait and wait.trigger for wait in waits][1]:
        return False
    events = [spec.node.event.trigger if spec.node.event else None for spec in (old, new)]
    if events[0] != events[1]:
        return False
    if isinstance(old, Gathering) and isinstance(new, Gathering):
        if [part.wait.trigger for part in old.parts] != [part.wait.trigger for part in new.parts]:
            return False
    if (old.node.waits_for_all, old.node.in_turn) != (new.node.waits_for_all, new.node.in_turn):
        return False
    kinds = [spec.loop.kind if isinstance(spec, LoopSpec) else None for spec in (old, new)]
    if isinstance(old, LoopSpec) and isinstance(new, LoopSpec) and not _is_alike(old.instance, new.instance):
        return False
    return kinds[0] == kinds[1]


def _collect_alike(old: LoopSpec, new: LoopSpec) -> bool:
    return (old.loop.output_collection or None) == (new.loop.output_collection or None)


def _memories(undo: Any) -> list[dict[str, Any]]:
    match undo:
        case [{**_first}, [*memories]] if "activity" not in undo[0]:
            return list(memories)
        case [*memories]:
            return list(memories)
    return []


def _problem(template: str, node: Node, rule: str = NEEDS_MAPPING, **values: Any) -> Problem:
    return Problem(template, {"element": node.label, **values}, element_id=node.id, rule=rule)


def _refused(problems: list[Problem]) -> Refused:
    return Refused(
        "Expected to move the case to the other version, but it does not fit at {count} places.",
        count=len(problems), problems=problems,
    )  # fmt: skip
