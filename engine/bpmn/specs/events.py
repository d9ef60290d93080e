"""Start, end and intermediate events."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.elements import Node
from engine.bpmn.scopes import bring, visible
from engine.bpmn.scripting import Failure, attribute
from engine.bpmn.specs.activities import Message, ServiceRequest
from engine.bpmn.specs.base import ElementSpec, ScopeSpec
from engine.bpmn.specs.compensation import UndoSpec, take, undo_beside
from engine.bpmn.specs.waits import ConditionWait, Wait
from engine.bpmn.tokens import Token
from engine.events import EventOccurred, EventWithdrawn, SignalThrown

UNCAUGHT_CANCEL = "The transaction '{transaction}' was cancelled, but has no boundary event that says how to go on."
UNCAUGHT_ERROR = "Nothing in this process takes care of the error '{code}'."


class StartSpec(ElementSpec):
    """Where a process or sub-process begins."""

    def begin(self, token: Token) -> dict[str, Any] | None:
        event = self.node.event
        token.record(
            EventOccurred,
            trigger=event.trigger if event else "none",
            event_name=(event.name or None) if event else None,
        )
        return {}

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        if self.outputs_mapping or result:
            bring(token, result, self.outputs_mapping)
        self.reach_stage(token)


class CatchSpec(ElementSpec):
    """An intermediate event that the case waits for."""

    def __init__(self, scope: ScopeSpec, node: Node, wait: Wait | None, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.wait = wait
        self.delivers = wait is not None and wait.trigger in ("message", "signal")
        self.triggers = wait is not None and wait.trigger == "timer"

    def begin(self, token: Token) -> dict[str, Any] | None:
        if self.wait is None:
            return {}
        self.take_inputs(token)
        variables, now = visible(token), token.workflow.case.environment.now
        armed = self.wait.arm(variables, now)
        self.reach_stage(token)
        token.internal_data["reached"] = True
        if isinstance(self.wait, ConditionWait) and self.wait.condition.is_true(variables, now):
            return {}
        armed.put_into(token)
        return None

    def catch(self, token: Token, variables: dict[str, Any]) -> None:
        gateway = token.holder
        if gateway is not None:
            gateway.task_spec.choose_event(gateway, token)
            self._tell(token, variables)
            gateway.task_spec.drop_others(gateway, self.node.id)
        super().catch(token, variables)

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        if "told" not in token.internal_data:
            self._tell(token, result)
        if "reached" not in token.internal_data:
            self.reach_stage(token)
        bring(token, result, self.outputs_mapping)

    def _tell(self, token: Token, variables: dict[str, Any]) -> None:
        event = self.node.event
        token.record(
            EventOccurred,
            trigger=event.trigger if event else "none",
            event_name=token.internal_data.get("name") or (event.name if event and self.wait is None else None),
            variables=variables,
        )
        token.internal_data["told"] = True

    def stop(self, token: Token, cause: str | None) -> None:
        if token.has_key and not token.has_failed and self.wait is not None and self.wait.trigger != "conditional":
            token.record(EventWithdrawn)


class MultipleCatchSpec(ElementSpec):
    """An intermediate event that goes on with the first of several things that it waits for."""

    def __init__(self, scope: ScopeSpec, node: Node, parts: list[CatchSpec]) -> None:
        super().__init__(scope, node)
        self._parts = parts

    def begin(self, token: Token) -> dict[str, Any] | None:
        self.take_inputs(token)
        variables, now = visible(token), token.workflow.case.environment.now
        armed = [(part, part.wait.arm(variables, now)) for part in self._parts if part.wait]
        self.reach_stage(token)
        for part, wait in armed:
            child = token._add_child(part, TaskState.WAITING)
            child.data, child.internal_data["reached"] = dict(token.data), True
            wait.put_into(child)
        return None

    def choose_event(self, token: Token, chosen: Token) -> None:
        """One of the events happened: it goes on by itself."""
        token.workflow.adopt(chosen)

    def stop(self, token: Token, cause: str | None) -> None:
        for child in token.offspring:
            child.stop(cause)


class Thrown:
    """One of the things that an event throws."""

    def __init__(self, node: Node) -> None:
        self.trigger = _trigger(node)
        self.message = Message(node) if self.trigger == "message" and not node.service else None
        self._name = attribute(node.event.name, f"{self.trigger} name") if node.event else None

    def name_now(self, token: Token) -> str | None:
        """Its name or code, worked out."""
        return self._name.text_value(visible(token), token.workflow.case.environment.now) if self._name else None


def _trigger(node: Node) -> str:
    return node.event.trigger if node.event else "none"


class ThrowSpec(UndoSpec):
    """An intermediate or end event that throws something, or only marks that the case came by."""

    def __init__(self, scope: ScopeSpec, node: Node) -> None:
        super().__init__(scope, node)
        self.trigger = _trigger(node)
        self.completes = node.service is not None
        self._request = ServiceRequest(node.service) if node.service else None
        # An error that is caught ends the event itself, so it comes last.
        parts = sorted((part for _, part in node.separate), key=lambda part: _trigger(part) == "error")
        self._thrown = [Thrown(part) for part in parts]

    def begin(self, token: Token) -> dict[str, Any] | None:
        self.take_inputs(token)
        if self._request is not None:
            self._request.make(token, only_local=bool(self.inputs_mapping))
            return None
        names = [thrown.name_now(token) for thrown in self._thrown]
        if "told" not in token.internal_data:
            self._tell(token, names[0] if len(names) == 1 else None)
            self.reach_stage(token)
            token.internal_data["told"] = True
        result: dict[str, Any] | None = {}
        for thrown, name in zip(self._thrown, names, strict=True):
            result = self.throw(token, thrown, name)
        return result

    def throw(self, token: Token, thrown: Thrown, name: str | None) -> dict[str, Any] | None:
        """Throw something; None when that stopped the token itself or takes time."""
        case = token.workflow.case
        match thrown.trigger:
            case "message" if thrown.message:
                thrown.message.throw(token)
            case "signal":
                token.record(SignalThrown, signal=name or "", variables=dict(token.data))
            case "escalation":
                case.escalate(token, name or "", dict(token.data))
            case "error":
                if not case.throw_error(token, name or "", dict(token.data)):
                    raise Failure(UNCAUGHT_ERROR, code=name or "")
            case "terminate":
                self._stop_others(token)
            case "compensation":
                return self._compensate(token, self.node.event.activity if self.node.event else None)
            case "cancel":
                self._stop_others(token)
                return self._compensate(token, None)
        return {} if token.is_running else None

    def _stop_others(self, token: Token) -> None:
        for other in token.workflow.living:
            if other is not token and other.is_running:
                other.stop(self.node.id)

    def _compensate(self, token: Token, activity: str | None) -> dict[str, Any] | None:
        left = take(token.workflow, activity)
        if self.node.event is not None and not self.node.event.waits:
            undo_beside(token.workflow, left)
            return {}
        token.internal_data["undo"] = left
        return None if self.undo_next(token) else {}

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        if self._request is not None:
            self._tell(token, None)
            self.reach_stage(token)
        bring(token, result, self.outputs_mapping)
        if self.trigger == "cancel":
            self._leave_transaction(token)

    def _leave_transaction(self, token: Token) -> None:
        transaction = token.workflow.holder
        assert transaction is not None
        guarded = transaction.loop or transaction
        for boundary in guarded.task_spec.boundaries:
            if boundary.event.trigger == "cancel":
                boundary.occur(guarded, {}, None)
                return
        raise Failure(UNCAUGHT_CANCEL, transaction=transaction.node.label)

    def stop(self, token: Token, cause: str | None) -> None:
        super().stop(token, cause)
        if self._request is not None and token.has_key and not token.has_failed:
            token.record(EventWithdrawn)

    def _tell(self, token: Token, name: str | None) -> None:
        token.record(EventOccurred, trigger=self.trigger, event_name=name, variables=dict(token.data))
