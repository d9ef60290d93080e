"""The elements of a decision requirements graph, and how each gets its value from those it requires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.dmn.results import DecisionTrace
from engine.dmn.running import Logic, Run, Scope, plain, typed
from engine.feel.functions import Function, is_function
from engine.feel.types import Type

Key = tuple[str, str]
"""An element's namespace and id."""

_UNDER_WAY = object()


@dataclass(frozen=True)
class Requirement:
    """An arrow of the graph: the element needed, and the name of the import it comes through, if any."""

    key: Key
    through: str = ""
    is_knowledge: bool = False


@dataclass(frozen=True)
class Element:
    """What all elements have."""

    key: Key
    id: str
    name: str
    aliases: tuple[str, ...] = field(default=(), kw_only=True)
    """Other names by which expressions may know its value: that of its variable, its id."""
    requirements: tuple[Requirement, ...] = field(default=(), kw_only=True)
    line: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class InputData(Element):
    """Data that the evaluation is given, by name."""

    type: Type | None = None


@dataclass(frozen=True)
class Decision(Element):
    """A question that the model answers."""

    kind: str
    """The box of its logic, such as `decisionTable`; empty when there is none."""
    logic: Logic
    type: Type | None
    inputs: tuple[str, ...]
    """The names of what it requires: data and decisions."""
    question: str = ""
    description: str = ""


@dataclass(frozen=True)
class KnowledgeModel(Element):
    """A function that decisions share."""

    logic: Logic
    type: Type | None = None


@dataclass(frozen=True)
class DecisionService(Element):
    """Some decisions as a function of others and of data."""

    inputs: tuple[Key, ...] = ()
    """Its parameters in order: first decisions, then data."""
    outputs: tuple[Key, ...] = ()
    type: Type | None = None


@dataclass(frozen=True)
class Graph:
    """All elements of a model and of those it imports, by key."""

    elements: Mapping[Key, Element]
    declared: frozenset[str]
    """The names of elements; a variable of another name is seen by every expression."""

    def value(self, key: Key, run: Run) -> Any:
        """The value of an element: worked out once in an evaluation."""
        found = run.values.get(key, run)
        if found is _UNDER_WAY:
            run.runtime.warn("A decision requires itself; it is null there.")
            return None
        if found is not run:
            return found
        element = self.elements.get(key)
        if element is None:
            run.runtime.warn("A decision requires '{id}', which is not in the model.", id=key[1])
            return None
        run.values[key] = _UNDER_WAY
        run.values[key] = value = self._value(element, run)
        return value

    def _value(self, element: Element, run: Run) -> Any:
        if isinstance(element, Decision):
            return self.decide(element, run)
        if isinstance(element, InputData):
            return typed(element.type, run.variables.get(element.name), run, element.name)
        if isinstance(element, KnowledgeModel):
            return self._function(element, run)
        assert isinstance(element, DecisionService)
        return self._service(element, run)

    def decide(self, decision: Decision, run: Run) -> Any:
        """Make a decision, and tell of it in the trace."""
        scope = self._scope(decision, run) if decision.requirements else run.variables
        inputs, fired, run.inputs, run.fired = run.inputs, run.fired, {}, []
        value = decision.logic.run(scope, run)
        if decision.type is not None:
            value = typed(decision.type, value, run, decision.name)
        if not run.inputs:
            run.inputs = self._read(decision, scope)
        told = plain(value)
        run.trace.append(DecisionTrace(decision.id, decision.name, run.inputs, tuple(run.fired), told))
        run.inputs, run.fired = inputs, fired
        return value

    def _read(self, decision: Decision, scope: Scope) -> dict[str, Any]:
        """What the decision could look at: the values it requires, or those its text names."""
        expression = getattr(decision.logic, "expression", None)
        if expression is not None:
            found: dict[str, Any] = expression.reads(scope)
            return found
        return {name: plain(scope.get(name)) for name in decision.inputs if not is_function(scope.get(name))}

    def _scope(self, element: Element, run: Run) -> Scope:
        """The names that the element's expressions know."""
        declared = self.declared
        if isinstance(element, Decision) and not element.inputs:
            scope = dict(run.variables)  # drawn without arrows, as tools for processes do: it sees all variables
        else:
            scope = {name: value for name, value in run.variables.items() if name not in declared}
        self._bind(scope, element.requirements, run)
        return scope

    def _bind(self, scope: dict[str, Any], requirements: Sequence[Requirement], run: Run) -> None:
        for requirement in requirements:
            value = self.value(requirement.key, run)
            element = self.elements.get(requirement.key)
            if element is None:
                continue
            target = scope
            if requirement.through:
                target = scope[requirement.through] = dict(scope.get(requirement.through) or {})
            for alias in element.aliases:
                target.setdefault(alias, value)
            target[element.name] = value

    def _function(self, model: KnowledgeModel, run: Run) -> Any:
        scopes: list[dict[str, Any]] = []

        def scope() -> Scope:
            # Made at the first call, not before: a knowledge model may require itself.
            if not scopes:
                scopes.append({})
                self._bind(scopes[0], model.requirements, run)
                scopes[0].setdefault(model.name, function)
            return scopes[0]

        outline = model.logic.run({}, run)
        if not isinstance(outline, Function):
            return None

        def body(*values: Any) -> Any:
            made = model.logic.run(scope(), run)
            return made.body(*values)

        function = Function(
            outline.parameters, body, types=outline.types, result=outline.result or model.type, name=model.name
        )
        return function

    def _service(self, service: DecisionService, run: Run) -> Any:
        inputs = [self.elements[key] for key in service.inputs if key in self.elements]

        def body(*values: Any) -> Any:
            given = {element.key: value for element, value in zip(inputs, values, strict=True)}
            return self.serve(service, given, run)

        return Function(
            [element.name for element in inputs],
            body,
            types=[getattr(element, "type", None) for element in inputs],
            result=service.type,
            name=service.name,
        )

    def serve(self, service: DecisionService, given: Mapping[Key, Any], run: Run) -> Any:
        """The outputs of a service for the values of its parameters."""
        variables = {name: value for name, value in run.variables.items() if name not in self.declared}
        inner = run.inner(variables, given)
        values = {self.elements[key].name: self.value(key, inner) for key in service.outputs if key in self.elements}
        return values if len(values) != 1 else next(iter(values.values()))
