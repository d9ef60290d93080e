"""What was done is undone: compensation and transactions."""

from __future__ import annotations

from engine.events import ServiceRequested
from tests.stories.conftest import StoryMaker


def test_everything_done_is_undone_the_last_first(story: StoryMaker) -> None:
    case = story("compensation")
    case.start()
    case.complete("flight", ticket=1)
    case.complete("hotel", number=7)

    assert case.complete("check", good=False)[-6:] == [
        "ok -> undo_all because not(good) (good: False)",
        "undo_all happened: compensation",
        "stay started",
        "hotel_undo happened: compensation",
        "cancel_hotel started",
        "cancel_hotel asked for: cancel-hotel",
    ]
    assert case.last(ServiceRequested).variables["hotelNumber"] == 7
    assert case.waits == ["cancel_hotel"]
    assert case.complete("cancel_hotel") == [
        "cancel_hotel completed",
        "stay completed",
        "flight_undo happened: compensation",
        "cancel_flight started",
        "cancel_flight asked for: cancel-flight",
    ]
    assert case.complete("cancel_flight") == [
        "cancel_flight completed",
        "undo_all -> failed",
        "failed happened: none",
    ]
    assert case.execution.is_completed


def test_nothing_is_undone_when_all_is_good(story: StoryMaker) -> None:
    case = story("compensation")
    case.start()
    case.complete("flight")
    case.complete("hotel", number=7)

    assert case.complete("check", good=True)[-2:] == ["ok -> e by default (good: True)", "e happened: none"]


def test_one_activity_is_undone_once(story: StoryMaker) -> None:
    assert story("compensation-of-one").start()[6:] == [
        "b completed",
        "b -> only_a",
        "only_a happened: compensation",
        "a_undo happened: compensation",
        "un_a started",
        "un_a completed",
        "only_a -> e",
        "e happened: compensation",
        "b_undo happened: compensation",
        "un_b started",
        "un_b completed",
    ]


def test_cancelled_transaction_is_undone(story: StoryMaker) -> None:
    case = story("transaction")
    case.start()
    case.complete("pay")

    assert case.complete("sign", refused=True)[-5:] == [
        "ok -> stop because refused (refused: True)",
        "stop happened: cancel",
        "pay_undo happened: compensation",
        "refund started",
        "refund asked for: refund",
    ]
    assert case.complete("refund") == [
        "refund completed",
        "cancelled happened: cancel",
        "deal cancelled by cancelled",
        "cancelled -> lost",
        "lost happened: none",
    ]
    assert case.execution.is_completed


def test_cancelled_transaction_stops_what_still_runs(story: StoryMaker) -> None:
    case = story("transaction")
    case.start()

    assert case.complete("sign", refused=True)[-6:] == [
        "stop happened: cancel",
        "pay cancelled by stop",
        "cancelled happened: cancel",
        "deal cancelled by cancelled",
        "cancelled -> lost",
        "lost happened: none",
    ]


def test_transaction_that_succeeds(story: StoryMaker) -> None:
    case = story("transaction")
    case.start()
    case.complete("pay")

    assert case.complete("sign", refused=False)[-3:] == ["deal completed", "deal -> e", "e happened: none"]


def test_event_sub_process_undoes_what_is_around_it(story: StoryMaker) -> None:
    case = story("compensation-event-subprocess")
    case.start()
    case.complete("pay", amount=10)

    assert case.complete("pack")[-7:] == [
        "undo_order happened: compensation",
        "order started",
        "undo started",
        "us happened: compensation",
        "us -> apologise",
        "apologise started",
        "apologise offered",
    ]
    assert case.complete("apologise")[-4:] == [
        "inner_undo happened: compensation", "pay_undo happened: compensation", "refund started", "refund offered",
    ]  # fmt: skip
    assert case.complete("refund") == [
        "refund completed",
        "inner_undo -> ue",
        "ue happened: none",
        "undo completed",
        "order completed",
        "undo_order -> e",
        "e happened: none",
    ]
    assert case.execution.is_completed
