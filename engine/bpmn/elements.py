"""A process as read from its diagram: every element typed, with line numbers, nothing executed and nothing ignored.

The parser makes these from XML, the rules check them, the compiler turns them into what the interpreter runs.
Attribute texts are as the diagram writes them: text starting with `=` is FEEL, anything else is a literal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from engine.errors import Problem


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
    """Empty when the diagram names none, which the rules refuse; so too in `CalledDecision`."""


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
class DataItem:
    """A data object, a property, or a reference to a data store."""

    id: str
    name: str
    kind: str
    scope: str
    """Id of the process or sub-process that it lies in."""
    variable: str | None
    """The variable that it is; none when it is drawing only."""
    line: int | None = None


@dataclass(frozen=True)
class LoopEvent:
    """An event that a multi-instance throws while it runs."""

    event: EventDefinition
    condition: str | None = None


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
    behavior: str = "All"
    """After which instances it throws an event: All (never), One (the first), None (each) or Complex."""
    throws: tuple[LoopEvent, ...] = ()


@dataclass(frozen=True)
class EventDefinition:
    """What an event waits for or throws."""

    trigger: Literal[
        "none",
        "message",
        "timer",
        "signal",
        "error",
        "escalation",
        "conditional",
        "terminate",
        "cancel",
        "compensation",
        "link",
        "multiple",
        "parallelMultiple",
    ]
    name: str | None = None
    """Name of the message or signal, code of the error or escalation, name of the link; may be FEEL.

    None when the diagram refers to nothing (an error or escalation event then catches every code); empty when it
    refers to something that has no name or code, which the rules refuse.
    """
    correlation_key: str | None = None
    timer_kind: Literal["date", "duration", "cycle"] | None = None
    expression: str | None = None
    """Text of the timer, or the condition."""
    activity: str | None = None
    """The activity that a compensation event addresses; none for the whole scope."""
    waits: bool = True
    """Whether an event that throws compensation goes on only when all is undone."""
    parts: tuple[EventDefinition, ...] = ()
    """Only for the triggers `multiple` (one of them happens) and `parallelMultiple` (all do): what it consists of."""
    line: int | None = None

    @property
    def single(self) -> tuple[EventDefinition, ...]:
        """What it consists of: itself, unless it is about several things."""
        return self.parts or (self,)


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
    """Name (or, without one, id) of the innermost lane; nodes of a sub-process lie in its lane."""
    event: EventDefinition | None = None
    attached_to: str | None = None
    is_interrupting: bool = True
    """For boundary events and for start events of event sub-processes."""
    compensated_by: str | None = None
    """Only for compensation boundary events: the activity that undoes."""
    is_event_subprocess: bool = False
    is_for_compensation: bool = False
    instantiate: bool = False
    """Whether a receive task or an event-based gateway starts cases."""
    waits_for_all: bool = False
    """Only for event-based gateways: whether each of its events happens, not only the first."""
    assignment: Assignment | None = None
    form: Reference | None = None
    script: Script | None = None
    decision: CalledDecision | None = None
    service: Service | None = None
    call: CalledProcess | None = None
    loop: Loop | None = None
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    keeps_results: bool = False
    """Whether what the activity brings is taken over beside what the output mapping makes of it."""
    properties: dict[str, str] = field(default_factory=dict)
    local_variables: tuple[str, ...] = ()
    """Only for sub-processes: the data objects inside, each a variable of its own passage."""
    ad_hoc_completion: str | None = None
    """Only for adHocSubProcess; so too the next two."""
    in_turn: bool = False
    """Whether its activities run one after another, in the order of the file."""
    cancels_remaining: bool = True
    """Whether what still runs is stopped when its completion condition is met."""

    @property
    def separate(self) -> tuple[tuple[str, Node], ...]:
        """As an event of its own for each of the events that it is about, with a name for each that no id can be."""
        if self.event is None or not self.event.parts:
            return ((self.id, self),)
        return tuple((f"{self.id} {index}", replace(self, event=part)) for index, part in enumerate(self.event.parts))

    @property
    def label(self) -> str:
        """What to call it in a sentence: its name on one line or, without one, its id."""
        return one_line(self.name) or self.id


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
class Beginning:
    """One event that starts cases of a process."""

    element_id: str
    """Where the case begins; one of several that all must happen is told by its number, as in `Node.separate`."""
    node: Node
    event: EventDefinition


Unread = tuple[str, int | None, str]
"""Something that means something to execution and that the parser does not know: (tag or attribute, line, id)."""


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
    data: tuple[DataItem, ...] = ()
    unread: tuple[Unread, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What is wrong with it as a file: ids given twice, references that lead nowhere."""

    def inside(self, scope: str) -> list[Node]:
        """The nodes that lie directly in a process or sub-process."""
        return self._by_scope.get(scope, [])

    def boundary_events(self, node_id: str) -> list[Node]:
        return self._by_host.get(node_id, [])

    @cached_property
    def _by_scope(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            found.setdefault(node.scope, []).append(node)
        return found

    @cached_property
    def _by_host(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.attached_to is not None:
                found.setdefault(node.attached_to, []).append(node)
        return found

    def start_events(self) -> list[Node]:
        return [node for node in self.inside(self.id) if node.kind == "startEvent"]

    def beginnings(self) -> Iterator[Beginning]:
        """All that starts cases by itself: what start events, receive tasks and event-based gateways wait for."""
        for node in self.inside(self.id):
            if node.kind == "startEvent" and node.event is not None:
                all_must_happen = node.event.trigger == "parallelMultiple"
                for name, part in node.separate:
                    if part.event is not None:
                        yield Beginning(name if all_must_happen else node.id, node, part.event)
            elif node.instantiate and node.kind == "receiveTask" and node.event is not None:
                yield Beginning(node.id, node, node.event)
            elif node.instantiate and node.kind == "eventBasedGateway":
                for target in (self.nodes.get(self.flows[flow].target) for flow in node.outgoing):
                    if target is not None and target.event is not None:
                        yield Beginning(target.id, target, target.event)

    def start_form(self) -> Reference | None:
        """The form that a person fills in to start it."""
        return next((node.form for node in self.start_events() if node.form and node.event is None), None)

    def listed(self, name: str) -> tuple[str, ...]:
        """The entries of an own property that is a comma list, such as `stages` or `candidateStarterGroups`."""
        return comma_list(self.properties.get(name, ""))


@dataclass(frozen=True)
class Label:
    """A text of the diagram that belongs to no process: a pool's name, an annotation, a data object's name."""

    text: str
    element_id: str
    line: int | None = None


@dataclass(frozen=True)
class BuiltInForm:
    """A form that the diagram holds itself, as a file of its own."""

    id: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Diagram:
    """A diagram file as read."""

    resource: str
    digest: str
    """SHA-256 of the file, hexadecimal."""
    processes: tuple[ProcessModel, ...]
    labels: tuple[Label, ...] = ()
    forms: tuple[BuiltInForm, ...] = ()
    unread: tuple[Unread, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Both as in `ProcessModel`, for what lies outside of processes."""

    def executable(self) -> tuple[ProcessModel, ...]:
        return tuple(process for process in self.processes if process.is_executable)


def one_line(name: str) -> str:
    """A name as it is written in a sentence, without the line breaks that fit it into its shape."""
    return " ".join(name.split())


def comma_list(text: str) -> tuple[str, ...]:
    """The entries of a comma list, without blanks around them and without empty ones."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
