"""What is thrown, mapped or joined goes exactly where it should, in the less usual shapes too."""

from __future__ import annotations

from tests.stories.conftest import StoryMaker


def test_event_subprocess_is_nearer_than_the_boundary(story: StoryMaker) -> None:
    case = story("error-nearest")
    case.start()

    assert case.throw_error("work", "BAD")[:4] == [
        "work threw BAD, caught by failed",
        "trouble started",
        "failed happened: error BAD",
        "work cancelled by failed",
    ]
    assert case.throw_error("mend", "BAD")[:4] == [
        "mend threw BAD, caught by any_error",
        "any_error happened: error BAD",
        "mend cancelled by any_error",
        "trouble cancelled by any_error",
    ]
    assert case.waits == ["look"]


def test_code_that_the_nearest_does_not_take(story: StoryMaker) -> None:
    case = story("error-nearest")
    case.start()

    assert case.throw_error("work", "WORSE")[0] == "work threw WORSE, caught by any_error"


def test_error_in_one_instance_stops_all(story: StoryMaker) -> None:
    case = story("error-in-instances")
    case.start(items=[1, 2, 3])
    case.complete("work")
    assert case.waits == ["work", "work"]

    assert case.throw_error("work", "BROKEN") == [
        "work threw BROKEN, caught by broken",
        "broken happened: error BROKEN",
        "work cancelled by broken",
        "each_item cancelled by broken",
        "work cancelled by broken",
        "each_item cancelled by broken",
        "broken -> mend",
        "mend started",
        "mend offered",
    ]


def test_escalation_that_interrupts_the_one_who_escalates(story: StoryMaker) -> None:
    case = story("escalation-interrupting")
    case.start()

    assert case.complete("a") == [
        "a completed",
        "a -> late",
        "late happened: escalation LATE",
        "late escalated LATE, caught by chased",
        "chase started",
        "chased happened: escalation LATE",
        "chased -> call",
        "call started",
        "call offered",
    ]
    assert case.complete("call")[-3:] == ["work completed", "work -> e", "e happened: none"]


def test_event_subprocess_that_cannot_wait_is_an_incident(story: StoryMaker) -> None:
    case = story("timer-event-subprocess")
    assert case.start()[-1] == "over failed: The timer 'patience' has no value, because the case has no patience."
    assert case.waits == ["a"]

    assert case.retry("over", patience="PT2H")[-1] == "over due 01-01 02:00"
    assert case.trigger("over")[:3] == ["deadline started", "over happened: timer", "a cancelled by over"]
    case.complete("decide")
    assert case.execution.is_completed


def test_incident_of_an_event_subprocess_ends_with_the_case(story: StoryMaker) -> None:
    case = story("timer-event-subprocess")
    case.start()

    assert case.complete("a")[-2:] == ["e happened: none", "over cancelled by None"]
    assert case.execution.is_completed
    assert case.failures == []


def test_called_process_for_each_item(story: StoryMaker) -> None:
    case = story("call-each")
    assert case.start(departments=["law", "it"], secret=1)[2:] == [
        "ask started",
        "ask called: opinion {'loopCounter': 1, 'opinion': None, 'department': 'law'}",
        "ask started",
        "ask called: opinion {'loopCounter': 2, 'opinion': None, 'department': 'it'}",
    ]
    assert case.complete("ask", opinion="no", department="x") == ["ask completed"]
    assert case.complete("ask", opinion="yes")[1] == "process: opinions = ['no', 'yes']"


def test_mappings_make_nested_and_local_values(story: StoryMaker) -> None:
    case = story("mappings")
    case.start(order={"customer": "Ann"}, result={"kept": 1})
    assert case.execution.variables_at(case.key("a")) == {
        "order": {"customer": "Ann"},
        "result": {"kept": 1},
        "buyer": {"name": "Ann"},
        "note": "fixed text",
        "both": "Annfixed text",
    }

    case.complete("a", answer="!", other=1)

    assert case.execution.variables == {
        "order": {"customer": "Ann"},
        "result": {"kept": 1, "text": "!", "long": "!Annfixed text"},
    }


def test_inclusive_join_in_a_loop(story: StoryMaker) -> None:
    case = story("inclusive-in-loop")
    case.start(x=1)
    for x in (2, 1, 2):
        assert case.waits in (["a"], ["b"])
        assert case.complete(case.waits[0])[-1] == "check offered"
        case.complete("check", rework=True, x=x)
    case.complete(case.waits[0])
    case.complete("check", rework=False)
    assert case.execution.is_completed


def test_inclusive_join_goes_on_when_the_other_branch_ends_elsewhere(story: StoryMaker) -> None:
    case = story("inclusive-chain")
    case.start(x=2, deep=False)
    assert case.complete("a") == ["a completed", "a -> join"]
    assert case.complete("b")[1:] == [
        "b -> skip",
        "skip -> stop by default (deep: False)",
        "stop happened: none",
        "join -> last",
        "last started",
        "last offered",
    ]

    case = story("inclusive-chain")
    case.start(x=2, deep=True)
    case.complete("a")
    case.complete("b")
    assert case.waits == ["c"]
    assert case.complete("c")[-1] == "last offered"


def test_tokens_in_excess_wait_for_their_own_partners(story: StoryMaker) -> None:
    case = story("excess-tokens")
    case.start()
    assert case.complete("a") == ["a completed", "a -> merge", "merge -> join"]
    assert case.complete("b") == ["b completed", "b -> merge", "merge -> join"]

    told = case.complete("c")
    assert told[:4] == ["c completed", "c -> join", "join -> last", "last started"]
    assert told[-1] == ("join failed: Waits for the way from 'c', but nothing in the case can come along it any more.")
    case.complete("last")
    assert not case.execution.is_completed


def test_error_that_a_person_reports(story: StoryMaker) -> None:
    case = story("user-task-error")
    case.start()

    assert case.throw_error("a", "REFUSED", "no", why="too late", noise=1) == [
        "a threw REFUSED, caught by refused",
        "refused happened: error REFUSED",
        "a cancelled by refused",
        "process: reason = too late",
        "refused -> b",
        "b started",
        "b offered",
    ]


def test_message_for_each_item(story: StoryMaker) -> None:
    case = story("receive-each")
    assert case.start(people=["ann", "bob"])[2:] == [
        "late due 01-03 00:00",
        "answers started",
        "answers awaited: Answer ann",
        "answers started",
        "answers awaited: Answer bob",
    ]
    case.deliver("answers", said="yes")
    assert case.deliver("answers") == ["answers completed", "late withdrawn", "answers -> e", "e happened: none"]


def test_boundary_event_of_a_sub_process_stops_all_inside(story: StoryMaker) -> None:
    case = story("boundary-of-subprocess")
    case.start(reference="C-1")
    case.trigger("slow")
    assert sorted(case.waits) == ["a", "news", "other", "remind", "stop"]

    assert case.deliver("stop") == [
        "stop happened: message Stop",
        "other cancelled by stop",
        "a cancelled by stop",
        "news withdrawn",
        "remind cancelled by stop",
        "work cancelled by stop",
        "stop -> e",
        "e happened: none",
    ]
    assert case.execution.is_completed
