"""Tasks and call activities: work of people, services, scripts, decisions and other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.elements import CalledProcess, Node, Reference, Service
from engine.bpmn.scopes import bring, visible
from engine.bpmn.scripting import Attribute, Failure, Variables, attribute
from engine.bpmn.specs.base import ElementSpec, ScopeSpec
from engine.bpmn.specs.boundaries import BoundarySpec
from engine.bpmn.specs.compensation import remember
from engine.bpmn.specs.offers import Offer, binding
from engine.bpmn.specs.waits import Wait
from engine.bpmn.tokens import Token
from engine.errors import EngineError
from engine.events import (
    ActivityCancelled,
    ActivityCompleted,
    ActivityStarted,
    DecisionEvaluated,
    EventWithdrawn,
    MessageThrown,
    ProcessCalled,
    ServiceRequested,
)

if TYPE_CHECKING:
    from engine.dmn import RuleFired


NO_RESULT = "The decision '{decision}' gave no result: {reason}"


class ActivitySpec(ElementSpec):
    """An activity: it has its own variables, may be guarded by boundary events, and is started and completed.

    By itself it does nothing, as the abstract task and the manual task, which nobody reports to the engine.
    """

    is_activity = True

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.boundaries: tuple[BoundarySpec, ...] = ()

    def begin(self, token: Token) -> dict[str, Any] | None:
        is_new = "ready" not in token.internal_data
        if is_new and not token.has_key:
            token.record(ActivityStarted)
        self.take_inputs(token)
        if is_new:
            self.guard(token)
            self.reach_stage(token)
            token.internal_data["ready"] = True
        return self.perform(token)

    def perform(self, token: Token) -> dict[str, Any] | None:
        """Do the work; the variables it brought, or None when somebody else does it and it waits."""
        return {}

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        self.take_over(token, result)
        holder = token.holder
        if holder is not None:
            holder.task_spec.collect(holder, token)
        token.record(ActivityCompleted)
        self.unguard(token, self.node.id)
        remember(token, self)

    def take_over(self, token: Token, result: dict[str, Any]) -> None:
        """Give the variables that the work brought to the scopes they belong to."""
        bring(token, result, self.outputs_mapping)

    def view(self, token: Token) -> Variables:
        """What an expression sees that looks at the activity's outcome."""
        return visible(token)

    def stop(self, token: Token, cause: str | None) -> None:
        self.unguard(token, cause)
        if token.has_key:
            token.record(ActivityCancelled, cause=cause)

    def guard(self, token: Token) -> None:
        """Set up the boundary events that wait for something; all of them or, when one fails, none."""
        if not self.boundaries:
            return
        armed = [(spec, spec.prepare(token)) for spec in self.boundaries]
        for spec, prepared in armed:
            if prepared is not None:
                spec.guard(token, prepared)

    def unguard(self, token: Token, cause: str | None) -> None:
        """Withdraw the boundary events that still wait."""
        for child in token.offspring:
            child.stop(cause)

    def _on_complete_hook(self, my_task: Token) -> None:
        super()._on_complete_hook(my_task)
        holder = my_task.holder
        if holder is not None:
            holder.task_spec.instance_done(holder, my_task)


class UserTaskSpec(ActivitySpec):
    """Work that a person does and completes."""

    completes = True

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.offer = Offer(node)

    def perform(self, token: Token) -> dict[str, Any] | None:
        self.offer.make(token)
        return None


class ServiceTaskSpec(ActivitySpec):
    """Work that a service is asked to do; the case waits until it is done."""

    completes = True

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        assert node.service is not None
        self.request = ServiceRequest(node.service)

    def perform(self, token: Token) -> dict[str, Any] | None:
        self.request.make(token, only_local=bool(self.inputs_mapping))
        return None


class ServiceRequest:
    """What a service is asked for."""

    def __init__(self, service: Service) -> None:
        self._type = Attribute(service.type, "service type")
        self._retries = Attribute(service.retries, "number of retries")
        self._headers = [(key, Attribute(value, "header")) for key, value in service.headers]

    def make(self, token: Token, only_local: bool) -> None:
        """Ask for it, with all variables or only with those of the input mapping."""
        variables, now = visible(token), token.workflow.case.environment.now
        token.record(
            ServiceRequested,
            service=self._type.required_text(variables, now),
            retries=self._retries.whole_number(variables, now),
            headers={key: value.text_value(variables, now) or "" for key, value in self._headers},
            variables=dict(token.data if only_local else variables),
        )


class ScriptTaskSpec(ActivitySpec):
    """An expression whose value goes into a variable."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        assert node.script is not None
        text = node.script.expression
        self._expression = Attribute(text if text.startswith("=") else f"={text}", "expression")
        self._variable = node.script.result_variable

    def perform(self, token: Token) -> dict[str, Any] | None:
        return {self._variable: self._expression.value(visible(token), token.workflow.case.environment.now)}


class DecisionTaskSpec(ActivitySpec):
    """A decision taken by a decision table."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        assert node.decision is not None
        self._decision = node.decision.decision
        self._id = Attribute(self._decision.id, "decision")
        self._variable = node.decision.result_variable

    def perform(self, token: Token) -> dict[str, Any] | None:
        environment = token.workflow.case.environment
        variables = visible(token)
        decision_id = self._id.required_text(variables, environment.now)
        reference = Reference(decision_id, self._decision.binding, self._decision.version_tag)
        try:
            decided = environment.decide(reference, dict(variables))
        except EngineError as error:
            raise Failure(error.template, **error.values) from error
        trace = decided.result.trace
        token.tell(
            DecisionEvaluated,
            decision_id=decision_id,
            version=decided.version,
            inputs={name: value for step in trace for name, value in step.inputs.items()},
            rules=[_fired(rule) for step in trace for rule in step.rules],
            result=decided.result.value,
            warnings=[
                {"template": warning.template, "values": dict(warning.values)} for warning in decided.result.warnings
            ],
        )
        if decided.result.value is None and decided.result.warnings:
            raise Failure(NO_RESULT, decision=decision_id, reason=decided.result.warnings[0])
        return {self._variable: decided.result.value}


def _fired(rule: RuleFired) -> dict[str, Any]:
    return {
        "decision": rule.decision,
        "index": rule.index,
        "id": rule.id,
        "annotations": list(rule.annotations),
        "outputs": dict(rule.outputs),
    }


class ReceiveTaskSpec(ActivitySpec):
    """An activity that is done when its message arrives."""

    delivers = True

    def __init__(self, scope: ScopeSpec, node: Node, wait: Wait, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        self.wait = wait

    def catch(self, token: Token, variables: dict[str, Any]) -> None:
        if "ready" not in token.internal_data and token.holder is not None:
            gateway = token.holder
            gateway.task_spec.choose_event(gateway, token)
            token.record(ActivityStarted)
            token.internal_data["ready"] = True
            gateway.task_spec.drop_others(gateway, self.node.id)
        super().catch(token, variables)

    def stop(self, token: Token, cause: str | None) -> None:
        if "ready" in token.internal_data:
            super().stop(token, cause)
        else:
            token.record(EventWithdrawn)

    def perform(self, token: Token) -> dict[str, Any] | None:
        if "starts" in token.internal_data:
            return {}  # its message has begun the case
        self.wait.arm(visible(token), token.workflow.case.environment.now).put_into(token)
        return None


class SendTaskSpec(ActivitySpec):
    """An activity that sends a message to other cases."""

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        assert node.event is not None
        self.message = Message(node)

    def perform(self, token: Token) -> dict[str, Any] | None:
        self.message.throw(token)
        return {}


class Message:
    """A message that an event or a send task throws."""

    def __init__(self, node: Node) -> None:
        event = node.event
        assert event is not None
        self._name = Attribute(event.name or "", "message name")
        self._correlation = attribute(event.correlation_key, "correlation key")

    def throw(self, token: Token) -> None:
        """Send it, with the variables of the input mapping."""
        variables, now = visible(token), token.workflow.case.environment.now
        token.record(
            MessageThrown,
            message=self._name.required_text(variables, now),
            correlation_key=self._correlation.required_text(variables, now) if self._correlation else "",
            variables=dict(token.data),
        )


class CallActivitySpec(ActivitySpec):
    """Another process that is started and waited for; it is a case of its own."""

    completes = True

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, node, name)
        assert node.call is not None
        self._call: CalledProcess = node.call
        self._process = Attribute(node.call.process.id, "called process")

    def perform(self, token: Token) -> dict[str, Any] | None:
        variables, now = visible(token), token.workflow.case.environment.now
        token.record(
            ProcessCalled,
            process_id=self._process.required_text(variables, now),
            binding=binding(self._call.process),
            variables=dict(variables if self._call.propagate_parent else token.data),
        )
        return None

    def take_over(self, token: Token, result: dict[str, Any]) -> None:
        if self.outputs_mapping or self._call.propagate_child:
            super().take_over(token, result)
