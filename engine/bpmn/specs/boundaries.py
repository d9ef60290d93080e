"""Boundary events: they guard an activity and let the case leave it another way, or along a second way."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.elements import Node
from engine.bpmn.scopes import bring, visible
from engine.bpmn.specs.base import ElementSpec, ScopeSpec
from engine.bpmn.specs.waits import Wait
from engine.bpmn.tokens import Token
from engine.events import EventOccurred, EventWithdrawn


class BoundarySpec(ElementSpec):
    """An event attached to an activity."""

    def __init__(self, scope: ScopeSpec, node: Node, wait: Wait | None, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        assert node.event is not None
        self.event = node.event
        self.wait = wait
        """None for errors, escalations and the like: they are thrown at it, nothing has to wait."""
        self.is_interrupting = node.is_interrupting
        self.delivers = wait is not None and wait.trigger in ("message", "signal")
        self.triggers = wait is not None and wait.trigger == "timer"

    def prepare(self, host: Token) -> Any:
        """What it waits for while the activity runs, worked out; None when nothing has to wait."""
        return self.wait.arm(visible(host), host.workflow.case.environment.now) if self.wait else None

    def guard(self, host: Token, armed: Any) -> None:
        """Wait for it."""
        armed.put_into(host._add_child(self, TaskState.WAITING))

    def begin(self, token: Token) -> dict[str, Any] | None:
        """Wait again, after a failure."""
        if self.wait is None or token.holder is None:
            return {}
        self.wait.arm(visible(token), token.workflow.case.environment.now).put_into(token)
        return None

    def catch(self, token: Token, variables: dict[str, Any]) -> None:
        """What it waited for has happened."""
        host = token.holder
        assert host is not None and self.wait is not None
        name = self.wait.name_of(token.internal_data)
        again = None
        if not self.is_interrupting:
            again = self.wait.rearm(token.internal_data, token.workflow.case.environment.now)
        token.workflow.adopt(token)
        self._tell(token, variables, name)
        if again is not None:
            self.guard(host, again)
        self._go_on(token, host, variables)

    def occur(self, host: Token, variables: dict[str, Any], name: str | None) -> None:
        """An error or the like was thrown inside the activity, and this event takes it."""
        token = host.workflow.put(self)
        self._tell(token, variables, name)
        self._go_on(token, host, variables)

    def _tell(self, token: Token, variables: dict[str, Any], name: str | None) -> None:
        token.record(EventOccurred, trigger=self.event.trigger, event_name=name, variables=variables)

    def _go_on(self, token: Token, host: Token, variables: dict[str, Any]) -> None:
        if self.is_interrupting:
            host.stop(self.node.id)
        token.result(variables)
        token.workflow.case.run_now(token)

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        bring(token, result, self.outputs_mapping)
        self.reach_stage(token)

    def stop(self, token: Token, cause: str | None) -> None:
        waits = self.wait is not None and self.wait.trigger != "conditional"
        if waits and token.holder is not None and not token.has_failed:
            token.record(EventWithdrawn)
