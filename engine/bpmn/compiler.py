"""Turns a process model into what runs: workflow specs of SpiffWorkflow made of our own element specs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.bpmn.elements import Flow, Mapping, Node, ProcessModel
from engine.bpmn.reachability import reach_of_joins
from engine.bpmn.scopes import Mappings
from engine.bpmn.scripting import Attribute, attribute
from engine.bpmn.specs import activities, events, gateways
from engine.bpmn.specs.activities import ActivitySpec
from engine.bpmn.specs.base import ElementSpec, FlowSpec, ScopeSpec
from engine.bpmn.specs.boundaries import BoundarySpec
from engine.bpmn.specs.compensation import UndoScopeSpec
from engine.bpmn.specs.gathering import AllArmSpec, AllBoundarySpec, AllCatchSpec, AllStartSpec, PartSpec
from engine.bpmn.specs.loops import MultiInstanceSpec, StandardLoopSpec
from engine.bpmn.specs.subprocesses import AdHocSpec, EventSubProcessSpec, SubProcessSpec, WaitingArmSpec
from engine.bpmn.specs.waits import Wait, wait_for
from engine.errors import Invalid, NotFound

INSTANCE = "{id} instance"
"""Name of the spec of one instance of a loop; the blank keeps it apart from every id of a diagram."""

_SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})


class CompiledProcess:
    """A process ready to run; shared by all cases and threads and never written to."""

    def __init__(self, model: ProcessModel, scopes: dict[str, ScopeSpec]) -> None:
        self.model = model
        self.scopes = scopes

    @property
    def id(self) -> str:
        return self.model.id

    @property
    def root(self) -> ScopeSpec:
        return self.scopes[self.model.id]

    def node(self, element_id: str) -> Node:
        return self.model.nodes[element_id]

    def flow(self, flow_id: str) -> Flow:
        return self.model.flows[flow_id]

    def entry(self, element_id: str) -> tuple[ElementSpec, dict[str, Any]]:
        """Where a case begins by this start event or other beginning, and what its first token must remember."""
        spec = self.root.task_specs.get(element_id)
        if isinstance(spec, events.StartSpec):
            return spec, {}
        if isinstance(spec, activities.ReceiveTaskSpec) and spec.node.instantiate:
            return spec, {"starts": True}
        if isinstance(spec, PartSpec) and spec.node.kind == "startEvent" and spec.node.scope == self.id:
            return self.root.task_specs[spec.node.id], {"first": element_id}
        for flow in spec.node.incoming if spec else ():
            gateway = self.root.task_specs[self.flow(flow).source]
            if gateway.node.kind == "eventBasedGateway" and gateway.node.instantiate:
                return gateway, {"first": element_id}
        raise NotFound(
            "Expected to start process '{process}' at '{element}', but it has no such start event.",
            process=self.id,
            element=element_id,
        )


def compile(model: ProcessModel) -> CompiledProcess:
    """Make a process ready to run. Raises Invalid when it cannot run; the rules tell why, and better."""
    return _Compiler(model).compile()


class _Compiler:
    def __init__(self, model: ProcessModel) -> None:
        self._model = model
        self._scopes: dict[str, ScopeSpec] = {}

    def compile(self) -> CompiledProcess:
        self._compile_scope(self._model.id)
        return CompiledProcess(self._model, self._scopes)

    def _compile_scope(self, scope_id: str) -> ScopeSpec:
        scope = self._scopes[scope_id] = ScopeSpec(scope_id)
        nodes = self._model.inside(scope_id)
        UndoScopeSpec(scope)
        for node in nodes:
            self._add(scope, node)
        for node in nodes:
            self._connect(scope, node)
        self._guard(scope, nodes)
        self._link(scope, nodes)
        scope.entries = [scope.task_specs[node.id] for node in self._entries(scope_id, nodes)]
        scope.reach = reach_of_joins(self._model, nodes)
        return scope

    def _entries(self, scope_id: str, nodes: list[Node]) -> list[Node]:
        starts = [node for node in nodes if node.kind == "startEvent"]
        plain = [node for node in starts if node.event is None or node.event.trigger == "none"]
        if scope_id == self._model.id:
            starts = (plain or starts or [node for node in nodes if node.instantiate])[:1]
        return starts or [node for node in nodes if _starts_by_itself(node)]

    # -- elements -----------------------------------------------------------------------------------------------

    def _add(self, scope: ScopeSpec, node: Node) -> None:
        if node.event is not None and node.event.trigger == "parallelMultiple":
            self._dress(self._gathering(scope, node))
            return
        if node.kind == "boundaryEvent":
            for name, part in node.separate:
                self._dress(BoundarySpec(scope, part, _wait(part), name))
            return
        if node.kind == "intermediateCatchEvent" and len(node.separate) > 1:
            parts = [events.CatchSpec(scope, part, _wait(part), name) for name, part in node.separate]
            for part_spec in parts:
                self._dress(part_spec)
            spec: ElementSpec = events.MultipleCatchSpec(scope, node, parts)
        elif node.kind in _SUB_PROCESSES and node.is_event_subprocess:
            spec = self._event_subprocess(scope, node)
        elif node.loop is not None:
            instance = self._element(scope, node, INSTANCE.format(id=node.id))
            if not isinstance(instance, ActivitySpec):
                raise _cannot_run(node)
            loop = StandardLoopSpec if node.loop.kind == "standard" else MultiInstanceSpec
            self._dress(instance)
            loop(scope, node, instance)
            return
        else:
            spec = self._element(scope, node, node.id)
        self._dress(spec)

    def _gathering(self, scope: ScopeSpec, node: Node) -> ElementSpec:
        """An event that happens when several things have."""
        match node.kind:
            case "boundaryEvent":
                return AllBoundarySpec(scope, node, _parts(scope, node))
            case "intermediateCatchEvent":
                return AllCatchSpec(scope, node, _parts(scope, node))
            case "startEvent" if node.scope == self._model.id:
                return AllStartSpec(scope, node, _parts(scope, node))
            case "startEvent":
                return events.StartSpec(scope, node)
            case "endEvent" | "intermediateThrowEvent":
                return events.ThrowSpec(scope, node)
        raise _cannot_run(node)

    def _dress(self, spec: ElementSpec) -> None:
        """What all kinds of elements may have."""
        node = spec.node
        spec.outputs_mapping = _mappings(node.outputs, node.keeps_results)
        spec.inputs_mapping = _mappings(node.inputs)
        spec.stage = attribute(node.properties.get("stage"), "stage")
        spec.promise = attribute(node.properties.get("promise"), "promise")

    def _element(self, scope: ScopeSpec, node: Node, name: str) -> ElementSpec:
        if node.kind in _SUB_PROCESSES:
            make_sub_process = AdHocSpec if node.kind == "adHocSubProcess" else SubProcessSpec
            return make_sub_process(scope, node, self._compile_scope(node.id), name)
        if node.kind in _TASKS:
            return _task(scope, node, name)
        make = _OTHERS.get(node.kind)
        if make is None:
            raise _cannot_run(node)
        return make(scope, node)

    def _event_subprocess(self, scope: ScopeSpec, node: Node) -> EventSubProcessSpec:
        inner = self._compile_scope(node.id)
        start = next((spec for spec in inner.task_specs.values() if isinstance(spec, events.StartSpec)), None)
        if start is None:
            raise _cannot_run(node)
        spec = EventSubProcessSpec(scope, node, inner, start)
        scope.event_subprocesses.append(spec)
        if spec.trigger == "parallelMultiple":
            scope.arms.append(AllArmSpec(scope, start.node, spec, _parts(scope, start.node)))
            return spec
        for name, part in start.node.separate:
            wait = _wait(part)
            if wait is not None:
                scope.arms.append(WaitingArmSpec(scope, part, spec, wait, name))
        return spec

    # -- how they hang together ---------------------------------------------------------------------------------

    def _connect(self, scope: ScopeSpec, node: Node) -> None:
        flows = [self._model.flows[flow] for flow in node.outgoing]
        for name in {node.id, *(name for name, _ in node.separate)} & scope.task_specs.keys():
            spec = scope.task_specs[name]
            if isinstance(spec, PartSpec):
                continue
            spec.flows = tuple(_flow(flow, scope.task_specs[flow.target], node) for flow in flows)
            spec.has_conditions = any(flow.condition is not None for flow in spec.flows)
            for flow in spec.flows:
                spec.connect(flow.target)

    def _guard(self, scope: ScopeSpec, nodes: list[Node]) -> None:
        for node in nodes:
            if node.attached_to:
                host = scope.task_specs[node.attached_to]
                for boundary in _boundaries(scope, node):
                    if not isinstance(host, ActivitySpec):
                        raise _cannot_run(node)
                    host.boundaries += (boundary,)

    def _link(self, scope: ScopeSpec, nodes: list[Node]) -> None:
        for node in nodes:
            if node.kind == "intermediateThrowEvent":
                spec = scope.task_specs[node.id]
                spec.next_specs = tuple(scope.task_specs[target.id] for target in link_targets(node, nodes))


def link_targets(node: Node, nodes: list[Node]) -> list[Node]:
    """Where a link leads to: the catching link events of the same name in the same process or sub-process."""
    if node.event is None or node.event.trigger != "link":
        return []
    return [
        other
        for other in nodes
        if other.kind == "intermediateCatchEvent"
        and other.event is not None
        and (other.event.trigger, other.event.name) == ("link", node.event.name)
    ]


def _cannot_run(node: Node) -> Invalid:
    return Invalid("'{element}' ({kind}) cannot be run the way it is drawn.", element=node.label, kind=node.kind)


def _starts_by_itself(node: Node) -> bool:
    """Whether a node without incoming flows is where a scope without a start event begins."""
    is_link = node.event is not None and node.event.trigger == "link"
    elsewhere = node.is_event_subprocess or node.is_for_compensation or node.kind == "boundaryEvent"
    return not (node.incoming or elsewhere or (is_link and node.kind == "intermediateCatchEvent"))


def _flow(flow: Flow, target: ElementSpec, source: Node) -> FlowSpec:
    is_default = flow.id == source.default
    condition = None if is_default else attribute(flow.condition, "condition")
    return FlowSpec(flow, target, condition, is_default)


def _mappings(lines: tuple[Mapping, ...], keeps_results: bool = False) -> Mappings:
    read = [(Attribute(line.source, "mapping"), tuple(line.target.split("."))) for line in lines]
    return Mappings(read, keeps_results)


def _wait(node: Node) -> Wait | None:
    return wait_for(node.event, node.properties.get("publicForm") or None) if node.event else None


def _parts(scope: ScopeSpec, node: Node) -> tuple[PartSpec, ...]:
    """What an event waits for together."""
    waits = [(name, part, _wait(part)) for name, part in node.separate]
    return tuple(PartSpec(scope, part, wait, name) for name, part, wait in waits if wait is not None)


def _boundaries(scope: ScopeSpec, node: Node) -> Iterator[BoundarySpec]:
    """The specs of a boundary event: one, or one for each of the things that it is about."""
    for name in dict.fromkeys((node.id, *(name for name, _ in node.separate))):
        spec = scope.task_specs.get(name)
        if isinstance(spec, BoundarySpec):
            yield spec


def _task(scope: ScopeSpec, node: Node, name: str) -> ActivitySpec:
    if node.service is not None:
        return activities.ServiceTaskSpec(scope, node, name)
    wait = _wait(node)
    if node.kind == "receiveTask" and wait is not None:
        return activities.ReceiveTaskSpec(scope, node, wait, name)
    if node.kind == "sendTask" and node.event is not None:
        return activities.SendTaskSpec(scope, node, name)
    if node.kind == "scriptTask" and node.script is not None:
        return activities.ScriptTaskSpec(scope, node, name)
    if node.kind == "businessRuleTask" and node.decision is not None:
        return activities.DecisionTaskSpec(scope, node, name)
    if node.kind == "callActivity":
        if node.call is None:
            raise _cannot_run(node)
        return activities.CallActivitySpec(scope, node, name)
    if node.kind == "userTask":
        return activities.UserTaskSpec(scope, node, name)
    return activities.ActivitySpec(scope, node, name)


def _catch(scope: ScopeSpec, node: Node) -> ElementSpec:
    return events.CatchSpec(scope, node, _wait(node))


_TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
    }
)
_OTHERS: dict[str, Callable[[ScopeSpec, Node], ElementSpec]] = {
    "startEvent": events.StartSpec,
    "endEvent": events.ThrowSpec,
    "intermediateThrowEvent": events.ThrowSpec,
    "intermediateCatchEvent": _catch,
    "exclusiveGateway": gateways.ExclusiveGatewaySpec,
    "parallelGateway": gateways.ParallelGatewaySpec,
    "inclusiveGateway": gateways.InclusiveGatewaySpec,
    "eventBasedGateway": gateways.EventGatewaySpec,
}
