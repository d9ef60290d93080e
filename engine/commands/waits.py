"""What a case waits for: tasks, timers, services, messages, signals and people who mend what failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, or_, select, update

from engine.bpmn.elements import Node
from engine.bpmn.timers import add_duration
from engine.command import ALOOF, Transaction
from engine.commands.definitions import resolve
from engine.database import Base, be_alone_with
from engine.events import (
    ActivityCancelled,
    EventWithdrawn,
    IncidentRaised,
    MessageAwaited,
    MessageThrown,
    ProcessCalled,
    ServiceRequested,
    SignalAwaited,
    TaskCreated,
    TimerSet,
)  # fmt: skip
from engine.model import Incident, Job, ProcessInstance, Subscription, Task

MESSAGE_RETRIES = 3
TIME_TO_LIVE = dt.timedelta(hours=1)
"""So long a message that a case sends is kept for a receiver that is still on its way, unless the diagram says."""
TIMER_RETRIES = 3


class Waits:
    """Sets up what an instance waits for, and takes away what it no longer waits for."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._made: dict[int, Base] = {}
        """Rows of this step, which may be withdrawn before they are ever written."""
        self._tasks: list[int] = []
        self._jobs: list[int] = []
        self._subscriptions: list[int] = []
        self._activities: list[int] = []
        self._ended: list[int] = []
        self._awaited: list[tuple[str, str]] = []
        """Name and key of the messages that the case now waits for; some may be on their way already."""

    def offer_task(self, instance: ProcessInstance, event: TaskCreated, deployment_key: int) -> None:
        form = resolve(self._tx, "form", event.form_id, event.form_binding, deployment_key) if event.form_id else None
        excluded = doers(self._tx, instance, event.separate_from) if event.separate_from else []
        task = Task.create(
            instance, event, form_key=form.key if form else None, excluded_users=excluded, now=self._tx.now
        )
        self._make(task)
        if task.assignee in excluded:
            self._tx.tell(instance, task.release())

    def set_timer(self, instance: ProcessInstance, event: TimerSet) -> None:
        job = self._job(event.activity_key, "timer", event.due, TIMER_RETRIES)
        job.instance_key, job.root_key = instance.key, instance.root_key
        job.element_id, job.label = event.element_id, event.label
        self._rests(instance, job)
        self._make(job)

    def request_service(self, instance: ProcessInstance, event: ServiceRequested) -> None:
        job = self._job(event.activity_key, "service", self._tx.now, max(event.retries, 1))
        job.instance_key, job.root_key = instance.key, instance.root_key
        job.element_id, job.label, job.service = event.element_id, event.label, event.service
        job.headers, job.variables = event.headers, event.variables
        self._rests(instance, job)
        self._make(job)

    def subscribe(self, instance: ProcessInstance, event: MessageAwaited | SignalAwaited) -> None:
        if isinstance(event, MessageAwaited):
            kind, name, correlation_key, form_id = "message", event.message, event.correlation_key, event.form_id
            self._awaited.append((name, correlation_key))
        else:
            kind, name, correlation_key, form_id = "signal", event.signal, "", None
        self._make(
            Subscription(
                key=event.activity_key,
                kind=kind,
                name=name,
                correlation_key=correlation_key,
                instance_key=instance.key,
                root_key=instance.root_key,
                definition_key=None,
                element_id=event.element_id,
                label=event.label,
                form_id=form_id,
                created_at=self._tx.now,
            )
        )

    def post_message(self, instance: ProcessInstance, event: MessageThrown, time_to_live: str = "") -> None:
        """A message to other cases, on its way once this step is committed."""
        now = self._tx.now
        until = add_duration(now, time_to_live) if time_to_live else now + TIME_TO_LIVE
        headers = {"sender": str(instance.key)}
        job = self.keep_message(event.message, event.correlation_key, event.variables, until, headers)
        job.element_id, job.label = event.element_id, event.label

    def keep_message(
        self,
        name: str,
        correlation_key: str,
        variables: dict[str, Any],
        until: dt.datetime,
        headers: dict[str, str] | None = None,
    ) -> Job:
        """A message that is kept until somebody waits for it, at most until then."""
        job = self._job(self._tx.new_key(), "message", self._tx.now, MESSAGE_RETRIES)
        job.service, job.variables = name, variables
        job.headers = {"correlation_key": correlation_key, "until": until.isoformat(), **(headers or {})}
        self._make(job)
        return job

    def post_signal(self, receiver: Subscription, variables: dict[str, Any]) -> None:
        """A signal to one receiver, on its way once this step is committed."""
        job = self._job(self._tx.new_key(), "signal", self._tx.now, MESSAGE_RETRIES)
        job.instance_key, job.root_key, job.definition_key = (
            receiver.instance_key, receiver.root_key, receiver.definition_key,
        )  # fmt: skip
        job.element_id, job.label, job.service = receiver.element_id, receiver.label, receiver.name
        job.headers, job.variables = {"subscription": str(receiver.key)}, variables
        self._make(job)

    def keep_reply(self, instance: ProcessInstance, asked: Subscription, variables: dict[str, Any]) -> None:
        """What the customer of a resting case answered; given to the case when it goes on."""
        job = self._job(self._tx.new_key(), "reply", self._tx.now, MESSAGE_RETRIES)
        job.instance_key, job.root_key = instance.key, instance.root_key
        job.element_id, job.label, job.service = asked.element_id, asked.label, asked.name
        job.headers, job.variables = {"subscription": str(asked.key)}, variables
        job.suspend()
        self._make(job)

    def keep_call(self, instance: ProcessInstance, event: ProcessCalled, definition_key: int) -> None:
        """A called process rests: it begins when it goes on."""
        job = self._job(event.activity_key, "call", self._tx.now, MESSAGE_RETRIES)
        job.instance_key, job.root_key, job.definition_key = instance.key, instance.root_key, definition_key
        job.element_id, job.label, job.service = event.element_id, event.label, event.process_id
        job.variables = event.variables
        job.suspend()
        self._make(job)

    def raise_incident(
        self,
        instance: ProcessInstance,
        activity_key: int,
        element_id: str,
        label: str,
        template: str,
        values: dict[str, Any],
    ) -> None:
        """A failure waits for a person."""
        incident = Incident(
            key=self._tx.new_key(),
            instance_key=instance.key,
            root_key=instance.root_key,
            activity_key=activity_key,
            element_id=element_id,
            label=label,
            template=template,
            values=values,
            raised_at=self._tx.now,
        )
        self._tx.add(incident)
        self._tx.tell(instance, IncidentRaised(element_id, activity_key, incident.key, template, values))

    def withdraw(self, event: ActivityCancelled | EventWithdrawn, node: Node | None) -> None:
        """The wait with this key is over: the row of it goes when the step closes."""
        key = event.activity_key
        made = self._made.pop(key, None)
        if isinstance(made, Task):
            made.cancel(self._tx.now)
        elif made is not None:
            discard(self._tx, made)
        elif event.kind == "userTask":
            self._tasks.append(key)
        elif node is not None and node.service is not None:
            self._jobs.append(key)  # also a message event that a service does
        elif node is not None and node.event is not None:
            if node.event.trigger in ("timer", "multiple", "parallelMultiple"):
                self._jobs.append(key)
            if node.event.trigger != "timer":
                self._subscriptions.append(key)
        elif event.kind == "receiveTask":
            self._subscriptions.append(key)
        else:
            self._jobs.append(key)
        if isinstance(event, ActivityCancelled):
            self._activities.append(key)

    def forget(self, subscription: Subscription) -> None:
        """What was waited for has come."""
        self._made.pop(subscription.key, None)
        discard(self._tx, subscription)

    def renew(self, subscription: Subscription) -> None:
        """What has come once may come again, as at an event sub-process that does not interrupt."""
        if subscription.key not in self._made:
            columns = {name: getattr(subscription, name) for name in Subscription.__table__.columns.keys()}
            self._make(Subscription(**columns))
            if subscription.kind == "message":
                self._awaited.append((subscription.name, subscription.correlation_key))

    def end(self, instance: ProcessInstance) -> None:
        """It has ended, so nothing in it needs help any more."""
        self._ended.append(instance.key)

    def close(self) -> None:
        """Take away the rows of all waits that were withdrawn in this step."""
        session = self._tx.session
        # These rows are older than the step, so nothing need be written first; but an incident may be of this step.
        options = {} if any(isinstance(row, Incident) for row in session.new) else ALOOF
        if self._tasks:
            session.execute(
                update(Task)
                .where(Task.key.in_(self._tasks), Task.status == "open")
                .values(status="cancelled", ended_at=self._tx.now),
                execution_options=options,
            )
        if self._jobs:
            withdrawn = session.execute(
                delete(Job).where(Job.key.in_(self._jobs)).returning(Job.key, Job.status), execution_options=options
            )
            # Only a job that failed for good has an incident of its own.
            self._activities += [key for key, status in withdrawn if status == "failed"]
        if self._subscriptions:
            session.execute(
                delete(Subscription).where(Subscription.key.in_(self._subscriptions)), execution_options=options
            )
        if self._activities or self._ended:
            over = or_(Incident.activity_key.in_(self._activities), Incident.instance_key.in_(self._ended))
            if any(isinstance(row, Incident) for row in session.new):
                session.flush()
            # Whatever else has changed is written at once at the end.
            session.execute(
                update(Incident).where(over, Incident.resolved_at.is_(None)).values(resolved_at=self._tx.now),
                # No incident is looked at again in this transaction.
                execution_options={**ALOOF, "synchronize_session": False},
            )
        if self._awaited:
            wake_messages(self._tx, self._awaited)

    def _rests(self, instance: ProcessInstance, row: Job) -> None:
        """What a resting case comes to wait for rests with it."""
        if instance.status == "suspended":
            row.status = "suspended"

    def _make(self, row: Task | Job | Subscription) -> None:
        self._made[row.key] = row
        self._tx.add(row)
        if isinstance(row, Job) and row.due <= self._tx.now:
            self._tx.has_due_job = True

    def _job(self, key: int, kind: str, due: Any, retries: int) -> Job:
        return Job.create(key, kind, due=due, retries=retries, now=self._tx.now)


def doers(tx: Transaction, instance: ProcessInstance, element_ids: list[str]) -> list[str]:
    """Who completed any of these tasks in this case, in any round."""
    done = select(Task.completed_by).where(
        Task.root_key == instance.root_key, Task.element_id.in_(element_ids), Task.status == "completed"
    )
    return sorted({doer for doer in tx.session.scalars(done) if doer is not None})


def wake_messages(tx: Transaction, awaited: Iterable[tuple[str, str | None]]) -> None:
    """Let messages that are kept be delivered now that somebody waits for them: name and key, None for any key."""
    wanted = set(awaited)
    be_alone_with(tx.session, *(name for each in wanted for name in message_names(*each)[-1:]))
    kept = (
        select(Job)
        .where(
            Job.kind == "message",
            Job.status == "waiting",
            Job.service.in_({name for name, _ in wanted}),
            Job.due > tx.now,
        )
        # One that is being looked at just now comes again by itself.
        .with_for_update(skip_locked=True)
        # One that this transaction makes is due at once: nothing need be written before this look.
        .execution_options(**ALOOF)
    )
    for job in tx.session.scalars(kept):
        if not wanted.isdisjoint({(job.service, job.headers["correlation_key"]), (job.service, None)}):
            job.due = tx.now
            tx.has_due_job = True


def message_names(name: str, correlation_key: str | None) -> tuple[str, ...]:
    """What those who begin to wait for a message, and those who look for one who waits, are alone with in turn.

    Who waits for any key takes the first name, who waits for one key the last; who looks takes both.
    """
    any_key = f"message {name}"
    return (any_key,) if correlation_key is None else (any_key, f"{any_key} {correlation_key}")


def discard(tx: Transaction, row: Base) -> None:
    """Take a row away at once, so that another with its key may take its place in the same step."""
    if row in tx.session.new:
        tx.session.expunge(row)
    else:
        tx.session.delete(row)
        tx.session.flush()
