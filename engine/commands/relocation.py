"""What a case waits for stays the same wait, at another element, when the case goes on in another version."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from engine.bpmn import Migrated
from engine.bpmn.elements import Node, comma_list
from engine.command import Transaction
from engine.commands.definitions import Process, resolve
from engine.commands.waits import discard, doers
from engine.events import ActivityMigrated
from engine.model import Incident, Job, ProcessInstance, Subscription, Task


def relocate(tx: Transaction, instance: ProcessInstance, migrated: Migrated, new: Process) -> None:
    """Tell where everything now is, and let the rows of what is waited for say the same."""
    for key, place in migrated.places.items():
        before = migrated.origins[key]
        if before.id != place.id:
            tx.tell(instance, ActivityMigrated(place.id, key, place.kind, place.name, from_element=before.id))
    for row in _waits(tx, instance):
        key = row.activity_key if isinstance(row, Incident) else row.key
        node = migrated.places.get(key)
        if node is None:
            continue
        if key in migrated.renewed and not isinstance(row, Incident):
            discard(tx, row)
        elif isinstance(row, Task):
            _relocate_task(tx, instance, row, migrated, node, new)
        else:
            row.element_id, row.label = node.id, node.name
            if isinstance(row, Subscription):
                row.form_id = node.properties.get("publicForm") or None


def _waits(tx: Transaction, instance: ProcessInstance) -> Iterator[Task | Job | Subscription | Incident]:
    session = tx.session
    yield from session.scalars(select(Task).where(Task.instance_key == instance.key, Task.status == "open")).all()
    yield from session.scalars(select(Job).where(Job.instance_key == instance.key)).all()
    yield from session.scalars(select(Subscription).where(Subscription.instance_key == instance.key)).all()
    unsolved = select(Incident).where(Incident.instance_key == instance.key, Incident.resolved_at.is_(None))
    yield from session.scalars(unsolved).all()


def _relocate_task(
    tx: Transaction, instance: ProcessInstance, task: Task, migrated: Migrated, node: Node, new: Process
) -> None:
    """It stays whose it is, with draft and times; form, button and separation of duties are the new version's."""
    before = migrated.origins[task.key]
    separate_from = list(comma_list(node.properties.get("separateFrom", "")))
    if separate_from != task.separate_from:
        task.excluded_users = doers(tx, instance, separate_from) if separate_from else []
    task.relocate(node.id, node.name, node.properties.get("action", ""), separate_from)
    form_id, form_binding = migrated.forms.get(task.key, (None, "latest"))
    if node.form != before.form or form_binding == "deployment":
        form = resolve(tx, "form", form_id, form_binding, new.deployment_key) if form_id else None
        task.form_key = form.key if form else None
    terms = migrated.offers.get(task.key)
    if terms is not None:
        tx.tell(instance, task.offer(terms["candidate_users"], terms["candidate_groups"]))
        tx.tell(instance, task.reschedule(terms["due"], terms["follow_up"], terms["priority"]))
    if task.assignee in task.excluded_users:
        tx.tell(instance, task.release())
