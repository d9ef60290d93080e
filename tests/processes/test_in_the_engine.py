"""The library in the whole engine: deployed, filed on the public page, worked by people, its mails in the outbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import AnswerPublicly, ClaimTask, CompleteTask, Deploy, StartPublicly
from engine.commands.jobs import KeepMail
from engine.connectors.base import Connectors
from engine.connectors.mail import Mail, MailConnector
from engine.engine import Engine
from engine.executor import EmbeddedExecutor
from engine.model import OutboxMail, ProcessInstance, Task
from engine.model.identity import CONSOLE, CUSTOMER, ENGINE, Actor, Permission
from engine.queries import public
from tests.processes.texts import FORMS, LIBRARY

COMPLAINT = {
    "description": "The repaired kettle leaks again.",
    "productOrService": "Kettle K2",
    "requestDetails": "I want my money back.",
    "customerName": "Wang Fang",
    "email": "wang.fang@example.org",
    "language": "zh_Hans",
}
GROUPS = {"anna": "intake", "ben": "product-quality", "dana": "finance", "lena": "team-leads", "liu": "quality"}


class Office:
    """An engine with the library deployed, and one complaint in it."""

    def __init__(self, folder: Path) -> None:
        self.now = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
        self.engine = Engine(f"sqlite:///{folder}/office.db", secret=b"x" * 32, clock=lambda: self.now).open()
        files = [*LIBRARY.glob("*.*"), *FORMS.glob("*.form")]
        resources = tuple((path.name, path.read_bytes()) for path in sorted(files))
        self.engine.execute(Deploy("Process library", resources), CONSOLE)
        connectors = Connectors({"casewright:mail": MailConnector(None, self._keep)})
        self.executor = EmbeddedExecutor(self.engine, connectors, status_link=lambda reference: f"status/{reference}")
        self.case = self.engine.execute(StartPublicly("complaint-handling", COMPLAINT), CUSTOMER)
        self.executor.run_due()

    def complete(self, name: str, element_id: str, **submitted: Any) -> None:
        person = Actor(name, name, frozenset({Permission.TASK_WORK}), frozenset({GROUPS[name]}))
        with self.engine.database.reading() as session:
            key = session.scalars(select(Task.key).where(Task.element_id == element_id, Task.status == "open")).one()
        self.engine.execute(ClaimTask(key), person)
        self.engine.execute(CompleteTask(key, submitted), person)
        self.executor.run_due()

    def answer(self, label: str, **submitted: Any) -> None:
        key = next(question.key for question in self.status().questions if question.label == label)
        self.engine.execute(AnswerPublicly(self.case.reference, self.case.secret, key, submitted), CUSTOMER)
        self.executor.run_due()

    def status(self) -> public.StatusView:
        case = self.case
        return self.engine.query(
            public.status, CUSTOMER, secret=self.engine.secret, reference=case.reference, given=case.secret
        )

    def stage(self) -> str:
        return next(stage.name for stage in self.status().stages if stage.is_current)

    def mails(self) -> list[tuple[str, str]]:
        """Subject and body of each mail, in the order of writing."""
        with self.engine.database.reading() as session:
            return [(mail.subject, mail.body) for mail in session.scalars(select(OutboxMail).order_by(OutboxMail.key))]

    def running(self) -> list[str]:
        with self.engine.database.reading() as session:
            return list(session.scalars(select(ProcessInstance.process_id).where(ProcessInstance.status == "active")))

    def _keep(self, mail: Mail) -> None:
        self.engine.execute(KeepMail(mail.key, mail.root_key, mail.recipient, mail.subject, mail.body), ENGINE)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.engine.close()


def test_complaint_travels_from_the_public_form_to_its_close(office: Office) -> None:
    assert office.status().subject == "Wang Fang: Kettle K2"
    assert f"status/{office.case.reference}" in office.mails()[0][1]
    assert office.stage() == "Received"

    office.complete("anna", "assess", nature="product", impact="individual", severity="moderate")
    assert office.stage() == "Investigation"
    assert office.status().promised == office.now + dt.timedelta(hours=48)
    office.complete("ben", "investigate", findings="The seal is missing.", justified="yes")
    remedy = {"remedy": "refund", "compensationAmount": 900, "remedyDetails": "Pay it back."}
    office.complete("ben", "propose", **remedy, reply="We are sorry. You get your money back.")
    assert office.stage() == "Decision"
    office.complete("lena", "approve", approval="approved")
    assert office.status().promised == office.now + dt.timedelta(days=7)
    office.answer("Answer to our decision", answer="accepted")
    assert office.stage() == "Putting it right"
    office.complete("dana", "carry-out", remedyDone="Paid.", remedyDoneOn="2026-11-24", paymentReference="P-1")
    assert office.stage() == "Closed"
    office.answer("Satisfaction with our handling", satisfaction="4")
    cause = {"cause": "procedure", "similarCases": 2, "causeDescription": "No test of the seal."}
    office.complete("liu", "find-cause", causeChecks=["instruction"], **cause)

    assert office.status().status == "completed"
    assert office.running() == ["corrective-action"]


def test_withdrawal_ends_the_case_wherever_it_stands(office: Office) -> None:
    office.complete("anna", "assess", nature="product", impact="individual", severity="moderate")
    office.answer("Withdrawal of the complaint", withdrawalReason="solved", withdrawalConfirmed=True)

    assert office.status().status == "completed"
    assert office.mails()[-1][0] == f"您已撤回投诉 {office.case.reference}"
    assert office.running() == []
