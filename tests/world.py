"""A small world for tests: an engine on a temporary database, a clock turned by hand, people, and short diagrams."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from engine import plain
from engine.command import Command
from engine.commands import CompleteTask, Deploy, Deployed, Started, StartInstance
from engine.connectors import Connectors
from engine.engine import Engine
from engine.errors import Invalid
from engine.executor import EmbeddedExecutor
from engine.model import Actor, Incident, Job, LogEntry, ProcessInstance, Role, Subscription, Task
from engine.model.identity import ENGINE, PERMISSIONS
from engine.model.log import Verdict, verify

MONDAY = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)


class Clock:
    """A clock that only the test turns."""

    def __init__(self, now: dt.datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


def somebody(username: str, *roles: Role, groups: Iterable[str] = (), key: int = 1) -> Actor:
    """An actor without an account."""
    permissions = frozenset().union(*(PERMISSIONS[role] for role in roles))
    return Actor(username, username.title(), permissions, frozenset(groups), frozenset(roles), key)


ANNA = somebody("anna", Role.STAFF, groups=["staff"], key=11)
BEN = somebody("ben", Role.STAFF, groups=["staff"], key=12)
LENA = somebody("lena", Role.TEAM_LEAD, groups=["team-leads"], key=13)
OWNER = somebody("olga", Role.PROCESS_OWNER, key=14)
OPERATOR = somebody("otto", Role.OPERATOR, key=15)


class World:
    """The engine with shorthands for what tests do and look at."""

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.engine = Engine(url, secret=b"a secret of thirty-two bytes or so", clock=self.clock).open()
        self.calls: list[Any] = []
        self.connectors: dict[str, Any] = {}
        self.is_altered = False
        """The test breaks the database by hand, so that not everything can hold at its end."""

    def do(self, command: Command, actor: Actor = ENGINE) -> Any:
        return self.engine.execute(command, actor)

    def deploy(self, *resources: tuple[str, str | bytes]) -> Deployed:
        files = tuple((name, text.encode() if isinstance(text, str) else text) for name, text in resources)
        try:
            deployed: Deployed = self.do(Deploy("test", files), OWNER)
        except Invalid as error:
            error.add_note("\n".join(map(str, error.problems)))
            raise
        return deployed

    def start(self, process_id: str, actor: Actor = ENGINE, **variables: Any) -> Started:
        started: Started = self.do(StartInstance(process_id, variables), actor)
        return started

    def complete(self, element_id: str, actor: Actor = ENGINE, **variables: Any) -> None:
        (task,) = [task for task in self.tasks() if task.element_id == element_id]
        self.do(CompleteTask(task.key, variables), actor)

    def complete_key(self, task_key: int, actor: Actor = ENGINE, **variables: Any) -> None:
        self.do(CompleteTask(task_key, variables), actor)

    def run_due(self) -> int:
        """Let the executor do what is due, in this thread."""
        executor = EmbeddedExecutor(
            self.engine, Connectors(self.connectors), status_link=lambda reference: f"https://status/{reference}"
        )
        return executor.run_due()

    def tasks(self) -> list[Task]:
        """The open tasks."""
        return self.rows(select(Task).where(Task.status == "open").order_by(Task.key))

    def jobs(self) -> list[Job]:
        return self.rows(select(Job).order_by(Job.key))

    def subscriptions(self) -> list[Subscription]:
        return self.rows(select(Subscription).order_by(Subscription.key))

    def incidents(self) -> list[Incident]:
        """The open incidents."""
        return self.rows(select(Incident).where(Incident.resolved_at.is_(None)))

    def instances(self) -> list[ProcessInstance]:
        return self.rows(select(ProcessInstance).order_by(ProcessInstance.key))

    def instance(self, key: int) -> ProcessInstance:
        (row,) = self.rows(select(ProcessInstance).where(ProcessInstance.key == key))
        return row

    def story(self, stream_key: int, *names: str) -> list[str]:
        """What the log tells of a stream: event, or event:element; only events with these names, if there are any."""
        with self.engine.database.reading() as session:
            entries = session.execute(
                select(LogEntry.event, LogEntry.element_id)
                .where(LogEntry.stream_key == stream_key)
                .order_by(LogEntry.position)
            ).all()
        told = [(event, element) for event, element in entries if not names or event in names]
        return [f"{event}:{element}" if element else event for event, element in told]

    def data(self, event: str) -> list[dict[str, Any]]:
        """The payloads of all events with this name, oldest first."""
        with self.engine.database.reading() as session:
            return list(session.scalars(select(LogEntry.data).where(LogEntry.event == event).order_by(LogEntry.key)))

    def verdict(self, stream_key: int) -> Verdict:
        with self.engine.database.reading() as session:
            return verify(session, stream_key)

    def rows(self, statement: Any) -> list[Any]:
        with self.engine.database.reading() as session:
            rows = list(session.scalars(statement).all())
            session.expunge_all()
            return rows


_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  targetNamespace="http://example.org/test">
"""


def diagram(process_id: str, body: str, *, outside: str = "", **properties: str) -> str:
    """A process without drawing. `body` may use the short tags of `short`; `outside` holds messages, errors …"""
    return (
        f'{_HEAD}{_long(outside)}<bpmn:process id="{process_id}" name="{process_id}" isExecutable="true">'
        f"{_extension(_properties(properties)) if properties else ''}{_long(body)}</bpmn:process></bpmn:definitions>"
    )


def task(id: str, *, name: str = "", assignment: str = 'candidateGroups="staff"', form: str = "", extra: str = "",
         **properties: str) -> str:  # fmt: skip
    """A user task."""
    inside = "<zeebe:userTask/>"
    if assignment:
        inside += f"<zeebe:assignmentDefinition {assignment}/>"
    if form:
        inside += f'<zeebe:formDefinition formId="{form}"/>'
    inside += extra + (_properties(properties) if properties else "")
    return f'<bpmn:userTask id="{id}" name="{name or id}">{_extension(inside)}</bpmn:userTask>'


def service(id: str, kind: str, *, retries: int = 3, inputs: dict[str, str] | None = None,
            outputs: dict[str, str] | None = None) -> str:  # fmt: skip
    """A service task; inputs and outputs are target → source."""
    mapping = "".join(f'<zeebe:input source="{source}" target="{to}"/>' for to, source in (inputs or {}).items())
    mapping += "".join(f'<zeebe:output source="{source}" target="{to}"/>' for to, source in (outputs or {}).items())
    inside = f'<zeebe:taskDefinition type="{kind}" retries="{retries}"/><zeebe:ioMapping>{mapping}</zeebe:ioMapping>'
    return f'<bpmn:serviceTask id="{id}" name="{id}">{_extension(inside)}</bpmn:serviceTask>'


def flow(*ids: str) -> str:
    """Sequence flows from each to the next."""
    return "".join(
        f'<bpmn:sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in zip(ids, ids[1:], strict=False)
    )


def form(form_id: str, *fields: tuple[str, str] | dict[str, Any]) -> str:
    """A form; each field is (key, type) or a whole component."""
    components = [
        each if isinstance(each, dict) else {"key": each[0], "type": each[1], "label": each[0], "id": f"{each[0]}_id"}
        for each in fields
    ]
    return plain.dumps({"id": form_id, "type": "default", "schemaVersion": 19, "components": components})


def _long(text: str) -> str:
    """`<start/>` and `<end/>` are short for events without more."""
    text = text.replace("<start/>", '<bpmn:startEvent id="start" name="begin"/>')
    return text.replace("<end/>", '<bpmn:endEvent id="end" name="done"/>')


def _extension(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def _properties(properties: dict[str, str]) -> str:
    rows = "".join(f'<zeebe:property name="{name}" value="{value}"/>' for name, value in properties.items())
    return f"<zeebe:properties>{rows}</zeebe:properties>"
