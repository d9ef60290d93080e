"""Process models made by hand, for tests that need no diagram."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections import defaultdict
from typing import Any

from engine import bpmn
from engine.bpmn.elements import Flow, Node, ProcessModel, Reference

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def model(nodes: list[Node], flows: list[tuple[str, ...]]) -> ProcessModel:
    """A process of nodes and of flows `(source, target)` or `(source, target, condition)`."""
    made: dict[str, Flow] = {}
    for source, target, *condition in flows:
        made[f"{source}-{target}"] = Flow(
            f"{source}-{target}", source, target, condition=condition[0] if condition else None
        )
    incoming: dict[str, list[str]] = defaultdict(list)
    outgoing: dict[str, list[str]] = defaultdict(list)
    for flow in made.values():
        incoming[flow.target].append(flow.id)
        outgoing[flow.source].append(flow.id)
    connected = [
        dataclasses.replace(
            node,
            scope=node.scope or "process",
            incoming=tuple(incoming[node.id]),
            outgoing=tuple(outgoing[node.id]),
        )
        for node in nodes
    ]
    return ProcessModel("process", "", "", True, None, None, "model", {node.id: node for node in connected}, made)


def environment() -> bpmn.Environment:
    keys = itertools.count(1)

    def decide(reference: Reference, variables: dict[str, Any]) -> bpmn.Decided:
        raise AssertionError("no decision is taken here")

    return bpmn.Environment(NOW, lambda: next(keys), decide)


def key_of(execution: bpmn.Execution, element_id: str) -> int:
    places = {**execution.waits(), **execution.failures()}
    return next(key for key, place in places.items() if place == element_id)
