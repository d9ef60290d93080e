"""What reaches cases from outside: messages, signals, and customers' answers on the status page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from engine.command import Command, Transaction
from engine.commands import step
from engine.commands.definitions import form_of, newest
from engine.commands.instances import start
from engine.commands.variables import checked
from engine.commands.waits import Waits
from engine.errors import NotFound
from engine.model import Definition, Permission, ProcessInstance, ReceivedMessage, Subscription
from engine.model.access import expect_visible
from engine.references import is_status_secret


@dataclass(frozen=True)
class Correlated:
    """Which case took a message."""

    instance_key: int
    reference: str
    is_new: bool
    """Whether the message started it."""


@dataclass(frozen=True)
class CorrelateMessage(Command):
    """Give a message to the case that waits for it, or start the process that begins with it."""

    permission = Permission.MESSAGE_SEND
    name: str
    correlation_key: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    """Names the message itself: the same one again changes nothing."""

    def execute(self, tx: Transaction) -> Correlated:
        if self.message_id is not None:
            known = tx.session.get(ReceivedMessage, (self.name, self.message_id))
            if known is not None:
                return Correlated(known.instance_key, tx.get(ProcessInstance, known.instance_key).reference, False)
        correlated = correlate(tx, self.name, self.correlation_key, checked(self.variables))
        if self.message_id is not None:
            tx.add(
                ReceivedMessage(
                    name=self.name,
                    message_id=self.message_id,
                    instance_key=correlated.instance_key,
                    received_at=tx.now,
                )
            )
        return correlated


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
        instance.expect_active()
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
        instance.expect_active()
        _answer(tx, instance, subscription, self.submitted)


def _answer(
    tx: Transaction, instance: ProcessInstance, subscription: Subscription, submitted: dict[str, Any]
) -> None:
    if subscription.form_id is None:
        raise _no_longer_asked()
    form = newest(tx, "form", subscription.form_id)
    if form is None:
        raise NotFound("Expected to find form '{form}', but none is deployed.", form=subscription.form_id)
    execution = step.load(tx, instance)
    variables = form_of(tx, form.key).form.validate(checked(submitted), execution.variables, tx.now)
    step.deliver(tx, subscription, variables)


def correlate(tx: Transaction, name: str, correlation_key: str, variables: dict[str, Any]) -> Correlated:
    """Deliver a message to the one that has waited longest, or start a process by it. Raises NotFound."""
    locked = _lock_receiver(tx, name, correlation_key)
    if locked is not None:
        instance, subscription = locked
        instance.expect_active()
        step.deliver(tx, subscription, variables)
        return Correlated(instance.key, instance.reference, False)
    begins = select(Subscription).where(
        Subscription.kind == "message", Subscription.name == name, Subscription.definition_key.is_not(None)
    )
    beginning = tx.session.scalars(begins.order_by(Subscription.key).limit(1)).first()
    if beginning is None:
        raise NotFound("Expected to deliver message '{message}', but no case waits for it.", message=name)
    definition = tx.get(Definition, beginning.definition_key)
    definition.expect_in_force()
    started = start(tx, definition, variables, initiator=None, start_element_id=beginning.element_id)
    return Correlated(started.key, started.reference, True)


def _lock_receiver(
    tx: Transaction, name: str, correlation_key: str
) -> tuple[ProcessInstance, Subscription] | None:
    """The case that has waited longest, locked; another message may take it away while we wait for the lock."""
    waiting = (
        select(Subscription.key)
        .where(
            Subscription.kind == "message",
            Subscription.name == name,
            Subscription.correlation_key == correlation_key,
            Subscription.instance_key.is_not(None),
        )
        .order_by(Subscription.key)
        .limit(1)
    )
    while (key := tx.session.scalars(waiting).first()) is not None:
        try:
            return tx.lock_instance(key, of=Subscription)
        except NotFound:
            continue
    return None


def _no_longer_asked() -> NotFound:
    return NotFound("Expected an answer that the case waits for, but it no longer waits for this one.")
