"""Cases: the list, and one case whole, with its place on the diagram."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, defer, joinedload

from engine.errors import NotFound
from engine.model import (
    Actor,
    Definition,
    Incident,
    Job,
    LogEntry,
    Permission,
    ProcessInstance,
    Resource,
    Subscription,
    Task,
)  # fmt: skip
from engine.model.access import expect_visible, visible_to

PAGE_SIZE = 50


@dataclass(frozen=True)
class CaseRow:
    """A case in a list."""

    key: int
    reference: str
    subject: str
    process_name: str
    version: int
    status: str
    stage: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    promised: dt.datetime | None
    open_tasks: int
    incidents: int


@dataclass(frozen=True)
class CasePage:
    """One page of the list of cases."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class OpenTask:
    """A task of a case that waits for somebody."""

    key: int
    name: str
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due: dt.datetime | None
    created_at: dt.datetime


@dataclass(frozen=True)
class Waiting:
    """Something else that a case waits for: a time, a message, a service."""

    kind: str
    """timer, service, message or signal."""
    element_id: str
    label: str
    name: str
    due: dt.datetime | None


@dataclass(frozen=True)
class CustomerWord:
    """Something that the customer can tell now on the status page, and staff in the customer's name."""

    key: int
    label: str


@dataclass(frozen=True)
class CaseIncident:
    """A failure in a case that waits for a person."""

    key: int
    element_id: str
    label: str
    template: str
    values: dict[str, Any]
    raised_at: dt.datetime


@dataclass(frozen=True)
class PartOfCase:
    """One instance of a case: the case itself, or a process that it called."""

    key: int
    process_id: str
    process_name: str
    version: int
    definition_key: int
    status: str
    depth: int


@dataclass(frozen=True)
class Path:
    """Where an instance went on its diagram, for drawing."""

    passed: dict[str, int]
    """Element or flow id → how often."""
    current: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]


@dataclass(frozen=True)
class CaseView:
    """One case, whole."""

    key: int
    reference: str
    subject: str
    process_id: str
    process_name: str
    version: int
    version_tag: str | None
    definition_key: int
    status: str
    initiator: str | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    stage: str | None
    promised: dt.datetime | None
    variables: dict[str, Any]
    tasks: tuple[OpenTask, ...]
    waiting: tuple[Waiting, ...]
    incidents: tuple[CaseIncident, ...]
    parts: tuple[PartOfCase, ...]
    customer_words: tuple[CustomerWord, ...]


def cases(
    session: Session,
    actor: Actor,
    *,
    status: str = "active",
    process_id: str = "",
    search: str = "",
    page: int = 1,
) -> CasePage:
    """The cases that the actor may see, newest first; `status` is a status, `incident` or `all`."""
    wanted = select(ProcessInstance).where(ProcessInstance.parent_key.is_(None), visible_to(actor))
    wanted = _filtered(wanted, status, process_id, search)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = session.scalars(
        wanted.options(
            defer(ProcessInstance.variables), joinedload(ProcessInstance.definition).defer(Definition.outline)
        )
        .order_by(ProcessInstance.key.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    keys = [row.key for row in rows]
    tasks = _counts(session, select(Task.root_key).where(Task.root_key.in_(keys), Task.status == "open"))
    failures = _counts(
        session, select(Incident.root_key).where(Incident.root_key.in_(keys), Incident.resolved_at.is_(None))
    )
    return CasePage(tuple(_row(row, tasks[row.key], failures[row.key]) for row in rows), total, page, pages)


def case(session: Session, actor: Actor, key: int) -> CaseView:
    """One case. `key` may be that of a called instance: the case is the root's. Raises NotFound."""
    root_key = session.scalar(select(ProcessInstance.root_key).where(ProcessInstance.key == key))
    if root_key is None:
        raise NotFound("Expected to find case '{case}', but there is none that you may see.", case=key)
    expect_visible(session, actor, root_key)
    root = session.get_one(ProcessInstance, root_key, options=[joinedload(ProcessInstance.definition)])
    return CaseView(
        key=root.key,
        reference=root.reference,
        subject=root.subject,
        process_id=root.process_id,
        process_name=root.definition.name,
        version=root.definition.version,
        version_tag=root.definition.version_tag,
        definition_key=root.definition_key,
        status=root.status,
        initiator=root.initiator,
        started_at=root.started_at,
        ended_at=root.ended_at,
        stage=root.stage,
        promised=root.promised,
        variables=root.variables,
        tasks=_open_tasks(session, root_key),
        waiting=_waiting(session, root_key),
        incidents=_incidents(session, root_key),
        parts=_parts(session, root_key),
        customer_words=_customer_words(session, root_key),
    )


def diagram(session: Session, actor: Actor, definition_key: int) -> bytes:
    """The diagram of a process definition, as it was deployed.

    Whoever may read definitions sees all; others those of the cases that they may see. Raises NotFound.
    """
    content = session.scalar(
        select(Resource.content)
        .join(Definition, Definition.resource_key == Resource.key)
        .where(Definition.key == definition_key, Definition.kind == "process")
    )
    if content is None or not (actor.may(Permission.DEFINITION_READ) or _runs_visibly(session, actor, definition_key)):
        raise NotFound("Expected to find the diagram '{key}', but there is none that you may see.", key=definition_key)
    return content


def path(session: Session, actor: Actor, instance_key: int) -> Path:
    """Where an instance went on its diagram. Raises NotFound."""
    root_key = session.scalar(select(ProcessInstance.root_key).where(ProcessInstance.key == instance_key))
    if root_key is None:
        raise NotFound("Expected to find case '{case}', but there is none that you may see.", case=instance_key)
    expect_visible(session, actor, root_key)
    counts: dict[str, Counter[str]] = {}
    for event, element, count in session.execute(
        select(LogEntry.event, LogEntry.element_id, func.count())
        .where(LogEntry.stream_key == root_key, LogEntry.instance_key == instance_key, LogEntry.element_id.is_not(None))
        .group_by(LogEntry.event, LogEntry.element_id)
    ):
        assert element is not None
        counts.setdefault(event, Counter())[element] = count
    flows, started = counts.get("FlowTaken", Counter()), counts.get("ActivityStarted", Counter())
    occurred = counts.get("EventOccurred", Counter())
    ended = counts.get("ActivityCompleted", Counter()) + counts.get("ActivityCancelled", Counter())
    failed = tuple(
        session.scalars(
            select(Incident.element_id).where(Incident.instance_key == instance_key, Incident.resolved_at.is_(None))
        )
    )
    begun = started + _brought(session, root_key, instance_key, counts, ended)
    current = {element for element in begun if begun[element] > ended[element]}
    for waits in (Subscription, Job):
        current.update(
            session.scalars(
                select(waits.element_id).where(waits.instance_key == instance_key, waits.element_id != "")
            )
        )
    return Path(
        passed=dict(flows + started + occurred),
        current=tuple(sorted(current)),
        failed=failed,
        cancelled=tuple(sorted(counts.get("ActivityCancelled", Counter()))),
    )


def _brought(
    session: Session, root_key: int, instance_key: int, counts: dict[str, Counter[str]], ended: Counter[str]
) -> Counter[str]:
    """Elements at which something runs that began elsewhere, in another version; there it counts as ended."""
    brought: Counter[str] = Counter()
    if "ActivityMigrated" in counts:
        told = session.execute(
            select(LogEntry.element_id, LogEntry.data).where(
                LogEntry.stream_key == root_key,
                LogEntry.instance_key == instance_key,
                LogEntry.event == "ActivityMigrated",
            )
        )
        for element, data in told:
            if data and not data["kind"].endswith("Event"):
                brought[element or ""] += 1
                ended[data["from_element"]] += 1
    return brought


def outlines(session: Session, actor: Actor, key: int) -> dict[int, dict[str, Any]]:
    """The outlines of the definitions that a case runs on: instance key → outline. Raises NotFound."""
    root_key = session.scalar(select(ProcessInstance.root_key).where(ProcessInstance.key == key))
    expect_visible(session, actor, root_key or key)
    keys = session.scalars(select(ProcessInstance.key).where(ProcessInstance.root_key == root_key)).all()
    return _outlines(session, keys)


def outlines_seen(session: Session, actor: Actor, instance_keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The same for instances of any case, for who may see all cases; nothing for others."""
    return _outlines(session, instance_keys) if actor.may(Permission.CASE_READ_ALL) else {}


def _outlines(session: Session, instance_keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    definition_of: dict[int, int] = {
        key: definition
        for key, definition in session.execute(
            select(ProcessInstance.key, ProcessInstance.definition_key).where(ProcessInstance.key.in_(instance_keys))
        )
    }
    outline_of: dict[int, dict[str, Any]] = {
        key: outline
        for key, outline in session.execute(
            select(Definition.key, Definition.outline).where(Definition.key.in_(set(definition_of.values())))
        )
    }
    return {key: outline_of[definition] for key, definition in definition_of.items()}


def _filtered(wanted: Select[ProcessInstance], status: str, process_id: str, search: str) -> Select[ProcessInstance]:
    if status == "incident":
        wanted = wanted.where(exists().where(Incident.root_key == ProcessInstance.key, Incident.resolved_at.is_(None)))
    elif status != "all":
        wanted = wanted.where(ProcessInstance.status == status)
    if process_id:
        wanted = wanted.where(ProcessInstance.process_id == process_id)
    if words := search.strip():
        wanted = wanted.where(
            or_(
                ProcessInstance.reference.icontains(words, autoescape=True),
                ProcessInstance.subject.icontains(words, autoescape=True),
            )
        )
    return wanted


def _counts(session: Session, keys: Select[int]) -> Counter[int]:
    return Counter(session.scalars(keys))


def _row(instance: ProcessInstance, tasks: int, incidents: int) -> CaseRow:
    return CaseRow(
        key=instance.key,
        reference=instance.reference,
        subject=instance.subject,
        process_name=instance.definition.name,
        version=instance.definition.version,
        status=instance.status,
        stage=instance.stage,
        started_at=instance.started_at,
        ended_at=instance.ended_at,
        promised=instance.promised,
        open_tasks=tasks,
        incidents=incidents,
    )


def _open_tasks(session: Session, root_key: int) -> tuple[OpenTask, ...]:
    tasks = session.scalars(
        select(Task).where(Task.root_key == root_key, Task.status == "open")
        .options(joinedload(Task.candidates)).order_by(Task.key)
    ).unique()  # fmt: skip
    return tuple(
        OpenTask(
            key=task.key,
            name=task.name,
            assignee=task.assignee,
            candidate_users=tuple(candidate.name for candidate in task.candidates if candidate.kind == "user"),
            candidate_groups=tuple(candidate.name for candidate in task.candidates if candidate.kind == "group"),
            due=task.due,
            created_at=task.created_at,
        )
        for task in tasks
    )


def _waiting(session: Session, root_key: int) -> tuple[Waiting, ...]:
    jobs = session.scalars(select(Job).where(Job.root_key == root_key).order_by(Job.due))
    found = [
        Waiting(job.kind, job.element_id, job.label, job.service or "", job.due if job.kind == "timer" else None)
        for job in jobs
    ]
    subscriptions = session.scalars(
        select(Subscription).where(Subscription.root_key == root_key).order_by(Subscription.key)
    )
    found += [Waiting(row.kind, row.element_id, row.label, row.name, None) for row in subscriptions]
    return tuple(found)


def _customer_words(session: Session, root_key: int) -> tuple[CustomerWord, ...]:
    rows = session.execute(
        select(Subscription.key, Subscription.label)
        .where(Subscription.root_key == root_key, Subscription.form_id.is_not(None))
        .order_by(Subscription.key)
    )
    return tuple(CustomerWord(key, label) for key, label in rows)


def _incidents(session: Session, root_key: int) -> tuple[CaseIncident, ...]:
    rows = session.scalars(
        select(Incident).where(Incident.root_key == root_key, Incident.resolved_at.is_(None)).order_by(Incident.key)
    )
    return tuple(
        CaseIncident(row.key, row.element_id, row.label, row.template, row.values, row.raised_at) for row in rows
    )


def _parts(session: Session, root_key: int) -> tuple[PartOfCase, ...]:
    rows = session.scalars(
        select(ProcessInstance).where(ProcessInstance.root_key == root_key)
        .options(joinedload(ProcessInstance.definition)).order_by(ProcessInstance.key)
    ).all()  # fmt: skip
    depths: dict[int, int] = {}
    for row in rows:
        depths[row.key] = depths[row.parent_key] + 1 if row.parent_key in depths else 0
    return tuple(
        PartOfCase(
            key=row.key,
            process_id=row.process_id,
            process_name=row.definition.name,
            version=row.definition.version,
            definition_key=row.definition_key,
            status=row.status,
            depth=depths[row.key],
        )
        for row in rows
    )


def _runs_visibly(session: Session, actor: Actor, definition_key: int) -> bool:
    part = aliased(ProcessInstance)
    return bool(
        session.scalar(
            select(
                exists().where(
                    part.definition_key == definition_key,
                    part.root_key == ProcessInstance.key,
                    ProcessInstance.parent_key.is_(None),
                    visible_to(actor),
                )
            )
        )
    )
