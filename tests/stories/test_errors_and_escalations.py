"""Errors and escalations reach exactly the event they should, walking outward."""

from __future__ import annotations

from tests.stories.conftest import StoryMaker


def test_error_reaches_only_the_boundary_of_its_own_activity(story: StoryMaker) -> None:
    case = story("error-boundary")
    case.start()

    assert case.throw_error("x", "NO_STOCK", "none left", missing=3) == [
        "x threw NO_STOCK, caught by x_failed",
        "x_failed happened: error NO_STOCK",
        "x cancelled by x_failed",
        "process: missing = 3",
        "x_failed -> mend",
        "mend started",
        "mend offered",
    ]
    assert case.waits == ["y", "mend"]


def test_boundary_without_code_takes_every_other_error(story: StoryMaker) -> None:
    case = story("error-boundary")
    case.start()

    assert case.execution.catches(case.key("x"), "BURNT")
    assert not case.execution.catches(case.key("y"), "BURNT")
    assert case.throw_error("x", "BURNT")[:2] == ["x threw BURNT, caught by x_other", "x_other happened: error BURNT"]


def test_uncaught_error_of_a_service_is_an_incident(story: StoryMaker) -> None:
    case = story("error-boundary")
    case.start()

    assert case.throw_error("y", "BURNT", "it is on fire") == [
        "y threw BURNT, caught by None",
        "y failed: Nothing in this process takes care of the error 'BURNT': it is on fire",
    ]
    assert case.waits == ["x"]
    assert case.retry("y") == ["y retried", "y asked for: y"]


def test_error_end_event_is_caught_further_out(story: StoryMaker) -> None:
    case = story("error-end")
    case.start()

    assert case.complete("work", bad=True)[2:] == [
        "work -> ok",
        "ok -> broken because bad (bad: True)",
        "broken happened: error BROKEN",
        "broken threw BROKEN, caught by caught",
        "caught happened: error BROKEN",
        "inner cancelled by caught",
        "outer cancelled by caught",
        "caught -> mend",
        "mend started",
        "mend offered",
    ]
    case.complete("mend")
    assert case.execution.is_completed


def test_sub_processes_end_in_order(story: StoryMaker) -> None:
    case = story("error-end")
    assert case.start() == [
        "s happened: none",
        "s -> outer",
        "outer started",
        "os happened: none",
        "os -> inner",
        "inner started",
        "is happened: none",
        "is -> work",
        "work started",
        "work offered",
    ]
    assert case.complete("work", bad=False)[4:] == [
        "done happened: none",
        "inner completed",
        "inner -> oe",
        "oe happened: none",
        "outer completed",
        "outer -> e",
        "e happened: none",
    ]


def test_uncaught_error_end_event_is_an_incident(story: StoryMaker) -> None:
    case = story("uncaught-error")
    case.start()

    assert case.complete("work", bad=True)[-3:] == [
        "broken happened: error BROKEN",
        "broken threw BROKEN, caught by None",
        "broken failed: Nothing in this process takes care of the error 'BROKEN'.",
    ]
    assert not case.execution.is_completed
    assert case.failures == ["broken"]


def test_escalation_does_not_stop_the_one_who_escalates(story: StoryMaker) -> None:
    case = story("escalation")
    case.start()

    assert case.complete("a") == [
        "a completed",
        "a -> slow",
        "slow happened: escalation SLOW",
        "slow escalated SLOW, caught by slow_1",
        "slow_1 happened: escalation SLOW",
        "slow_1 -> hurry",
        "slow -> b",
        "hurry started",
        "hurry offered",
        "b started",
        "b offered",
    ]


def test_escalation_from_outside(story: StoryMaker) -> None:
    case = story("escalation")
    case.start()

    assert case.escalate("a", "SLOW") == [
        "a escalated SLOW, caught by slow_1",
        "slow_1 happened: escalation SLOW",
        "slow_1 -> hurry",
        "hurry started",
        "hurry offered",
    ]
    assert case.escalate("a", "OTHER") == ["a escalated OTHER, caught by None"]
    assert case.waits == ["hurry", "a"]


def test_error_event_subprocess(story: StoryMaker) -> None:
    case = story("event-subprocess-error")
    case.start()

    assert case.throw_error("a", "ANY", reason="x") == [
        "a threw ANY, caught by failed",
        "trouble started",
        "failed happened: error ANY",
        "a cancelled by failed",
        "process: reason = x",
        "failed -> mend",
        "mend started",
        "mend offered",
    ]
    assert case.throw_error("mend", "AGAIN")[0] == "mend threw AGAIN, caught by None"
    case.retry("mend")
    assert case.complete("mend")[-1] == "trouble completed"
    assert case.execution.is_completed


def test_escalation_event_subprocess_beside_the_flow(story: StoryMaker) -> None:
    case = story("event-subprocess-escalation")
    case.start()

    assert case.complete("a") == [
        "a completed",
        "a -> late",
        "late happened: escalation LATE",
        "late escalated LATE, caught by chased",
        "chase started",
        "chased happened: escalation LATE",
        "late -> b",
        "chased -> call",
        "call started",
        "call offered",
        "b started",
        "b offered",
    ]
    case.complete("b")
    assert not case.execution.is_completed
    assert case.complete("call") == [
        "call completed",
        "call -> ce",
        "ce happened: none",
        "chase completed",
    ]
    assert case.execution.is_completed
