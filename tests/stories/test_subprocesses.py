"""Sub-processes with variables of their own, event sub-processes, called processes."""

from __future__ import annotations

import datetime as dt

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
