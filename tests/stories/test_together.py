"""Events that happen when several things have happened together."""

from __future__ import annotations

from tests.stories.conftest import StoryMaker


def test_all_of_several_are_waited_for(story: StoryMaker) -> None:
    case = story("all-caught")
    assert case.start(reference="C1", amount=1)[2:] == [
        "both awaited: Paper C1", "both awaited: Go", "both due 01-01 01:00",
    ]  # fmt: skip

    assert case.set_variables(amount=11) == ["process: amount 1 => 11", "both came: conditional"]
    assert case.deliver("both", pages=3) == ["both came: message Paper"]
    assert case.deliver("both", colour="red") == ["both came: signal Go"]
    assert case.set_variables(amount=2) == ["process: amount 11 => 2"]
    assert case.trigger("both") == [
        "both came: timer",
        "both happened: parallelMultiple",
        "process: pages = 3, colour = red",
        "both -> e",
        "e happened: none",
    ]
    assert case.execution.is_completed


def test_what_has_not_come_is_withdrawn_with_the_case(story: StoryMaker) -> None:
    case = story("all-caught")
    case.start(reference="C1", amount=1)
    case.deliver("both")

    assert case.cancel() == ["both withdrawn", "both withdrawn"]
    assert case.waits == []


def test_all_of_several_must_be_there_to_wait_for_any(story: StoryMaker) -> None:
    case = story("all-caught")
    assert case.start(amount=1)[2:] == [
        "both failed: The correlation key 'reference' has no value, because the case has no reference."
    ]
    assert case.waits == []

    assert case.retry("both", reference="C1")[2:] == [
        "both awaited: Paper C1", "both awaited: Go", "both due 01-01 01:00",
    ]  # fmt: skip


def test_all_of_several_at_a_border_again_and_again(story: StoryMaker) -> None:
    case = story("all-at-border")
    case.start(reference="C1", amount=1)

    for _ in range(2):
        assert sorted(case.waits) == ["both", "both", "stop", "work"]
        assert case.deliver("both") == ["both came: message Paper"]
        told = case.deliver("both", word="hurry")
        assert told[:2] == ["both came: signal Go", "both happened: parallelMultiple"]
        assert {"both awaited: Paper C1", "both awaited: Go", "both -> told", "told happened: none"} <= set(told)


def test_all_of_several_at_a_border_stop_the_activity(story: StoryMaker) -> None:
    case = story("all-at-border")
    case.start(reference="C1", amount=1)
    case.deliver("both")
    case.trigger("stop")

    assert case.set_variables(amount=11) == [
        "process: amount 1 => 11",
        "stop came: conditional",
        "stop happened: parallelMultiple",
        "both withdrawn",
        "work cancelled by stop",
        "stop -> stopped",
        "stopped happened: none",
    ]
    assert case.execution.is_completed


def test_all_of_several_start_an_event_sub_process_beside_the_flow(story: StoryMaker) -> None:
    case = story("all-start-event-subprocess")
    case.start(reference="C1", amount=1)

    for _ in range(2):
        case.deliver("beside_start")
        assert case.deliver("beside_start", word="hurry")[:5] == [
            "beside_start came: signal Go",
            "beside_start awaited: Paper C1",
            "beside_start awaited: Go",
            "beside started",
            "beside_start happened: parallelMultiple",
        ]
    assert sorted(case.complete("work")[-3:]) == [
        "beside_start withdrawn", "beside_start withdrawn", "instead_start withdrawn",
    ]  # fmt: skip
    assert case.execution.is_completed


def test_all_of_several_start_an_event_sub_process_instead_of_all_else(story: StoryMaker) -> None:
    case = story("all-start-event-subprocess")
    case.start(reference="C1", amount=1)
    case.set_variables(amount=11)

    told = case.trigger("instead_start")
    assert told[:3] == ["instead_start came: timer", "instead started", "instead_start happened: parallelMultiple"]
    assert "work cancelled by instead_start" in told
    assert case.execution.is_completed


def test_a_case_begins_with_the_first_of_several_messages_and_waits_for_the_others(story: StoryMaker) -> None:
    case = story("all-begin")
    first, second = (beginning.element_id for beginning in case.process.model.beginnings())

    assert case.start(second, order="O1", paid=True) == ["both came: message Payment", "both awaited: Paper O1"]
    assert case.deliver("both", pages=2) == [
        "both came: message Paper",
        "both happened: parallelMultiple",
        "process: pages = 2",
        "both -> work",
        "work started",
        "work offered",
    ]
    assert first != second
