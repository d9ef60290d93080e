"""What people do with tasks: claim, release, assign, open, save a draft, complete, reschedule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, delete, select

from engine.command import ALOOF, Command, Transaction
from engine.commands import step
from engine.commands.definitions import form_of
from engine.commands.variables import checked
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.events import FormOpened
from engine.model import (
    Actor,
    LogEntry,
    Permission,
    ProcessInstance,
    Task,
    TaskCandidate,
    TaskDraft,
    User,
)  # fmt: skip
from engine.model.tasks import names

_CHECKING = select(Task.key, Task.separate_from).where(
    Task.root_key == bindparam("root"), Task.status == "open", Task.separate_from != []
)
"""The open tasks of a case that somebody may not do who did another step of it."""
_CANDIDATES = select(TaskCandidate.kind, TaskCandidate.name).where(TaskCandidate.task_key == bindparam("task"))


@dataclass(frozen=True)
class ClaimTask(Command):
    """Take a task that is offered to you or to one of your groups."""

    permission = Permission.TASK_WORK
    task_key: int

    def execute(self, tx: Transaction) -> None:
        instance, task = _locked(tx, self.task_key)
        if not (tx.actor.may(Permission.TASK_ASSIGN) or _is_offered(tx, task)):
            raise _not_yours(task, "claim")
        if task.assignee == tx.actor.username:
            return
        tx.tell(instance, task.claim(tx.actor.username))


@dataclass(frozen=True)
class ReleaseTask(Command):
    """Give a task back to those it is offered to."""

    permission = Permission.TASK_WORK
    task_key: int

    def execute(self, tx: Transaction) -> None:
        instance, task = _locked(tx, self.task_key)
        task.expect_open("release")
        if task.assignee != tx.actor.username and not tx.actor.may(Permission.TASK_ASSIGN):
            raise _not_yours(task, "release")
        if not task.candidates:
            raise Refused(
                "Expected to release task '{task}', but it is offered to nobody else; it would be lost.", task=task.name
            )
        tx.tell(instance, task.release())


@dataclass(frozen=True)
class AssignTask(Command):
    """Give a task to a person."""

    permission = Permission.TASK_ASSIGN
    task_key: int
    username: str

    def execute(self, tx: Transaction) -> None:
        instance, task = _locked(tx, self.task_key)
        user = tx.session.scalars(select(User).where(User.username == self.username)).first()
        if user is None or not user.is_active:
            raise NotFound("Expected to find person '{username}', but there is none.", username=self.username)
        if not user.actor().may(Permission.TASK_WORK):
            raise Refused(
                "Expected to give task '{task}' to {user}, but their roles do not let them work on tasks.",
                task=task.name, user=user.name,
            )  # fmt: skip
        tx.tell(instance, task.assign(self.username))


@dataclass(frozen=True)
class OpenForm(Command):
    """Note that a person has seen the form of a task; told once per person and task. Returns the data the task sees."""

    permission = Permission.TASK_WORK
    task_key: int

    def prepare(self, session: Any) -> bool:
        task = session.get(Task, self.task_key)
        return task is not None and task.status != "open"

    def execute(self, tx: Transaction) -> dict[str, Any] | None:
        if tx.prepared:
            return None
        instance, task = tx.lock_instance(self.task_key, of=Task)
        if task.status != "open":
            return None
        _expect_workable(tx, task, "open")
        if not _has_opened(tx, task):
            form = form_of(tx, task.form_key) if task.form_key else None
            tx.tell(
                instance,
                FormOpened(task.element_id, task.key, form.id if form else None, form.version if form else None),
            )
        return step.load(tx, instance).variables_at(task.key)


@dataclass(frozen=True)
class SaveDraft(Command):
    """Keep what a person has typed into the form of a task so far."""

    permission = Permission.TASK_WORK
    task_key: int
    data: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> None:
        # No lock on the case: a draft belongs to one person and changes nothing in it.
        task = tx.get(Task, self.task_key)
        task.expect_open("save a draft of")
        _expect_workable(tx, task, "save a draft of")
        draft = tx.session.get(TaskDraft, (task.key, tx.actor.username))
        data = checked(self.data)
        if draft is None:
            tx.add(TaskDraft(task_key=task.key, username=tx.actor.username, data=data, saved_at=tx.now))
        else:
            draft.data, draft.saved_at = data, tx.now


@dataclass(frozen=True)
class CompleteTask(Command):
    """Complete a task with what its form collected, and run the case on to its next wait states."""

    permission = Permission.TASK_WORK
    task_key: int
    variables: dict[str, Any] = field(default_factory=dict)

    def execute(self, tx: Transaction) -> None:
        instance, task = tx.lock_instance(self.task_key, of=Task)
        task.expect_open("complete")
        instance.expect_active()
        self._take_over(tx, instance, task)
        execution = step.load(tx, instance)
        form = form_of(tx, task.form_key) if task.form_key else None
        if form is not None:
            submitted = checked(self.variables)
            variables = form.form.validate(submitted, execution.variables_at(task.key), tx.now)
        else:
            variables = without_form(tx.actor, self.variables)
        told = task.complete(
            tx.actor.username,
            variables,
            form_id=form.id if form else None,
            form_version=form.version if form else None,
            now=tx.now,
        )
        tx.tell(instance, told)
        self._separate(tx, task)
        if task.has_drafts:
            self._drop_draft(tx)
        step.keep(tx, instance, execution, execution.complete(task.key, variables))

    def _take_over(self, tx: Transaction, instance: ProcessInstance, task: Task) -> None:
        """A candidate claims by completing; whoever gives out tasks may take this one over."""
        username = tx.actor.username
        if task.assignee == username:
            return
        is_offered = _is_offered(tx, task)
        if task.assignee is None and is_offered:
            tx.tell(instance, task.claim(username))
        elif tx.actor.may(Permission.TASK_ASSIGN):
            tx.tell(instance, task.assign(username))
        elif task.assignee is not None and is_offered:
            raise Refused(
                "Expected to complete task '{task}', but {user} is working on it.", task=task.name, user=task.assignee
            )
        else:
            raise _not_yours(task, "complete")

    def _separate(self, tx: Transaction, done: Task) -> None:
        """Whoever did this step may not do the open ones that check it, even if they were created before."""
        checking = tx.connection.execute(_CHECKING, {"root": done.root_key}).all()
        for key, separate_from in checking:
            task = tx.get(Task, key) if done.element_id in separate_from else done
            if task is not done and tx.actor.username not in task.excluded_users:
                released = task.exclude(tx.actor.username)
                if released is not None:
                    tx.tell(task.instance, released)

    def _drop_draft(self, tx: Transaction) -> None:
        tx.session.execute(
            delete(TaskDraft).where(TaskDraft.task_key == self.task_key, TaskDraft.username == tx.actor.username),
            execution_options=ALOOF,
        )


@dataclass(frozen=True)
class RescheduleTask(Command):
    """Change by when a task is due, when it is to come up again, and how pressing it is (0 to 100)."""

    permission = Permission.TASK_WORK
    task_key: int
    due: dt.datetime | None
    follow_up: dt.datetime | None
    priority: int

    def execute(self, tx: Transaction) -> None:
        instance, task = _locked(tx, self.task_key)
        if not 0 <= self.priority <= 100:
            raise Invalid("Expected a priority from 0 to 100, but {priority} was given.", priority=self.priority)
        if not tx.actor.may(Permission.TASK_ASSIGN):
            if task.assignee != tx.actor.username:
                raise _not_yours(task, "reschedule")
            if (self.due, self.priority) != (task.due, task.priority):
                raise Forbidden(
                    "Expected to change the due date of task '{task}', but only a team lead may.", task=task.name
                )
        tx.tell(instance, task.reschedule(self.due, self.follow_up, self.priority))


def without_form(actor: Actor, variables: dict[str, Any]) -> dict[str, Any]:
    """Data handed in where no form says what may be: only programs may, never people. Raises Invalid."""
    if variables and not actor.may(Permission.JOB_RUN):
        raise Invalid(
            "Expected no data, since there is no form that says which may be given, but there is {names}.",
            names=", ".join(sorted(variables)),
        )
    return checked(variables)


def _locked(tx: Transaction, task_key: int) -> tuple[ProcessInstance, Task]:
    instance, task = tx.lock_instance(task_key, of=Task)
    instance.expect_active()
    return instance, task


def _expect_workable(tx: Transaction, task: Task, verb: str) -> None:
    """The assignee, those it is offered to, and those who give out tasks."""
    if task.assignee != tx.actor.username and not (tx.actor.may(Permission.TASK_ASSIGN) or _is_offered(tx, task)):
        raise _not_yours(task, verb)


def _is_offered(tx: Transaction, task: Task) -> bool:
    offered = tx.connection.execute(_CANDIDATES, {"task": task.key})
    return any(names(tx.actor, kind, name) for kind, name in offered)


def _not_yours(task: Task, verb: str) -> Forbidden:
    return Forbidden(
        "Expected to {verb} task '{task}', but it is neither yours nor offered to you.", verb=verb, task=task.name
    )


def _has_opened(tx: Transaction, task: Task) -> bool:
    opened = tx.session.scalars(
        select(LogEntry.data).where(
            LogEntry.stream_key == task.root_key,
            LogEntry.event == "FormOpened",
            LogEntry.actor == tx.actor.username,
            LogEntry.element_id == task.element_id,
        )
    )
    return any(data["activity_key"] == task.key for data in opened)
