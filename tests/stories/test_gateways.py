"""Where ways part and meet."""

from __future__ import annotations

from tests.stories.conftest import StoryMaker


def test_exclusive_gateway_takes_the_first_true_flow(story: StoryMaker) -> None:
    case = story("exclusive-gateway")

    assert case.start(amount=501)[2:4] == ["g -> big because amount > 500 (amount: 501)", "big started"]


def test_exclusive_gateway_takes_the_default_and_says_why(story: StoryMaker) -> None:
    assert story("exclusive-gateway").start(amount=500)[2] == "g -> small by default (amount: 500)"
    assert story("exclusive-gateway").start()[2] == "g -> small by default (amount: None)"
    assert story("exclusive-gateway").start(amount="much")[2] == "g -> small by default (amount: much)"


def test_rework_loop_gives_new_keys(story: StoryMaker) -> None:
    case = story("rework-loop")
    case.start()
    first = case.key("work")

    assert case.complete("work", rework=True) == [
        "process: rework = True",
        "work completed",
        "work -> decide",
        "decide -> again because rework (rework: True)",
        "again -> work",
        "work started",
        "work offered",
    ]
    assert case.key("work") != first
    assert case.complete("work", rework=False)[-1] == "e happened: none"
    assert case.execution.is_completed


def test_conditions_on_flows_out_of_an_activity(story: StoryMaker) -> None:
    case = story("conditional-flows")
    case.start()
    assert case.complete("a", x=3)[2:] == [
        "a -> b because x > 1 (x: 3)",
        "a -> c because x > 2 (x: 3)",
        "b started",
        "b offered",
        "c started",
        "c offered",
    ]

    case = story("conditional-flows")
    case.start()
    assert case.complete("a", x=1)[2:] == ["a -> e by default (x: 1)", "e happened: none"]


def test_fork_start_and_end_without_gateways_and_events(story: StoryMaker) -> None:
    case = story("implicit-fork")

    assert case.start() == ["s happened: none", "s -> work", "work started", "a started", "a offered"]
    assert case.complete("a") == [
        "a completed",
        "a -> b",
        "a -> c",
        "b started",
        "b offered",
        "c started",
        "c offered",
    ]
    case.complete("c")
    assert not case.execution.is_completed
    assert case.complete("b") == ["b completed", "work completed"]
    assert case.execution.is_completed


def test_parallel_gateway_waits_for_all(story: StoryMaker) -> None:
    case = story("parallel-gateway")
    case.start(x=1, seen=[1])

    assert case.complete("b", x=2) == ["process: x 1 => 2", "b completed", "b -> join"]
    assert case.complete("a", seen=[1, 2]) == [
        "process: seen [1] => [1, 2]",
        "a completed",
        "a -> join",
        "join -> e",
        "e happened: none",
    ]
    assert case.execution.variables == {"x": 2, "seen": [1, 2]}


def test_parallel_join_in_a_loop_waits_in_each_round(story: StoryMaker) -> None:
    case = story("parallel-in-loop")
    case.start()
    for rework in (True, True, False):
        case.complete("b")
        assert case.waits == ["a"]
        case.complete("a")
        assert case.waits == ["fin"]
        case.complete("fin", rework=rework)
    assert case.execution.is_completed


def test_inclusive_gateway_waits_for_those_that_were_sent(story: StoryMaker) -> None:
    case = story("inclusive-gateway")
    assert case.start(x=3)[2:4] == ["split -> a because x > 1 (x: 3)", "split -> b because x > 2 (x: 3)"]
    assert case.complete("a") == ["a completed", "a -> join"]
    assert case.complete("b")[-1] == "e happened: none"

    case = story("inclusive-gateway")
    assert case.start(x=2)[2] == "split -> a because x > 1 (x: 2)"
    assert case.complete("a")[-1] == "e happened: none"

    case = story("inclusive-gateway")
    assert case.start(x=0)[2] == "split -> c by default (x: 0)"
    assert case.complete("c")[-1] == "e happened: none"
    assert case.execution.is_completed


def test_join_that_waits_in_vain_is_told(story: StoryMaker) -> None:
    case = story("stuck-join")
    case.start(x=2)

    assert case.complete("a") == [
        "a completed",
        "a -> join",
        "join failed: Waits for the way from 'b', but nothing in the case can come along it any more.",
    ]
    assert case.failures == ["join"]
    assert not case.execution.is_completed
    assert case.retry("join") == [
        "join retried",
        "join failed: Waits for the way from 'b', but nothing in the case can come along it any more.",
    ]


def test_event_gateway_goes_on_with_what_happens_first(story: StoryMaker) -> None:
    case = story("event-gateway")
    assert case.start(reference="C-1") == [
        "s happened: none",
        "s -> g",
        "yes awaited: Yes C-1",
        "soon due 01-01 01:00",
        "late due 01-08 00:00",
    ]
    assert case.trigger("late") == [
        "g -> late",
        "late happened: timer",
        "yes withdrawn",
        "soon withdrawn",
        "late -> c",
        "c started",
        "c offered",
    ]

    case = story("event-gateway")
    case.start(reference="C-1")
    assert case.deliver("yes", answer=1) == [
        "g -> yes",
        "yes happened: message Yes",
        "soon withdrawn",
        "late withdrawn",
        "process: answer = 1",
        "yes -> a",
        "a started",
        "a offered",
    ]


def test_event_gateway_is_withdrawn_as_a_whole(story: StoryMaker) -> None:
    case = story("event-gateway")
    case.start(reference="C-1")

    assert case.cancel() == ["yes withdrawn", "soon withdrawn", "late withdrawn"]


def test_event_gateway_that_cannot_wait_sets_up_nothing(story: StoryMaker) -> None:
    case = story("event-gateway")

    assert case.start()[2:] == [
        "g failed: The correlation key 'reference' has no value, because the case has no reference."
    ]
    assert case.retry("g", reference="C-1")[2:] == [
        "yes awaited: Yes C-1",
        "soon due 01-01 01:00",
        "late due 01-08 00:00",
    ]


def test_terminate_stops_everything_else(story: StoryMaker) -> None:
    case = story("terminate")
    case.start()

    assert case.complete("a") == [
        "a completed",
        "a -> stop",
        "stop happened: terminate",
        "b cancelled by stop",
    ]
    assert case.execution.is_completed
