"""Gateways: where ways part and meet."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.scopes import visible
from engine.bpmn.specs.base import ElementSpec, Taken
from engine.bpmn.tokens import LEAVE, Scope, Token

NEVER_COMES = "Waits for the way from '{source}', but nothing in the case can come along it any more."


class ExclusiveGatewaySpec(ElementSpec):
    """The first flow whose condition is true is taken, else the default."""

    def choose(self, token: Token) -> list[Taken]:
        if not self.has_conditions:
            return [Taken(self.flows[0])] if self.flows else []
        variables, now = visible(token), token.workflow.case.environment.now
        read: dict[str, Any] = {}
        for flow in self.flows:
            if flow.is_default:
                continue
            if flow.condition is None:
                return [Taken(flow)]
            reads = flow.condition.reads(variables)
            if flow.condition.is_true(variables, now):
                return [Taken(flow, reads)]
            read.update(reads)
        for flow in self.flows:
            if flow.is_default:
                return [Taken(flow, read)]
        raise self.no_way_on(read)


class JoinSpec(ElementSpec):
    """A gateway that waits for the tokens of several flows and goes on with one."""

    is_join = True

    def _update(self, my_task: Token) -> None:
        if len(self.node.incoming) < 2:
            super()._update(my_task)
            return
        my_task._set_state(TaskState.WAITING)
        my_task.workflow.wait_at_join(my_task)
        self.arrived(my_task.workflow)

    def arrived(self, scope: Scope) -> None:
        """One more token is here."""

    def fire_if_possible(self, scope: Scope) -> bool:
        """Go on when all tokens that can come are here; looked at when nothing else moves."""
        return False

    def never_comes(self, scope: Scope) -> str | None:
        """A flow that is waited for although no token can come along it any more."""
        return None

    def first_missing(self, scope: Scope) -> str | None:
        """A flow along which no token has come yet."""
        waiting = self.waiting(scope)
        return next((flow for flow in self.node.incoming if flow not in waiting), None)

    def waiting(self, scope: Scope) -> dict[str, list[Token]]:
        """The tokens that are here, by the flow they came along."""
        found: dict[str, list[Token]] = defaultdict(list)
        for token in scope.joins.get(self.name, {}).values():
            found[token.internal_data["flow"]].append(token)
        return found

    def merge(self, scope: Scope, tokens: list[Token]) -> None:
        """Let one token go on in place of many."""
        goes_on, *others = tokens
        for other in others:
            other._set_state(TaskState.COMPLETED)
            scope.forget(other)
        scope.leave_join(goes_on)
        goes_on.phase = LEAVE
        goes_on._set_state(TaskState.FUTURE)
        goes_on._ready()


class ParallelGatewaySpec(JoinSpec):
    """Waits for one token of each flow and goes on along all."""

    def arrived(self, scope: Scope) -> None:
        if len(scope.joins[self.name]) < len(self.node.incoming):
            return
        waiting = self.waiting(scope)
        if len(waiting) == len(self.node.incoming):
            self.merge(scope, [tokens[0] for tokens in waiting.values()])

    def never_comes(self, scope: Scope) -> str | None:
        waiting = self.waiting(scope)
        reach = scope.spec.reach[self.name]
        elsewhere = {token.node.id for token in scope.living if token.task_spec is not self}
        for flow in self.node.incoming:
            if flow not in waiting and reach[flow].isdisjoint(elsewhere):
                return flow
        return None

    def choose(self, token: Token) -> list[Taken]:
        return [Taken(flow) for flow in self.flows]


class InclusiveGatewaySpec(JoinSpec):
    """Waits for all tokens that can still come, and goes on along every flow whose condition is true."""

    def arrived(self, scope: Scope) -> None:
        self.fire_if_possible(scope)

    def fire_if_possible(self, scope: Scope) -> bool:
        waiting = self.waiting(scope)
        reach = scope.spec.reach[self.name]
        empty = [reach[flow] for flow in self.node.incoming if flow not in waiting]
        occupied = [reach[flow] for flow in waiting]
        for token in scope.living:
            is_gone = token.task_spec is self or token.state == TaskState.COMPLETED
            if is_gone or token.holder is not None:
                continue
            place = token.node.id
            if any(place in nodes for nodes in empty) and not any(place in nodes for nodes in occupied):
                return False
        self.merge(scope, [tokens[0] for tokens in waiting.values()])
        return True


class EventGatewaySpec(ElementSpec):
    """Waits for several events and goes on with the one that happens first, or with each of them."""

    def begin(self, token: Token) -> dict[str, Any] | None:
        variables, now = visible(token), token.workflow.case.environment.now
        memory = token.internal_data
        flows = [flow for flow in self.flows if flow.target.name != memory.get("first")]
        if len(flows) < len(self.flows) and not self.node.waits_for_all:
            flows = []
        armed = [(flow.target, flow.target.wait.arm(variables, now)) for flow in flows]
        if "first" in memory:
            self._begin_with(token, memory["first"])
        for spec, wait in armed:
            wait.put_into(token._add_child(spec, TaskState.WAITING))
        return None if armed else {}

    def _begin_with(self, token: Token, first: str) -> None:
        """The case began by one of the events: go on there."""
        case = token.workflow.case
        flow = next(flow for flow in self.flows if flow.target.name == first)
        case.events.append(Taken(flow).event())
        begun = token.workflow.put(flow.target)
        if flow.target.is_activity:
            begun.internal_data["starts"] = True
        else:
            event = flow.target.node.event
            begun.internal_data["name"] = event.name if event else None
            begun.result({})
        case.schedule(begun)

    def choose(self, token: Token) -> list[Taken]:
        """The events go on by themselves."""
        return []

    def drop_others(self, token: Token, cause: str) -> None:
        if not self.node.waits_for_all:
            token.stop(cause)
        elif not token.offspring:
            token._set_state(TaskState.COMPLETED)
            token.workflow.forget(token)

    def choose_event(self, token: Token, chosen: Token) -> None:
        """One of the events happened: go on there."""
        flow = next(flow for flow in self.flows if flow.target is chosen.task_spec)
        token.workflow.adopt(chosen)
        token.workflow.case.events.append(Taken(flow).event())

    def stop(self, token: Token, cause: str | None) -> None:
        for child in token.offspring:
            child.stop(cause)
