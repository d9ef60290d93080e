"""Every fact the engine can tell: the vocabulary of the history log.

An event is frozen, in the past tense and made of plain data; its docstring is shown to auditors as it stands.
The log keeps `element_id` in the open; everything else is payload that can be erased without breaking the chain.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Something happened."""

    registry: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        Event.registry[cls.__name__] = cls

    @property
    def name(self) -> str:
        return type(self).__name__

    def payload(self) -> dict[str, Any]:
        """What the log keeps apart from the element's id, which stands in the open."""
        kind: Any = type(self)
        return {name: getattr(self, name) for name in _told(kind)}


@cache
def _told(kind: Any) -> tuple[str, ...]:
    told = (each.name for each in dataclasses.fields(kind) if each.metadata.get("told", True))
    return tuple(name for name in told if name != "element_id")


@dataclass(frozen=True)
class ElementEvent(Event):
    """Something happened at an element of the diagram."""

    element_id: str
    activity_key: int
    """Key of the passage through the element; a loop gives the same element a new key each round."""
    kind: str
    """The BPMN name of the element's kind, such as `userTask` or `boundaryEvent`."""
    label: str
    """What the diagram writes on the element; empty when it writes nothing."""


# --- process instances -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InstanceStarted(Event):
    """A case was started on one version of its process."""

    definition_key: int
    process_id: str
    version: int
    reference: str
    initiator: str | None
    variables: dict[str, Any]
    parent_activity_key: int | None = None
    inherited: list[str] = field(default_factory=list)
    """Further variables that a called process got from its caller unchanged: the history before tells their values."""


@dataclass(frozen=True)
class InstanceCompleted(Event):
    """The case reached its end, with its data as the history before left it."""


@dataclass(frozen=True)
class InstanceCancelled(Event):
    """The case was ended before its time."""

    reason: str


@dataclass(frozen=True)
class InstanceSuspended(Event):
    """The case was put to rest: nothing in it can be done until it is resumed."""

    reason: str


@dataclass(frozen=True)
class InstanceResumed(Event):
    """The case goes on after a rest."""


@dataclass(frozen=True)
class InstanceModified(Event):
    """Somebody moved the case by hand to another place on its diagram."""

    stopped: list[str]
    """Ids of the elements at which it was stopped."""
    before: list[str]
    """Elements that began."""
    after: list[str]
    """Elements behind which it went on, as if they had been done."""
    reason: str


@dataclass(frozen=True)
class InstanceMigrated(Event):
    """The case goes on in another version of its process, which the digest beside it names from here on."""

    definition_key: int
    process_id: str
    version: int
    from_definition_key: int
    from_process_id: str
    from_version: int
    mapping: dict[str, str]
    """Element of the old version → the one of the new, where the ids differ."""
    renewed: list[str]
    """What was worked out anew instead of kept: timer, message, signal, task."""
    reason: str
    requested_by: str
    """Who asked for it: for many cases at once, the engine does it one by one."""


@dataclass(frozen=True)
class ActivityMigrated(ElementEvent):
    """What runs at an element of the old version runs at this one of the new."""

    from_element: str


@dataclass(frozen=True)
class StageReached(Event):
    """The case reached a stage that its customer can see."""

    element_id: str
    stage: str
    promised: str | None
    """By when the customer is promised the next news, ISO 8601 with offset."""


@dataclass(frozen=True)
class CommentAdded(Event):
    """Somebody wrote a note on the case."""

    text: str


# --- passing through the diagram -------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActivityStarted(ElementEvent):
    """Work on an activity began."""


@dataclass(frozen=True)
class ActivityCompleted(ElementEvent):
    """An activity was done."""


@dataclass(frozen=True)
class ActivityCancelled(ElementEvent):
    """An activity was stopped before it was done."""

    cause: str | None
    """The element that stopped it, such as a boundary event; none when the whole case was cancelled."""


@dataclass(frozen=True)
class ActivityFailed(ElementEvent):
    """An activity could not be carried out and waits for a person who helps."""

    template: str
    values: dict[str, Any]


@dataclass(frozen=True)
class ActivityRetried(ElementEvent):
    """A failed activity is tried again."""


@dataclass(frozen=True)
class EventOccurred(ElementEvent):
    """An event of the diagram happened: a start, an end, a message that arrived, a time that came."""

    trigger: str
    """none, message, timer, signal, error, escalation, conditional, terminate, cancel, compensation, link or, for
    several things together, multiple or parallelMultiple."""
    event_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EventPartOccurred(ElementEvent):
    """One of several things has happened that an event of the diagram waits for together."""

    trigger: str
    event_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EventWithdrawn(ElementEvent):
    """An event that was waited for is no longer waited for."""


@dataclass(frozen=True)
class FlowTaken(Event):
    """The case went along a sequence flow."""

    element_id: str
    """The flow's own id."""
    source: str
    target: str
    label: str
    condition: str | None = None
    """The FEEL text that decided; none when the flow has no condition."""
    reads: dict[str, Any] = field(default_factory=dict)
    """What the condition (or, for a default flow, the conditions that were not true) read: path → value."""
    is_default: bool = False


@dataclass(frozen=True)
class VariablesChanged(Event):
    """Data of the case changed."""

    element_id: str
    activity_key: int
    scope: str
    """Id of the process or sub-process that the variables belong to."""
    changes: dict[str, dict[str, Any]]
    """Variable → {"old": …, "new": …}; "old" is absent for a new variable, "new" for a removed one."""


@dataclass(frozen=True)
class DecisionEvaluated(Event):
    """A decision was taken by rules."""

    element_id: str
    activity_key: int
    decision_id: str
    version: int
    inputs: dict[str, Any]
    rules: list[dict[str, Any]]
    """Each: decision (name), index (from 1), id, annotations (list of text), outputs (name → value)."""
    result: Any
    warnings: list[dict[str, Any]] = field(default_factory=list)
    """Why something in it gave null, such as a name that is not there; each: template, values."""


@dataclass(frozen=True)
class ErrorThrown(ElementEvent):
    """A modelled error was raised."""

    code: str
    caught_by: str | None


@dataclass(frozen=True)
class EscalationThrown(ElementEvent):
    """A modelled escalation was raised."""

    code: str
    caught_by: str | None


@dataclass(frozen=True)
class MessageThrown(ElementEvent):
    """The case sent a message to other cases."""

    message: str
    correlation_key: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class SignalThrown(ElementEvent):
    """The case broadcast a signal."""

    signal: str
    variables: dict[str, Any]


# --- what the case now waits for -------------------------------------------------------------------------------


@dataclass(frozen=True)
class TaskCreated(ElementEvent):
    """A task was created and offered."""

    assignee: str | None
    candidate_users: list[str]
    candidate_groups: list[str]
    due: dt.datetime | None
    follow_up: dt.datetime | None
    priority: int
    form_id: str | None
    form_binding: str
    """latest, deployment, or a version tag behind `versionTag:`."""
    separate_from: list[str]
    """Ids of user tasks whose doers may not do this one (four eyes)."""
    action: str
    """What the button that completes the task says; empty for the usual word."""


@dataclass(frozen=True)
class TimerSet(ElementEvent):
    """A timer was set."""

    due: dt.datetime
    repeats: int | None = None
    """How often a cycle still fires after this time; none for a single time, -1 for without end."""


@dataclass(frozen=True)
class ServiceRequested(ElementEvent):
    """A service was asked for."""

    service: str
    """The task type, such as `casewright:mail`."""
    retries: int
    headers: dict[str, str]
    variables: dict[str, Any]


@dataclass(frozen=True)
class MessageAwaited(ElementEvent):
    """The case waits for a message."""

    message: str
    correlation_key: str
    form_id: str | None = None
    """The form by which the customer can send the message on the public page."""


@dataclass(frozen=True)
class SignalAwaited(ElementEvent):
    """The case waits for a signal."""

    signal: str


@dataclass(frozen=True)
class ProcessCalled(ElementEvent):
    """Another process was called and is waited for."""

    process_id: str
    binding: str
    variables: dict[str, Any] = field(metadata={"told": False})
    """What the called process begins with; the start of that process tells it."""


# --- tasks -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TaskEvent(Event):
    """Something happened to a task."""

    element_id: str
    activity_key: int


@dataclass(frozen=True)
class TaskAssigned(TaskEvent):
    """A task was given to a person."""

    assignee: str
    previous: str | None


@dataclass(frozen=True)
class TaskClaimed(TaskEvent):
    """A person took a task."""

    assignee: str


@dataclass(frozen=True)
class TaskReleased(TaskEvent):
    """A task was given back to those it is offered to."""

    previous: str


@dataclass(frozen=True)
class TaskOffered(TaskEvent):
    """A task was offered to other people or groups."""

    candidate_users: list[str]
    candidate_groups: list[str]


@dataclass(frozen=True)
class TaskRescheduled(TaskEvent):
    """A task's due date, follow-up date or priority was changed."""

    due: dt.datetime | None
    follow_up: dt.datetime | None
    priority: int


@dataclass(frozen=True)
class FormOpened(TaskEvent):
    """A person opened the form of a task."""

    form_id: str | None
    form_version: int | None


@dataclass(frozen=True)
class TaskCompleted(TaskEvent):
    """A person completed a task."""

    assignee: str | None
    form_id: str | None
    form_version: int | None
    variables: dict[str, Any]


# --- jobs, messages, incidents ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class JobCompleted(Event):
    """A service did what it was asked for."""

    element_id: str
    activity_key: int
    service: str
    variables: dict[str, Any]
    note: str = ""
    """What was done, in a few words, such as the address a mail went to."""


@dataclass(frozen=True)
class JobFailed(Event):
    """A service could not do what it was asked for."""

    element_id: str
    activity_key: int
    service: str
    message: str
    retries_left: int
    next_try: dt.datetime | None


@dataclass(frozen=True)
class MessageReceived(Event):
    """A message reached the case."""

    element_id: str
    activity_key: int
    message: str
    correlation_key: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class IncidentRaised(Event):
    """Something failed and waits for a person."""

    element_id: str
    activity_key: int
    incident_key: int
    template: str
    values: dict[str, Any]


@dataclass(frozen=True)
class IncidentResolved(Event):
    """An incident was dealt with."""

    element_id: str
    activity_key: int
    incident_key: int
    variables: dict[str, Any]


# --- definitions, people, access -------------------------------------------------------------------------------


@dataclass(frozen=True)
class ResourcesDeployed(Event):
    """Diagrams, forms or decision tables were put into force together."""

    deployment_key: int
    resources: dict[str, str]
    """File name → SHA-256 of its content."""
    definitions: list[dict[str, Any]]
    """Each: kind, id, version, key."""
    label: str = ""
    """What people call this version."""
    note: str = ""
    """What changed and why."""


@dataclass(frozen=True)
class ProjectOpened(Event):
    """Somebody began to change a process, apart from what is in force."""

    project: str
    process_id: str
    files: dict[str, str]
    """File name → SHA-256 of the content that it began with."""


@dataclass(frozen=True)
class ProjectDiscarded(Event):
    """A change under way was given up; what is in force stays as it is."""

    project: str


@dataclass(frozen=True)
class ProjectPublished(Event):
    """A change under way was put into force."""

    project: str
    deployment_key: int
    label: str
    note: str


@dataclass(frozen=True)
class VersionRestored(Event):
    """An earlier version was put into force again, as a new one."""

    definition_id: str
    version: int
    """The version that is in force again in all but its number."""
    deployment_key: int
    note: str


@dataclass(frozen=True)
class GateOverridden(Event):
    """A change was published although something spoke against it."""

    project: str
    gate: str
    """What spoke against it, such as `scenarios` or `replay`."""
    found: str
    reason: str


@dataclass(frozen=True)
class ReviewAsked(Event):
    """Somebody else was asked to look at a change before it is published."""

    project: str
    digest: str
    """SHA-256 of all that was to be looked at."""
    question: str


@dataclass(frozen=True)
class ReviewGiven(Event):
    """Somebody looked at a change and approved it, or sent it back."""

    project: str
    digest: str
    is_approved: bool
    answer: str


@dataclass(frozen=True)
class TrialBegun(Event):
    """A new version is tried out on some of the new cases, beside the one in force."""

    deployment_key: int
    trial: str
    """`percent:10`, or `group:` and the group's id."""


@dataclass(frozen=True)
class TrialEnded(Event):
    """A version that was tried out is now for everybody, or was withdrawn."""

    deployment_key: int
    is_promoted: bool
    note: str


@dataclass(frozen=True)
class WorkshopSettingChanged(Event):
    """An owner changed what is asked of changes to a process, or to all."""

    process_id: str
    setting: str
    value: str
    before: str


@dataclass(frozen=True)
class ElementTemplateSaved(Event):
    """A prepared element for diagrams was saved."""

    template_id: str
    template_name: str


@dataclass(frozen=True)
class ElementTemplateRemoved(Event):
    """A prepared element for diagrams was taken away; what diagrams made of it stays."""

    template_id: str
    template_name: str


@dataclass(frozen=True)
class DefinitionRetired(Event):
    """A process takes no new cases any more."""

    process_id: str


@dataclass(frozen=True)
class DefinitionReinstated(Event):
    """A retired process takes new cases again."""

    process_id: str


@dataclass(frozen=True)
class DefinitionSuspended(Event):
    """A version of a process was put to rest: nothing starts it until it goes on."""

    process_id: str
    version: int
    reason: str


@dataclass(frozen=True)
class DefinitionResumed(Event):
    """A version of a process goes on after a rest."""

    process_id: str
    version: int


@dataclass(frozen=True)
class UserCreated(Event):
    """An account was made."""

    username: str
    roles: list[str]
    groups: list[str]


@dataclass(frozen=True)
class UserChanged(Event):
    """An account's name, roles, groups or state were changed."""

    username: str
    changes: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class PasswordChanged(Event):
    """An account got a new password."""

    username: str


@dataclass(frozen=True)
class GroupCreated(Event):
    """A group was made."""

    group_id: str
    group_name: str


@dataclass(frozen=True)
class SignedIn(Event):
    """A person signed in."""

    address: str


@dataclass(frozen=True)
class SignInRefused(Event):
    """Somebody tried to sign in and was refused."""

    address: str
    reason: str


@dataclass(frozen=True)
class AttemptRefused(Event):
    """Somebody asked for something that was refused."""

    command: str
    subject: str
    template: str
    values: dict[str, Any]
