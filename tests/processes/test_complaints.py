"""Complaints on their main ways: accepted, approved, rejected, silent, late, withdrawn, systemic."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.processes.walking import MONDAY, Walk

COMPLAINT: dict[str, Any] = {
    "description": "The repaired kettle leaks again.",
    "productOrService": "Kettle K2, order 4711",
    "requestDetails": "I want my money back.",
    "customerName": "Wang Fang",
    "email": "wang.fang@example.org",
    "language": "en",
}
REPLY = "We are sorry. You get your money back within five days."


def filed(**changes: Any) -> Walk:
    return Walk().start("complaint-handling", **{**COMPLAINT, **changes})


def assessed(nature: str = "product", impact: str = "individual", severity: str = "moderate", **changes: Any) -> Walk:
    walk = filed(**changes)
    walk.complete("assess", nature=nature, impact=impact, severity=severity)
    return walk


def investigated(departments: tuple[str, ...] = (), **kinds: str) -> Walk:
    walk = assessed(**kinds)
    walk.complete("investigate", findings="The seal is missing.", justified="yes", departments=list(departments))
    return walk


def proposed(walk: Walk, amount: int | None = None, **who: str) -> Walk:
    offer: dict[str, Any] = {"remedy": "explanation", "reply": REPLY}
    if amount is not None:
        offer |= {"remedy": "refund", "compensationAmount": amount, "remedyDetails": "Pay it back to the card."}
    walk.complete("propose", **offer, **who)
    return walk


def decided(amount: int | None = None) -> Walk:
    return proposed(investigated(), amount)


def closed(walk: Walk, cause: str = "person", similar: int = 0) -> Walk:
    walk.complete(
        "find-cause",
        causeChecks=["instruction"],
        cause=cause,
        similarCases=similar,
        causeDescription="The seal was forgotten.",
    )
    return walk


def test_receipt_is_acknowledged_at_once_in_the_customer_s_language() -> None:
    english, chinese = filed(), filed(language="zh_Hans")

    assert [mail["to"] for mail in english.mails] == ["wang.fang@example.org"]
    assert "C-2611-7KQ4XM" in english.mails[0]["body"] and "{statusLink}" in english.mails[0]["body"]
    assert chinese.mails[0]["subject"] == "我们已收到您的投诉 C-2611-7KQ4XM"
    assert english.tasks() == ["assess"]
    assert english.variables("complaint-handling")["channel"] == "web"


@pytest.mark.parametrize(
    ("nature", "impact", "severity", "group", "response", "resolution"),
    [
        ("service", "individual", "minor", "service-quality", 24, 48),
        ("product", "individual", "moderate", "product-quality", 24, 48),
        ("process", "public", "moderate", "operations", 12, 48),
        ("attitude", "several", "serious", "team-leads", 12, 48),
        ("product", "individual", "safety", "product-quality", 4, 24),
    ],
)
def test_classification_finds_team_and_deadlines(
    nature: str, impact: str, severity: str, group: str, response: int, resolution: int
) -> None:
    walk = assessed(nature, impact, severity)
    task, variables = walk.task("investigate"), walk.variables("complaint-handling")

    assert task.candidate_groups == [group]
    assert task.due == MONDAY + dt.timedelta(hours=response)
    assert dt.datetime.fromisoformat(variables["resolutionDue"]) == MONDAY + dt.timedelta(hours=resolution)
    assert task.priority == variables["classification"]["priority"]


def test_accepted_complaint_is_carried_out_learnt_from_and_closed() -> None:
    walk = decided(amount=120)
    assert walk.mails[-1]["body"].count(REPLY) == 1
    walk.answer("customer-answer", answer="accepted")
    assert walk.task("carry-out").candidate_groups == ["finance"]
    walk.complete("carry-out", remedyDone="Paid.", remedyDoneOn="2026-11-24", paymentReference="P-1")
    assert walk.tasks() == ["find-cause"]
    closed(walk)
    walk.answer("satisfaction-answer", satisfaction="4")

    assert walk.running() == []
    assert walk.waits == {}
    variables = walk.variables("complaint-handling")
    assert (variables["satisfaction"], variables["cause"], variables["systemic"]) == ("4", "person", False)


def test_explanation_leaves_nothing_to_carry_out() -> None:
    walk = decided()
    walk.answer("customer-answer", answer="accepted")

    assert walk.tasks() == ["find-cause"]


def test_silence_counts_as_acceptance() -> None:
    walk = decided()
    walk.pass_time(days=7, minutes=-1)
    assert walk.messages() == ["complaint-withdrawn", "customer-answer"]
    walk.pass_time(minutes=1)
    assert walk.tasks() == ["find-cause"]
    assert walk.variables("complaint-handling")["answer"] == "silent"
    closed(walk)
    walk.pass_time(days=14)

    assert walk.running() == []


@pytest.mark.parametrize(("amount", "group"), [(501, "team-leads"), (5001, "finance")])
def test_amount_above_the_limit_is_approved_by_somebody_else(amount: int, group: str) -> None:
    walk = proposed(investigated(), amount, by="li.na")
    assert walk.task("approve").candidate_groups == [group]
    with pytest.raises(AssertionError, match="li.na may not do approve"):
        walk.complete("approve", by="li.na", approval="approved")
    walk.complete("approve", by="zhao.lei", approval="approved")

    assert walk.mails[-1]["subject"].startswith("Our decision")


def test_amount_within_the_limit_needs_no_approval() -> None:
    walk = decided(amount=500)
    assert walk.tasks() == []
    assert "customer-answer" in walk.messages()


def test_danger_is_approved_whatever_the_amount() -> None:
    walk = proposed(investigated(severity="safety"))
    assert walk.task("approve").candidate_groups == ["quality"]


def test_returned_proposal_goes_back_and_comes_again() -> None:
    walk = proposed(investigated(), 800)
    walk.complete("approve", by="zhao.lei", approval="returned", approvalComment="Too much.")
    assert walk.tasks() == ["propose"]
    proposed(walk, 600)
    walk.complete("approve", by="zhao.lei", approval="approved")

    assert walk.tasks() == []
    assert walk.variables("complaint-handling")["compensationAmount"] == 600


def test_deputy_decides_when_the_approver_does_not() -> None:
    walk = proposed(investigated(), 800)
    walk.pass_time(days=1)
    assert walk.tasks() == ["deputise"]
    assert walk.task("deputise").candidate_groups == ["quality"]
    walk.complete("deputise", by="zhao.lei", approval="approved")

    assert walk.tasks() == []


def test_rejected_decision_is_reviewed_twice_and_then_the_external_body_is_named() -> None:
    walk = decided()
    for reviewer in ("chen.yu", "zhao.lei"):
        walk.answer("customer-answer", answer="rejected", answerComment="That is not what happened.")
        with pytest.raises(AssertionError, match="li.na may not do second-review"):
            review(walk, by="li.na")
        review(walk, by=reviewer)
    walk.answer("customer-answer", answer="rejected", answerComment="I still disagree.")

    assert walk.mails[-2]["subject"].startswith("Where you can turn to")
    assert walk.tasks() == ["find-cause"]
    closed(walk)
    walk.pass_time(days=14)
    assert walk.running() == []


def test_review_that_raises_the_amount_needs_approval_by_a_third_person() -> None:
    walk = decided()
    walk.answer("customer-answer", answer="rejected", answerComment="I want my money.")
    change = {"remedy": "compensation", "compensationAmount": 900, "remedyDetails": "Pay it."}
    review(walk, by="chen.yu", reviewResult="change", **change)

    assert set(walk.task("approve").separate_from) == {"propose", "second-review"}
    with pytest.raises(AssertionError, match="chen.yu may not do approve"):
        walk.complete("approve", by="chen.yu", approval="approved")


def test_reviewer_of_the_first_round_may_not_review_again() -> None:
    walk = decided()
    walk.answer("customer-answer", answer="rejected", answerComment="No.")
    review(walk, by="chen.yu")
    walk.answer("customer-answer", answer="rejected", answerComment="No.")

    with pytest.raises(AssertionError, match="chen.yu may not do second-review"):
        review(walk, by="chen.yu")


def review(walk: Walk, *, by: str, **changes: Any) -> None:
    result = {"reviewFindings": "Examined anew.", "reviewResult": "uphold", "reply": f"{REPLY} Reviewed.", **changes}
    walk.complete("second-review", by=by, **result)


def test_each_department_asked_gives_its_opinion() -> None:
    walk = investigated(("operations", "finance"))
    asked = walk.all_tasks("department-opinion")
    assert sorted(task.candidate_groups[0] for task in asked) == ["finance", "operations"]
    for task in asked:
        walk.complete_one(task, responsibility="shared", opinion=f"Opinion of {task.candidate_groups[0]}")

    assert walk.tasks() == ["propose"]
    opinions = walk.variables("complaint-handling")["opinions"]
    assert opinions == [
        {"department": name, "responsibility": "shared", "opinion": f"Opinion of {name}"}
        for name in ("operations", "finance")
    ]
    assert proposed(walk).tasks() == []


def test_team_is_reminded_at_three_quarters_of_the_time() -> None:
    walk = assessed()
    walk.pass_time(hours=18, minutes=-1)
    assert len(walk.mails) == 1
    walk.pass_time(minutes=1)

    assert walk.mails[-1]["to"] == "product-quality@example.org"
    assert walk.tasks() == ["investigate"]


def test_breach_calls_the_team_lead_while_the_investigation_goes_on() -> None:
    walk = assessed()
    walk.pass_time(hours=24)
    assert walk.tasks() == ["investigate", "take-charge"]
    assert walk.task("take-charge").candidate_groups == ["team-leads"]
    walk.complete(
        "take-charge",
        delayReason="workload",
        newDate="2026-11-30",
        delayMeasure="I help.",
        delayMessage="It takes longer.",
    )
    assert "2026-11-30" in walk.mails[-1]["body"]
    walk.complete("investigate", findings="The seal is missing.", justified="yes")

    assert walk.tasks() == ["propose"]


def test_finished_investigation_is_neither_reminded_nor_escalated() -> None:
    walk = investigated()
    walk.pass_time(hours=30)

    assert walk.tasks() == ["propose"]
    assert len(walk.mails) == 1


def test_customer_adds_information_more_than_once() -> None:
    walk = assessed()
    walk.answer("customer-information", information="It also smells.")
    walk.answer("customer-information", information="And it is hot.")
    added = walk.variables("complaint-handling")["customerAdditions"]

    assert [each["text"] for each in added] == ["It also smells.", "And it is hot."]
    assert walk.tasks() == ["consider-information", "consider-information", "investigate"]


@pytest.mark.parametrize("stage", ["assess", "investigate", "answer", "closing"])
def test_customer_withdraws_at_any_time(stage: str) -> None:
    walk = {"assess": filed, "investigate": assessed, "answer": decided, "closing": decided}[stage]()
    if stage == "closing":
        walk.answer("customer-answer", answer="accepted")
    walk.answer("complaint-withdrawn", withdrawalReason="solved", withdrawalConfirmed=True)

    assert walk.running() == []
    assert walk.waits == {}
    assert walk.mails[-1]["subject"] == "You have withdrawn your complaint C-2611-7KQ4XM"


def test_customer_without_mail_is_told_by_people() -> None:
    given = {name: value for name, value in COMPLAINT.items() if name != "email"}
    walk = Walk().start("complaint-handling", by="li.na", **given, noEmail=True, channel="phone")
    contact = {"contactedBy": "phone", "contactedOn": "2026-11-23"}
    assert walk.tasks() == ["acknowledge-otherwise"]
    walk.complete("acknowledge-otherwise", **contact)
    walk.complete("assess", nature="service", impact="individual", severity="minor")
    walk.complete("investigate", findings="Nothing wrong.", justified="no")
    proposed(walk)
    assert walk.tasks() == ["tell-otherwise"]
    walk.complete("tell-otherwise", **contact)
    walk.answer("customer-answer", answer="accepted")
    closed(walk)

    assert walk.running() == []
    assert walk.mails == []


@pytest.mark.parametrize(
    ("cause", "similar", "severity", "is_systemic"),
    [
        ("procedure", 1, "moderate", True),
        ("procedure", 0, "moderate", False),
        ("person", 3, "moderate", True),
        ("person", 2, "moderate", False),
        ("person", 0, "safety", True),
        ("none", 9, "moderate", False),
    ],
)
def test_systemic_cause_starts_a_corrective_action(cause: str, similar: int, severity: str, is_systemic: bool) -> None:
    walk = proposed(investigated(severity=severity))
    if severity == "safety":
        walk.complete("approve", by="zhao.lei", approval="approved")
    walk.answer("customer-answer", answer="accepted")
    closed(walk, cause, similar)
    walk.answer("satisfaction-answer", satisfaction="5")

    assert walk.running() == (["corrective-action"] if is_systemic else [])
    if is_systemic:
        assert walk.tasks() == ["plan"]
        assert walk.variables("corrective-action")["originReference"] == "C-2611-7KQ4XM"
        assert walk.variables("corrective-action")["problemTitle"] == COMPLAINT["productOrService"]
