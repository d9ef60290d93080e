"""Jobs: taken under a lease, answered by its holder alone, tried again with longer rests, incidents at the end."""

from __future__ import annotations

import datetime as dt

import pytest

from engine.commands import (
    CompleteJob,
    FailJob,
    ResolveIncident,
    ResumeInstance,
    RetryJob,
    SuspendInstance,
    TakeJobs,
    ThrowJobError,
)
from engine.connectors import Call, Outcome, ServiceError, ServiceFailed
from engine.errors import Forbidden, NotFound, Refused
from tests.world import ANNA, MONDAY, OPERATOR, OWNER, World, diagram, flow, service, task

PAYMENT = diagram(
    "payment",
    "<start/>" + service("pay", "bank", inputs={"sum": "=amount * 2"}, outputs={"receipt": "=number"}) + task("after")
    + '<bpmn:boundaryEvent id="poor" attachedToRef="pay"><bpmn:errorEventDefinition errorRef="E"/></bpmn:boundaryEvent>'
    + task("beg") + "<end/>" + flow("start", "pay", "after", "end") + flow("poor", "beg", "end"),
    outside='<bpmn:error id="E" name="poor" errorCode="NO_MONEY"/>',
)  # fmt: skip


@pytest.fixture
def case(world: World) -> int:
    world.deploy(("payment.bpmn", PAYMENT))
    return world.start("payment", amount=21).key


def test_a_job_is_taken_by_one_and_answered_with_its_token(world: World, case: int) -> None:
    (job,) = world.do(TakeJobs(limit=5))
    assert world.do(TakeJobs(limit=5)) == ()
    assert (job.service, job.variables["sum"], job.attempts) == ("bank", 42, 1)
    with pytest.raises(Refused, match="somebody else"):
        world.do(CompleteJob(job.key, "another token", {"number": 7}))

    world.do(CompleteJob(job.key, job.token, {"number": 7}, note="paid"))

    assert world.instance(case).variables["receipt"] == 7
    assert world.jobs() == []
    assert world.data("JobCompleted")[0]["note"] == "paid"
    with pytest.raises(NotFound):
        world.do(CompleteJob(job.key, job.token, {"number": 8}))


def test_after_the_lease_somebody_else_takes_it_and_the_first_is_refused(world: World, case: int) -> None:
    (first,) = world.do(TakeJobs(lease_seconds=30))
    world.clock.turn(seconds=31)
    (second,) = world.do(TakeJobs(lease_seconds=30))
    with pytest.raises(Refused):
        world.do(CompleteJob(first.key, first.token, {"number": 1}))

    world.do(CompleteJob(second.key, second.token, {"number": 2}))

    assert world.instance(case).variables["receipt"] == 2


def test_jobs_of_one_case_run_one_after_another(world: World) -> None:
    both = '<bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
    world.deploy((
        "both.bpmn",
        diagram(
            "both",
            "<start/>" + both + service("a", "s") + service("b", "s") + "<end/>"
            + flow("start", "fork", "a", "join", "end") + flow("fork", "b", "join"),
        ),
    ))  # fmt: skip
    keys = [world.start("both").key for _ in range(2)]
    first = world.do(TakeJobs(limit=10))
    assert sorted(job.root_key for job in first) == sorted(keys)
    assert world.do(TakeJobs(limit=10)) == ()
    for job in first:
        world.do(CompleteJob(job.key, job.token))
    for job in world.do(TakeJobs(limit=10)):
        world.do(CompleteJob(job.key, job.token))
    assert {row.status for row in world.instances()} == {"completed"}


def test_failures_rest_longer_each_time_and_end_as_an_incident(world: World, case: int) -> None:
    def fail(call: Call) -> Outcome:
        raise ServiceFailed("the line is dead")

    world.connectors["bank"] = fail
    world.run_due()
    rests = []
    for _ in range(2):
        (job,) = world.jobs()
        rests.append((job.due - world.clock.now).total_seconds())
        assert world.run_due() == 0
        world.clock.now = job.due
        world.run_due()
    assert rests == [10, 60]
    (job,) = world.jobs()
    assert (job.status, job.retries_left, job.last_error) == ("failed", 0, "the line is dead")
    (incident,) = world.incidents()
    assert incident.template.format(**incident.values) == "The service 'bank' failed: the line is dead"
    assert [each["retries_left"] for each in world.data("JobFailed")] == [2, 1, 0]

    world.connectors["bank"] = lambda call: Outcome({"number": call.variables["sum"]})
    world.do(ResolveIncident(incident.key, {"sum": 100}), OPERATOR)
    world.run_due()

    assert world.instance(case).variables["receipt"] == 100
    assert (world.incidents(), world.jobs()) == ([], [])
    assert world.verdict(case).holds


def test_retrying_a_failed_job_resolves_its_incident(world: World, case: int) -> None:
    (job,) = world.do(TakeJobs())
    world.do(FailJob(job.key, job.token, "hopeless", retries=0))
    assert len(world.incidents()) == 1
    with pytest.raises(Forbidden):
        world.do(RetryJob(job.key), ANNA)

    world.do(RetryJob(job.key), OPERATOR)

    (job,) = world.do(TakeJobs())
    world.do(CompleteJob(job.key, job.token, {"number": 1}))
    assert (world.incidents(), world.jobs()) == ([], [])


def test_a_resting_job_can_be_tried_at_once(world: World, case: int) -> None:
    (job,) = world.do(TakeJobs())
    with pytest.raises(Refused, match="just now"):
        world.do(RetryJob(job.key), OPERATOR)
    world.do(FailJob(job.key, job.token, "busy"))
    assert world.do(TakeJobs()) == ()
    world.do(RetryJob(job.key), OPERATOR)
    assert len(world.do(TakeJobs())) == 1


def test_a_modelled_error_goes_to_its_boundary_event(world: World, case: int) -> None:
    def refuse(call: Call) -> Outcome:
        raise ServiceError("NO_MONEY", "the account is empty", {"balance": 0})

    world.connectors["bank"] = refuse
    world.run_due()
    assert [each.element_id for each in world.tasks()] == ["beg"]
    assert (world.jobs(), world.incidents()) == ([], [])


def test_an_error_code_that_nobody_models_is_an_incident(world: World, case: int) -> None:
    (job,) = world.do(TakeJobs())
    world.do(ThrowJobError(job.key, job.token, "ODD", "never heard of"))
    (incident,) = world.incidents()
    assert incident.values["code"] == "ODD"
    world.do(ResolveIncident(incident.key), OPERATOR)
    (job,) = world.do(TakeJobs())
    world.do(CompleteJob(job.key, job.token, {"number": 1}))
    assert world.instance(case).variables["receipt"] == 1


def test_a_service_that_nobody_offers_fails_at_once(world: World, case: int) -> None:
    world.run_due()
    (job,) = world.jobs()
    assert (job.status, job.attempts) == ("failed", 1)
    assert "no service 'bank'" in (job.last_error or "")


def test_a_bug_in_a_plug_in_is_booked_on_the_job(world: World, case: int) -> None:
    world.connectors["bank"] = lambda call: Outcome({"number": 1 / 0})
    world.run_due()
    assert world.jobs()[0].last_error == "ZeroDivisionError: division by zero"
    world.connectors["bank"] = lambda call: Outcome({"number": object()})
    world.clock.turn(minutes=1)
    world.run_due()
    assert "cannot be kept" in (world.jobs()[0].last_error or "")


TIMED = diagram(
    "timed",
    "<start/>" + task("work")
    + '<bpmn:boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><bpmn:timerEventDefinition>'
    + "<bpmn:timeCycle>R2/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    + service("remind", "horn") + '<bpmn:endEvent id="reminded"/>' + flow("late", "remind", "reminded")
    + "<end/>" + flow("start", "work", "end"),
)  # fmt: skip


def test_a_cycle_fires_as_often_as_it_says_and_no_later_than_its_task(world: World) -> None:
    calls = []
    world.connectors["horn"] = lambda call: calls.append(call.key) or Outcome()
    world.deploy(("timed.bpmn", TIMED))
    key = world.start("timed", ANNA).key
    world.clock.turn(minutes=59)
    world.run_due()
    assert calls == []
    world.clock.turn(minutes=1)
    world.run_due()
    assert len(calls) == 1
    world.clock.turn(hours=1)
    world.run_due()
    assert len(calls) == 2
    assert world.jobs() == []
    world.complete("work", ANNA)
    assert world.instance(key).status == "completed"


def test_completing_the_task_withdraws_its_timer(world: World) -> None:
    world.deploy(("timed.bpmn", TIMED))
    key = world.start("timed", ANNA).key
    world.complete("work", ANNA)
    assert world.jobs() == []
    assert "EventWithdrawn:late" in world.story(key)


def test_a_start_timer_starts_the_newest_version_and_is_set_again(world: World) -> None:
    def daily(name: str) -> str:
        return diagram(
            "daily",
            '<bpmn:startEvent id="start"><bpmn:timerEventDefinition><bpmn:timeCycle>R/P1D</bpmn:timeCycle>'
            "</bpmn:timerEventDefinition></bpmn:startEvent>" + task(name) + "<end/>" + flow("start", name, "end"),
        )

    world.deploy(("daily.bpmn", daily("old")))
    world.deploy(("daily.bpmn", daily("new")))
    assert [job.due for job in world.jobs()] == [MONDAY + dt.timedelta(days=1)]
    for _ in range(2):
        world.clock.turn(days=1)
        world.run_due()
    assert [each.element_id for each in world.tasks()] == ["new", "new"]
    assert [job.due for job in world.jobs()] == [MONDAY + dt.timedelta(days=3)]


def test_only_the_engine_takes_jobs(world: World, case: int) -> None:
    for actor in (ANNA, OPERATOR, OWNER):
        with pytest.raises(Forbidden):
            world.do(TakeJobs(), actor)


def test_a_timer_that_cannot_be_triggered_is_an_incident_until_its_task_is_done(world: World) -> None:
    world.deploy(("timed.bpmn", TIMED))
    world.start("timed", ANNA)
    world.clock.turn(hours=1)
    (job,) = world.do(TakeJobs())
    world.do(FailJob(job.key, job.token, "a bug", retries=0))
    (incident,) = world.incidents()
    assert incident.template.format(**incident.values) == "The timer could not be triggered: a bug"
    world.do(ResolveIncident(incident.key), OPERATOR)
    (job,) = world.do(TakeJobs())
    world.do(FailJob(job.key, job.token, "the same bug", retries=0))

    world.complete("work", ANNA)

    assert (world.incidents(), world.jobs()) == ([], [])


def test_a_job_of_a_case_at_rest_loses_no_try(world: World, case: int) -> None:
    world.connectors["bank"] = lambda call: world.do(SuspendInstance(case), OPERATOR) or Outcome({"number": 1})
    world.run_due()
    (job,) = world.jobs()
    assert (job.kind, job.status, job.retries_left) == ("answer", "suspended", 3)
    world.connectors.clear()
    world.do(ResumeInstance(case), OPERATOR)
    world.run_due()
    assert world.instance(case).variables["receipt"] == 1
