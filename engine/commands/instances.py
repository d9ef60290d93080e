"""What is done with whole cases: start, cancel, suspend, resume, comment, resolve an incident."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update

from engine import plain, references
from engine.command import Command, Transaction
from engine.commands import step
from engine.commands.definitions import begun_by_event, binding_of, form_of, process_of, resolve, startable
from engine.commands.starts import begin
from engine.commands.tasks import without_form
from engine.commands.variables import checked
from engine.commands.waits import discard, wake_messages
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.events import CommentAdded, IncidentResolved
from engine.model import AcceptedStart, Definition, Incident, Job, Permission, ProcessInstance, Subscription
from engine.model.access import expect_visible

COMMENT_LENGTH = 10_000
SHORTEST_REQUEST_ID, LONGEST_REQUEST_ID = 16, 200


@dataclass(frozen=True)
class Started:
    """A case that has begun."""

    key: int
    reference: str
    secret: str
    """Opens the public status page, together with the reference."""


@dataclass(frozen=True)
class StartInstance(Command):
    """Start a case of a process, with what its start form collected."""

    permission = Permission.CASE_START
    process_id: str
    variables: dict[str, Any] = field(default_factory=dict)
    version: int | None = None
    ticket: int | None = None
    """Decides whether a version that is tried out on a share of the cases takes it; none: the key of the case does."""
    start_form: bool = True
    """Whether the start form checks the data; only programs and process owners may go without."""
    request_id: str | None = None
    """Names this start: when it is asked for again, with the same data, the case that it began is the answer."""

    def execute(self, tx: Transaction) -> Started:
        name = name_of(self.request_id, tx.actor.username, self.process_id, self.variables)
        if begun := begun_as(tx, name):
            return begun
        key = tx.new_key()
        definition = startable(tx, self.process_id, self.version, self.ticket or key)
        if not definition.may_be_started_by(tx.actor):
            raise Forbidden(
                "Expected to start process '{process}', but only others are named as its starters.",
                process=definition.name or definition.definition_id,
            )
        if self.start_form:
            variables = submitted(tx, definition, self.variables, tx.actor.username)
        elif tx.actor.may(Permission.DEFINITION_DEPLOY) or tx.actor.may(Permission.JOB_RUN):
            variables = checked(self.variables)
        else:
            raise Forbidden("Expected a start without its form, but only process owners may do that.")
        return keep_name(tx, name, start(tx, definition, variables, initiator=tx.actor.username, key=key))


@dataclass(frozen=True)
class StartPublicly(Command):
    """File a case as a customer, on the public page."""

    permission = Permission.PUBLIC_FILE
    process_id: str
    submitted: dict[str, Any] = field(default_factory=dict)
    ticket: int | None = None
    request_id: str | None = field(default=None, repr=False)
    """As of `StartInstance`; whoever knows it and the data is given the case with its secret."""

    def execute(self, tx: Transaction) -> Started:
        name = name_of(self.request_id, "", self.process_id, self.submitted)
        if begun := begun_as(tx, name):
            return begun
        key = tx.new_key()
        definition = startable(tx, self.process_id, ticket=self.ticket or key)
        if not definition.is_public or not definition.outline.get("start_form"):
            raise NotFound(
                "Expected to find process '{process}', but none is open to the public.", process=self.process_id
            )
        variables = submitted(tx, definition, self.submitted, None)
        return keep_name(tx, name, start(tx, definition, variables, initiator=None, key=key))


@dataclass(frozen=True)
class CancelInstance(Command):
    """End a case before its time, with everything it waits for."""

    permission = Permission.CASE_CANCEL
    key: int
    reason: str = ""

    def execute(self, tx: Transaction) -> None:
        root = _root(tx, self.key)
        if not self.reason.strip():
            raise Invalid("Expected a reason for cancelling case '{case}', but there is none.", case=root.reference)
        step.cancel(tx, root, self.reason.strip())
        tx.session.execute(delete(Job).where(Job.root_key == root.key, Job.kind.in_(("signal", "reply"))))
        # What was kept for the case while it rested finds no receiver any more, and that is seen.
        tx.session.execute(
            update(Job)
            .where(Job.root_key == root.key, Job.kind == "message", Job.status == "suspended")
            .values(status="waiting", root_key=None, instance_key=None)
        )


@dataclass(frozen=True)
class SuspendInstance(Command):
    """Put a case to rest: nothing in it can be done until it is resumed."""

    permission = Permission.CASE_SUSPEND
    key: int
    reason: str = ""

    def execute(self, tx: Transaction) -> None:
        root = _root(tx, self.key)
        suspend(tx, root, self.reason.strip())


@dataclass(frozen=True)
class ResumeInstance(Command):
    """Let a case go on after a rest; what came due meanwhile is done at once."""

    permission = Permission.CASE_SUSPEND
    key: int

    def execute(self, tx: Transaction) -> None:
        resume(tx, _root(tx, self.key))


@dataclass(frozen=True)
class AddComment(Command):
    """Write a note on a case."""

    permission = Permission.CASE_COMMENT
    key: int
    text: str

    def execute(self, tx: Transaction) -> None:
        root = _root(tx, self.key)
        text = self.text.strip()
        if not text or len(text) > COMMENT_LENGTH:
            raise Invalid(
                "Expected a note of 1 to {limit} letters, but it has {length}.", limit=COMMENT_LENGTH, length=len(text)
            )
        expect_visible(tx.session, tx.actor, root.key)
        tx.tell(root, CommentAdded(text))


@dataclass(frozen=True)
class ResolveIncident(Command):
    """Try a failed activity again, with corrected data of its case if need be."""

    permission = Permission.INCIDENT_RESOLVE
    incident_key: int
    variables: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> None:
        instance, incident = tx.lock_instance(self.incident_key, of=Incident)
        instance.expect_active()
        if incident.resolved_at is not None:
            raise Refused(
                "Expected to resolve incident '{incident}', but that is done.", incident=incident.label or incident.key
            )
        resolve_incident(tx, instance, incident, checked(self.variables))


def suspend(tx: Transaction, root: ProcessInstance, reason: str) -> None:
    """Put a locked case to rest, with all that it called and waits for."""
    tx.tell(root, root.suspend(reason))
    for called in _called(tx, root, "active"):
        called.status = "suspended"
    tx.session.execute(
        update(Job)
        .where(Job.root_key == root.key, Job.status == "waiting", Job.kind != "batch")
        .values(status="suspended")
    )


def resume(tx: Transaction, root: ProcessInstance) -> None:
    """Let a locked case go on: what came meanwhile is done in the order in which it came."""
    tx.tell(root, root.resume())
    for called in _called(tx, root, "suspended"):
        called.status = "active"
    tx.session.execute(
        update(Job).where(Job.root_key == root.key, Job.status == "suspended").values(status="waiting")
    )
    awaited = select(Subscription.name, Subscription.correlation_key).where(
        Subscription.root_key == root.key, Subscription.kind == "message"
    )
    wake_messages(tx, [(name, key) for name, key in tx.session.execute(awaited)])
    tx.has_due_job = True


def resolve_incident(tx: Transaction, instance: ProcessInstance, incident: Incident, variables: dict[str, Any]) -> None:
    """Run the failed activity again; a service asks anew, with inputs mapped from the corrected data."""
    incident.resolved_at = tx.now
    tx.tell(instance, IncidentResolved(incident.element_id, incident.activity_key, incident.key, variables))
    failed = tx.session.get(Job, incident.activity_key)
    if failed is not None and failed.kind == "reply":
        discard(tx, failed)  # nobody asks for it any more, and a person has read it
        return
    if failed is not None and failed.kind in ("timer", "message", "call"):
        failed.retry(tx.now)
        tx.has_due_job = True
        return
    if failed is not None:
        discard(tx, failed)
    execution = step.load(tx, instance)
    step.keep(tx, instance, execution, execution.retry(incident.activity_key, variables))


def start(
    tx: Transaction,
    definition: Definition,
    variables: dict[str, Any],
    *,
    initiator: str | None,
    start_element_id: str | None = None,
    key: int | None = None,
) -> Started:
    """Begin a case and run it to its first wait states."""
    begun = begin(tx, definition, variables, initiator=initiator, start_element_id=start_element_id, key=key)
    step.keep(tx, begun.instance, begun.execution, begun.events)
    reference = begun.instance.reference
    return _started(tx, begun.instance.key, reference)


def name_of(request_id: str | None, asker: str, process_id: str, data: dict[str, Any]) -> str | None:
    """What a start is known by. Other data is another start: a form may be shown again by the browser, and filled anew.

    Raises Invalid for a name that others may hit upon.
    """
    if request_id is None:
        return None
    if not SHORTEST_REQUEST_ID <= len(request_id) <= LONGEST_REQUEST_ID:
        raise Invalid(
            "Expected a request id of {shortest} to {longest} letters, but it has {length}.",
            shortest=SHORTEST_REQUEST_ID, longest=LONGEST_REQUEST_ID, length=len(request_id),
        )  # fmt: skip
    return hashlib.sha256(plain.dumps([request_id, asker, process_id, checked(data)]).encode()).hexdigest()


def begun_as(tx: Transaction, name: str | None) -> Started | None:
    """The case that began under this name; none: there is none yet."""
    known = tx.session.get(AcceptedStart, name) if name is not None else None
    if known is None:
        return None
    return _started(tx, known.instance_key, tx.get(ProcessInstance, known.instance_key).reference)


def keep_name(tx: Transaction, name: str | None, started: Started) -> Started:
    if name is not None:
        tx.add(AcceptedStart(digest=name, instance_key=started.key, accepted_at=tx.now))
    return started


def _started(tx: Transaction, key: int, reference: str) -> Started:
    return Started(key, reference, references.status_secret(tx.secret, reference))


def start_by_event(tx: Transaction, definition: Definition, variables: dict[str, Any], element_id: str) -> Started:
    """Begin a case by a message, signal, timer or condition that the version in force waits for."""
    key = tx.new_key()
    definition, element_id = begun_by_event(tx, definition, element_id, key)
    return start(tx, definition, variables, initiator=None, start_element_id=element_id, key=key)


def submitted(tx: Transaction, definition: Definition, data: dict[str, Any], initiator: str | None) -> dict[str, Any]:
    """What was submitted to the start form, checked by it; without a form only programs may hand in data."""
    process = process_of(tx, definition.key)
    wanted = process.start_form
    if wanted is None:
        return without_form(tx.actor, data)
    form = resolve(tx, "form", wanted.id, binding_of(wanted), process.deployment_key)
    if form is None:
        raise NotFound("Expected to find form '{form}', but none is deployed.", form=wanted.id)
    return form_of(tx, form.key).form.validate(checked(data), {"initiator": initiator}, tx.now)


def _root(tx: Transaction, key: int) -> ProcessInstance:
    """The case that an instance belongs to, locked."""
    instance = tx.lock_instance(key)
    return instance if instance.parent_key is None else tx.instance(instance.root_key)


def _called(tx: Transaction, root: ProcessInstance, status: str) -> list[ProcessInstance]:
    return list(
        tx.session.scalars(
            select(ProcessInstance).where(
                ProcessInstance.root_key == root.key, ProcessInstance.key != root.key, ProcessInstance.status == status
            )
        ).all()
    )
