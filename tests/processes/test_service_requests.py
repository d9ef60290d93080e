"""Service requests: received, classified, answered, handled, reported back, and the loop closed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.processes.walking import MONDAY, Walk

REQUEST: dict[str, Any] = {
    "description": "Please change my address.",
    "customerName": "Wang Fang",
    "email": "wang.fang@example.org",
    "language": "en",
}


def classified(kind: str = "change", urgency: str = "normal") -> Walk:
    walk = Walk().start("service-request", **REQUEST)
    walk.complete("classify", kind=kind, urgency=urgency)
    return walk


def reported() -> Walk:
    walk = classified()
    walk.complete("handle", handlingResult="done", result="Your address is changed.")
    return walk


@pytest.mark.parametrize(
    ("kind", "urgency", "team", "hours"),
    [
        ("repair", "high", "product-quality", 4),
        ("change", "normal", "operations", 48),
        ("information", "high", "service-quality", 8),
        ("information", "low", "service-quality", 24),
        ("praise", "normal", "quality", 72),
    ],
)
def test_request_finds_its_team_and_deadline(kind: str, urgency: str, team: str, hours: int) -> None:
    task = classified(kind, urgency).task("handle")

    assert task.candidate_groups == [team]
    assert task.due == MONDAY + dt.timedelta(hours=hours)


def test_settled_request_is_closed() -> None:
    walk = reported()
    assert "Your address is changed." in walk.mails[-1]["body"]
    walk.answer("request-feedback", solved="yes", satisfaction="5")

    assert walk.running() == []


def test_no_feedback_counts_as_settled() -> None:
    walk = reported()
    walk.pass_time(days=5)

    assert walk.running() == []


def test_unsettled_request_is_called_back_and_handled_again() -> None:
    walk = reported()
    walk.answer("request-feedback", solved="no", feedbackComment="The old address is still there.")
    assert walk.task("call-back").candidate_groups == ["team-leads"]
    walk.complete("call-back", callbackNote="We look again.", callbackResult="again")
    assert walk.tasks() == ["handle"]
    walk.complete("handle", handlingResult="done", result="Now it is changed.")
    walk.answer("request-feedback", solved="yes")

    assert walk.running() == []


def test_customer_content_after_the_call_closes_the_request() -> None:
    walk = reported()
    walk.answer("request-feedback", solved="no", feedbackComment="I do not understand.")
    walk.complete("call-back", callbackNote="Explained.", callbackResult="settled")

    assert walk.running() == []


def test_question_to_the_customer_and_its_answer() -> None:
    walk = classified()
    walk.complete("handle", handlingResult="question", questionToCustomer="Which street?")
    assert "Which street?" in walk.mails[-1]["body"]
    walk.answer("request-information", furtherInformation="Garden Street 5")

    assert walk.tasks() == ["handle"]


def test_question_without_answer_closes_the_request() -> None:
    walk = classified()
    walk.complete("handle", handlingResult="question", questionToCustomer="Which street?")
    walk.pass_time(days=7)

    assert walk.running() == []
    assert walk.mails[-1]["subject"].startswith("We have closed")


def test_late_request_calls_the_team_lead() -> None:
    walk = classified()
    walk.pass_time(hours=48)

    assert walk.tasks() == ["handle", "help"]


def test_customer_cancels() -> None:
    walk = classified()
    walk.answer("request-cancelled", cancellationConfirmed=True)

    assert walk.running() == []
    assert walk.waits == {}
