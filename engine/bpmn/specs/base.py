"""What every element of the diagram has in common: how a token comes, does its work, and goes on along the flows.

A token passes three phases: *begin* (the element's own work; it may have to wait), *finish* (take over what the work
or the event brought) and *leave* (choose the flows). A failure keeps the phase, so a retry repeats only what failed.
Specs are made once by the compiler, shared by all cases and threads, and never written to while cases run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.bpmn.elements import Flow, Node
from engine.bpmn.scopes import Mappings, visible
from engine.bpmn.scripting import Attribute, Failure
from engine.bpmn.timers import moment_of
from engine.bpmn.tokens import BEGIN, FINISH, LEAVE, Token
from engine.events import FlowTaken, StageReached

if TYPE_CHECKING:
    from engine.bpmn.specs.subprocesses import ArmSpec, EventSubProcessSpec

NO_WAY_ON = "None of the ways out of here is open: {conditions}. There is no default flow."
NO_WAY_ON_MISSING = (
    "None of the ways out of here is open: {conditions}. The case has no {missing}, and there is no default flow."
)


@dataclass(frozen=True)
class FlowSpec:
    """A sequence flow, ready to be taken."""

    flow: Flow
    target: ElementSpec
    condition: Attribute | None
    is_default: bool


@dataclass(frozen=True)
class Taken:
    """A flow that was chosen, and why."""

    flow: FlowSpec
    reads: dict[str, Any] = field(default_factory=dict)

    def event(self) -> FlowTaken:
        flow, condition = self.flow.flow, self.flow.condition
        return FlowTaken(
            element_id=flow.id,
            source=flow.source,
            target=flow.target,
            label=flow.name,
            condition=condition.formula if condition else None,
            reads=self.reads,
            is_default=self.flow.is_default,
        )


class ScopeSpec(WorkflowSpec):  # type: ignore[misc]
    """A process or sub-process, ready to run."""

    name: str
    task_specs: dict[str, ElementSpec]

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.start = RootSpec(self)
        self.entries: list[ElementSpec] = []
        """Where it starts when nothing else is said."""
        self.arms: list[ArmSpec] = []
        """The start events of event sub-processes that wait for something."""
        self.event_subprocesses: list[EventSubProcessSpec] = []
        self.reach: dict[str, dict[str, frozenset[str]]] = {}
        """Join → its incoming flow → the elements that can still reach the flow without passing the join."""


class ElementSpec(TaskSpec):  # type: ignore[misc]
    """An element of the diagram, ready to be passed through."""

    name: str
    keeps_scope_alive = True
    is_activity = is_loop = False
    is_join = False
    completes = delivers = triggers = False
    """Which stimulus a token that waits here expects: work done, a message or signal, a time."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, name or node.id)
        self.node = node
        self.flows: tuple[FlowSpec, ...] = ()
        self.has_conditions = False
        self.next_specs: tuple[ElementSpec, ...] = ()
        """Where it goes on without a flow: from a link to its other end."""
        self.inputs_mapping = Mappings([])
        self.outputs_mapping = Mappings([])
        self.stage: Attribute | None = None
        self.promise: Attribute | None = None

    # -- what SpiffWorkflow calls -------------------------------------------------------------------------------

    def test(self) -> None:
        """The rules have checked the diagram before."""

    def _predict(self, my_task: Token, *_: Any, **__: Any) -> None:
        """Nothing is predicted: the tree holds what was reached."""

    def _update(self, my_task: Token) -> None:
        my_task._ready()

    def _on_ready(self, my_task: Token) -> None:
        my_task.workflow.case.schedule(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        memory = my_task.internal_data
        if my_task.phase == BEGIN:
            result = self.begin(my_task)
            if result is None:
                return None
            my_task.result(result)
        if my_task.phase == FINISH:
            self.finish(my_task, memory.get("result") or {})
            if not my_task.is_running:
                return None
            memory.pop("result", None)
            my_task.phase = LEAVE
        my_task.taken = self.choose(my_task)
        return True

    def _on_complete_hook(self, my_task: Token) -> None:
        scope = my_task.workflow
        for taken in my_task.taken:
            scope.case.events.append(taken.event())
            child = my_task._add_child(taken.flow.target)
            if child.task_spec.is_join:
                child.internal_data["flow"] = taken.flow.flow.id
        for spec in self.next_specs:
            my_task._add_child(spec)

    def _on_error(self, my_task: Token) -> None:
        """The case tells the failure."""

    # -- what the elements differ in ----------------------------------------------------------------------------

    def begin(self, token: Token) -> dict[str, Any] | None:
        """Do the element's work; the variables that it brought, or None when it waits."""
        return {}

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        """Take over what the work or the event brought."""

    def stop(self, token: Token, cause: str | None) -> None:
        """Take back what waits for this passage, and tell it."""

    def catch(self, token: Token, variables: dict[str, Any]) -> None:
        """Something that a token waits for here has happened."""
        token.result(variables)
        token.workflow.case.run_now(token)

    # -- what a token is told that holds others -----------------------------------------------------------------

    def collect(self, token: Token, instance: Token) -> None:
        """An activity that belongs to this token is about to be done: keep what it brought."""

    def instance_done(self, token: Token, instance: Token) -> None:
        """An activity that belongs to this token is done: go on with the next, or end."""

    def choose_event(self, token: Token, chosen: Token) -> None:
        """One of the events that this token waits for happened."""

    def drop_others(self, token: Token, cause: str) -> None:
        """The event has gone on that was chosen: no longer wait for the others."""
        token.stop(cause)

    def inner_moved(self, token: Token) -> None:
        """Something inside the sub-process that this token holds is done."""

    def inner_empty(self, token: Token) -> bool:
        """Nothing moves inside the sub-process that this token holds; whether nothing else begins there."""
        return True

    def inner_done(self, token: Token) -> None:
        """Nothing inside the sub-process that this token holds is left to be done."""

    # -- what they share ----------------------------------------------------------------------------------------

    def take_inputs(self, token: Token) -> None:
        """Make the local variables of the input mapping, once."""
        memory = token.internal_data
        if not self.inputs_mapping or "inputs" in memory:
            return
        hidden = {name: token.data[name] for name in self.inputs_mapping.names if name in token.data}
        token.data.update(self.inputs_mapping.apply(token, visible(token)))
        token.data.update(memory.get("corrected", {}))
        memory["inputs"] = True
        if hidden:
            memory["hidden"] = hidden

    def renew_inputs(self, token: Token, corrected: Iterable[str]) -> None:
        """Let the input mapping be made again before the next try, but keep the local variables just corrected."""
        memory = token.internal_data
        if token.phase != BEGIN or not memory.pop("inputs", False):
            return
        made = {name: token.data.pop(name) for name in self.inputs_mapping.names if name in token.data}
        kept = {name: made[name] for name in corrected if name in made}
        if kept:
            memory["corrected"] = {**memory.get("corrected", {}), **kept}
        token.data.update(memory.pop("hidden", {}))

    def choose(self, token: Token) -> list[Taken]:
        """The flows to go on along: all without a condition, those whose condition is true, else the default."""
        if not self.has_conditions:
            return [Taken(flow) for flow in self.flows]
        variables, now = visible(token), token.workflow.case.environment.now
        taken: list[Taken] = []
        read: dict[str, Any] = {}
        met = False
        for flow in self.flows:
            if flow.condition is None:
                if not flow.is_default:
                    taken.append(Taken(flow))
                continue
            reads = flow.condition.reads(variables)
            if flow.condition.is_true(variables, now):
                met = True
                taken.append(Taken(flow, reads))
            else:
                read.update(reads)
        if not met:
            taken.extend(Taken(flow, read) for flow in self.flows if flow.is_default)
        if not taken:
            raise self.no_way_on(read)
        return taken

    def no_way_on(self, reads: dict[str, Any]) -> Failure:
        conditions = "; ".join(flow.condition.formula for flow in self.flows if flow.condition)
        missing = ", ".join(path for path, value in reads.items() if value is None)
        if missing:
            return Failure(NO_WAY_ON_MISSING, conditions=conditions, missing=missing)
        return Failure(NO_WAY_ON, conditions=conditions)

    def reach_stage(self, token: Token) -> None:
        """Tell the stage of the customer's progress line that this element stands for."""
        if self.stage is None:
            return
        case = token.workflow.case
        variables, now = visible(token), case.environment.now
        stage = self.stage.text_value(variables, now)
        promised = moment_of(self.promise, variables, now) if self.promise else None
        if stage:
            promise = promised.isoformat() if promised else None
            case.events.append(StageReached(element_id=self.node.id, stage=stage, promised=promise))


class RootSpec(ElementSpec):
    """The root that the tokens of a scope hang on."""

    keeps_scope_alive = False

    def __init__(self, scope: ScopeSpec) -> None:
        super().__init__(scope, Node(id="", kind="root"), "")
