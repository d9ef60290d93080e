"""A process as read from its diagram: every element typed, with line numbers, nothing executed and nothing ignored.

The parser makes these from XML, the rules check them, the compiler turns them into what the interpreter runs.
Attribute texts are as the diagram writes them: text starting with `=` is FEEL, anything else is a literal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Mapping:
    """One line of an input or output mapping."""

    source: str
    target: str


@dataclass(frozen=True)
class Assignment:
    """Who may do a user task, when it is due and how it is shown."""

    assignee: str | None = None
    candidate_users: str | None = None
    candidate_groups: str | None = None
    due: str | None = None
    follow_up: str | None = None
    priority: str | None = None


@dataclass(frozen=True)
class Reference:
    """A form, decision or process named by the diagram, and which version of it is meant."""

    id: str
    binding: Literal["latest", "deployment", "versionTag"] = "latest"
    version_tag: str | None = None


@dataclass(frozen=True)
class Script:
    """FEEL whose value goes into a variable."""

    expression: str
    result_variable: str


@dataclass(frozen=True)
class CalledDecision:
    """The decision of a business rule task."""

    decision: Reference
    result_variable: str


@dataclass(frozen=True)
class Service:
    """What a service task asks for."""

    type: str
    retries: str = "3"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class CalledProcess:
    """The process of a call activity."""

    process: Reference
    propagate_parent: bool = True
    propagate_child: bool = True


@dataclass(frozen=True)
class Loop:
    """Standard loop or multi-instance characteristics."""

    kind: Literal["parallel", "sequential", "standard"]
    collection: str | None = None
    cardinality: str | None = None
    element: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None
    loop_condition: str | None = None
    loop_maximum: str | None = None
    test_before: bool = False


@dataclass(frozen=True)
class EventDefinition:
    """What an event waits for or throws."""

    trigger: Literal[
        "none", "message", "timer", "signal", "error", "escalation", "conditional", "terminate", "cancel",
        "compensation", "link", "multiple",
    ]
    name: str | None = None
    """Name of the message or signal, code of the error or escalation, name of the link; may be FEEL."""
    correlation_key: str | None = None
    timer_kind: Literal["date", "duration", "cycle"] | None = None
    expression: str | None = None
    """Text of the timer, or the condition."""
    activity: str | None = None
    """The activity that a compensation event addresses; none for the whole scope."""
    line: int | None = None


@dataclass(frozen=True)
class Node:
    """A flow node: an activity, gateway or event."""

    id: str
    kind: str
    """Its BPMN tag, such as `userTask`, `exclusiveGateway`, `boundaryEvent`."""
    name: str = ""
    documentation: str = ""
    line: int | None = None
    scope: str = ""
    """Id of the process or sub-process that it lies in."""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    """Flow ids in the order of the file."""
    default: str | None = None
    lane: str | None = None
    event: EventDefinition | None = None
    attached_to: str | None = None
    is_interrupting: bool = True
    """For boundary events and for start events of event sub-processes."""
    is_event_subprocess: bool = False
    is_for_compensation: bool = False
    instantiate: bool = False
    assignment: Assignment | None = None
    form: Reference | None = None
    script: Script | None = None
    decision: CalledDecision | None = None
    service: Service | None = None
    call: CalledProcess | None = None
    loop: Loop | None = None
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    ad_hoc_completion: str | None = None
    """Only for adHocSubProcess."""


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    line: int | None = None
    scope: str = ""


@dataclass(frozen=True)
class Lane:
    """A lane with the nodes it holds."""

    id: str
    name: str
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProcessModel:
    """One process of a diagram, whole."""

    id: str
    name: str
    documentation: str
    is_executable: bool
    version_tag: str | None
    line: int | None
    resource: str
    nodes: dict[str, Node]
    """All flow nodes at every depth, by id, in document order."""
    flows: dict[str, Flow]
    lanes: tuple[Lane, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    unread: tuple[tuple[str, int | None, str], ...] = ()
    """Elements that mean something to execution and that the parser does not know: (tag, line, id)."""

    def inside(self, scope: str) -> list[Node]:
        """The nodes that lie directly in a process or sub-process."""
        return [node for node in self.nodes.values() if node.scope == scope]

    def boundary_events(self, node_id: str) -> list[Node]:
        return [node for node in self.nodes.values() if node.attached_to == node_id]

    def start_events(self) -> list[Node]:
        return [node for node in self.inside(self.id) if node.kind == "startEvent"]
