"""To whom a task is offered, and what a decision table says."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from engine import bpmn
from engine.bpmn.elements import Reference
from engine.errors import NotFound
from engine.events import DecisionEvaluated, StageReached, TaskCreated
from engine.feel import Warning
from tests.stories.conftest import StoryMaker


def test_offer_of_a_user_task(story: StoryMaker) -> None:
    case = story("user-task-offer")
    told = case.start(clerk="eve", groups=["a", "b"], due="2026-01-03T12:00:00+02:00", promised="2026-01-04", prio=70)

    assert told[2:] == ["full started", "stage Checking", "full offered"]
    offer = case.last(TaskCreated)
    assert (offer.kind, offer.label, offer.action) == ("userTask", "Check it", "Approve")
    assert (offer.assignee, offer.candidate_users, offer.candidate_groups) == ("eve", ["ann", "bob"], ["a", "b"])
    assert offer.due == dt.datetime(2026, 1, 3, 10, tzinfo=dt.UTC)
    assert offer.follow_up == dt.datetime(2026, 1, 2, 9, tzinfo=dt.UTC)
    assert (offer.priority, offer.form_id, offer.form_binding) == (70, "check-form", "latest")
    assert offer.separate_from == ["plain", "first"]
    assert case.last(StageReached).promised == "2026-01-04T00:00:00+00:00"

    case.complete("full")
    offer = case.last(TaskCreated)
    assert (offer.assignee, offer.candidate_users, offer.candidate_groups) == (None, [], ["Back office"])
    assert (offer.due, offer.follow_up, offer.priority, offer.form_id) == (None, None, 50, None)


def test_wrong_due_date_is_an_incident(story: StoryMaker) -> None:
    case = story("user-task-offer")
    told = case.start(clerk="eve", groups=["a"], due="soon", prio=70)

    assert told[-1] == (
        "full failed: The due date 'due' must give a date and time such as 2026-05-01T09:00:00Z, but it gave soon."
    )
    assert case.retry("full", due="2026-01-03T12:00:00Z")[-1] == "full offered"


def test_priority_must_be_a_whole_number(story: StoryMaker) -> None:
    told = story("user-task-offer").start(clerk="eve", due=None, prio="high")

    assert told[-1] == "full failed: The priority 'prio' must give a whole number, but it gave high."


def test_decision_tells_the_rules_that_fired(story: StoryMaker) -> None:
    rule = SimpleNamespace(
        decision="severity", index=2, id="rule_2", annotations=("Danger to life",), outputs={"level": "high"}
    )
    trace = SimpleNamespace(decision_id="severity", name="", inputs={"impact": 9}, rules=(rule,), value="high")
    asked: list[tuple[Reference, dict[str, Any]]] = []

    def decide(reference: Reference, variables: dict[str, Any]) -> bpmn.Decided:
        asked.append((reference, variables))
        return bpmn.Decided(4, SimpleNamespace(value="high", trace=(trace,), warnings=()))  # type: ignore[arg-type]

    case = story("decision", decide)
    assert case.start(impact=9)[2:] == [
        "classify started",
        "classify decided: high",
        "process: severity = high",
        "classify completed",
        "classify -> e",
        "e happened: none",
    ]
    assert asked == [(Reference("severity"), {"impact": 9})]
    event = case.last(DecisionEvaluated)
    assert (event.decision_id, event.version, event.inputs) == ("severity", 4, {"impact": 9})
    assert event.rules == [
        {
            "decision": "severity",
            "index": 2,
            "id": "rule_2",
            "annotations": ["Danger to life"],
            "outputs": {"level": "high"},
        }
    ]


def test_decision_without_result_is_an_incident(story: StoryMaker) -> None:
    def decide(reference: Reference, variables: dict[str, Any]) -> bpmn.Decided:
        reasons = () if variables.get("impact") else (Warning("{rows} rules apply.", {"rows": "Two"}),)
        return bpmn.Decided(1, SimpleNamespace(value=None, trace=(), warnings=reasons))  # type: ignore[arg-type]

    case = story("decision", decide)
    assert case.start()[2:] == [
        "classify started",
        "classify decided: None",
        "classify failed: The decision 'severity' gave no result: Two rules apply.",
    ]
    assert case.last(DecisionEvaluated).warnings == [{"template": "{rows} rules apply.", "values": {"rows": "Two"}}]
    assert case.retry("classify", impact=1)[2:4] == ["classify decided: None", "process: severity = None"]


def test_missing_decision_is_an_incident(story: StoryMaker) -> None:
    def decide(reference: Reference, variables: dict[str, Any]) -> bpmn.Decided:
        raise NotFound("There is no decision '{decision}'.", decision=reference.id)

    case = story("decision", decide)
    assert case.start()[2:] == ["classify started", "classify failed: There is no decision 'severity'."]
    assert case.failures == ["classify"]
