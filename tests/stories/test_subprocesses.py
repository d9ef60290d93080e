"""Sub-processes with variables of their own, event sub-processes, called processes."""

from __future__ import annotations

import datetime as dt

import pytest

from engine.errors import NotFound
from engine.events import ServiceRequested
from tests.stories.conftest import StoryMaker


def test_variables_of_a_sub_process(story: StoryMaker) -> None:
    case = story("subprocess-variables")
    assert case.start(customer="Ann")[2:5] == [
        "handling started",
        "handling: who = Ann",
        "hs happened: none",
    ]
    assert case.execution.variables_at(case.key("a")) == {"customer": "Ann", "who": "Ann"}
    assert case.set_variables("handling", who="Bob") == ["handling: who Ann => Bob"]

    assert case.complete("a", verdict="!", who="Cy") == [
        "process: verdict = !",
        "handling: who Bob => Cy",
        "a completed",
        "a -> greet",
        "greet started",
        "process: greeting = Cy!",
        "greet completed",
        "greet -> he",
        "he happened: none",
        "process: result = !",
        "handling completed",
        "handling -> b",
        "b started",
        "b offered",
    ]
    assert "who" not in case.execution.variables


def test_event_subprocess_interrupts_everything(story: StoryMaker) -> None:
    case = story("event-subprocess-message")
    assert case.start(reference="C-1")[-1] == "withdrawn awaited: Withdraw C-1"
    case.complete("a")

    assert case.deliver("withdrawn", why="bored") == [
        "withdrawal started",
        "withdrawn happened: message Withdraw",
        "b cancelled by withdrawn",
        "process: why = bored",
        "withdrawn -> confirm",
        "confirm started",
        "confirm offered",
    ]
    assert case.waits == ["confirm"]
    assert case.complete("confirm")[-2:] == ["we happened: none", "withdrawal completed"]
    assert case.execution.is_completed


def test_event_subprocess_is_withdrawn_at_the_end(story: StoryMaker) -> None:
    case = story("event-subprocess-message")
    case.start(reference="C-1")
    case.complete("a")

    assert case.complete("b")[-2:] == ["e happened: none", "withdrawn withdrawn"]
    assert case.execution.is_completed
    assert case.waits == []


def test_event_subprocesses_beside_the_flow_come_again_and_again(story: StoryMaker) -> None:
    case = story("event-subprocess-parallel")
    case.start(reference="C-1", ticks=0)
    assert case.waits == ["tick", "asked", "a"]

    for ticks in range(1, 4):
        case.now += dt.timedelta(hours=1)
        assert case.trigger("tick") == [
            f"tick due 01-01 0{ticks + 1}:00, then -1 more",
            "clock started",
            "tick happened: timer",
            "tick -> count",
            "count started",
            f"process: ticks {ticks - 1} => {ticks}",
            "count completed",
            "count -> te",
            "te happened: none",
            "clock completed",
        ]
    case.deliver("asked")
    assert case.deliver("asked") == [
        "asked awaited: Question C-1",
        "question started",
        "asked happened: message Question",
        "asked -> reply",
        "reply started",
        "reply offered",
    ]
    case.complete("a")
    assert case.waits == ["tick", "asked", "reply", "reply"]
    case.complete("reply")
    assert case.complete("reply") == [
        "reply completed",
        "reply -> qe",
        "qe happened: none",
        "question completed",
        "asked withdrawn",
        "handling completed",
        "handling -> e",
        "e happened: none",
        "tick withdrawn",
    ]


def test_state_does_not_grow_beside_event_subprocesses(story: StoryMaker) -> None:
    case = story("event-subprocess-parallel")
    case.start(reference="C-1", ticks=100)
    case.now += dt.timedelta(hours=1)
    case.trigger("tick")
    size = len(case.execution.dump())
    for _ in range(20):
        case.now += dt.timedelta(hours=1)
        case.trigger("tick")
    assert len(case.execution.dump()) <= size + 10


def test_called_process_is_waited_for(story: StoryMaker) -> None:
    case = story("call-activity")
    assert case.start(amount=7)[2:] == ["check started", "check called: credit-check {'sum': 7}"]

    assert case.complete("check", score=3, secret="x") == [
        "process: rating = 3",
        "check completed",
        "check -> good",
        "good started",
        "good offered",
    ]


def test_error_of_a_called_process(story: StoryMaker) -> None:
    case = story("call-activity")
    case.start(amount=7)

    assert case.throw_error("check", "REFUSED")[:3] == [
        "check threw REFUSED, caught by refused",
        "refused happened: error REFUSED",
        "check cancelled by refused",
    ]


def test_ad_hoc_sub_process_ends_when_it_is_enough(story: StoryMaker) -> None:
    case = story("ad-hoc")
    assert case.start() == [
        "s happened: none",
        "s -> notes",
        "notes started",
        "call started",
        "call offered",
        "write started",
        "write offered",
    ]
    case.complete("call")
    assert case.waits == ["write", "sort"]
    assert case.complete("write", enough=True) == [
        "process: enough = True",
        "write completed",
        "sort cancelled by notes",
        "notes completed",
        "notes -> e",
        "e happened: none",
    ]


def test_ad_hoc_sub_process_ends_when_nothing_is_left(story: StoryMaker) -> None:
    case = story("ad-hoc")
    case.start()
    case.complete("call")
    case.complete("write")

    assert case.complete("sort")[-2:] == ["notes -> e", "e happened: none"]


def test_condition_starts_an_event_subprocess(story: StoryMaker) -> None:
    case = story("conditional-event-subprocess")
    case.start(limit=10, spent=5)
    assert case.waits == ["a"]

    assert case.set_variables(spent=11) == [
        "process: spent 5 => 11",
        "too_much started",
        "over happened: conditional",
        "a cancelled by over",
        "over -> ask",
        "ask started",
        "ask offered",
    ]
    assert case.complete("ask")[-4:] == ["too_much completed", "work completed", "work -> e", "e happened: none"]


def test_failure_inside_a_sub_process_is_cancelled_with_it(story: StoryMaker) -> None:
    case = story("failing-inside")
    assert case.start(x=0)[-1].startswith("g failed: None of the ways out of here is open: x > 1.")

    assert case.trigger("late")[:3] == [
        "late happened: timer",
        "g cancelled by late",
        "work cancelled by late",
    ]
    assert case.failures == []


def test_start_event_is_chosen(story: StoryMaker) -> None:
    assert story("message-start").start() == ["plain happened: none", "plain -> a", "a started", "a offered"]
    assert story("message-start").start("asked", topic="x") == [
        "asked happened: message Request",
        "asked -> b",
        "b started",
        "b offered",
    ]
    with pytest.raises(NotFound, match="it has no such start event"):
        story("message-start").start("a")


def test_signal_that_does_not_interrupt_comes_again(story: StoryMaker) -> None:
    case = story("signal-boundary-repeating")
    case.start(n=0)
    for number in range(1, 4):
        assert case.deliver("beat")[1:4] == ["beat awaited: Beat", "beat -> count", "count started"]
        assert case.execution.variables == {"n": number}


def test_throw_event_that_a_job_does(story: StoryMaker) -> None:
    case = story("throw-as-job")
    assert case.start(n=5) == ["s happened: none", "s -> tell", "tell asked for: publish"]
    assert case.last(ServiceRequested).variables == {"number": 5}
    assert case.complete("tell", id="m-1") == [
        "tell happened: message",
        "process: id = m-1",
        "tell -> e",
        "e happened: message Done",
        "e sent: Done 5 {}",
    ]


def test_ad_hoc_activities_one_after_another(story: StoryMaker) -> None:
    case = story("ad-hoc-in-turn")
    case.start(enough=False)
    assert case.waits == ["archive"]
    case.complete("archive")
    assert case.waits == ["copy"]
    case.complete("copy")
    assert case.waits == ["call"]

    assert case.complete("call", enough=True) == [
        "process: enough False => True", "call completed", "search completed", "search -> e", "e happened: none",
    ]  # fmt: skip
    assert case.execution.is_completed


def test_ad_hoc_activities_one_after_another_to_the_last(story: StoryMaker) -> None:
    case = story("ad-hoc-in-turn")
    case.start(enough=False)
    for element_id in ("archive", "copy", "call", "visit"):
        assert case.waits == [element_id]
        case.complete(element_id)

    assert case.execution.is_completed


def test_ad_hoc_activities_that_run_may_finish(story: StoryMaker) -> None:
    case = story("ad-hoc-finishing")
    case.start(enough=False)
    assert case.waits == ["archive", "call"]

    told = case.complete("archive", enough=True)
    assert "copy started" not in told and "call cancelled by search" not in told
    assert case.waits == ["call"]
    assert case.complete("call")[-3:] == ["search completed", "search -> e", "e happened: none"]
    assert case.execution.is_completed
