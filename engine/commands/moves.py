"""Moving cases: by hand within their version, or to another version; and trying out beforehand what would happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from engine.bpmn import Execution, Migrated, Moves, Place, Plan
from engine.bpmn.migration import CANNOT
from engine.command import Command, Transaction
from engine.commands import step
from engine.commands.definitions import environment, process_of
from engine.commands.variables import checked
from engine.errors import EngineError, Invalid, NotFound, Problem, Refused
from engine.events import ActivityCancelled, ActivityFailed, ActivityStarted, EventWithdrawn, InstanceMigrated
from engine.model import Definition, Permission, ProcessInstance

NO_REASON = "Expected a reason for moving case '{case}', but there is none."
NO_VERSION = "Expected to find version {version} of process '{process}', but there is none."


@dataclass(frozen=True)
class Foreseen:
    """What moving a case by hand would do at once."""

    stops: tuple[tuple[str, str], ...]
    """Element id and label of what would be stopped."""
    starts: tuple[tuple[str, str], ...]
    """Element id and label of the activities that would begin."""
    fails: tuple[Problem, ...]
    """What would fail and need help."""
    waits: tuple[tuple[str, str], ...]
    """Element id and label of all that the case would then wait for."""
    ends: bool
    """Whether the case would come to its end."""


@dataclass(frozen=True)
class CheckedCase:
    """Whether one case can go on in another version."""

    key: int
    reference: str
    verdict: str
    """as-it-is, needs-mapping or cannot."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Impact:
    """Which cases of a version can go on in another."""

    cases: tuple[CheckedCase, ...]
    origin_key: int
    target_key: int

    def count(self, verdict: str) -> int:
        return sum(case.verdict == verdict for case in self.cases)

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Ids of the elements (and ways into joins) for which somebody has to say where cases go on."""
        found = {
            problem.element_id: None
            for case in self.cases
            for problem in case.problems
            if problem.rule != CANNOT and problem.element_id
        }
        return tuple(found)


@dataclass(frozen=True)
class ModifyInstance(Command):
    """Move a case by hand: stop it at some places of its diagram and let it go on at others."""

    permission = Permission.CASE_MOVE
    key: int
    """Of the case, or of a process that it called."""
    stop: tuple[str | int, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    inside: int | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    def execute(self, tx: Transaction) -> None:
        instance = tx.lock_instance(self.key)
        execution = step.load(tx, instance)
        stopped = _element_ids(execution, self.stop)
        told = instance.modify(stopped, list(self.before), list(self.after), self.reason.strip())
        if not self.reason.strip():
            raise Invalid(NO_REASON, case=instance.reference)
        tx.tell(instance, told)
        events = execution.move(Moves(self.stop, self.before, self.after, self.inside), checked(self.variables))
        step.keep(tx, instance, execution, events)


@dataclass(frozen=True)
class CheckMove(Command):
    """Say what moving a case by hand would do, without doing it."""

    permission = Permission.CASE_MOVE
    reads_only = True
    key: int
    stop: tuple[str | int, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    inside: int | None = None
    variables: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> Foreseen:
        instance = tx.instance(self.key)
        instance.expect_open("move")
        execution = step.load(tx, instance)
        process = process_of(tx, instance.definition_key).compiled
        events = execution.move(Moves(self.stop, self.before, self.after, self.inside), checked(self.variables))
        stops = {element: None for element in self.stop if isinstance(element, str)}
        for event in events:
            if isinstance(event, (ActivityCancelled, EventWithdrawn)):
                stops[event.element_id] = None
        starts = [(event.element_id, event.label) for event in events if isinstance(event, ActivityStarted)]
        waits = execution.waits().values()
        return Foreseen(
            stops=tuple((element, process.node(element).label) for element in stops),
            starts=tuple(dict.fromkeys(starts)),
            fails=tuple(
                Problem(event.template, event.values, element_id=event.element_id)
                for event in events
                if isinstance(event, ActivityFailed)
            ),
            waits=tuple(dict.fromkeys((element, process.node(element).label) for element in waits)),
            ends=execution.is_completed,
        )


@dataclass(frozen=True)
class FindPlaces(Command):
    """Say where an instance stands: what of it can be stopped by hand."""

    permission = Permission.CASE_MOVE
    reads_only = True
    key: int

    def execute(self, tx: Transaction) -> tuple[Place, ...]:
        instance = tx.instance(self.key)
        instance.expect_open("move")
        return tuple(step.load(tx, instance).places())


@dataclass(frozen=True)
class MigrateInstance(Command):
    """Let a case go on in another version of its process, or in another process; it keeps what it waits for."""

    permission = Permission.CASE_MOVE
    key: int
    """Of the case, or of a process that it called."""
    version: int
    process_id: str = ""
    """Empty: the process stays the same."""
    mapping: dict[str, str] = field(default_factory=dict)
    """Element of the old version → element of the new, where the ids differ."""
    renew: tuple[str, ...] = ()
    """timer, message, signal, task: worked out anew instead of kept."""
    reason: str = ""

    def execute(self, tx: Transaction) -> None:
        instance = tx.lock_instance(self.key)
        if not self.reason.strip():
            raise Invalid(NO_REASON, case=instance.reference)
        target = version_of(tx, self.process_id or instance.process_id, self.version)
        plan = Plan(self.mapping, self.renew)
        migrate(tx, instance, target, plan, self.reason.strip(), tx.actor.username)


@dataclass(frozen=True)
class CheckMigration(Command):
    """Say which open cases of a version can go on in another, and what stands in the way of the others."""

    permission = Permission.DEFINITION_READ
    reads_only = True
    process_id: str
    version: int
    to_version: int
    to_process_id: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    renew: tuple[str, ...] = ()
    keys: tuple[int, ...] = ()
    """Only these instances; none: all open ones."""

    def execute(self, tx: Transaction) -> Impact:
        origin = version_of(tx, self.process_id, self.version)
        target = version_of(tx, self.to_process_id or self.process_id, self.to_version)
        plan = Plan(self.mapping, self.renew)
        keys = self.keys or open_instances(tx, origin)
        return Impact(tuple(_check(tx, key, target, plan) for key in keys), origin.key, target.key)


def migrate(
    tx: Transaction, instance: ProcessInstance, target: Definition, plan: Plan, reason: str, requested_by: str
) -> None:
    """Take a locked instance to another version, or refuse and leave it untouched."""
    instance.expect_open("move")
    execution, migrated = _migrated(tx, instance, target, plan)
    mapping, renewed = dict(plan.mapping), sorted(plan.renew)

    def told() -> InstanceMigrated:
        return instance.migrate(target, mapping, renewed, reason, requested_by)

    step.migrate(tx, instance, execution, migrated, told)


def version_of(tx: Transaction, process_id: str, version: int) -> Definition:
    """A version of a process. Raises NotFound."""
    found = tx.session.scalars(
        select(Definition).where(
            Definition.kind == "process", Definition.definition_id == process_id, Definition.version == version
        )
    ).first()
    if found is None:
        raise NotFound(NO_VERSION, version=version, process=process_id)
    return found


def open_instances(tx: Transaction, definition: Definition) -> list[int]:
    """The instances that run, or rest, in a version: cases, and processes that cases call; the oldest first."""
    wanted = select(ProcessInstance.key).where(
        ProcessInstance.definition_key == definition.key, ProcessInstance.status.in_(("active", "suspended"))
    )
    return list(tx.session.scalars(wanted.order_by(ProcessInstance.key)))


def _migrated(
    tx: Transaction, instance: ProcessInstance, target: Definition, plan: Plan
) -> tuple[Execution, Migrated]:
    if target.key == instance.definition_key:
        raise Refused(
            "Expected to move case '{case}' to version {version}, but it is there already.",
            case=instance.reference, version=target.version,
        )  # fmt: skip
    old, new = process_of(tx, instance.definition_key), process_of(tx, target.key)
    known = environment(tx, new.deployment_key)
    return Execution.migrate(old.compiled, new.compiled, instance.state, known, plan)


def _check(tx: Transaction, key: int, target: Definition, plan: Plan) -> CheckedCase:
    instance = tx.instance(key)
    problems: Iterable[Problem] = ()
    verdict = "as-it-is"
    try:
        _migrated(tx, instance, target, plan)
    except Invalid:
        raise
    except EngineError as error:
        problems = error.problems or (Problem(error.template, error.values, rule=CANNOT),)
        verdict = "cannot" if any(problem.rule == CANNOT for problem in problems) else "needs-mapping"
    tx.session.expunge(instance)
    return CheckedCase(key, instance.reference, verdict, tuple(problems))


def _element_ids(execution: Execution, stopped: Iterable[str | int]) -> list[str]:
    """The elements that are meant by ids and activity keys, for the history."""
    by_key = {place.key: place.element_id for place in execution.places()}
    return [element if isinstance(element, str) else by_key.get(element, str(element)) for element in stopped]
