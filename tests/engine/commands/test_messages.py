"""Messages between cases and from outside: kept until somebody waits, taken once, and never by the wrong case."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.commands import (
    BroadcastSignal,
    CancelInstance,
    CorrelateMessage,
    ResolveIncident,
    ResumeInstance,
    RetryJob,
    SuspendInstance,
)
from engine.errors import NotFound, Refused
from engine.model import ReceivedMessage
from tests.world import OPERATOR, World, diagram, flow, task

MESSAGE = (
    '<bpmn:message id="M" name="answer"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>'
)
EVENT = '<bpmn:messageEventDefinition messageRef="M"/>'


def waiting(process_id: str = "waiting") -> tuple[str, str]:
    """A process with a task before it waits for the message."""
    body = (
        "<start/>" + task("before")
        + f'<bpmn:intermediateCatchEvent id="wait" name="wait">{EVENT}</bpmn:intermediateCatchEvent>'
        + task("after") + "<end/>" + flow("start", "before", "wait", "after", "end")
    )  # fmt: skip
    return f"{process_id}.bpmn", diagram(process_id, body, outside=MESSAGE)


def sender(time_to_live: str = "P1D") -> tuple[str, str]:
    """A process that sends the message and goes on with a task."""
    extension = (
        f'<zeebe:properties><zeebe:property name="timeToLive" value="{time_to_live}"/></zeebe:properties>'
        '<zeebe:ioMapping><zeebe:input source="=text" target="text"/></zeebe:ioMapping>'
    )
    throw = (
        f'<bpmn:intermediateThrowEvent id="send" name="send"><bpmn:extensionElements>{extension}'
        f"</bpmn:extensionElements>{EVENT}</bpmn:intermediateThrowEvent>"
    )
    body = "<start/>" + throw + task("later") + "<end/>" + flow("start", "send", "later", "end")
    return "sender.bpmn", diagram("sender", body, outside=MESSAGE)


def elements(world: World) -> list[str]:
    return sorted(each.element_id for each in world.tasks())


def test_a_message_is_kept_for_a_case_that_comes_to_wait_for_it(world: World) -> None:
    world.deploy(waiting(), sender())
    case = world.start("waiting", order="7")
    world.start("sender", order="7", text="hello")
    world.run_due()
    world.clock.turn(hours=5)
    assert (elements(world), [job.status for job in world.jobs()]) == (["before", "later"], ["waiting"])

    world.complete("before")
    world.run_due()

    assert elements(world) == ["after", "later"]
    assert world.instance(case.key).variables["text"] == "hello"
    assert world.jobs() == []


def test_a_kept_message_is_not_for_another_key(world: World) -> None:
    world.deploy(waiting(), sender())
    world.start("waiting", order="8")
    world.start("sender", order="7", text="hello")
    world.run_due()

    world.complete("before")
    world.run_due()

    assert elements(world) == ["later"]


def test_a_message_that_nobody_took_in_time_is_an_incident_of_its_sender(world: World) -> None:
    world.deploy(waiting(), sender("PT1H"))
    case = world.start("sender", order="7", text="hello")
    world.run_due()
    world.clock.turn(hours=1)
    world.run_due()

    (incident,) = world.incidents()
    assert (incident.instance_key, incident.element_id) == (case.key, "send")
    assert "no case waits for it" in incident.template
    world.start("waiting", order="7")
    world.complete("before")
    world.do(ResolveIncident(incident.key), OPERATOR)
    world.run_due()

    assert (elements(world), world.incidents(), world.jobs()) == (["after", "later"], [], [])


def test_an_undelivered_message_asks_nobody_for_help_when_its_sender_has_ended(world: World) -> None:
    world.deploy(sender("PT1H"))
    case = world.start("sender", order="7", text="hello")
    world.run_due()
    world.clock.turn(hours=1)
    world.run_due()
    assert len(world.incidents()) == 1

    world.do(CancelInstance(case.key, "enough"), OPERATOR)

    assert (world.incidents(), [job.status for job in world.jobs()]) == ([], ["failed"])


def test_a_message_that_two_cases_wait_for_is_an_incident_until_one_does(world: World) -> None:
    world.deploy(waiting(), sender())
    one, two = world.start("waiting", order="7"), world.start("waiting", order="7")
    for each in world.tasks():
        world.complete_key(each.key)
    world.start("sender", order="7", text="hello")
    world.run_due()

    (incident,) = world.incidents()
    assert (incident.element_id, incident.values["count"]) == ("send", 2)
    assert incident.values["cases"] == ", ".join(sorted([one.reference, two.reference]))
    assert elements(world) == ["later"]
    (job,) = world.jobs()
    world.do(CancelInstance(one.key, "double"), OPERATOR)
    world.do(RetryJob(job.key), OPERATOR)
    world.run_due()

    assert elements(world) == ["after", "later"]
    assert world.incidents() == []


def test_a_message_from_outside_that_two_cases_wait_for_is_refused(world: World) -> None:
    world.deploy(waiting())
    for _ in range(2):
        world.start("waiting", order="7")
    for each in world.tasks():
        world.complete_key(each.key)

    with pytest.raises(Refused, match="one case to wait"):
        world.do(CorrelateMessage("answer", "7", time_to_live=60), OPERATOR)
    assert world.jobs() == []


def test_a_message_from_outside_is_kept_once_for_as_long_as_it_says(world: World) -> None:
    world.deploy(waiting())
    case = world.start("waiting", order="7")
    with pytest.raises(NotFound):
        world.do(CorrelateMessage("answer", "7"), OPERATOR)

    for text in ("first", "again"):
        kept = CorrelateMessage("answer", "7", {"text": text}, message_id="m1", time_to_live=3_600)
        assert world.do(kept, OPERATOR) is None
    assert len(world.jobs()) == 1
    world.clock.turn(minutes=30)
    world.complete("before")
    world.run_due()

    assert world.instance(case.key).variables["text"] == "first"
    assert world.do(CorrelateMessage("answer", "7", message_id="m1"), OPERATOR).instance_key == case.key
    assert [each.instance_key for each in world.rows(select(ReceivedMessage))] == [case.key]


def test_a_message_from_outside_that_was_kept_too_long_is_shown_as_failed(world: World) -> None:
    world.deploy(waiting())
    world.start("waiting", order="7")
    world.do(CorrelateMessage("answer", "7", time_to_live=3_600), OPERATOR)
    world.run_due()
    world.clock.turn(hours=1)
    world.run_due()
    world.complete("before")
    world.run_due()

    assert [job.status for job in world.jobs()] == ["failed"]
    assert elements(world) == []


def test_a_message_to_a_case_at_rest_waits_until_it_goes_on(world: World) -> None:
    world.deploy(waiting(), sender("PT1H"))
    case = world.start("waiting", order="7")
    world.complete("before")
    world.do(SuspendInstance(case.key), OPERATOR)
    world.start("sender", order="7", text="hello")
    for _ in range(3):
        world.run_due()
        world.clock.turn(hours=9)
    world.run_due()
    assert world.incidents() == []

    world.do(ResumeInstance(case.key), OPERATOR)
    world.run_due()

    assert elements(world) == ["after", "later"]


def begun(process_id: str, *starts: str) -> tuple[str, str]:
    """A process with several start events, each followed by a task called after it."""
    body = "".join(
        start + task(f"after-{number}") + flow(f"start{number}", f"after-{number}")
        for number, start in enumerate(starts)
    )
    roots = MESSAGE + '<bpmn:message id="N" name="letter"/><bpmn:signal id="S" name="alarm"/>'
    return f"{process_id}.bpmn", diagram(process_id, body, outside=roots)


def start(number: int, event: str = "") -> str:
    return f'<bpmn:startEvent id="start{number}">{event}</bpmn:startEvent>'


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def test_each_start_event_starts_cases_at_its_own_place(world: World) -> None:
    world.deploy(
        begun(
            "many",
            start(0),
            start(1, EVENT),
            start(2, EVENT.replace('"M"', '"N"')),
            start(3, '<bpmn:signalEventDefinition signalRef="S"/>'),
            start(4, timer("timeDuration", "P1D").replace("timeDuration", "timeCycle").replace("P1D", "R1/P1D")),
        )
    )
    world.start("many")
    assert elements(world) == ["after-0"]
    world.do(CorrelateMessage("answer"), OPERATOR)
    world.do(CorrelateMessage("letter"), OPERATOR)
    assert elements(world) == ["after-0", "after-1", "after-2"]
    world.do(BroadcastSignal("alarm"), OPERATOR)
    world.run_due()
    assert elements(world)[3:] == ["after-3"]
    world.clock.turn(days=1)
    world.run_due()
    assert elements(world)[4:] == ["after-4"]


def test_one_start_event_waits_for_several_things(world: World) -> None:
    world.deploy(begun("many", start(0, EVENT + timer("timeDate", "2026-11-24T08:00:00Z"))))
    world.do(CorrelateMessage("answer"), OPERATOR)
    world.clock.turn(days=1)
    world.run_due()

    assert elements(world) == ["after-0", "after-0"]


@pytest.mark.parametrize("by_message", [True, False])
def test_the_first_of_several_events_takes_the_others_away(world: World, by_message: bool) -> None:
    several = EVENT + timer("timeDuration", "P1D")
    body = f'<start/><bpmn:intermediateCatchEvent id="wait">{several}</bpmn:intermediateCatchEvent>' + task("after")
    drawn = diagram("several", body + "<end/>" + flow("start", "wait", "after", "end"), outside=MESSAGE)
    world.deploy(("several.bpmn", drawn))
    world.start("several", order="7")
    assert (len(world.jobs()), len(world.subscriptions())) == (1, 1)

    if by_message:
        world.do(CorrelateMessage("answer", "7"), OPERATOR)
    else:
        world.clock.turn(days=1)
        world.run_due()

    assert (elements(world), world.jobs(), world.subscriptions()) == (["after"], [], [])


def test_a_message_that_two_processes_begin_with_starts_none(world: World) -> None:
    world.deploy(begun("one", start(0, EVENT)), begun("two", start(0, EVENT)))

    with pytest.raises(Refused, match="one, two"):
        world.do(CorrelateMessage("answer"), OPERATOR)


def test_a_kept_message_starts_the_process_that_is_deployed_for_it(world: World) -> None:
    world.do(CorrelateMessage("letter", time_to_live=600), OPERATOR)
    world.run_due()
    world.deploy(begun("late", start(0, EVENT.replace('"M"', '"N"'))))
    world.run_due()

    assert elements(world) == ["after-0"]


@pytest.mark.parametrize(
    ("kind", "text", "counts"),
    [
        ("timeDate", "2026-11-25T08:00:00Z", [0, 0, 1, 1, 1]),
        ("timeCycle", "R2/P1D", [0, 1, 2, 2, 2]),
        ("timeCycle", "R/2026-11-24T08:00:00Z/P2D", [0, 1, 1, 2, 2]),
        ("timeCycle", "0 0 9 * * MON-TUE", [0, 1, 2, 2, 2]),
        ("timeCycle", "R/PT12H", [0, 1, 2, 3, 4]),
    ],
)
def test_start_timers_start_cases_when_it_is_time(world: World, kind: str, text: str, counts: list[int]) -> None:
    """Looked at once a day from Monday eight o'clock on; what was missed between is caught up by one case."""
    world.deploy(begun("timed", start(0, timer(kind, text))))
    seen = []
    for _ in counts:
        world.run_due()
        seen.append(len(world.tasks()))
        world.clock.turn(days=1)
    assert seen == counts
