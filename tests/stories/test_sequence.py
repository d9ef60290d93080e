"""Tasks one after another, variables, and what happens when something fails."""

from __future__ import annotations

import pytest

from engine.errors import NotFound, Refused
from engine.events import ServiceRequested
from tests.stories.conftest import StoryMaker


def test_linear(story: StoryMaker) -> None:
    case = story("linear")

    assert case.start(n=1) == ["s happened: none", "s -> a", "a started", "a offered"]
    assert case.complete("a", answer="yes") == [
        "process: answer = yes",
        "a completed",
        "a -> b",
        "b started",
        "b asked for: mail",
    ]
    assert case.last(ServiceRequested).variables == {"n": 1, "answer": "yes"}
    assert case.last(ServiceRequested).retries == 3
    assert not case.execution.is_completed

    assert case.complete("b", sent=True) == [
        "process: sent = True",
        "b completed",
        "b -> c",
        "c started",
        "process: n 1 => 2",
        "c completed",
        "c -> e",
        "e happened: none",
    ]
    assert case.execution.is_completed
    assert case.execution.variables == {"n": 2, "answer": "yes", "sent": True}
    assert case.waits == []


def test_unchanged_variables_are_not_told(story: StoryMaker) -> None:
    case = story("linear")
    case.start(n=1, list=[1, {"a": True}])

    told = case.complete("a", n=1, list=[1, {"a": 1}])

    assert told[0] == "process: list [1, {'a': True}] => [1, {'a': 1}]"


def test_work_is_taken_once(story: StoryMaker) -> None:
    case = story("linear")
    case.start(n=1)
    key = case.key("a")
    case.complete("a")

    with pytest.raises(NotFound, match="the case is not there any more"):
        case.execution.complete(key, {})


def test_each_wait_takes_only_its_own_stimulus(story: StoryMaker) -> None:
    case = story("linear")
    case.start(n=1)

    with pytest.raises(Refused, match="does not wait for that"):
        case.execution.trigger(case.key("a"))
    with pytest.raises(Refused, match="does not wait for that"):
        case.execution.deliver(case.key("a"), {})
    with pytest.raises(Refused, match="it has not failed"):
        case.execution.retry(case.key("a"), {})


def test_failed_service_is_retried_with_corrected_variables(story: StoryMaker) -> None:
    case = story("linear")
    case.start(n=1, address="nowhere")
    case.complete("a")
    key = case.key("b")

    assert case.fail("b", "No mail server answers at {host}.", host="mail.example") == [
        "b failed: No mail server answers at mail.example."
    ]
    assert (case.waits, case.failures) == ([], ["b"])
    with pytest.raises(Refused):
        case.execution.complete(key, {})

    assert case.retry("b", address="somewhere") == [
        "b retried",
        "process: address nowhere => somewhere",
        "b asked for: mail",
    ]
    assert case.key("b") == key
    assert case.complete("b")[-1] == "e happened: none"


def test_no_way_on_keeps_the_work_and_can_be_mended(story: StoryMaker) -> None:
    case = story("no-way-on")
    case.start()

    assert case.complete("a", note="done") == [
        "process: note = done",
        "a completed",
        "a -> g",
        "g failed: None of the ways out of here is open: amount > 500. "
        "The case has no amount, and there is no default flow.",
    ]
    assert case.retry("g", amount=100) == [
        "g retried",
        "process: amount = 100",
        "g failed: None of the ways out of here is open: amount > 500. There is no default flow.",
    ]
    assert case.retry("g", amount=501) == [
        "g retried",
        "process: amount 100 => 501",
        "g -> b because amount > 500 (amount: 501)",
        "b started",
        "b offered",
    ]


def test_cancel(story: StoryMaker) -> None:
    case = story("boundary-timer")
    case.start()

    assert case.cancel() == ["late withdrawn", "a cancelled by None"]
    assert case.waits == []
    assert not case.execution.is_completed


def test_set_variables(story: StoryMaker) -> None:
    case = story("linear")
    case.start(n=1)

    assert case.set_variables(n=5, m=6) == ["process: n 1 => 5, m = 6"]
    assert case.set_variables("process", m=6) == []
    with pytest.raises(NotFound):
        case.set_variables("elsewhere", m=7)


def test_links(story: StoryMaker) -> None:
    case = story("links")
    case.start()

    assert case.complete("a") == [
        "a completed",
        "a -> away",
        "away happened: link Later",
        "here happened: link Later",
        "here -> b",
        "b started",
        "b offered",
    ]


def test_job_of_an_event_is_withdrawn(story: StoryMaker) -> None:
    case = story("throw-as-job")
    case.start(n=5)

    assert case.cancel() == ["tell withdrawn"]
