"""A complaint in the middle of its investigation goes on in a version of the process with one more step."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from sqlalchemy import select

from engine.commands import CompleteTask, Deploy, MigrateInstance, SaveDraft
from engine.model import Job, Subscription, Task, TaskDraft
from engine.model.identity import CONSOLE, Actor, Permission
from tests.checking import assert_all_holds
from tests.processes.test_in_the_engine import GROUPS, Office
from tests.processes.texts import LIBRARY

ADDED = (
    '<bpmn:userTask id="hear-customer" name="Hear the customer"><bpmn:extensionElements><zeebe:userTask/>'
    '<zeebe:assignmentDefinition candidateGroups="product-quality"/></bpmn:extensionElements></bpmn:userTask>'
    '<bpmn:sequenceFlow id="heard" sourceRef="hear-customer" targetRef="{target}"/>'
)


def with_one_more_step(text: str) -> str:
    """After the investigation, the customer is heard."""
    (target,) = re.findall(r'sourceRef="find-out" targetRef="([^"]+)"', text)
    text = text.replace(f'sourceRef="find-out" targetRef="{target}"', 'sourceRef="find-out" targetRef="hear-customer"')
    text = re.sub(r"<bpmn:(incoming|outgoing)>[^<]*</bpmn:\1>\s*", "", text)
    head, close, tail = text.partition("</bpmn:process>")
    return head + ADDED.format(target=target) + close + tail


Kind = type[Task] | type[Job] | type[Subscription]


def rows(office: Office, kind: Kind) -> dict[str, tuple[int, dt.datetime | None]]:
    """Element → key and due time of what the complaint waits for."""
    with office.engine.database.reading() as session:
        wanted = select(kind).where(kind.root_key == office.case.key)
        if kind is Task:
            wanted = wanted.where(Task.status == "open")
        return {row.element_id: (row.key, getattr(row, "due", None)) for row in session.scalars(wanted)}


def test_a_complaint_keeps_draft_timers_and_sub_process(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.complete("anna", "assess", nature="product", impact="individual", severity="moderate")
    ben = Actor("ben", "ben", frozenset({Permission.TASK_WORK}), frozenset({GROUPS["ben"]}))
    before = {kind: rows(office, kind) for kind in (Task, Job, Subscription)}
    investigate = before[Task]["investigate"][0]
    office.engine.execute(SaveDraft(investigate, {"findings": "The seal"}), ben)
    office.now += dt.timedelta(hours=2)
    text = (LIBRARY / "complaint-handling.bpmn").read_text("utf-8")
    better = ("complaint-handling.bpmn", with_one_more_step(text).encode())
    office.engine.execute(Deploy("one more step", (better,)), CONSOLE)

    office.engine.execute(MigrateInstance(office.case.key, 2, reason="Customers are to be heard"), CONSOLE)

    assert {kind: rows(office, kind) for kind in (Task, Job, Subscription)} == before
    assert {"reminder", "overdue"} <= before[Job].keys()
    with office.engine.database.reading() as session:
        assert [draft.data for draft in session.scalars(select(TaskDraft))] == [{"findings": "The seal"}]
    assert_all_holds(office.engine)
    findings = {"findings": "The seal is missing.", "justified": "yes", "departments": []}
    office.engine.execute(CompleteTask(investigate, findings), ben)
    office.executor.run_due()
    assert rows(office, Task).keys() == {"hear-customer"}
    assert not {"reminder", "overdue"} & rows(office, Job).keys()
    office.complete("ben", "hear-customer")
    assert rows(office, Task).keys() == {"propose"}
    assert_all_holds(office.engine)
