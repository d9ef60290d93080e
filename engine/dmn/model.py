"""A decision model: its decisions, its problems, and the evaluation of one decision with all it requires."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.dmn import lint
from engine.dmn.graph import Decision, DecisionService, Element, Graph, Key, KnowledgeModel
from engine.dmn.item_types import ItemTypes
from engine.dmn.results import DecisionResult
from engine.dmn.running import Run, plain, typed
from engine.errors import NotFound, Problem
from engine.feel.runtime import DEFAULT_BUDGET, Budget, BudgetExceeded, Runtime


@dataclass(frozen=True)
class DecisionModel:
    """A DMN file, read and ready to be evaluated; shareable by all threads."""

    id: str
    name: str
    namespace: str
    resource: str
    graph: Graph
    decisions: Mapping[str, Decision]
    services: Mapping[str, DecisionService]
    types: ItemTypes
    wording: tuple[str, ...]
    problems: tuple[Problem, ...] = field(default=(), repr=False)

    def check(self) -> list[Problem]:
        """All problems: errors, by which something answers null, and warnings."""
        return [*self.problems, *lint.check(self._own(), self.graph, self.resource)]

    def _own(self) -> Iterator[Decision | KnowledgeModel]:
        for key, element in self.graph.elements.items():
            if key[0] == self.namespace and isinstance(element, Decision | KnowledgeModel):
                yield element

    def texts(self) -> tuple[str, ...]:
        """All texts that people read: names, labels, questions, annotations."""
        return self.wording

    def evaluate(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        now: dt.datetime | None = None,
        budget: Budget | None = None,
    ) -> DecisionResult:
        """Make a decision, and those it requires, once each. Never raises for bad data: null, and warnings."""
        run = Run(variables, Runtime(now, budget or DEFAULT_BUDGET, collect=True))
        told, exceeded = self._made(self._element(decision_id), run, is_told=True)
        return DecisionResult(told, tuple(run.trace), tuple(run.runtime.warnings or ()), exceeded)

    def value(self, decision_id: str, variables: Mapping[str, Any], now: dt.datetime | None = None) -> Any:
        """The value alone, in FEEL's own types, for those who go on working with it."""
        return self._made(self._element(decision_id), Run(variables, Runtime(now)), is_told=False)[0]

    def _element(self, decision_id: str) -> Decision | DecisionService:
        element: Decision | DecisionService | None = self.decisions.get(decision_id) or self.services.get(decision_id)
        if element is None:
            sentence = "Expected to find decision '{decision}' in '{model}', but it is not there."
            raise NotFound(sentence, decision=decision_id, model=self.resource)
        return element

    def _made(self, element: Decision | DecisionService, run: Run, *, is_told: bool) -> tuple[Any, bool]:
        """The value, as plain data if it is to be told, and whether the evaluation had to be stopped."""
        try:
            value = self._value(element, run)
            return _told(value, element, run) if is_told else value, False
        except BudgetExceeded as stopped:
            run.runtime.warn(stopped.warning.template, **stopped.warning.values)
        except RecursionError:
            run.runtime.warn("The decision or its data is nested too deeply.")
        except ArithmeticError:
            run.runtime.warn("A number in the data cannot be calculated with.")
            return None, False
        return None, True

    def _value(self, element: Decision | DecisionService, run: Run) -> Any:
        if isinstance(element, Decision):
            # Nothing can lead back to a decision that requires nothing, so its value need not be kept.
            return self.graph.value(element.key, run) if element.requirements else self.graph.decide(element, run)
        given: dict[Key, Any] = {}
        for key in element.inputs:
            part = self.graph.elements[key]
            given[key] = typed(getattr(part, "type", None), run.variables.get(part.name), run, part.name)
        return typed(element.type, self.graph.serve(element, given, run), run, element.name)


def _told(value: Any, element: Element, run: Run) -> Any:
    """The value as plain data, which the trace may have already."""
    last = run.trace[-1] if run.trace else None
    return last.value if last is not None and last.decision_id == element.id else plain(value)
