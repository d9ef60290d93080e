"""A sandbox: cases of files that are not in force, on the real engine, in a database in memory that is thrown away.

Its clock is turned by hand, its mails are kept, no service is called: what a service would do is said by whoever plays.
Every task is done by a stand-in: the first of a row of people who may, so that four eyes are seen where they are asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from engine.analysis import images
from engine.command import Command
from engine.commands import (
    AnswerForCustomer,
    BroadcastSignal,
    CancelInstance,
    CompleteJob,
    CompleteTask,
    CorrelateMessage,
    EvaluateConditions,
    FailJob,
    KeepMail,
    OpenForm,
    RenewLeases,
    ResolveIncident,
    StartInstance,
    StartPublicly,
    TakenJob,
    ThrowJobError,
    TriggerTimer,
)  # fmt: skip
from engine.connectors import Connectors
from engine.connectors.mail import Mail, MailConnector
from engine.errors import EngineError, NotFound, Refused
from engine.executor.calls import run
from engine.model.identity import CUSTOMER, ENGINE, PERMISSIONS, Actor, Permission, Role
from engine.queries import trace, waits
from engine.queries.waits import Wait
from engine.scenarios import Step

Answer = TypeVar("Answer")
Parameters = ParamSpec("Parameters")
Files = Sequence[tuple[str, bytes]]

PEOPLE = ("anna", "ben", "chen", "dora", "emil", "fang", "greta", "hugo")
"""The stand-ins, in the order in which they are asked."""
AT_ONCE = 2_000
"""So much goes on by itself after one step at most."""
MAIL = "casewright:mail"
SCENARIO = ".scenario"
_SEES_ALL = images.SEES_ALL


@dataclass(frozen=True)
class Done:
    """A step that was played."""

    step: Step
    actor: str
    """Who did it."""
    label: str
    """What the element is called."""
    at: dt.datetime
    facts: tuple[int, int]
    """From which to which place of the story it tells; the second is the first that belongs to the next step."""
    refusal: EngineError | None = None


class Sandbox:
    """One world to play in. It belongs to the thread that makes it; close it afterwards."""

    def __init__(self, files: Files, now: dt.datetime) -> None:
        """Raises Invalid when the files could not be put into force."""
        self.now = now
        image = images.image(tuple((name, data) for name, data in files if not name.endswith(SCENARIO)), now)
        self._engine = images.opened(image, lambda: self.now)
        self._is_open = True
        self._connectors = Connectors({MAIL: MailConnector(None, self._keep)})
        self.done: list[Done] = []

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            images.give_back(self._engine)

    def ask(
        self,
        question: Callable[Concatenate[Any, Actor, Parameters], Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Answer a question of `engine.queries` about the sandbox."""
        return self._engine.query(question, _SEES_ALL, *args, **kwargs)

    def story(self) -> list[trace.Fact]:
        """All that happened in all cases, in the order in which it did."""
        roots = [part.key for part in self.ask(waits.parts) if part.is_root]
        return sorted((fact for key in roots for fact in self.ask(trace.timeline, key)), key=lambda fact: fact.key)

    def play(self, step: Step) -> Done:
        """Do a step, and all that follows from it by itself. Raises EngineError when it is refused."""
        before, at = self._told(), self.now
        actor, label, refusal = step.said.get("by", ""), "", None
        try:
            actor, label = _VERBS[step.verb](self, step)
        except EngineError as error:
            # That there is nothing to be done is no refusal of what was done.
            if not step.is_to_be_refused or isinstance(error, NotFound):
                raise
            refusal = error
        if step.is_to_be_refused and refusal is None:
            raise Refused("Expected this step to be refused, but it was done.")
        self._settle()
        done = Done(step, actor, label, at, (before, self._told()), refusal)
        self.done.append(done)
        return done

    def task_data(self, wait: Wait) -> dict[str, Any] | None:
        """What the form of a task sees."""
        data: dict[str, Any] | None = self._do(OpenForm(wait.key), self.stand_in(wait))
        return data

    def stand_in(self, wait: Wait, by: str = "") -> Actor:
        """Who does a task: whoever it is given to, or the first who may."""
        if by:
            return _person(by, wait.groups)
        if wait.assignee:
            return _person(wait.assignee, wait.groups)
        free = [name for name in wait.users if name not in wait.excluded]
        if wait.groups or not free:
            free = [name for name in PEOPLE if name not in wait.excluded] or free
        return _person(free[0] if free else PEOPLE[0], wait.groups)

    # --- steps

    def _start(self, step: Step) -> tuple[str, str]:
        by, event = step.said.get("by", PEOPLE[0]), step.said.get("event", "")
        if event:
            return self._start_by_event(step, event)
        if by == CUSTOMER.username:
            self._do(StartPublicly(step.target, step.data), CUSTOMER)
        else:
            self._do(StartInstance(step.target, step.data), _person(by, ()))
        return by, ""

    def _start_by_event(self, step: Step, event: str) -> tuple[str, str]:
        found = self.ask(waits.beginning, step.target, event)
        if found is None:
            raise NotFound("Expected process '{process}' to begin by '{element}', but it does not.",
                           process=step.target, element=event)  # fmt: skip
        match found.kind:
            case "message":
                self._do(CorrelateMessage(found.name, "", step.data), ENGINE)
            case "signal":
                self._do(BroadcastSignal(found.name, step.data), ENGINE)
            case "conditional":
                self._do(EvaluateConditions(step.data, step.target), ENGINE)
            case _:
                assert found.due is not None
                self._turn_to(found.due)
                self._do(TriggerTimer(found.key), ENGINE)
        return ENGINE.username, found.label

    def _task(self, step: Step) -> tuple[str, str]:
        wait = self._wait(step, "task")
        actor = self.stand_in(wait, step.said.get("by", ""))
        self._do(CompleteTask(wait.key, step.data), actor)
        return actor.username, wait.label

    def _service(self, step: Step) -> tuple[str, str]:
        wait = self._wait(step, "service")
        job = self._taken(wait.key)
        said: Command
        if "fails" in step.said:
            said = FailJob(job.key, job.token, step.said["fails"], 0)
        elif "throws" in step.said:
            said = ThrowJobError(job.key, job.token, step.said["throws"], "", step.data)
        else:
            said = CompleteJob(job.key, job.token, dict(step.said.get("answer", step.data)))
        self._do(said, ENGINE)
        return "", wait.label

    def _message(self, step: Step) -> tuple[str, str]:
        found = [each for each in self.waiting("message") if each.name == step.target]
        key = step.said.get("key")
        if key is not None:
            found = [each for each in found if each.correlation_key == key]
        if len(found) >= step.number:
            wait = found[step.number - 1]
            if wait.form_id:
                self._do(AnswerForCustomer(wait.key, step.data), _CUSTOMER_BY_STAFF)
            else:
                self._do(CorrelateMessage(wait.name, wait.correlation_key, step.data), ENGINE)
            return CUSTOMER.username, wait.label
        self._do(CorrelateMessage(step.target, key or "", step.data), ENGINE)
        return "", step.target

    def _signal(self, step: Step) -> tuple[str, str]:
        self._do(BroadcastSignal(step.target, step.data), ENGINE)
        return "", step.target

    def _timer(self, step: Step) -> tuple[str, str]:
        """Turn the clock to when a timer fires: that of an element, or the next of all."""
        found = sorted(
            (wait for wait in self.waiting("timer") if step.target in ("", wait.element_id)),
            key=lambda wait: (wait.due or self.now, wait.key),
        )
        if not found:
            raise NotFound("Expected a timer to be set at '{element}', but none is.", element=step.target)
        self._turn_to(found[0].due or self.now)
        return "", found[0].label

    def _pass_time(self, step: Step) -> tuple[str, str]:
        self._turn_to(self.now + step.turn)
        return "", ""

    def _retry(self, step: Step) -> tuple[str, str]:
        wait = self._wait(step, "incident")
        self._do(ResolveIncident(wait.key, step.data), ENGINE)
        return "", wait.label

    def _cancel(self, step: Step) -> tuple[str, str]:
        running = [part for part in self.ask(waits.parts) if part.is_root and part.status in ("active", "suspended")]
        if not running:
            raise NotFound("Expected a running case, but there is none.")
        self._do(CancelInstance(running[0].key, step.target), _SEES_ALL)
        return "", ""

    # --- what goes on by itself

    def waiting(self, kind: str) -> list[Wait]:
        return [wait for wait in self.ask(waits.waits) if wait.kind == kind]

    def _wait(self, step: Step, kind: str) -> Wait:
        """What the step is about, among what waits. Raises NotFound."""
        found = [wait for wait in self.waiting(kind) if wait.element_id == step.target]
        if len(found) < step.number:
            raise NotFound(
                "Expected the case to wait at '{element}', but it waits at {places}.",
                element=step.target, places=", ".join(dict.fromkeys(self.places())) or "-",
            )  # fmt: skip
        return found[step.number - 1]

    def places(self) -> list[str]:
        """The elements at which cases wait."""
        return [wait.element_id for wait in self.ask(waits.waits)]

    def _turn_to(self, moment: dt.datetime) -> None:
        """Let time pass; what comes due on the way happens at its own time."""
        moment = max(moment, self.now)
        for _ in range(AT_ONCE):
            coming = [due.due for due in self._dues() if self.now < due.due <= moment]
            if not coming:
                break
            self.now = min(coming)
            self._settle()
        self.now = moment
        self._settle()

    def _settle(self) -> None:
        """Do all that is due and needs nobody: timers, messages and signals on their way, mails."""
        for _ in range(AT_ONCE):
            due = next((due for due in self._dues() if due.due <= self.now), None)
            if due is None:
                return
            run(self._engine, self._connectors, self._taken(due.key), _status_link)
        raise Refused("Expected the case to come to rest, but after {count} steps it still goes on by itself.",
                      count=AT_ONCE)  # fmt: skip

    def _dues(self) -> list[waits.Due]:
        return [
            due
            for due in self.ask(waits.dues)
            if not due.starts and due.kind != "batch" and (due.kind != "service" or due.service == MAIL)
        ]

    def _taken(self, key: int) -> TakenJob:
        """The job, held by us for longer than any step takes."""
        (job,) = self._do(RenewLeases(((key, None),)), ENGINE)
        taken: TakenJob = job
        return taken

    def _keep(self, mail: Mail) -> None:
        self._do(KeepMail(mail.key, mail.root_key, mail.recipient, mail.subject, mail.body), ENGINE)

    def _do(self, command: Command, actor: Actor) -> Any:
        return self._engine.execute(command, actor)

    def _told(self) -> int:
        return self.ask(waits.told)


_VERBS: dict[str, Callable[[Sandbox, Step], tuple[str, str]]] = {
    "start": Sandbox._start,
    "task": Sandbox._task,
    "service": Sandbox._service,
    "message": Sandbox._message,
    "signal": Sandbox._signal,
    "timer": Sandbox._timer,
    "wait": Sandbox._pass_time,
    "retry": Sandbox._retry,
    "cancel": Sandbox._cancel,
}
_CUSTOMER_BY_STAFF = Actor(CUSTOMER.username, CUSTOMER.name, frozenset(Permission))


def _person(username: str, groups: Sequence[str]) -> Actor:
    permissions = PERMISSIONS[Role.STAFF] | {Permission.DEFINITION_DEPLOY}
    return Actor(username, username.title(), permissions, frozenset(groups), frozenset({Role.STAFF}))


def _status_link(reference: str) -> str:
    return f"https://status.example.org/{reference}"
