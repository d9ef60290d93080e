"""Processes that begin without a start event, or with a condition."""

from __future__ import annotations

import pytest

from tests.stories.conftest import StoryMaker


def test_receive_task_begins(story: StoryMaker) -> None:
    case = story("receive-begins")

    assert case.start("paper", pages=3) == [
        "paper started", "paper completed", "paper -> work", "work started", "work offered",
    ]  # fmt: skip
    assert case.complete("work")[-1] == "e happened: none"
    assert case.execution.is_completed


def test_a_process_that_begins_with_a_message_can_be_called_and_then_waits_for_it(story: StoryMaker) -> None:
    case = story("receive-begins")

    assert case.start(reference="C1") == ["paper started", "paper awaited: Paper C1"]


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("a", ["g -> a", "a started", "a completed", "a -> x", "x started", "x offered"]),
        ("b", ["g -> b", "b happened: signal Go", "b -> y", "y started", "y offered"]),
    ],
)
def test_the_first_of_several_events_begins(story: StoryMaker, first: str, told: list[str]) -> None:
    case = story("gateway-begins")

    assert case.start(first, order="O1") == told
    assert case.waits == [told[-1].split()[0]]


@pytest.mark.parametrize(("first", "other", "rest"), [("a", "b", "y"), ("b", "a", "x")])
def test_several_messages_begin_and_each_goes_its_way(story: StoryMaker, first: str, other: str, rest: str) -> None:
    case = story("gateway-begins-all")
    message = {"a": "Paper", "b": "Payment"}[other]

    told = case.start(first, order="O1")
    assert told[0] == f"g -> {first}"
    assert f"{other} awaited: {message} O1" in told
    work = {"x", "y"} - {rest}
    case.complete(work.pop())
    assert not case.execution.is_completed

    assert case.deliver(other)[0] == f"g -> {other}"
    case.complete(rest)
    assert case.execution.is_completed


def test_what_has_not_come_is_withdrawn_with_the_case(story: StoryMaker) -> None:
    case = story("gateway-begins-all")
    case.start("a", order="O1")

    assert case.cancel() == ["b withdrawn", "x cancelled by None"]


def test_condition_begins(story: StoryMaker) -> None:
    case = story("condition-begins")

    assert case.start("large", amount=12)[0] == "large happened: conditional"
    assert case.waits
