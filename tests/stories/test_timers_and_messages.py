"""Times and messages that are waited for, in the flow and at the boundary of an activity."""

from __future__ import annotations

import datetime as dt

from engine.events import MessageAwaited
from tests.stories.conftest import StoryMaker


def test_timer_fires_only_when_triggered(story: StoryMaker) -> None:
    case = story("timer-catch")
    assert case.start() == ["s happened: none", "s -> wait", "wait due 01-01 01:00"]

    case.now += dt.timedelta(days=5)
    assert case.set_variables(x=1) == ["process: x = 1"]
    assert case.trigger("wait") == ["wait happened: timer", "wait -> e", "e happened: none"]


def test_boundary_timer_interrupts(story: StoryMaker) -> None:
    case = story("boundary-timer")
    assert case.start() == ["s happened: none", "s -> a", "a started", "late due 01-02 00:00", "a offered"]

    assert case.trigger("late") == [
        "late happened: timer",
        "a cancelled by late",
        "late -> escalated",
        "escalated started",
        "escalated offered",
    ]


def test_boundary_timer_is_withdrawn(story: StoryMaker) -> None:
    case = story("boundary-timer")
    case.start()

    assert case.complete("a") == ["a completed", "late withdrawn", "a -> e", "e happened: none"]
    assert case.execution.is_completed


def test_cycle_reminds_until_it_is_used_up(story: StoryMaker) -> None:
    case = story("boundary-timer-cycle")
    assert "reminder due 01-01 00:10, then 2 more" in case.start(reference="C-1")
    first = case.key("reminder")

    case.now += dt.timedelta(minutes=10)
    assert case.trigger("reminder") == [
        "reminder happened: timer",
        "reminder due 01-01 00:20, then 1 more",
        "reminder -> remind",
        "remind started",
        "remind sent: Reminder C-1 {}",
        "remind completed",
        "remind -> reminded",
        "reminded happened: none",
    ]
    assert case.key("reminder") != first

    case.now += dt.timedelta(hours=1)
    assert case.trigger("reminder")[1] == "reminder due 01-01 01:20, then 0 more"
    case.now += dt.timedelta(minutes=10)
    assert case.trigger("reminder")[1] == "reminder -> remind"
    assert case.waits == ["a"]
    case.complete("a")
    assert case.execution.is_completed


def test_message_catch(story: StoryMaker) -> None:
    case = story("message-catch")
    assert case.start(reference="C-1") == ["s happened: none", "s -> answer", "answer awaited: Answer C-1"]
    assert case.last(MessageAwaited).form_id == "answer-form"

    assert case.deliver("answer", accepted=True) == [
        "answer happened: message Answer",
        "process: accepted = True",
        "answer -> e",
        "e happened: none",
    ]


def test_message_without_correlation_key_is_an_incident(story: StoryMaker) -> None:
    case = story("message-catch")

    assert case.start()[-1] == (
        "answer failed: The correlation key 'reference' has no value, because the case has no reference."
    )
    assert case.retry("answer", reference=7) == [
        "answer retried",
        "process: reference = 7",
        "answer awaited: Answer 7",
    ]


def test_boundary_message_that_does_not_interrupt_comes_again(story: StoryMaker) -> None:
    case = story("boundary-message")
    case.start(reference="C-1")

    for _ in range(2):
        told = case.deliver("more", text="hello")
        assert told[:2] == ["more happened: message More", "more awaited: More C-1"]
        assert told[-3:] == ["more -> look", "look started", "look offered"]
    assert case.complete("a") == ["a completed", "more withdrawn", "a -> e", "e happened: none"]
    case.complete("look")
    assert not case.execution.is_completed
    case.complete("look")
    assert case.execution.is_completed


def test_boundary_events_are_set_up_all_or_none(story: StoryMaker) -> None:
    case = story("boundary-message")

    assert case.start()[2:] == [
        "a started",
        "a failed: The correlation key 'reference' has no value, because the case has no reference.",
    ]
    assert case.retry("a", reference="C-1")[2:] == ["more awaited: More C-1", "a offered"]


def test_timer_that_failed_is_set_again(story: StoryMaker) -> None:
    case = story("boundary-timer")
    case.start()
    case.fail("late", "The clock is broken.")
    assert case.waits == ["a"]

    assert case.retry("late") == ["late retried", "late due 01-02 00:00"]
    assert case.trigger("late")[:2] == ["late happened: timer", "a cancelled by late"]


def test_send_and_receive_task(story: StoryMaker) -> None:
    case = story("receive-and-send")
    assert case.start(reference="C-1", question="Why?") == [
        "s happened: none",
        "s -> ask",
        "ask started",
        "ask sent: Question C-1 {'text': 'Why?'}",
        "ask completed",
        "ask -> answer",
        "answer started",
        "answer awaited: Answer C-1",
    ]
    assert case.deliver("answer", reply="Because.", noise=1) == [
        "process: answerText = Because.",
        "answer completed",
        "answer -> e",
        "e happened: none",
    ]


def test_signals(story: StoryMaker) -> None:
    case = story("signals")
    assert case.start()[-1] == "alarm awaited: Alarm"
    assert case.deliver("alarm", level=3) == [
        "alarm happened: signal Alarm",
        "process: level = 3",
        "alarm -> all_clear",
        "all_clear happened: signal All clear",
        "all_clear broadcast: All clear",
        "all_clear -> e",
        "e happened: none",
    ]


def test_conditions_are_looked_at_when_variables_change(story: StoryMaker) -> None:
    case = story("conditional-event")
    case.start(temperature=20)

    assert case.set_variables(temperature=31)[1:] == [
        "hot happened: conditional",
        "hot -> cool",
        "cool started",
        "cool offered",
    ]
    assert len(case.set_variables(temperature=32)) == 1
    assert len(case.set_variables(temperature=25)) == 1
    assert case.set_variables(temperature=40)[1] == "hot happened: conditional"
    assert case.complete("a") == ["a completed", "a -> calm"]
    assert case.waits == ["cool", "cool"]
    case.complete("cool")
    assert case.complete("cool", temperature=10) == [
        "process: temperature 40 => 10",
        "cool completed",
        "cool -> cooled",
        "calm happened: conditional",
        "calm -> e",
        "cooled happened: none",
        "e happened: none",
    ]
    assert case.execution.is_completed
