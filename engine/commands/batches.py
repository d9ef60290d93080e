"""The same done to many cases: moved to another version, put to rest, let go on; each case in its own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from engine.bpmn import Plan
from engine.bpmn.migration import expect_sensible
from engine.command import Command, Transaction
from engine.commands.definitions import process_of
from engine.commands.instances import resume, suspend
from engine.commands.jobs import held
from engine.commands.moves import migrate, open_instances, version_of
from engine.commands.waits import discard
from engine.errors import EngineError, Invalid, NotFound, Refused
from engine.model import Batch, BatchCase, Definition, Job, Permission, ProcessInstance

BATCH_RETRIES = 3


@dataclass(frozen=True)
class MigrateInstances(Command):
    """Let all open cases of a version go on in another; those that do not fit stay as they are. Returns the batch."""

    permission = Permission.CASE_MOVE
    process_id: str
    version: int
    to_version: int
    to_process_id: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    renew: tuple[str, ...] = ()
    keys: tuple[int, ...] = ()
    """Only these instances; none: all open ones."""
    reason: str = ""

    def execute(self, tx: Transaction) -> int:
        origin = version_of(tx, self.process_id, self.version)
        target = version_of(tx, self.to_process_id or self.process_id, self.to_version)
        if origin.key == target.key:
            raise Refused("Expected to move cases to another version, but {version} is the same.", version=self.version)
        if not self.reason.strip():
            raise Invalid("Expected a reason for moving these cases, but there is none.")
        plan = Plan(self.mapping, self.renew)
        expect_sensible(process_of(tx, origin.key).compiled, process_of(tx, target.key).compiled, plan)
        found = open_instances(tx, origin)
        keys = [key for key in found if not self.keys or key in self.keys]
        told = {
            "definition_key": target.key, "process_id": target.definition_id, "version": target.version,
            "mapping": self.mapping, "renew": sorted(self.renew),
        }  # fmt: skip
        return _begin(tx, "migrate", [origin], self.version, keys, self.reason.strip(), told)


@dataclass(frozen=True)
class SuspendDefinition(Command):
    """Put a process to rest, or one version of it: what would start it is kept, and its cases rest too if wanted.

    Returns the batch that puts the cases to rest; none without cases.
    """

    permission = Permission.CASE_SUSPEND
    process_id: str
    version: int | None = None
    cases: bool = True
    reason: str = ""

    def execute(self, tx: Transaction) -> int | None:
        versions = _versions(tx, self.process_id, self.version)
        if all(definition.is_suspended for definition in versions):
            raise Refused("Expected to put process '{process}' to rest, but it is at rest.", process=self.process_id)
        reason = self.reason.strip()
        for definition in versions:
            if not definition.is_suspended:
                tx.record(definition.deployment_key, definition.suspend(reason))
        _let_starts(tx, versions, "waiting", "suspended")
        if not self.cases:
            return None
        keys = _cases(tx, versions, "active")
        return _begin(tx, "suspend", versions, self.version, keys, reason, {}) if keys else None


@dataclass(frozen=True)
class ResumeDefinition(Command):
    """Let a process at rest go on, or one version of it; what would have started it meanwhile starts it now, once.

    Returns the batch that lets the cases go on; none without cases.
    """

    permission = Permission.CASE_SUSPEND
    process_id: str
    version: int | None = None
    cases: bool = True

    def execute(self, tx: Transaction) -> int | None:
        versions = _versions(tx, self.process_id, self.version)
        if not any(definition.is_suspended for definition in versions):
            raise Refused("Expected to let process '{process}' go on, but it is not at rest.", process=self.process_id)
        for definition in versions:
            if definition.is_suspended:
                tx.record(definition.deployment_key, definition.resume())
        _let_starts(tx, versions, "suspended", "waiting")
        tx.has_due_job = True
        if not self.cases:
            return None
        keys = _cases(tx, versions, "suspended")
        return _begin(tx, "resume", versions, self.version, keys, "", {}) if keys else None


@dataclass(frozen=True)
class DoBatchCase(Command):
    """Do to one case what a batch does to many; a case that refuses is left as it is, and the batch says why."""

    permission = Permission.JOB_RUN
    job_key: int
    token: str | None = None

    def execute(self, tx: Transaction) -> None:
        instance, job = held(tx, self.job_key, self.token, "batch")
        batch = tx.get(Batch, int(job.headers["batch"]))
        row = tx.get(BatchCase, (batch.key, job.instance_key))
        assert instance is not None
        told = len(tx.recorded)
        try:
            with tx.session.begin_nested():
                _do(tx, batch, instance)
        except EngineError as error:
            del tx.recorded[told:]
            row.refuse(error, tx.now)
        else:
            row.succeed(tx.now)
        discard(tx, job)


def _do(tx: Transaction, batch: Batch, instance: ProcessInstance) -> None:
    match batch.kind:
        case "migrate":
            target = tx.get(Definition, batch.plan["definition_key"])
            plan = Plan(batch.plan["mapping"], batch.plan["renew"])
            migrate(tx, instance, target, plan, batch.reason, batch.created_by)
        case "suspend":
            suspend(tx, instance, batch.reason)
        case _:
            resume(tx, instance)


def _begin(
    tx: Transaction,
    kind: str,
    versions: Sequence[Definition],
    version: int | None,
    keys: Sequence[int],
    reason: str,
    plan: dict[str, object],
) -> int:
    """A job for each case; each is done in a transaction of its own, as fast as there are hands."""
    definition_keys = [definition.key for definition in versions]
    batch = Batch(
        key=tx.new_key(), kind=kind, process_id=versions[0].definition_id, version=version, plan=plan, reason=reason,
        total=len(keys), created_by=tx.actor.username, created_at=tx.now,
    )  # fmt: skip
    tx.add(batch)
    tx.session.flush()
    roots: dict[int, int] = {
        key: root_key
        for key, root_key in tx.session.execute(
            select(ProcessInstance.key, ProcessInstance.root_key).where(
                ProcessInstance.definition_key.in_(definition_keys), ProcessInstance.status.in_(("active", "suspended"))
            )
        )
    }
    for key in keys:
        tx.add(
            BatchCase(batch_key=batch.key, instance_key=key, status="waiting", template=None, values={}, problems=[])
        )
        job = Job.create(tx.new_key(), "batch", due=tx.now, retries=BATCH_RETRIES, now=tx.now)
        job.instance_key, job.root_key, job.headers = key, roots[key], {"batch": str(batch.key)}
        tx.add(job)
    tx.has_due_job = True
    return batch.key


def _versions(tx: Transaction, process_id: str, version: int | None) -> list[Definition]:
    """The version, or all of them, locked. Raises NotFound."""
    if version is not None:
        return [version_of(tx, process_id, version)]
    wanted = select(Definition).where(Definition.kind == "process", Definition.definition_id == process_id)
    found = list(tx.session.scalars(wanted.order_by(Definition.version.desc())))
    if not found:
        raise NotFound("Expected to find process '{process}', but none is deployed.", process=process_id)
    return found


def _cases(tx: Transaction, versions: Sequence[Definition], status: str) -> list[int]:
    keys = [definition.key for definition in versions]
    wanted = select(ProcessInstance.key).where(
        ProcessInstance.definition_key.in_(keys), ProcessInstance.parent_key.is_(None), ProcessInstance.status == status
    )
    return list(tx.session.scalars(wanted.order_by(ProcessInstance.key)))


def _let_starts(tx: Transaction, versions: Sequence[Definition], old: str, new: str) -> None:
    """Start timers, and what is on its way to a start event, rest or go on."""
    keys = [definition.key for definition in versions]
    tx.session.execute(update(Job).where(Job.definition_key.in_(keys), Job.status == old).values(status=new))
