"""What is done with jobs: answer them, trigger timers, deliver what cases sent each other, retry what failed.

A service job is three acts: `TakeJobs`, the call with no transaction open, then `CompleteJob`, `FailJob` or
`ThrowJobError` with the token that taking it gave. Whoever slept over the lease holds an old token and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from engine import plain
from engine.bpmn.timers import Due
from engine.command import Command, Transaction, not_found
from engine.commands import step
from engine.commands.instances import resolve_incident, start_by_event
from engine.commands.messages import NOBODY_WAITS, Ambiguous, correlate, is_awaited, keep_for
from engine.commands.variables import checked
from engine.commands.waits import TIMER_RETRIES, Waits, discard, message_names
from engine.database import be_alone_with
from engine.errors import AtRest, EngineError, NotFound, Refused
from engine.model import (
    BatchCase,
    Definition,
    Incident,
    Job,
    OutboxMail,
    Permission,
    ProcessInstance,
    ReceivedMessage,
    Subscription,
)  # fmt: skip

SERVICE_FAILED = "The service '{service}' failed: {message}"
TIMER_FAILED = "The timer could not be triggered: {message}"
STEP_FAILED = "The case could not go on: {message}"
REPLY_LATE = "The customer answered while the case rested, but it does not ask for this any more: {answer}"
MESSAGE_FAILED = "The message could not be delivered: {message}"
BATCH_FAILED = "It was tried {count} times and did not work: {message}"
LONGEST_MESSAGE = 2_000


@dataclass(frozen=True)
class TriggerTimer(Command):
    """Let a timer fire: a case goes on, or a process starts."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str | None = None

    def execute(self, tx: Transaction) -> None:
        instance, job = held(tx, self.job_key, self.token, "timer")
        if instance is None:
            _start_by_timer(tx, job)
            return
        if instance.status == "suspended":
            job.suspend()
            return
        instance.expect_active()
        discard(tx, job)
        execution = step.load(tx, instance)
        step.keep(tx, instance, execution, execution.trigger(job.key))


@dataclass(frozen=True)
class DeliverMessage(Command):
    """Bring a message that one case sent to the case that waits for it, or start a process by it."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str | None = None

    def execute(self, tx: Transaction) -> None:
        _, job = held(tx, self.job_key, self.token, "message")
        name, until = job.service or "", dt.datetime.fromisoformat(job.headers["until"])
        try:
            correlated = correlate(tx, name, job.headers["correlation_key"], job.variables, job.key)
        except AtRest as error:
            keep_for(job, error)
            return
        except Ambiguous as error:
            _give_up(tx, job, error)
            return
        if correlated is not None:
            _note_receiver(tx, job, correlated.instance_key)
            discard(tx, job)
        elif tx.now < until:
            # Whoever began to wait since we looked has the name until we have it, and is there for the next look.
            be_alone_with(tx.session, *message_names(name, job.headers["correlation_key"]))
            job.root_key = job.instance_key = None
            if is_awaited(tx, name, job.headers["correlation_key"]):
                job.retry(tx.now)
                tx.has_due_job = True
            else:
                job.rest(tx.now, until)
        else:
            _give_up(tx, job, NotFound(NOBODY_WAITS, message=name))


@dataclass(frozen=True)
class DeliverSignal(Command):
    """Bring a signal to one receiver; if that no longer waits for it, nothing happens."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str | None = None

    def execute(self, tx: Transaction) -> None:
        instance, job = held(tx, self.job_key, self.token, "signal")
        subscription = receiver_of(tx, job)
        if _rests(tx, instance, job):
            job.suspend()
            return
        discard(tx, job)
        if subscription is None:
            return
        if instance is not None:
            instance.expect_active()
            step.deliver(tx, subscription, job.variables)
            return
        definition = tx.get(Definition, subscription.definition_key)
        start_by_event(tx, definition, job.variables, subscription.element_id)


@dataclass(frozen=True)
class DeliverReply(Command):
    """Give a case what its customer answered while it rested; when nobody asks any more, a person is told."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str | None = None

    def execute(self, tx: Transaction) -> None:
        instance, job = held(tx, self.job_key, self.token, "reply")
        assert instance is not None
        if instance.status == "suspended":
            job.suspend()
            return
        subscription = tx.session.get(Subscription, int(job.headers["subscription"]))
        if subscription is not None:
            discard(tx, job)
            instance.expect_active()
            step.deliver(tx, subscription, job.variables)
        elif instance.has_ended:
            discard(tx, job)
        else:
            answer = plain.dumps(job.variables)[:LONGEST_MESSAGE]
            job.fail(REPLY_LATE.format(answer=answer), 0, tx.now)
            Waits(tx).raise_incident(instance, job.key, job.element_id, job.label, REPLY_LATE, {"answer": answer})


@dataclass(frozen=True)
class BeginCall(Command):
    """Begin a process that was called while it rested."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str | None = None

    def execute(self, tx: Transaction) -> None:
        instance, job = held(tx, self.job_key, self.token, "call")
        assert instance is not None
        definition = tx.get(Definition, job.definition_key)
        if instance.status == "suspended" or definition.is_suspended:
            job.suspend()
            return
        instance.expect_active()
        discard(tx, job)
        step.begin_called(tx, instance, job, definition)


@dataclass(frozen=True)
class CompleteJob(Command):
    """Tell that a service did what it was asked for, and run the case on."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str
    variables: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def execute(self, tx: Transaction) -> None:
        instance, job = _service(tx, self.job_key, self.token)
        variables, note = checked(self.variables), self.note[:LONGEST_MESSAGE]
        if instance.status == "suspended":
            job.become_answer(variables, {"note": note}, tx.now)
            return
        instance.expect_active()
        _complete(tx, instance, job, variables, note)


@dataclass(frozen=True)
class FailJob(Command):
    """Tell that a job did not work: it is tried again later or, with no tries left, becomes an incident."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str
    message: str
    retries: int | None = None
    """How many tries are left; none: one less than before."""

    def execute(self, tx: Transaction) -> None:
        instance, job = _locked(tx, self.job_key)
        job.expect_held(self.token)
        told = job.fail(self.message[:LONGEST_MESSAGE], self.retries, tx.now)
        if instance is None:
            if job.kind == "message" and job.status == "failed":
                _tell_sender(tx, job, MESSAGE_FAILED, {"message": told.message})
            return
        tx.tell(instance, told)
        if job.status != "failed" or instance.has_ended:
            return
        if job.kind == "service":
            execution = step.load(tx, instance)
            values = {"service": told.service, "message": told.message}
            step.keep(tx, instance, execution, execution.fail(job.key, SERVICE_FAILED, values))
        elif job.kind == "batch":
            _give_up_batch_case(tx, job)
        elif job.kind in ("timer", "reply", "call"):
            template = TIMER_FAILED if job.kind == "timer" else STEP_FAILED
            values = {"message": told.message}
            Waits(tx).raise_incident(instance, job.key, job.element_id, job.label, template, values)


@dataclass(frozen=True)
class ThrowJobError(Command):
    """Tell that a service met a modelled error, which its boundary event catches."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str
    code: str
    message: str = ""
    variables: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> None:
        instance, job = _service(tx, self.job_key, self.token)
        variables, message = checked(self.variables), self.message[:LONGEST_MESSAGE]
        if instance.status == "suspended":
            job.become_answer(variables, {"code": self.code, "message": message}, tx.now)
            return
        instance.expect_active()
        _throw_error(tx, instance, job, variables, self.code, message)


@dataclass(frozen=True)
class TakeOverAnswer(Command):
    """Take over what a service answered while its case rested, and run the case on."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str | None = None

    def execute(self, tx: Transaction) -> None:
        instance, job = held(tx, self.job_key, self.token, "answer")
        assert instance is not None
        if instance.status == "suspended":
            job.suspend()
            return
        instance.expect_active()
        if "code" in job.headers:
            _throw_error(tx, instance, job, job.variables, job.headers["code"], job.headers["message"])
        else:
            _complete(tx, instance, job, job.variables, job.headers["note"])


@dataclass(frozen=True)
class RetryJob(Command):
    """Try a job again at once, whether it rests after a failure or has no tries left."""

    permission = Permission.INCIDENT_RESOLVE
    job_key: int

    def execute(self, tx: Transaction) -> None:
        instance, job = _locked(tx, self.job_key)
        open_incident = select(Incident).where(Incident.activity_key == job.key, Incident.resolved_at.is_(None))
        incident = tx.session.scalars(open_incident).first()
        if incident is not None and instance is None:
            instance = tx.lock_instance(incident.instance_key)
        if instance is not None:
            instance.expect_active()
            if incident is not None:
                resolve_incident(tx, instance, incident, {})
                return
        if job.lease_until is not None and job.lease_until > tx.now:
            raise Refused("Expected to retry job '{job}', but it is being tried just now.", job=job.label or job.key)
        job.retry(tx.now)
        tx.has_due_job = True


@dataclass(frozen=True)
class KeepMail(Command):
    """Put a mail into the outbox, since no mail server is configured; the same job's mail is put there once."""

    permission = Permission.JOB_RUN
    job_key: int
    root_key: int
    recipient: str
    mail_subject: str
    body: str

    def execute(self, tx: Transaction) -> None:
        if tx.session.get(OutboxMail, self.job_key) is not None:
            return
        tx.add(
            OutboxMail(
                key=self.job_key,
                root_key=self.root_key,
                recipient=self.recipient,
                subject=self.mail_subject,
                body=self.body,
                written_at=tx.now,
            )
        )


def _locked(tx: Transaction, job_key: int) -> tuple[ProcessInstance | None, Job]:
    """A job under the lock of its case or, when it belongs to none, under its own."""
    try:
        return tx.lock_instance(job_key, of=Job)
    except NotFound:
        lone = select(Job).where(Job.key == job_key, Job.root_key.is_(None)).with_for_update()
        job = tx.session.scalars(lone).first()
    if job is None:
        raise not_found(Job, job_key)
    return None, job


def held(tx: Transaction, job_key: int, token: str | None, kind: str) -> tuple[ProcessInstance | None, Job]:
    """A job of this kind under lock, held by whoever has the token. Raises NotFound or Refused."""
    instance, job = _locked(tx, job_key)
    if job.kind != kind:
        raise Refused("Expected a job of the kind {kind}, but it is of the kind {other}.", kind=kind, other=job.kind)
    if token is not None:
        job.expect_held(token)
    return instance, job


def _service(tx: Transaction, job_key: int, token: str) -> tuple[ProcessInstance, Job]:
    instance, job = held(tx, job_key, token, "service")
    if instance is None:
        raise not_found(ProcessInstance, job.instance_key)
    return instance, job


def _complete(tx: Transaction, instance: ProcessInstance, job: Job, variables: dict[str, Any], note: str) -> None:
    tx.tell(instance, job.complete(variables, note))
    discard(tx, job)
    execution = step.load(tx, instance)
    step.keep(tx, instance, execution, execution.complete(job.key, variables))


def _throw_error(
    tx: Transaction, instance: ProcessInstance, job: Job, variables: dict[str, Any], code: str, message: str
) -> None:
    tx.tell(instance, job.fail(f"{code}: {message}", 0, tx.now))
    discard(tx, job)
    execution = step.load(tx, instance)
    step.keep(tx, instance, execution, execution.throw_error(job.key, code, message, variables))


def _rests(tx: Transaction, instance: ProcessInstance | None, job: Job) -> bool:
    """Whether the case or process that a job is for is at rest."""
    if instance is not None:
        return instance.status == "suspended"
    return job.definition_key is not None and tx.get(Definition, job.definition_key).is_suspended


def _start_by_timer(tx: Transaction, job: Job) -> None:
    """A start timer fires: a case begins, and a cycle is set for its next time."""
    definition = tx.get(Definition, job.definition_key)
    if definition.is_suspended:
        job.suspend()
        return
    definition.expect_in_force()
    due = Due(job.due, job.variables.get("repeats"), job.variables.get("interval", ""))
    coming = due.after(tx.now)
    element_id = job.element_id
    if coming is None:
        discard(tx, job)
    else:
        job.due, job.retries_left, job.attempts = coming.moment, TIMER_RETRIES, 0
        job.variables = {"repeats": coming.repeats, "interval": coming.interval}
        job.lease_token = job.lease_until = None
    start_by_event(tx, definition, {}, element_id)


def _give_up_batch_case(tx: Transaction, job: Job) -> None:
    """A case of a batch could not be dealt with for a technical reason: the batch says so, and it stays as it is."""
    row = tx.get(BatchCase, (int(job.headers["batch"]), job.instance_key))
    row.refuse(Refused(BATCH_FAILED, count=job.attempts, message=job.last_error or ""), tx.now)
    discard(tx, job)


def receiver_of(tx: Transaction, job: Job) -> Subscription | None:
    """The wait that a signal was meant for or, when an earlier signal was first, the one that came in its place."""
    meant = tx.session.get(Subscription, int(job.headers["subscription"]))
    if meant is not None or job.instance_key is None:
        return meant
    again = select(Subscription).where(
        Subscription.kind == "signal",
        Subscription.name == job.service,
        Subscription.instance_key == job.instance_key,
        Subscription.element_id == job.element_id,
    )
    return tx.session.scalars(again.order_by(Subscription.key).limit(1)).first()


def _note_receiver(tx: Transaction, job: Job, instance_key: int) -> None:
    """A message that named itself when it was kept has found its case."""
    received = tx.session.get(ReceivedMessage, (job.service, job.headers.get("message_id", "")))
    if received is not None:
        received.instance_key = instance_key


def _give_up(tx: Transaction, job: Job, error: EngineError) -> None:
    """A message cannot be delivered: the job stays for a person to see, and the case that sent it asks for help."""
    job.fail(str(error)[:LONGEST_MESSAGE], 0, tx.now)
    _tell_sender(tx, job, error.template, error.values)


def _tell_sender(tx: Transaction, job: Job, template: str, values: Mapping[str, Any]) -> None:
    sender = int(job.headers.get("sender", 0))
    if not sender:
        return
    tx.session.flush()  # the lock reads everything fresh
    instance = tx.lock_instance(sender)
    if not instance.has_ended:
        Waits(tx).raise_incident(instance, job.key, job.element_id, job.label, template, dict(values))
