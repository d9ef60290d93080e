"""What reaches cases from outside: messages, signals, and customers' answers on the status page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, or_, select

from engine.bpmn.scripting import Attribute, Failure
from engine.command import Command, Transaction
from engine.commands import step
from engine.commands.definitions import form_of, process_of, resolve
from engine.commands.instances import start_by_event
from engine.commands.variables import checked
from engine.commands.waits import Waits
from engine.errors import AtRest, NotFound, Refused
from engine.model import Definition, Job, Permission, ProcessInstance, ReceivedMessage, Subscription
from engine.model.access import expect_visible
from engine.references import is_status_secret

NOBODY = 0
"""Instead of a case, for a message that is kept."""
NOBODY_WAITS = "Expected to deliver message '{message}', but no case waits for it."
MENTIONED = 5
"""So many cases are named at most."""


@dataclass(frozen=True)
class Correlated:
    """Which case took a message."""

    instance_key: int
    reference: str
    is_new: bool
    """Whether the message started it."""


class Ambiguous(Refused):
    """More than one case, or process, could take a message that is meant for one."""


@dataclass(frozen=True)
class CorrelateMessage(Command):
    """Give a message to the case that waits for it, or start the process that begins with it."""

    permission = Permission.MESSAGE_SEND
    name: str
    correlation_key: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    """Names the message itself: the same one again changes nothing."""
    time_to_live: float = 0
    """For so many seconds it is kept for a case that does not wait for it yet."""

    def execute(self, tx: Transaction) -> Correlated | None:
        """None: nobody waits for it yet, and it is kept."""
        if self.message_id is not None:
            known = tx.session.get(ReceivedMessage, (self.name, self.message_id))
            if known is not None:
                return _known(tx, known)
        variables = checked(self.variables)
        try:
            correlated = correlate(tx, self.name, self.correlation_key, variables)
            is_kept = False
        except AtRest as error:
            correlated, is_kept = self._keep_for(tx, error, variables), True
        if correlated is None and not is_kept:
            if self.time_to_live <= 0:
                raise NotFound(NOBODY_WAITS, message=self.name)
            until = tx.now + dt.timedelta(seconds=self.time_to_live)
            headers = {} if self.message_id is None else {"message_id": self.message_id}
            Waits(tx).keep_message(self.name, self.correlation_key, variables, until, headers)
        if self.message_id is not None:
            tx.add(
                ReceivedMessage(
                    name=self.name,
                    message_id=self.message_id,
                    instance_key=correlated.instance_key if correlated else NOBODY,
                    received_at=tx.now,
                )
            )
        return correlated

    def _keep_for(self, tx: Transaction, error: AtRest, variables: dict[str, Any]) -> Correlated | None:
        """The case that waits for it rests, or is still at what came before: it takes the message in its turn."""
        until = tx.now + dt.timedelta(seconds=max(self.time_to_live, 0))
        headers = {} if self.message_id is None else {"message_id": self.message_id}
        keep_for(Waits(tx).keep_message(self.name, self.correlation_key, variables, until, headers), error)
        if "root_key" not in error.values:
            return None
        root = tx.get(ProcessInstance, error.values["root_key"])
        return Correlated(error.values["instance_key"], root.reference, False)


def keep_for(job: Job, error: AtRest) -> None:
    """A message waits for the case or process that rests, or until the case has done what came before it."""
    job.root_key, job.instance_key = error.values.get("root_key"), error.values.get("instance_key")
    job.definition_key = error.values.get("definition_key")
    if error.values.get("status") != "active":
        job.suspend()
    else:
        job.lease_token = job.lease_until = None


def _known(tx: Transaction, known: ReceivedMessage) -> Correlated | None:
    if known.instance_key == NOBODY:
        return None
    return Correlated(known.instance_key, tx.get(ProcessInstance, known.instance_key).reference, False)


@dataclass(frozen=True)
class BroadcastSignal(Command):
    """Give a signal to everything that waits for it; it is on its way when this is done. Returns how many."""

    permission = Permission.MESSAGE_SEND
    name: str
    variables: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> int:
        variables = checked(self.variables)
        receivers = tx.session.scalars(
            select(Subscription).where(Subscription.kind == "signal", Subscription.name == self.name)
        ).all()
        waits = Waits(tx)
        for receiver in receivers:
            waits.post_signal(receiver, variables)
        return len(receivers)


@dataclass(frozen=True)
class EvaluateConditions(Command):
    """Look at the conditions that start cases, with these variables; each that is true starts one with them."""

    permission = Permission.MESSAGE_SEND
    variables: dict[str, Any] = field(default_factory=dict)
    process_id: str | None = None
    """Only those of this process; none: of all."""

    def execute(self, tx: Transaction) -> tuple[Correlated, ...]:
        variables = checked(self.variables)
        waiting = select(Subscription).where(
            Subscription.kind == "conditional", Subscription.definition_key.is_not(None)
        )
        started: list[Correlated] = []
        for each in tx.session.scalars(waiting.order_by(Subscription.key)).all():
            definition = tx.get(Definition, each.definition_key)
            if self.process_id in (None, definition.definition_id) and _is_true(each, variables, tx.now):
                begun = start_by_event(tx, definition, variables, each.element_id)
                started.append(Correlated(begun.key, begun.reference, True))
        return tuple(started)


def _is_true(conditional: Subscription, variables: dict[str, Any], now: dt.datetime) -> bool:
    try:
        return Attribute(conditional.name, "condition").is_true(variables, now)
    except Failure as failure:
        raise Refused(failure.template, **failure.values) from failure


@dataclass(frozen=True)
class AnswerPublicly(Command):
    """Answer in one's own case as its customer, on the status page."""

    permission = Permission.PUBLIC_FILE
    reference: str
    secret: str = field(repr=False)
    subscription_key: int
    submitted: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> None:
        reference = self.reference.strip().upper()
        if not is_status_secret(tx.secret, reference, self.secret):
            raise NotFound("Expected a case number and its access code that belong together, but these do not.")
        try:
            instance, subscription = tx.lock_instance(self.subscription_key, of=Subscription)
        except NotFound:
            raise _no_longer_asked() from None
        if instance.reference != reference:
            raise _no_longer_asked()
        _answer(tx, instance, subscription, self.submitted)


@dataclass(frozen=True)
class AnswerForCustomer(Command):
    """Write down what a customer told by telephone, letter or in person."""

    permission = Permission.CASE_COMMENT
    subscription_key: int
    submitted: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> None:
        try:
            instance, subscription = tx.lock_instance(self.subscription_key, of=Subscription)
        except NotFound:
            raise _no_longer_asked() from None
        expect_visible(tx.session, tx.actor, instance.root_key)
        _answer(tx, instance, subscription, self.submitted)


def _answer(tx: Transaction, instance: ProcessInstance, subscription: Subscription, submitted: dict[str, Any]) -> None:
    if subscription.form_id is None:
        raise _no_longer_asked()
    deployment_key = process_of(tx, instance.definition_key).deployment_key
    form = resolve(tx, "form", subscription.form_id, "latest", deployment_key)
    if form is None:
        raise NotFound("Expected to find form '{form}', but none is deployed.", form=subscription.form_id)
    execution = step.load(tx, instance)
    variables = form_of(tx, form.key).form.validate(checked(submitted), execution.variables, tx.now)
    if instance.status != "suspended":
        instance.expect_active()
        step.deliver(tx, subscription, variables)
        return
    kept = select(Job.headers).where(Job.instance_key == instance.key, Job.kind == "reply")
    if any(headers["subscription"] == str(subscription.key) for headers in tx.session.scalars(kept)):
        raise Refused(
            "Expected one answer while case '{case}' rests, but there is one already.", case=instance.reference
        )
    Waits(tx).keep_reply(instance, subscription, variables)


def correlate(
    tx: Transaction, name: str, correlation_key: str, variables: dict[str, Any], job_key: int | None = None
) -> Correlated | None:
    """Deliver a message to the case that waits for it, or start the process that begins with it; None: there is none.

    Raises Ambiguous when several cases, or several processes, could take it: a message is meant for one, what is
    meant for all is a signal; AtRest when the case that waits for it rests, or has still to take earlier messages.
    `job_key` is the job by which the message travels, if it does.
    """
    locked = lock_receiver(tx, name, correlation_key)
    if locked is None:
        return start_by_message(tx, name, variables)
    instance, subscription = locked
    instance.expect_active()
    _expect_first(tx, instance, job_key)
    step.deliver(tx, subscription, variables)
    return Correlated(instance.key, instance.reference, False)


def _expect_first(tx: Transaction, instance: ProcessInstance, job_key: int | None) -> None:
    """A message may not overtake those that were kept while the case rested. Raises AtRest."""
    kept = select(Job.key).where(
        Job.root_key == instance.root_key, Job.kind == "message", Job.status == "waiting", Job.due <= tx.now
    )
    first = tx.session.scalar(kept.order_by(Job.due, Job.key).limit(1))
    if first not in (None, job_key):
        raise AtRest(
            "Expected to {verb} case '{case}', but it has still to take earlier messages.",
            verb="work on", case=instance.reference, status=instance.status,
            root_key=instance.root_key, instance_key=instance.key,
        )  # fmt: skip


def start_by_message(tx: Transaction, name: str, variables: dict[str, Any]) -> Correlated | None:
    """Start the process that begins with a message; None: none does."""
    begins = select(Subscription).where(
        Subscription.kind == "message", Subscription.name == name, Subscription.definition_key.is_not(None)
    )
    beginnings = tx.session.scalars(begins.order_by(Subscription.key)).all()
    if not beginnings:
        return None
    definitions = {each.definition_key: tx.get(Definition, each.definition_key) for each in beginnings}
    if len(beginnings) > 1:
        raise Ambiguous(
            "Expected message '{message}' to start one process, but {count} start events wait for it: {processes}.",
            message=name,
            count=len(beginnings),
            processes=", ".join(sorted(each.definition_id for each in definitions.values())),
        )
    definition = definitions[beginnings[0].definition_key]
    definition.expect_in_force()
    started = start_by_event(tx, definition, variables, beginnings[0].element_id)
    return Correlated(started.key, started.reference, True)


def is_awaited(tx: Transaction, name: str, correlation_key: str) -> bool:
    """Whether a case waits for a message, or a process begins with it."""
    awaited = exists().where(
        Subscription.kind == "message",
        Subscription.name == name,
        or_(Subscription.definition_key.is_not(None), Subscription.correlation_key == correlation_key),
    )
    return bool(tx.session.scalar(select(awaited)))


def lock_receiver(tx: Transaction, name: str, correlation_key: str) -> tuple[ProcessInstance, Subscription] | None:
    """The case that waits for a message, locked; another message may take it away while we wait for the lock.

    Within one case, the wait that is the oldest takes it.
    """
    waiting = (
        select(Subscription.root_key, func.min(Subscription.key))
        .where(
            Subscription.kind == "message",
            Subscription.name == name,
            Subscription.correlation_key == correlation_key,
            Subscription.instance_key.is_not(None),
        )
        .group_by(Subscription.root_key)
    )
    while cases := tx.session.execute(waiting).all():
        if len(cases) > 1:
            raise _several_wait(tx, name, correlation_key, [root for root, _ in cases if root])
        try:
            return tx.lock_instance(cases[0][1], of=Subscription)
        except NotFound:
            continue
    return None


def _several_wait(tx: Transaction, name: str, correlation_key: str, roots: list[int]) -> Ambiguous:
    named = select(ProcessInstance.reference).where(ProcessInstance.key.in_(roots[:MENTIONED]))
    references = sorted(tx.session.scalars(named))
    return Ambiguous(
        "Expected one case to wait for message '{message}' with the key '{key}', but {count} do: {cases}. Give each"
        " case a key of its own.",
        message=name,
        key=correlation_key,
        count=len(roots),
        cases=", ".join([*references, *(["…"] if len(roots) > MENTIONED else [])]),
    )


def _no_longer_asked() -> NotFound:
    return NotFound("Expected an answer that the case waits for, but it no longer waits for this one.")
