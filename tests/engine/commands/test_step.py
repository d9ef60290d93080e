"""What one stimulus moves: called processes, errors and messages that travel, waits that come and go."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select

from engine.commands import (
    BroadcastSignal,
    CancelInstance,
    CompleteTask,
    CorrelateMessage,
    ResolveIncident,
    ResumeInstance,
    SuspendInstance,
)
from engine.commands.waits import Waits
from engine.connectors.base import Call, Outcome, ServiceFailed
from engine.errors import Invalid, NotFound, Refused
from engine.model import ProcessInstance
from engine.model.identity import CONSOLE
from tests.world import ANNA, OPERATOR, World, diagram, flow, service, task

ERROR = '<bpmn:error id="E" name="no" errorCode="NO"/>'
ESCALATION = '<bpmn:escalation id="X" name="up" escalationCode="UP"/>'
CALL = (
    '<bpmn:callActivity id="call" name="call"><bpmn:extensionElements><zeebe:calledElement processId="{process}"'
    ' propagateAllChildVariables="true"/></bpmn:extensionElements></bpmn:callActivity>'
)


def caller(process: str, extra: str = "", outside: str = "", process_id: str = "caller") -> str:
    body = "<start/>" + CALL.format(process=process) + extra + "<end/>" + flow("start", "call", "end")
    return diagram(process_id, body, outside=outside)


CALLED = diagram("called", "<start/>" + task("work") + "<end/>" + flow("start", "work", "end"))
FAILING = diagram(
    "called",
    "<start/>" + task("work")
    + '<bpmn:endEvent id="bad"><bpmn:errorEventDefinition errorRef="E"/></bpmn:endEvent>'
    + flow("start", "work", "bad"),
    outside=ERROR,
)  # fmt: skip
CAUGHT = (
    '<bpmn:boundaryEvent id="caught" attachedToRef="call"><bpmn:errorEventDefinition errorRef="E"/>'
    "</bpmn:boundaryEvent>" + task("help") + flow("caught", "help", "end")
)


def test_a_called_process_is_an_instance_of_the_same_case(world: World) -> None:
    world.deploy(("called.bpmn", CALLED), ("caller.bpmn", caller("called")))
    started = world.start("caller", amount=3)
    root, child = world.instances()
    assert (child.root_key, child.parent_key, child.reference) == (root.key, root.key, started.reference)
    assert child.variables["amount"] == 3
    first, second = world.data("InstanceStarted")
    assert first["variables"]["amount"] == 3
    assert (second["variables"], second["inherited"]) == ({}, ["amount", "initiator", "reference"])

    world.complete("work", result="fine")

    root, child = world.instances()
    assert (root.status, child.status) == ("completed", "completed")
    assert root.variables["result"] == "fine"
    assert world.rows(select(ProcessInstance.state)) == [b"", b""]
    assert world.story(root.key, "InstanceStarted", "InstanceCompleted") == [
        "InstanceStarted", "InstanceStarted", "InstanceCompleted", "InstanceCompleted",
    ]  # fmt: skip
    assert world.verdict(root.key).holds


def test_an_error_nobody_catches_in_the_called_process_rises_to_the_caller(world: World) -> None:
    world.deploy(("called.bpmn", FAILING), ("caller.bpmn", caller("called", CAUGHT, ERROR)))
    world.start("caller")

    world.complete("work")

    root, child = world.instances()
    assert (root.status, child.status) == ("active", "cancelled")
    assert [each.element_id for each in world.tasks()] == ["help"]
    assert world.incidents() == []


def test_an_error_rises_past_a_caller_that_does_not_catch_it(world: World) -> None:
    world.deploy(
        ("called.bpmn", FAILING),
        ("middle.bpmn", caller("called", process_id="middle")),
        ("caller.bpmn", caller("middle", CAUGHT, ERROR)),
    )
    key = world.start("caller").key

    world.complete("work")

    assert [each.status for each in world.instances()] == ["active", "cancelled", "cancelled"]
    assert [each.element_id for each in world.tasks()] == ["help"]
    assert world.verdict(key).holds


def test_an_error_that_nobody_catches_is_one_incident_where_it_arose(world: World) -> None:
    world.deploy(("called.bpmn", FAILING), ("caller.bpmn", caller("called")))
    world.start("caller")

    world.complete("work")

    (incident,) = world.incidents()
    root, child = world.instances()
    assert (incident.element_id, incident.instance_key) == ("bad", child.key)
    assert (root.status, child.status) == ("active", "active")


def test_an_escalation_rises_and_the_called_process_goes_on(world: World) -> None:
    called = diagram(
        "called",
        "<start/>"
        + '<bpmn:intermediateThrowEvent id="cry"><bpmn:escalationEventDefinition escalationRef="X"/>'
        + "</bpmn:intermediateThrowEvent>" + task("work") + "<end/>" + flow("start", "cry", "work", "end"),
        outside=ESCALATION,
    )  # fmt: skip
    heard = (
        '<bpmn:boundaryEvent id="heard" attachedToRef="call" cancelActivity="false">'
        '<bpmn:escalationEventDefinition escalationRef="X"/></bpmn:boundaryEvent>'
        + task("look") + flow("heard", "look")
    )  # fmt: skip
    world.deploy(("called.bpmn", called), ("caller.bpmn", caller("called", heard, ESCALATION)))

    world.start("caller")

    assert sorted(each.element_id for each in world.tasks()) == ["look", "work"]


def test_a_process_that_calls_itself_without_end_becomes_an_incident(world: World) -> None:
    world.deploy(("caller.bpmn", caller("caller")))

    world.start("caller")

    (incident,) = world.incidents()
    assert "call each other" in incident.template
    assert len(world.instances()) == 101


def test_cancelling_a_case_ends_all_it_called_and_waits_for(world: World) -> None:
    timer = (
        '<bpmn:boundaryEvent id="late" attachedToRef="call" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        + task("hurry") + flow("late", "hurry")
    )  # fmt: skip
    world.deploy(("called.bpmn", CALLED), ("caller.bpmn", caller("called", timer)))
    key = world.start("caller").key
    assert len(world.jobs()) == 1
    with pytest.raises(Invalid, match="reason"):
        world.do(CancelInstance(key), OPERATOR)

    world.do(CancelInstance(key, "a duplicate"), OPERATOR)

    assert [each.status for each in world.instances()] == ["cancelled", "cancelled"]
    assert (world.tasks(), world.jobs(), world.subscriptions()) == ([], [], [])
    assert [each["reason"] for each in world.data("InstanceCancelled")] == [
        "a duplicate", "The step that called it was stopped: call",
    ]  # fmt: skip
    with pytest.raises(Refused):
        world.do(CancelInstance(key, "again"), OPERATOR)


def test_a_missing_called_process_waits_for_a_person_and_goes_on_when_mended(world: World) -> None:
    world.deploy(("called.bpmn", CALLED), ("caller.bpmn", caller("=target".replace('"', ""))))
    key = world.start("caller", target="nowhere").key
    (incident,) = world.incidents()
    assert incident.values == {"process": "nowhere"}

    world.do(ResolveIncident(incident.key, {"target": "called"}), OPERATOR)

    assert world.incidents() == []
    assert [each.element_id for each in world.tasks()] == ["work"]
    assert world.story(key, "IncidentRaised", "IncidentResolved") == ["IncidentRaised:call", "IncidentResolved:call"]
    with pytest.raises(Refused, match="is done"):
        world.do(ResolveIncident(incident.key), OPERATOR)


WAITING = diagram(
    "waiting",
    "<start/>"
    + '<bpmn:intermediateCatchEvent id="wait" name="wait"><bpmn:messageEventDefinition messageRef="M"/>'
    + "</bpmn:intermediateCatchEvent>" + task("work") + "<end/>" + flow("start", "wait", "work", "end"),
    outside='<bpmn:message id="M" name="answer"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>',
)  # fmt: skip


def test_a_message_reaches_the_case_with_its_key_and_is_taken_once(world: World) -> None:
    world.deploy(("waiting.bpmn", WAITING))
    one, two = world.start("waiting", order="1"), world.start("waiting", order="2")

    taken = world.do(CorrelateMessage("answer", "2", {"yes": True}, message_id="m1"), OPERATOR)
    again = world.do(CorrelateMessage("answer", "2", {"yes": False}, message_id="m1"), OPERATOR)

    assert taken.instance_key == again.instance_key == two.key
    assert world.instance(two.key).variables["yes"] is True
    assert [each.instance_key for each in world.subscriptions()] == [one.key]
    with pytest.raises(NotFound, match="no case waits"):
        world.do(CorrelateMessage("answer", "3"), OPERATOR)
    assert world.data("MessageReceived")[0]["correlation_key"] == "2"


def test_a_message_to_another_case_travels_as_a_job(world: World) -> None:
    sender = diagram(
        "sender",
        "<start/>"
        + '<bpmn:intermediateThrowEvent id="send"><bpmn:extensionElements><zeebe:ioMapping>'
        + '<zeebe:input source="=order" target="order"/></zeebe:ioMapping></bpmn:extensionElements>'
        + '<bpmn:messageEventDefinition messageRef="M"/></bpmn:intermediateThrowEvent><end/>'
        + flow("start", "send", "end"),
        outside='<bpmn:message id="M" name="answer"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=order"/></bpmn:extensionElements></bpmn:message>',
    )  # fmt: skip
    world.deploy(("waiting.bpmn", WAITING), ("sender.bpmn", sender))
    waiting = world.start("waiting", order="7")

    world.start("sender", order="7")
    assert [job.kind for job in world.jobs()] == ["message"]
    assert world.tasks() == []
    world.run_due()

    assert [each.element_id for each in world.tasks()] == ["work"]
    assert world.jobs() == []
    assert world.story(waiting.key, "MessageReceived") == ["MessageReceived:wait"]


def test_a_message_that_nobody_waits_for_in_time_is_shown_as_failed(world: World) -> None:
    sender = diagram(
        "sender",
        '<start/><bpmn:endEvent id="send"><bpmn:messageEventDefinition messageRef="M"/></bpmn:endEvent>'
        + flow("start", "send"),
        outside='<bpmn:message id="M" name="answer"/>',
    )
    world.deploy(("sender.bpmn", sender))
    world.start("sender")
    for _ in range(20):
        world.run_due()
        assert [job.status for job in world.jobs()] == ["waiting"]
        world.clock.turn(minutes=2.9)
    world.clock.turn(minutes=2)
    world.run_due()
    (job,) = world.jobs()
    assert job.status == "failed"
    assert "no case waits" in (job.last_error or "")


SIGNALLED = diagram(
    "signalled",
    "<start/>"
    + '<bpmn:intermediateCatchEvent id="hear"><bpmn:signalEventDefinition signalRef="S"/></bpmn:intermediateCatchEvent>'
    + "<end/>" + flow("start", "hear", "end"),
    outside='<bpmn:signal id="S" name="alarm"/>',
)  # fmt: skip


def test_a_signal_reaches_all_who_wait(world: World) -> None:
    by_signal = diagram(
        "by-signal",
        '<bpmn:startEvent id="start"><bpmn:signalEventDefinition signalRef="S"/></bpmn:startEvent>'
        + task("work") + "<end/>" + flow("start", "work", "end"),
        outside='<bpmn:signal id="S" name="alarm"/>',
    )  # fmt: skip
    world.deploy(("signalled.bpmn", SIGNALLED), ("by-signal.bpmn", by_signal))
    keys = [world.start("signalled").key for _ in range(3)]

    assert world.do(BroadcastSignal("alarm", {"loud": True}), OPERATOR) == 4
    world.run_due()

    assert {world.instance(key).status for key in keys} == {"completed"}
    assert [each.element_id for each in world.tasks()] == ["work"]
    assert [each.kind for each in world.subscriptions()] == ["signal"]


def test_nothing_can_be_done_in_a_suspended_case_and_all_of_it_afterwards(world: World) -> None:
    world.deploy(("called.bpmn", CALLED), ("caller.bpmn", caller("called")))
    key = world.start("caller").key
    world.do(SuspendInstance(key, "court case"), OPERATOR)
    with pytest.raises(Refused, match="suspended"):
        world.complete("work")
    with pytest.raises(Refused):
        world.do(SuspendInstance(key), OPERATOR)

    world.do(ResumeInstance(key), OPERATOR)
    world.complete("work")

    assert world.instance(key).status == "completed"


def test_an_exception_in_the_middle_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deploy(("called.bpmn", CALLED), ("caller.bpmn", caller("called")))
    key = world.start("caller").key
    before = world.story(key)

    def broken(*_: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(Waits, "close", broken)
    with pytest.raises(RuntimeError):
        world.complete("work")
    monkeypatch.undo()

    assert world.story(key) == before
    assert [each.element_id for each in world.tasks()] == ["work"]
    world.complete("work")
    assert world.instance(key).status == "completed"


def test_a_step_takes_few_statements(world: World) -> None:
    chain = diagram("chain", "<start/>" + task("a") + task("b") + "<end/>" + flow("start", "a", "b", "end"))
    world.deploy(("chain.bpmn", chain))
    world.start("chain", ANNA)
    statements: list[str] = []
    event.listen(world.engine.database.sql, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    world.complete("a", ANNA)
    reading = [text for text in statements if text == "BEGIN"]
    assert len(statements) - 2 * len(reading) < 20, statements


def test_the_console_may_do_what_people_may_not(world: World) -> None:
    world.deploy(("called.bpmn", CALLED))
    key = world.start("called", CONSOLE, anything=1).key
    assert world.instance(key).variables["anything"] == 1


def test_a_message_that_does_not_interrupt_can_come_again(world: World) -> None:
    ask = (
        '<bpmn:subProcess id="asks" triggeredByEvent="true"><bpmn:startEvent id="asked" isInterrupting="false">'
        '<bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>' + task("reply")
        + '<bpmn:sequenceFlow id="f" sourceRef="asked" targetRef="reply"/></bpmn:subProcess>'
    )  # fmt: skip
    world.deploy((
        "open.bpmn",
        diagram(
            "open",
            "<start/>" + task("work") + "<end/>" + ask + flow("start", "work", "end"),
            outside='<bpmn:message id="M" name="question"><bpmn:extensionElements>'
            '<zeebe:subscription correlationKey="=reference"/></bpmn:extensionElements></bpmn:message>',
        ),
    ))  # fmt: skip
    started = world.start("open")
    for number in (1, 2):
        world.do(CorrelateMessage("question", started.reference, {"number": number}), OPERATOR)
    assert sorted(each.element_id for each in world.tasks()) == ["reply", "reply", "work"]
    assert len(world.subscriptions()) == 1

    for open_task in world.tasks():
        world.do(CompleteTask(open_task.key))

    assert world.instance(started.key).status == "completed"
    assert world.subscriptions() == []


def test_a_retried_service_is_asked_with_inputs_mapped_anew(world: World) -> None:
    body = "<start/>" + service("pay", "bank", retries=1, inputs={"sum": "=amount", "to": "=name"}) + "<end/>"
    world.deploy(("paying.bpmn", diagram("paying", body + flow("start", "pay", "end"))))
    asked = fail_each_call(world)
    world.start("paying", amount=3, name="Ann")
    world.run_due()

    world.do(ResolveIncident(world.incidents()[0].key, {"amount": 4, "to": "Bob"}), OPERATOR)
    world.run_due()
    world.do(ResolveIncident(world.incidents()[0].key, {"amount": 5}), OPERATOR)
    world.run_due()

    assert asked == [{"sum": 3, "to": "Ann"}, {"sum": 4, "to": "Bob"}, {"sum": 5, "to": "Bob"}]


def fail_each_call(world: World) -> list[dict[str, Any]]:
    """Let the service `bank` fail each time; what it was asked with."""
    asked: list[dict[str, Any]] = []

    def bank(call: Call) -> Outcome:
        asked.append(dict(call.variables))
        raise ServiceFailed("closed")

    world.connectors["bank"] = bank
    return asked


@pytest.mark.parametrize(
    "work",
    [
        '<bpmn:sendTask id="tell" messageRef="M"><bpmn:extensionElements><zeebe:taskDefinition type="post"/>'
        "</bpmn:extensionElements></bpmn:sendTask>",
        '<bpmn:intermediateThrowEvent id="tell"><bpmn:extensionElements><zeebe:taskDefinition type="post"/>'
        '</bpmn:extensionElements><bpmn:messageEventDefinition messageRef="M"/></bpmn:intermediateThrowEvent>',
    ],
    ids=["send task", "throw event"],
)
def test_the_job_of_a_message_goes_with_its_case(world: World, work: str) -> None:
    body = "<start/>" + work + "<end/>" + flow("start", "tell", "end")
    world.deploy(("telling.bpmn", diagram("telling", body, outside='<bpmn:message id="M" name="Told"/>')))
    key = world.start("telling").key
    assert [job.service for job in world.jobs()] == ["post"]

    world.do(CancelInstance(key, "enough"), OPERATOR)

    assert world.jobs() == []


def test_a_cancelled_transaction_asks_the_services_that_undo_it(world: World) -> None:
    pay = service("pay", "bank") + '<bpmn:boundaryEvent id="paid" attachedToRef="pay"><bpmn:compensateEventDefinition/>'
    undo = service("refund", "bank").replace("<bpmn:serviceTask ", '<bpmn:serviceTask isForCompensation="true" ')
    inner = (
        '<bpmn:startEvent id="s"/>' + pay + "</bpmn:boundaryEvent>" + undo + task("sign")
        + '<bpmn:association id="a" sourceRef="paid" targetRef="refund"/>'
        + '<bpmn:endEvent id="stop"><bpmn:cancelEventDefinition/></bpmn:endEvent>' + flow("s", "pay", "sign", "stop")
    )  # fmt: skip
    body = (
        f'<start/><bpmn:transaction id="deal">{inner}</bpmn:transaction><end/>' + flow("start", "deal", "end")
        + '<bpmn:boundaryEvent id="off" attachedToRef="deal"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>'
        + task("explain") + flow("off", "explain")
    )  # fmt: skip
    world.deploy(("dealing.bpmn", diagram("dealing", body)))
    world.connectors["bank"] = lambda _: Outcome()
    key = world.start("dealing").key
    world.run_due()
    world.complete("sign")
    assert [job.element_id for job in world.jobs()] == ["refund"]
    world.run_due()

    assert ([each.element_id for each in world.tasks()], world.jobs()) == (["explain"], [])
    assert world.story(key, "JobCompleted") == ["JobCompleted:pay", "JobCompleted:refund"]
    assert world.verdict(key).holds
