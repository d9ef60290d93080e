"""What a diagram names beyond itself: forms, decisions and processes; and every text of it that people read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.bpmn.elements import Diagram, Node, ProcessModel, Reference


@dataclass(frozen=True)
class Mention:
    """A form, decision or process that an element names. Ids that are computed (FEEL) are not listed."""

    kind: Literal["form", "decision", "process"]
    reference: Reference
    element_id: str
    line: int | None


def references(model: ProcessModel) -> tuple[Mention, ...]:
    """All that a process names, in the order of the file."""
    return tuple(
        mention
        for node in model.nodes.values()
        for mention in _of_node(node)
        if mention.reference.id and not mention.reference.id.startswith("=")
    )


def _of_node(node: Node) -> Iterator[Mention]:
    if node.form is not None:
        yield Mention("form", node.form, node.id, node.line)
    if "publicForm" in node.properties:
        yield Mention("form", Reference(node.properties["publicForm"]), node.id, node.line)
    if node.decision is not None:
        yield Mention("decision", node.decision.decision, node.id, node.line)
    if node.call is not None:
        yield Mention("process", node.call.process, node.id, node.line)


def texts(diagram: Diagram) -> tuple[str, ...]:
    """Every text that a person sees, each once, in the order of the file: what a catalogue must translate."""
    found = [label.text for label in diagram.labels]
    for model in diagram.processes:
        found += _of_process(model)
    return tuple(dict.fromkeys(text for text in found if text))


def _of_process(model: ProcessModel) -> Iterator[str]:
    yield model.name
    yield model.documentation
    yield from model.listed("stages")
    yield from (text for name, text in model.properties.items() if name.startswith("label."))
    yield from (lane.name for lane in model.lanes)
    for node in model.nodes.values():
        yield node.name
        yield node.documentation
        yield node.properties.get("action", "")
        stage = node.properties.get("stage", "")
        yield "" if stage.startswith("=") else stage
    yield from (flow.name for flow in model.flows.values())
