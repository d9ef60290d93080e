"""The sandbox: the real engine, replayed step by step, that reaches nothing outside."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from engine.analysis import sandbox as sandboxes
from engine.analysis.sandbox import Sandbox
from engine.analysis.scenarios import expectations, played
from engine.errors import EngineError, Invalid, NotFound, Refused
from engine.queries import waits
from engine.scenarios import Step, step_of
from tests.world import MONDAY, World, diagram, flow, form, service, task

CHECKED = diagram(
    "order",
    "<start/>" + task("write", form="text") + task("check", form="verdict", separateFrom="write") + "<end/>"
    + flow("start", "write", "check", "end"),
)  # fmt: skip
FORMS = (("text.form", form("text", ("words", "textfield")).encode()),
         ("verdict.form", form("verdict", ("good", "checkbox")).encode()))  # fmt: skip
ORDER = (("order.bpmn", CHECKED.encode()), *FORMS)


def steps(*said: dict[str, Any]) -> tuple[Step, ...]:
    return tuple(step_of(each) for each in said)


WALK = steps(
    {"start": "order"}, {"task": "write", "data": {"words": "Hello"}}, {"task": "check", "data": {"good": True}}
)


def walk(files: Any, *said: dict[str, Any]) -> Sandbox:
    sandbox, error = played(files, steps(*said), MONDAY)
    assert error is None, error
    return sandbox


def story(sandbox: Sandbox) -> list[tuple[str, str | None, str]]:
    return [(fact.event, fact.element_id, fact.actor) for fact in sandbox.story()]


def test_a_walk_is_the_same_each_time_it_is_played() -> None:
    stories = []
    for _ in range(2):
        sandbox, error = played(ORDER, WALK, MONDAY)
        assert error is None
        stories.append((story(sandbox), expectations(sandbox), sandbox.now))
        sandbox.close()

    assert stories[0] == stories[1]
    assert stories[0][1]["status"] == "completed"


def test_a_step_back_is_the_walk_without_its_last_step() -> None:
    whole, _ = played(ORDER, WALK, MONDAY)
    back, _ = played(ORDER, WALK[:-1], MONDAY)

    assert back.places() == ["check"]
    first_two = whole.done[-1].facts[0]
    assert story(whole)[:first_two] == story(back)


def test_four_eyes_are_kept_by_stand_ins() -> None:
    sandbox = walk(
        ORDER, {"start": "order"}, {"task": "write", "data": {"words": "Hello"}},
        {"task": "check", "by": "anna", "data": {"good": True}, "refused": True},
        {"task": "check", "data": {"good": True}},
    )  # fmt: skip

    assert [done.actor for done in sandbox.done] == ["anna", "anna", "anna", "ben"]
    refusal = sandbox.done[2].refusal
    assert isinstance(refusal, Refused) and "somebody else must do it" in str(refusal)


def test_what_was_to_be_refused_and_was_done_is_told() -> None:
    _, error = played(ORDER, steps({"start": "order"}, {"task": "write", "refused": True}), MONDAY)

    assert str(error) == "Expected this step to be refused, but it was done."


def test_that_there_is_nothing_to_do_is_no_refusal() -> None:
    _, error = played(ORDER, steps({"start": "order"}, {"task": "check", "refused": True}), MONDAY)

    assert isinstance(error, NotFound)
    assert str(error) == "Expected the case to wait at 'check', but it waits at write."


def test_nothing_reaches_the_world_it_is_played_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(self: Any, call: Any) -> Any:
        raise AssertionError(f"{call.service} was called")

    monkeypatch.setattr("engine.connectors.http.HttpConnector.__call__", call)
    body = (
        "<start/>" + service("ask", "casewright:http", inputs={"url": "https://example.org"})
        + service("tell", "casewright:mail", inputs={"to": "a@example.org", "subject": "Hi", "body": "You"})
        + "<end/>" + flow("start", "ask", "tell", "end")
    )  # fmt: skip
    before = {table: len(rows) for table, rows in _tables(world).items()}
    sandbox = walk((("calls.bpmn", diagram("calls", body).encode()),), {"start": "calls"})
    assert [(wait.kind, wait.element_id) for wait in sandbox.ask(waits.waits)] == [("service", "ask")]
    sandbox.play(step_of({"service": "ask", "answer": {"status": 200}}))

    assert [mail.subject for mail in sandbox.ask(waits.mails)] == ["Hi"]
    assert expectations(sandbox)["status"] == "completed"
    assert {table: len(rows) for table, rows in _tables(world).items()} == before
    assert world.instances() == [] and world.clock.now == MONDAY


def test_a_service_fails_is_mended_and_throws() -> None:
    caught = (
        '<bpmn:boundaryEvent id="sorry" attachedToRef="ask"><bpmn:errorEventDefinition id="e" errorRef="gone"/>'
        "</bpmn:boundaryEvent>"
    )
    body = (
        "<start/>" + service("ask", "elsewhere") + caught + task("mend") + "<end/>" + flow("start", "ask", "end")
        + flow("sorry", "mend", "end")
    )  # fmt: skip
    files = (("asks.bpmn", diagram("asks", body, outside='<bpmn:error id="gone" errorCode="GONE"/>').encode()),)
    sandbox = walk(files, {"start": "asks"}, {"service": "ask", "fails": "It burns."})
    (incident,) = sandbox.waiting("incident")
    assert incident.values["message"] == "It burns."
    sandbox.play(step_of({"retry": "ask", "data": {}}))
    sandbox.play(step_of({"service": "ask", "throws": "GONE"}))

    assert sandbox.places() == ["mend"]


def test_time_passes_and_what_comes_due_on_the_way_happens_at_its_own_time() -> None:
    duration = "<bpmn:timeDuration>{1}</bpmn:timeDuration>"
    timer = f'<bpmn:timerEventDefinition id="{{0}}t">{duration}</bpmn:timerEventDefinition>'
    body = (
        "<start/>" + "".join(
            f'<bpmn:intermediateCatchEvent id="{id}" name="{id}">{timer.format(id, text)}</bpmn:intermediateCatchEvent>'
            for id, text in (("first", "PT2H"), ("second", "PT3H"))
        ) + "<end/>" + flow("start", "first", "second", "end")
    )  # fmt: skip
    files = (("waits.bpmn", diagram("waits", body).encode()),)
    whole = walk(files, {"start": "waits"}, {"wait": "P1D"})
    times = {fact.element_id: fact.at for fact in whole.story() if fact.event == "EventOccurred"}

    assert (times["first"], times["second"]) == (MONDAY + dt.timedelta(hours=2), MONDAY + dt.timedelta(hours=5))
    assert whole.now == MONDAY + dt.timedelta(days=1)
    by_timer = walk(files, {"start": "waits"}, {"timer": ""}, {"timer": "second"})
    assert by_timer.now == MONDAY + dt.timedelta(hours=5)
    with pytest.raises(NotFound):
        by_timer.play(step_of({"timer": ""}))


def test_cases_begin_by_message_by_timer_and_from_a_call() -> None:
    begins = (
        '<bpmn:startEvent id="told"><bpmn:messageEventDefinition id="m" messageRef="M"/></bpmn:startEvent>'
        '<bpmn:startEvent id="daily"><bpmn:timerEventDefinition id="t"><bpmn:timeCycle>R/P1D</bpmn:timeCycle>'
        "</bpmn:timerEventDefinition></bpmn:startEvent>"
        '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="order"/>'
        "</bpmn:extensionElements></bpmn:callActivity><end/>"
    ) + flow("told", "call") + flow("daily", "call") + flow("call", "end")  # fmt: skip
    outside = '<bpmn:message id="M" name="come"/>'
    files = (*ORDER, ("many.bpmn", diagram("many", begins, outside=outside).encode()))
    for event in ("told", "daily"):
        sandbox = walk(files, {"start": "many", "event": event}, {"task": "write", "data": {"words": "Hi"}})
        assert sandbox.places() == ["check"]
        assert [part.process_id for part in sandbox.ask(waits.parts)] == ["many", "order"]
    with pytest.raises(NotFound):
        walk(files).play(step_of({"start": "many", "event": "never"}))


def test_a_case_that_never_rests_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "AT_ONCE", 20)
    timer = '<bpmn:timerEventDefinition id="t"><bpmn:timeDuration>PT0S</bpmn:timeDuration></bpmn:timerEventDefinition>'
    body = f'<start/><bpmn:intermediateCatchEvent id="now">{timer}</bpmn:intermediateCatchEvent>' + (
        '<bpmn:exclusiveGateway id="again"/>' + flow("start", "again", "now", "again")
    )
    _, error = played((("round.bpmn", diagram("round", body).encode()),), steps({"start": "round"}), MONDAY)

    assert isinstance(error, EngineError) and "after 20 steps" in str(error)


def test_files_that_cannot_be_put_into_force_cannot_be_played() -> None:
    with pytest.raises(Invalid) as raised:
        Sandbox((("order.bpmn", CHECKED.encode()),), MONDAY)

    assert any("text" in problem.message for problem in raised.value.problems)


def _tables(world: World) -> dict[str, list[Any]]:
    from sqlalchemy import select

    from engine.model import Definition, Job, LogEntry, OutboxMail, ProcessInstance

    return {kind.__name__: world.rows(select(kind.key)) for kind in (Definition, Job, LogEntry, OutboxMail,
                                                                     ProcessInstance)}  # fmt: skip
