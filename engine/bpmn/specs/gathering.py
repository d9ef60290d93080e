"""Events that are about several things together (parallel multiple): they happen once all of these have happened.

Whoever gathers holds one token for each thing that has not come yet, and remembers what the others brought.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.elements import Node
from engine.bpmn.scopes import bring, visible
from engine.bpmn.specs.base import ElementSpec, ScopeSpec
from engine.bpmn.specs.boundaries import BoundarySpec
from engine.bpmn.specs.events import StartSpec
from engine.bpmn.specs.subprocesses import ArmSpec, EventSubProcessSpec
from engine.bpmn.specs.waits import Armed, Wait
from engine.bpmn.tokens import Token
from engine.events import EventOccurred, EventPartOccurred, EventWithdrawn

TRIGGER = "parallelMultiple"


class PartSpec(ElementSpec):
    """One of the things that are waited for together."""

    keeps_scope_alive = False

    def __init__(self, scope: ScopeSpec, node: Node, wait: Wait, name: str) -> None:
        super().__init__(scope, node, name)
        self.wait = wait
        self.delivers = wait.trigger in ("message", "signal")
        self.triggers = wait.trigger == "timer"

    def arm(self, token: Token) -> Armed:
        """What exactly a token waits for here."""
        return self.wait.arm(visible(token), token.workflow.case.environment.now)

    def begin(self, token: Token) -> dict[str, Any] | None:
        """Wait again, after a failure."""
        self.arm(token).put_into(token)
        return None

    def catch(self, token: Token, variables: dict[str, Any]) -> None:
        holder = token.holder
        assert holder is not None and isinstance(holder.task_spec, Gathering)
        holder.task_spec.part_came(holder, token, variables)

    def stop(self, token: Token, cause: str | None) -> None:
        if token.has_key and not token.has_failed and self.wait.trigger != "conditional":
            token.record(EventWithdrawn)


Rearmed = list[tuple[PartSpec, Armed]]


class Gathering:
    """What the events have in common that happen once all their parts have."""

    parts: tuple[PartSpec, ...] = ()

    def await_parts(self, token: Token, parts: Sequence[PartSpec]) -> None:
        """Wait for these; for all of them or, when one fails, for none."""
        self.put_parts(token, [(part, part.arm(token)) for part in parts])

    def put_parts(self, token: Token, armed: Rearmed) -> None:
        for part, wait in armed:
            wait.put_into(token._add_child(part, TaskState.WAITING))

    def part_came(self, token: Token, came: Token, variables: dict[str, Any]) -> None:
        """One of them has happened."""
        spec, memory = came.task_spec, token.internal_data
        assert isinstance(spec, PartSpec)
        self.tell_part(came, spec, variables)
        memory["brought"] = {**memory.get("brought", {}), **variables}
        memory.setdefault("came", {})[spec.name] = dict(came.internal_data)
        came._set_state(TaskState.COMPLETED)
        came.workflow.forget(came)
        if not any(isinstance(child.task_spec, PartSpec) for child in token.offspring):
            self.all_came(token, memory["brought"])

    def tell_part(self, token: Token, spec: PartSpec, variables: dict[str, Any]) -> None:
        name = spec.wait.name_of(token.internal_data)
        token.record(EventPartOccurred, trigger=spec.wait.trigger, event_name=name, variables=variables)

    def all_came(self, token: Token, variables: dict[str, Any]) -> None:
        """The last of them has happened."""
        raise NotImplementedError

    def rearm(self, token: Token, now: dt.datetime) -> Rearmed | None:
        """The same again; None when one of them cannot happen again."""
        rearmed: Rearmed = []
        for part in self.parts:
            again = part.wait.rearm(token.internal_data["came"][part.name], now)
            if again is None:
                return None
            rearmed.append((part, again))
        return rearmed


class AllCatchSpec(Gathering, ElementSpec):
    """An intermediate event that goes on when all that it waits for has happened."""

    def __init__(self, scope: ScopeSpec, node: Node, parts: tuple[PartSpec, ...]) -> None:
        super().__init__(scope, node)
        self.parts = parts

    def begin(self, token: Token) -> dict[str, Any] | None:
        self.take_inputs(token)
        self.await_parts(token, self.parts)
        self.reach_stage(token)
        return None

    def all_came(self, token: Token, variables: dict[str, Any]) -> None:
        token.result(variables)
        token.workflow.case.run_now(token)

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        if "told" not in token.internal_data:
            token.record(EventOccurred, trigger=TRIGGER, variables=result)
            token.internal_data["told"] = True
        bring(token, result, self.outputs_mapping)

    def stop(self, token: Token, cause: str | None) -> None:
        _stop_parts(token, cause)


class AllStartSpec(Gathering, StartSpec):
    """Where a process begins when several messages have come: the first opens the case, which waits for the others."""

    def __init__(self, scope: ScopeSpec, node: Node, parts: tuple[PartSpec, ...]) -> None:
        super().__init__(scope, node)
        self.parts = parts

    def begin(self, token: Token) -> dict[str, Any] | None:
        first = token.internal_data.get("first")
        if first is None:
            return super().begin(token)
        others = [part for part in self.parts if part.name != first]
        if "opened" not in token.internal_data:
            part = next(part for part in self.parts if part.name == first)
            token.record(EventPartOccurred, trigger=part.wait.trigger, event_name=_name(part.node), variables={})
            token.internal_data["opened"] = True
        self.await_parts(token, others)
        return None

    def all_came(self, token: Token, variables: dict[str, Any]) -> None:
        token.record(EventOccurred, trigger=TRIGGER, variables=variables)
        token.result(variables)
        token.workflow.case.run_now(token)

    def stop(self, token: Token, cause: str | None) -> None:
        _stop_parts(token, cause)


class AllBoundarySpec(Gathering, BoundarySpec):
    """A boundary event that happens when all that it waits for has happened."""

    def __init__(self, scope: ScopeSpec, node: Node, parts: tuple[PartSpec, ...]) -> None:
        super().__init__(scope, node, None)
        self.parts = parts

    def prepare(self, host: Token) -> Rearmed:
        return [(part, part.arm(host)) for part in self.parts]

    def guard(self, host: Token, armed: Any) -> None:
        self.put_parts(host._add_child(self, TaskState.WAITING), armed)

    def all_came(self, token: Token, variables: dict[str, Any]) -> None:
        host = token.holder
        assert host is not None
        again = None if self.is_interrupting else self.rearm(token, token.workflow.case.environment.now)
        token.workflow.adopt(token)
        self._tell(token, variables, None)
        if again is not None:
            self.guard(host, again)
        self._go_on(token, host, variables)

    def stop(self, token: Token, cause: str | None) -> None:
        _stop_parts(token, cause)


class AllArmSpec(Gathering, ArmSpec):
    """The start event of an event sub-process that waits for several things together."""

    def __init__(self, scope: ScopeSpec, node: Node, started: EventSubProcessSpec, parts: tuple[PartSpec, ...]) -> None:
        super().__init__(scope, node, started, node.id)
        self.parts = parts

    def begin(self, token: Token) -> dict[str, Any] | None:
        self.await_parts(token, self.parts)
        return None

    def all_came(self, token: Token, variables: dict[str, Any]) -> None:
        scope = token.workflow
        again = None if self.started.is_interrupting else self.rearm(token, scope.case.environment.now)
        scope.forget(token)
        if again is not None:
            following = scope.put(self)
            self.put_parts(following, again)
            following._set_state(TaskState.STARTED)
        self.started.occur(scope, TRIGGER, variables, None)

    def stop(self, token: Token, cause: str | None) -> None:
        _stop_parts(token, cause)


def _stop_parts(token: Token, cause: str | None) -> None:
    for child in token.offspring:
        child.stop(cause)


def _name(node: Node) -> str | None:
    return (node.event.name or None) if node.event else None
