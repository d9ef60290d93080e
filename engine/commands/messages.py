"""What reaches cases from outside: messages, signals, and customers' answers on the status page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, or_, select

from engine.bpmn.scripting import Attribute, Failure
from engine.command import Command, Transaction
from engine.commands import step
from engine.commands.definitions import form_of, newest
from engine.commands.instances import start
from engine.commands.variables import checked
from engine.commands.waits import Waits
from engine.errors import NotFound, Refused
from engine.model import Definition, Permission, ProcessInstance, ReceivedMessage, Subscription
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
        correlated = correlate(tx, self.name, self.correlation_key, variables)
        if correlated is None:
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
                begun = start(tx, definition, variables, initiator=None, start_element_id=each.element_id)
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


def _answer(tx: Transaction, instance: ProcessInstance, subscription: Subscription, submitted: dict[str, Any]) -> None:
    if subscription.form_id is None:
        raise _no_longer_asked()
    form = newest(tx, "form", subscription.form_id)
    if form is None:
        raise NotFound("Expected to find form '{form}', but none is deployed.", form=subscription.form_id)
    execution = step.load(tx, instance)
    variables = form_of(tx, form.key).form.validate(checked(submitted), execution.variables, tx.now)
    step.deliver(tx, subscription, variables)


def correlate(tx: Transaction, name: str, correlation_key: str, variables: dict[str, Any]) -> Correlated | None:
    """Deliver a message to the case that waits for it, or start the process that begins with it; None: there is none.

    Raises Ambiguous when several cases, or several processes, could take it: a message is meant for one, what is
    meant for all is a signal.
    """
    locked = lock_receiver(tx, name, correlation_key)
    if locked is None:
        return start_by_message(tx, name, variables)
    instance, subscription = locked
    instance.expect_active()
    step.deliver(tx, subscription, variables)
    return Correlated(instance.key, instance.reference, False)


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
    started = start(tx, definition, variables, initiator=None, start_element_id=beginnings[0].element_id)
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
