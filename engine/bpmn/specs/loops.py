"""Activities that run several times: multi-instance, parallel or one after another, and the standard loop.

The loop's own token holds one child token for each instance that runs; boundary events guard the loop as a whole.
"""

from __future__ import annotations

from typing import Any

from engine.bpmn.elements import Loop, LoopEvent, Node
from engine.bpmn.scopes import assign, beyond, visible
from engine.bpmn.scripting import Attribute, Failure, Variables, attribute
from engine.bpmn.specs.activities import ActivitySpec
from engine.bpmn.specs.base import ScopeSpec
from engine.bpmn.specs.compensation import remember
from engine.bpmn.tokens import Token
from engine.events import MessageThrown, SignalThrown

INSTANCE_LIMIT = 10_000
"""Instances that one multi-instance may have."""
TOO_MANY = "There are {count} instances to make, and no more than {limit} are allowed."


class LoopSpec(ActivitySpec):
    """An activity that runs several times; the activity itself is `instance`."""

    is_activity = False
    is_loop = True

    def __init__(self, scope: ScopeSpec, node: Node, instance: ActivitySpec) -> None:
        super().__init__(scope, node)
        assert node.loop is not None
        self.loop: Loop = node.loop
        self.instance = instance

    def begin(self, token: Token) -> dict[str, Any] | None:
        if "ready" not in token.internal_data:
            self.guard(token)
            token.internal_data["ready"] = True
        return None if self._running(token) else self.perform(token)

    def _running(self, token: Token) -> list[Token]:
        return [child for child in token.offspring if child.task_spec is self.instance]

    def spawn(self, token: Token, index: int, variables: dict[str, Any]) -> None:
        """Start one more instance."""
        child = token._add_child(self.instance)
        child.data = {"loopCounter": index + 1, **variables}
        child.internal_data["index"] = index
        child._ready()

    def end(self, token: Token) -> None:
        """No instance is to come any more."""
        for child in token.offspring:
            if child.task_spec is self.instance and not child.internal_data.get("collected"):
                child.stop(self.node.id)
        token.result({})
        token.workflow.case.schedule(token)

    def stop(self, token: Token, cause: str | None) -> None:
        self.unguard(token, cause)


class LoopThrow:
    """An event that is thrown after the first instance, after each, or after those for which a condition is true."""

    def __init__(self, loop: Loop, thrown: LoopEvent) -> None:
        self._only_first = loop.behavior == "One"
        self._condition = attribute(thrown.condition, "condition")
        self._trigger = thrown.event.trigger
        self._name = Attribute(thrown.event.name or "", f"{self._trigger} name")
        self._correlation = attribute(thrown.event.correlation_key, "correlation key")

    def is_due(self, done: int) -> bool:
        return done == 1 or not self._only_first

    def prepare(self, token: Token, view: Variables) -> tuple[str, str, str] | None:
        """What is thrown, worked out: trigger, name or code, correlation key. None when the condition is not true."""
        now = token.workflow.case.environment.now
        if self._condition is not None and not self._condition.is_true(view, now):
            return None
        key = self._correlation.required_text(view, now) if self._correlation else ""
        return self._trigger, self._name.required_text(view, now), key


def throw(token: Token, trigger: str, name: str, key: str, *, counters: dict[str, Any]) -> None:
    """Throw an event of a loop, with the numbers of its instances."""
    case, node = token.workflow.case, token.node
    if trigger == "escalation":
        case.escalate(token, name, counters)
        return
    of = (node.id, case.environment.new_key(), node.kind, node.name)
    if trigger == "signal":
        case.events.append(SignalThrown(*of, signal=name, variables=counters))
    else:
        case.events.append(MessageThrown(*of, message=name, correlation_key=key, variables=counters))


class MultiInstanceSpec(LoopSpec):
    """Once for each item of a collection."""

    def __init__(self, scope: ScopeSpec, node: Node, instance: ActivitySpec) -> None:
        super().__init__(scope, node, instance)
        loop = self.loop
        self._collection = attribute(loop.collection, "collection")
        self._cardinality = attribute(loop.cardinality, "number of instances")
        self._output_element = attribute(loop.output_element, "output element")
        self._completion = attribute(loop.completion_condition, "completion condition")
        self._own_output = self._output_variable()
        self._throws = tuple(LoopThrow(loop, each) for each in loop.throws)

    def _output_variable(self) -> str | None:
        """The variable that the output element is; each instance then has it for itself, so none overwrites another."""
        element = self._output_element
        if element is None or element.expression is None:
            return None
        roots = {path[0] for path in element.expression.paths}
        name = next(iter(roots)) if len(roots) == 1 else None
        return name if name and element.formula == name and name != self.loop.element else None

    def perform(self, token: Token) -> dict[str, Any] | None:
        items = self._items(token)
        memory = token.internal_data
        memory["total"], memory["done"] = len(items), 0
        if self.loop.output_collection:
            token.data[self.loop.output_collection] = [None] * len(items)
        if not items:
            return {}
        if self.loop.kind == "sequential":
            memory["items"] = items
            items = items[:1]
        for index, item in enumerate(items):
            self._spawn_for(token, index, item)
        return None

    def _items(self, token: Token) -> list[Any]:
        variables, now = visible(token), token.workflow.case.environment.now
        if self._collection is not None:
            items = self._collection.required(variables, now)
            if not isinstance(items, list):
                raise self._collection.wrong("a list", items)
            _expect_within_limit(len(items))
            return items
        assert self._cardinality is not None
        count = self._cardinality.whole_number(variables, now)
        _expect_within_limit(count)
        return list(range(1, count + 1))

    def _spawn_for(self, token: Token, index: int, item: Any) -> None:
        variables: dict[str, Any] = {}
        if self._own_output:
            variables[self._own_output] = None
        if self.loop.element:
            variables[self.loop.element] = item
        self.spawn(token, index, variables)

    def collect(self, token: Token, instance: Token) -> None:
        view = self.instance.view(instance)
        memory, now = token.internal_data, token.workflow.case.environment.now
        if self.loop.output_collection and self._output_element:
            outputs = list(token.data[self.loop.output_collection])
            outputs[instance.internal_data["index"]] = self._output_element.value(view, now)
            token.data[self.loop.output_collection] = outputs
            view = self.instance.view(instance)
        done = memory["done"] + 1
        counters = self._counters(token, done)
        if self._completion is not None:
            memory["enough"] = self._completion.is_true({**view, **counters}, now)
        thrown = [each.prepare(token, {**view, **counters}) for each in self._throws if each.is_due(done)]
        memory["throw"] = [each for each in thrown if each is not None]
        memory["done"] = done
        instance.internal_data["collected"] = True

    def _counters(self, token: Token, done: int) -> dict[str, Any]:
        if self._completion is None and not self._throws:
            return {}
        return {
            "numberOfInstances": token.internal_data["total"],
            "numberOfCompletedInstances": done,
            "numberOfActiveInstances": len(self._running(token)) - 1,
            "numberOfTerminatedInstances": 0,
        }

    def instance_done(self, token: Token, instance: Token) -> None:
        memory = token.internal_data
        thrown = memory.pop("throw", ())
        if thrown:
            token.workflow.adopt(instance)  # it is done: an event that stops the loop does not stop it
        for event in thrown:
            throw(token, *event, counters=self._counters(token, memory["done"]))
            if not token.is_running:
                return
        if memory.get("enough") or memory["done"] == memory["total"]:
            self.end(token)
        elif self.loop.kind == "sequential":
            self._spawn_for(token, memory["done"], memory["items"][memory["done"]])

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        name = self.loop.output_collection
        if name and name in token.data:
            assign(token, {name: token.data[name]}, beyond(token))
        self.unguard(token, self.node.id)
        remember(token, self)


def _expect_within_limit(count: int) -> None:
    if count > INSTANCE_LIMIT:
        raise Failure(TOO_MANY, count=count, limit=INSTANCE_LIMIT)


class StandardLoopSpec(LoopSpec):
    """As long as a condition holds."""

    def __init__(self, scope: ScopeSpec, node: Node, instance: ActivitySpec) -> None:
        super().__init__(scope, node, instance)
        self._condition = attribute(self.loop.loop_condition, "loop condition")
        self._maximum = attribute(self.loop.loop_maximum, "maximum number of rounds")

    def perform(self, token: Token) -> dict[str, Any] | None:
        token.internal_data["done"] = 0
        if self._maximum is not None:
            variables, now = visible(token), token.workflow.case.environment.now
            token.internal_data["maximum"] = self._maximum.whole_number(variables, now)
        if self.loop.test_before and not self._goes_on(token, 0, visible(token)):
            return {}
        self.spawn(token, 0, {})
        return None

    def _goes_on(self, token: Token, done: int, view: Variables) -> bool:
        maximum = token.internal_data.get("maximum")
        if maximum is not None and done >= maximum:
            return False
        return self._condition is None or self._condition.is_true(view, token.workflow.case.environment.now)

    def collect(self, token: Token, instance: Token) -> None:
        memory = token.internal_data
        done = memory["done"] + 1
        memory["enough"] = not self._goes_on(token, done, self.instance.view(instance))
        memory["done"] = done
        instance.internal_data["collected"] = True

    def instance_done(self, token: Token, instance: Token) -> None:
        if token.internal_data["enough"]:
            self.end(token)
        else:
            self.spawn(token, token.internal_data["done"], {})

    def finish(self, token: Token, result: dict[str, Any]) -> None:
        self.unguard(token, self.node.id)
        remember(token, self)
