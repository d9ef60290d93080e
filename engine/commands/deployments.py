"""Putting diagrams, forms, decision tables and their translations into force, and taking processes out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from engine.bpmn import Mention
from engine.bpmn.elements import Beginning, EventDefinition, Node
from engine.bpmn.scripting import Attribute
from engine.bpmn.timers import Timer
from engine.command import Command, Transaction
from engine.commands import imports, resources
from engine.commands.definitions import process_of
from engine.commands.resources import Found, Reading
from engine.commands.waits import TIMER_RETRIES, wake_messages
from engine.errors import Invalid, NotFound, Problem, Refused
from engine.events import ResourcesDeployed
from engine.model import Definition, Deployment, Job, Permission, Resource, Subscription
from engine.model.publications import numbers_after_all
from engine.model.trials import is_for_everybody


@dataclass(frozen=True)
class DeployedDefinition:
    """A definition that has got a new version."""

    kind: str
    id: str
    name: str
    version: int
    key: int


@dataclass(frozen=True)
class Deployed:
    """What a deployment put into force."""

    key: int | None
    """None when nothing was new."""
    definitions: tuple[DeployedDefinition, ...]
    """Those with a new version; what has not changed stays as it is."""
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Deploy(Command):
    """Put files into force together, or none of them; running cases stay on their versions."""

    permission = Permission.DEFINITION_DEPLOY
    name: str
    resources: tuple[tuple[str, bytes], ...] = field(repr=False)

    def prepare(self, session: Session) -> Reading:
        return resources.read(self.resources, session)

    def execute(self, tx: Transaction) -> Deployed:
        return put_into_force(tx, tx.prepared, self.resources, name=self.name)


@dataclass(frozen=True)
class CheckResources(Command):
    """Say what is wrong with files, without putting them into force."""

    permission = Permission.DEFINITION_READ
    resources: tuple[tuple[str, bytes], ...] = field(repr=False)

    def prepare(self, session: Session) -> tuple[Problem, ...]:
        return problems_of(session, self.resources)

    def execute(self, tx: Transaction) -> tuple[Problem, ...]:
        found: tuple[Problem, ...] = tx.prepared
        return found


@dataclass(frozen=True)
class RetireDefinition(Command):
    """Take a process out of force: running cases go on, new ones cannot begin."""

    permission = Permission.DEFINITION_DEPLOY
    process_id: str

    def execute(self, tx: Transaction) -> None:
        versions = _versions(tx, self.process_id)
        if versions[0].is_retired:
            raise Refused("Expected to retire process '{process}', but it is retired.", process=self.process_id)
        for version in versions:
            told = version.retire()
        _forget_starts(tx, self.process_id)
        tx.record(versions[0].deployment_key, told)


@dataclass(frozen=True)
class ReinstateDefinition(Command):
    """Put a retired process into force again."""

    permission = Permission.DEFINITION_DEPLOY
    process_id: str

    def execute(self, tx: Transaction) -> None:
        versions = _versions(tx, self.process_id)
        if not versions[0].is_retired:
            raise Refused("Expected to reinstate process '{process}', but it is in force.", process=self.process_id)
        for version in versions:
            told = version.reinstate()
        _await_starts(tx, next(version for version in versions if version.trial is None))
        tx.record(versions[0].deployment_key, told)


def put_into_force(
    tx: Transaction,
    reading: Reading,
    files: Sequence[tuple[str, bytes]],
    *,
    name: str,
    label: str = "",
    note: str = "",
    project_key: int | None = None,
    trial: str | None = None,
) -> Deployed:
    """Deploy files that were read before the transaction began. Raises Invalid, with all problems of all files."""
    if reading.in_force != imports.in_force(tx.session):
        reading = resources.read(files, tx.session)
    problems = [*reading.problems, *_missing(tx.session, reading)]
    if any(problem.severity == "error" for problem in problems):
        raise Invalid("Expected files that can be deployed, but they have problems.", problems=problems)
    old = _in_force(tx.session, reading.found)
    new = _changed(reading, old, trial is not None)
    if not new:
        return Deployed(None, (), tuple(problems))
    _expect_no_trial(tx.session, new)
    deployment = Deployment(
        key=tx.new_key(),
        number=next_number(tx.session),
        name=name.strip() or reading.files[0].name,
        deployed_at=tx.now,
        deployed_by=tx.actor.username,
        label=label,
        note=note,
        project_key=project_key,
        trial=trial,
        trial_status="running" if trial else None,
    )
    tx.add(deployment)
    definitions = _make_versions(tx, deployment, reading, new, old)
    told = [{"kind": each.kind, "id": each.id, "version": each.version, "key": each.key} for each in definitions]
    digests = {file.name: file.digest for file in reading.files}
    tx.record(deployment.key, ResourcesDeployed(deployment.key, digests, told, label, note))
    return Deployed(deployment.key, definitions, tuple(problems))


def next_number(session: Session) -> int:
    """The number of the next deployment: of two at the same time, one fails on it and tries again."""
    return (session.scalar(select(func.max(Deployment.number))) or 0) + 1


def problems_of(session: Session, files: Sequence[tuple[str, bytes]]) -> tuple[Problem, ...]:
    """Everything that deploying these files would complain about."""
    reading = resources.read(files, session)
    return (*reading.problems, *_missing(session, reading))


def _make_versions(
    tx: Transaction,
    deployment: Deployment,
    reading: Reading,
    new: list[Found],
    old: dict[tuple[str, str], Definition],
) -> tuple[DeployedDefinition, ...]:
    rows = {
        file.name: Resource(
            key=tx.new_key(), deployment=deployment, name=file.name, digest=file.digest, content=file.content
        )
        for file in reading.files
        if any(found.resource == file.name for found in new)
    }
    keys = {name: row.key for name, row in rows.items()}
    for found in reading.found:
        if found.resource not in rows:
            keys[found.resource] = old[found.kind, found.id].resource_key
    definitions, numbers = [], numbers_after_all(tx.session, {found.id for found in new})
    for found in new:
        definition = Definition(
            key=tx.new_key(),
            kind=found.kind,
            definition_id=found.id,
            version=numbers.get((found.kind, found.id), 0) + 1,
            version_tag=found.version_tag,
            name=found.name,
            outline=_outline(found, reading, keys),
            is_retired=False,
            deployment_key=deployment.key,
            resource_key=rows[found.resource].key,
            resource=rows[found.resource],
            # Translations are shared by all cases, whatever their version.
            trial=deployment.trial if found.kind != "catalogue" else None,
        )
        tx.add(definition)
        definitions.append(definition)
    tx.session.flush()
    for definition in definitions:
        if definition.kind == "process" and definition.trial is None:
            begin_to_start(tx, definition)
    return tuple(DeployedDefinition(d.kind, d.definition_id, d.name, d.version, d.key) for d in definitions)


def _outline(found: Found, reading: Reading, keys: dict[str, int]) -> dict[str, Any]:
    """What pages and the engine must know of a definition without reading its file; `keys` are those of files."""
    outline = {**found.outline, "findings": _findings(reading, found.resource)}
    if found.imports:
        outline["imports"] = imports.bindings(found.imports, keys)
    return outline


def _findings(reading: Reading, resource: str) -> list[dict[str, Any]]:
    """The warnings of a file, as the definition's page shows them."""
    return [
        {
            "template": problem.template,
            "values": dict(problem.values),
            "line": problem.line,
            "element_id": problem.element_id,
            "severity": problem.severity,
        }
        for problem in reading.problems
        if problem.resource == resource
    ]


def _changed(reading: Reading, old: dict[tuple[str, str], Definition], is_trial: bool) -> list[Found]:
    """What needs a new version: other content, or an import or a file bound to this deployment with other content.

    A trial is closed in itself: whatever uses what is new gets a new version, too.
    """
    digests = {file.name: file.digest for file in reading.files}
    changed = {
        (each.kind, each.id)
        for each in reading.found
        if (before := old.get((each.kind, each.id))) is None or before.resource.digest != digests[each.resource]
    }
    other = {each.resource for each in reading.found if (each.kind, each.id) in changed}
    changed |= {(each.kind, each.id) for each in reading.found if not each.takes_in.isdisjoint(other)}
    before_round = -1
    while before_round != len(changed):
        before_round = len(changed)
        for each in reading.found:
            bound = {(m.kind, m.reference.id) for m in each.mentions if is_trial or m.reference.binding == "deployment"}
            if not bound.isdisjoint(changed):
                changed.add((each.kind, each.id))
    return [each for each in reading.found if (each.kind, each.id) in changed]


def _missing(session: Session, reading: Reading) -> Iterator[Problem]:
    """What diagrams name that is neither among the files nor in force."""
    here = {(found.kind, found.id): found for found in reading.found}
    for found in reading.found:
        for mention in found.mentions:
            known = here.get((mention.kind, mention.reference.id))
            tag = mention.reference.version_tag if mention.reference.binding == "versionTag" else None
            if known is not None and tag in (None, known.version_tag):
                continue
            if not _is_deployed(session, mention, tag):
                yield _names_nothing(found, mention, tag)


def _is_deployed(session: Session, mention: Mention, tag: str | None) -> bool:
    wanted = select(Definition.key).where(
        Definition.kind == mention.kind, Definition.definition_id == mention.reference.id, is_for_everybody()
    )
    if tag is not None:
        wanted = wanted.where(Definition.version_tag == tag)
    return session.scalar(wanted.limit(1)) is not None


def _names_nothing(found: Found, mention: Mention, tag: str | None) -> Problem:
    template = "The {kind} '{id}' is named here, but it is neither among these files nor deployed."
    if tag is not None:
        template = "The {kind} '{id}' with the version tag '{tag}' is named here, but there is none."
    return Problem(
        template,
        {"kind": mention.kind, "id": mention.reference.id, "tag": tag},
        resource=found.resource,
        line=mention.line,
        element_id=mention.element_id,
        rule="names-nothing",
    )


def _in_force(session: Session, found: list[Found]) -> dict[tuple[str, str], Definition]:
    """The newest versions of what was found."""
    rows = session.scalars(
        select(Definition)
        .where(Definition.definition_id.in_({each.id for each in found}), is_for_everybody())
        .order_by(Definition.version)
        .options(joinedload(Definition.resource))
    )
    return {(row.kind, row.definition_id): row for row in rows}


def _expect_no_trial(session: Session, new: list[Found]) -> None:
    """What is tried out, or is bound to it, stays until that is over, so that the newest version is the one meant."""
    wanted = {(each.kind, each.id) for each in new}
    wanted |= {(m.kind, m.reference.id) for each in new for m in each.mentions if m.reference.binding == "deployment"}
    running = session.execute(
        select(Definition.kind, Definition.definition_id, Definition.version)
        .join(Deployment, Deployment.key == Definition.deployment_key)
        .where(Deployment.trial_status == "running", Definition.trial.is_not(None))
        .order_by(Definition.key)
    )
    for kind, definition_id, version in running:
        if (kind, definition_id) in wanted:
            raise Refused(
                "Expected to put '{definition}' into force, but version {version} of it is being tried out. Make that"
                " one the version for everybody, or withdraw it.",
                definition=definition_id, version=version,
            )  # fmt: skip


def _versions(tx: Transaction, process_id: str) -> list[Definition]:
    """All versions of a process, the newest first. Raises NotFound."""
    rows = tx.session.scalars(
        select(Definition)
        .where(Definition.kind == "process", Definition.definition_id == process_id)
        .order_by(Definition.version.desc())
        .options(joinedload(Definition.resource))
    ).all()
    if not rows:
        raise NotFound("Expected to find process '{process}', but none is deployed.", process=process_id)
    return list(rows)


def begin_to_start(tx: Transaction, definition: Definition) -> None:
    """From now on this version is the one that messages, signals, timers and conditions start."""
    _forget_starts(tx, definition.definition_id)
    _await_starts(tx, definition)


def _forget_starts(tx: Transaction, process_id: str) -> None:
    """Older versions are no longer started by messages, signals and timers."""
    keys = select(Definition.key).where(Definition.kind == "process", Definition.definition_id == process_id)
    # Messages kept while the process rested start the version that is in force now.
    tx.session.execute(
        update(Job)
        .where(Job.definition_key.in_(keys), Job.kind == "message")
        .values(definition_key=None, status="waiting", due=tx.now)
        .execution_options(synchronize_session=False)
    )
    for table in (Subscription, Job):
        tx.session.execute(
            delete(table).where(table.definition_key.in_(keys)).execution_options(synchronize_session=False)
        )


def _await_starts(tx: Transaction, definition: Definition) -> None:
    """The newest version is started by the messages, signals, timers and conditions of its start events."""
    for beginning in process_of(tx, definition.key).model.beginnings():
        if beginning.event.trigger == "timer":
            tx.add(_start_timer(tx, definition, beginning.node, beginning.event))
        elif beginning.event.trigger in ("message", "signal", "conditional"):
            _subscribe_start(tx, definition, beginning)


def _subscribe_start(tx: Transaction, definition: Definition, beginning: Beginning) -> None:
    event = beginning.event
    if event.trigger == "conditional":
        name = event.expression or ""
    else:
        name = Attribute(event.name or "", "name").text_value({}, tx.now) or ""
    tx.add(
        Subscription(
            key=tx.new_key(),
            kind=event.trigger,
            name=name,
            correlation_key="",
            instance_key=None,
            root_key=None,
            definition_key=definition.key,
            element_id=beginning.element_id,
            label=beginning.node.label,
            form_id=None,
            created_at=tx.now,
        )
    )
    if event.trigger == "message":
        wake_messages(tx, [(name, None)])


def _start_timer(tx: Transaction, definition: Definition, node: Node, event: EventDefinition) -> Job:
    if event.timer_kind is None or event.expression is None:
        raise Refused("Expected start timer '{timer}' to say when it is due, but it does not.", timer=node.label)
    due = Timer(event.timer_kind, Attribute(event.expression, "timer")).first({}, tx.now)
    job = Job.create(tx.new_key(), "timer", due=due.moment, retries=TIMER_RETRIES, now=tx.now)
    job.definition_key, job.element_id, job.label = definition.key, node.id, node.label
    job.variables = {"repeats": due.repeats, "interval": due.interval}
    return job
