"""What a draft has that the version in force has not, as a replay must ask about it."""

from __future__ import annotations

from dataclasses import dataclass

from engine import bpmn
from engine.analysis.libraries import Library, Loaded
from engine.errors import EngineError
from engine.queries.recorded import Draft

ANSWERED = frozenset({"userTask", "serviceTask", "sendTask"})


@dataclass(frozen=True)
class NewStep:
    """A step that no recording can know."""

    element_id: str
    label: str
    kind: str


@dataclass(frozen=True)
class DraftSteps:
    """The diagram of a draft, and how it differs in its steps."""

    file: str
    """The diagram's name; empty when the project has none for its process."""
    flows: dict[str, tuple[str, str]]
    """Flow id → where it begins and ends."""
    new: tuple[NewStep, ...] = ()
    gone: tuple[NewStep, ...] = ()


def draft_steps(draft: Draft, library: Library) -> DraftSteps:
    """The steps of a draft's own process beside those in force. Raises Invalid for a diagram that cannot be read."""
    name, model = "", None
    for file, content in draft.files:
        if file.lower().endswith(".bpmn"):
            for process in bpmn.parse(content, file).processes:
                if process.id == draft.process_id:
                    name, model = file, process
    if model is None:
        return DraftSteps("", {})
    old = _in_force(library, draft.process_id)
    before = {node.id: node for node in old.model.nodes.values()} if old else {}
    steps = {node.id: NewStep(node.id, node.label, node.kind) for node in model.nodes.values() if node.kind in ANSWERED}
    return DraftSteps(
        file=name,
        flows={flow.id: (flow.source, flow.target) for flow in model.flows.values()},
        new=tuple(step for step in steps.values() if step.element_id not in before),
        gone=tuple(
            NewStep(node.id, node.label, node.kind)
            for node in before.values()
            if node.kind in ANSWERED and node.id not in model.nodes
        ),
    )


def _in_force(library: Library, process_id: str) -> Loaded | None:
    try:
        return library.in_force(process_id)
    except EngineError:
        return None
