"""Every way in which a database can stop holding together is found, with its case, its place and a sentence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from engine.checks import RULES, Finding, survey
from engine.commands import CompleteTask, CorrelateMessage, SuspendInstance, TakeJobs
from engine.errors import Forbidden
from engine.model import Incident, Job, LogEntry, OutboxMail, ProcessInstance, Subscription, Task
from engine.queries.console import CONSOLE
from tests.checking import findings
from tests.world import ANNA, MONDAY, OPERATOR, World, diagram, flow, service, task

PARTS = (
    "<start/>"
    + '<bpmn:parallelGateway id="fork"/>'
    + task("work")
    + '<bpmn:boundaryEvent id="late" attachedToRef="work" cancelActivity="false"><bpmn:timerEventDefinition>'
    "<bpmn:timeCycle>R2/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    + service("pay", "bank")
    + '<bpmn:intermediateCatchEvent id="news"><bpmn:messageEventDefinition messageRef="M"/>'
    "</bpmn:intermediateCatchEvent>"
    + '<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="called"/>'
    "</bpmn:extensionElements></bpmn:callActivity>"
    + '<bpmn:exclusiveGateway id="sum"/><bpmn:sequenceFlow id="sum-end" sourceRef="sum" targetRef="end">'
    "<bpmn:conditionExpression>=reference = 1</bpmn:conditionExpression></bpmn:sequenceFlow>"
    + '<bpmn:endEvent id="reminded"/>'
    + "".join(flow("fork", each, "end") for each in ("work", "pay", "news", "call"))
    + flow("fork", "sum")
    + flow("start", "fork")
    + flow("late", "reminded")
    + "<end/>"
)
MESSAGE = (
    '<bpmn:message id="M" name="news"><bpmn:extensionElements><zeebe:subscription correlationKey="=reference"/>'
    "</bpmn:extensionElements></bpmn:message>"
)
CALLED = diagram("called", "<start/>" + task("inner") + "<end/>" + flow("start", "inner", "end"))


@pytest.fixture
def case(world: World) -> ProcessInstance:
    """A case that waits for one of everything, and has one incident."""
    world.deploy(("parts.bpmn", diagram("parts", PARTS, outside=MESSAGE)), ("called.bpmn", CALLED))
    key = world.start("parts").key
    world.is_altered = True
    assert findings(world.engine) == []
    return world.instance(key)


def alter(world: World, *statements: Any) -> None:
    """Change the database behind the engine's back."""
    with world.engine.database.writing() as session:
        for statement in statements:
            session.execute(statement)


def found(world: World) -> dict[tuple[str, str | None], Finding]:
    return {(each.rule, each.element_id): each for each in findings(world.engine)}


def test_a_lost_task_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(Task).where(Task.element_id == "work").values(status="cancelled"))
    problems = found(world)
    assert problems.keys() == {("state", "work"), ("log", "work")}
    assert case.reference in str(problems["state", "work"])
    assert "waits for this task, but there is no row" in str(problems["state", "work"])


@pytest.mark.parametrize(
    ("statement", "element"),
    [
        (delete(Job).where(Job.kind == "timer"), "late"),
        (delete(Job).where(Job.kind == "service"), "pay"),
        (delete(Subscription).where(Subscription.instance_key.is_not(None)), "news"),
    ],
    ids=["timer", "service", "message"],
)
def test_a_lost_wait_is_found(world: World, case: ProcessInstance, statement: Any, element: str) -> None:
    alter(world, statement)
    assert found(world).keys() == {("state", element), ("log", element)}


def test_a_lost_incident_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(Incident).values(resolved_at=MONDAY))
    (problem,) = findings(world.engine)
    assert (problem.rule, problem.element_id) == ("state", "sum")
    assert "no incident" in problem.fact


def test_a_failed_job_without_an_incident_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(Job).where(Job.kind == "timer").values(status="failed"))
    (problem,) = findings(world.engine)
    assert (problem.rule, problem.element_id) == ("state", "late")


def test_a_lost_called_process_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(ProcessInstance).where(ProcessInstance.process_id == "called").values(status="completed"))
    problems = found(world)
    assert ("state", "call") in problems
    assert ("ended", "inner") in problems
    assert ("log", None) in problems


def test_a_called_process_that_outlives_its_caller_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(ProcessInstance).where(ProcessInstance.key == case.key).values(status="completed"))
    problems = found(world)
    assert ("call", None) in problems
    assert {("ended", each) for each in ("work", "late", "pay", "news", "sum", None)} <= problems.keys()


def test_a_called_process_without_its_caller_is_found(world: World, case: ProcessInstance) -> None:
    called = ProcessInstance.process_id == "called"
    alter(world, update(ProcessInstance).where(called).values(parent_key=1))
    assert ("call", None) in found(world)
    alter(world, update(ProcessInstance).where(called).values(root_key=2))
    assert any("belongs to a case that is not there" in each.fact for each in findings(world.engine))


def test_a_row_that_nothing_waits_for_is_found(world: World, case: ProcessInstance) -> None:
    with world.engine.database.writing() as session:
        row = session.scalars(select(Subscription).where(Subscription.element_id == "news")).one()
        values = {name: getattr(row, name) for name in Subscription.__table__.columns.keys()}
        session.execute(insert(Subscription).values(**{**values, "key": 77}))
    assert {(each.rule, each.key) for each in findings(world.engine)} == {("state", 77), ("log", 77)}


def test_a_state_that_went_back_is_found(world: World, case: ProcessInstance) -> None:
    """As when a state is restored from an older copy than its rows."""
    before = world.rows(select(ProcessInstance.state).where(ProcessInstance.key == case.key))[0]
    (work,) = [each for each in world.tasks() if each.element_id == "work"]
    world.do(CompleteTask(work.key), ANNA)
    alter(world, update(ProcessInstance).where(ProcessInstance.key == case.key).values(state=before))
    assert found(world).keys() == {("state", "work"), ("state", "late")}


@pytest.mark.parametrize("state", [b"", b"zzz", b"{}", b'{"v":1}'])
def test_a_state_that_cannot_be_read_is_found(world: World, case: ProcessInstance, state: bytes) -> None:
    alter(world, update(ProcessInstance).where(ProcessInstance.key == case.key).values(state=state))
    (problem,) = findings(world.engine)
    assert problem.rule == "state"
    assert "cannot be read" in problem.fact


def test_data_that_is_not_that_of_the_state_is_found(world: World, case: ProcessInstance) -> None:
    variables = {**case.variables, "amount": 7}
    alter(world, update(ProcessInstance).where(ProcessInstance.key == case.key).values(variables=variables))
    (problem,) = findings(world.engine)
    assert problem.rule == "variables"
    assert problem.fact.endswith("amount")


def test_a_case_with_nothing_ahead_is_found(world: World) -> None:
    world.deploy(("called.bpmn", CALLED))
    key = world.start("called").key
    world.is_altered = True
    alter(world, delete(Task).where(Task.instance_key == key))
    assert ("next-thing", None) in found(world)


def test_a_task_that_is_told_twice_is_found(world: World, case: ProcessInstance) -> None:
    (work,) = [each for each in world.tasks() if each.element_id == "work"]
    world.do(CompleteTask(work.key), ANNA)
    with world.engine.database.writing() as session:
        told = session.scalars(select(LogEntry).where(LogEntry.event == "TaskCompleted")).one()
        values = {name: getattr(told, name) for name in LogEntry.__table__.columns.keys()}
        session.execute(insert(LogEntry).values(**{**values, "key": 78, "position": 999}))
    problems = found(world)
    assert "2 times" in problems["once", "work"].fact
    assert ("chain", None) in problems


def test_a_task_completed_without_the_log_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(Task).where(Task.element_id == "work").values(status="completed", completed_by="anna"))
    assert "the log does not tell it" in found(world)["once", "work"].fact


def test_a_completion_that_the_row_does_not_know_is_found(world: World, case: ProcessInstance) -> None:
    (work,) = [each for each in world.tasks() if each.element_id == "work"]
    world.do(CompleteTask(work.key), ANNA)
    alter(world, update(Task).where(Task.element_id == "work").values(status="open"))
    problems = found(world)
    assert "its row does not" in problems["once", "work"].fact
    assert "does not wait for it" in problems["state", "work"].fact


def test_an_altered_log_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(LogEntry).where(LogEntry.stream_key == case.key, LogEntry.position == 3).values(actor="eve"))
    (problem,) = findings(world.engine)
    assert (problem.rule, problem.reference) == ("chain", case.reference)
    assert "entry 3" in problem.fact


def test_an_altered_log_of_no_case_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, update(LogEntry).where(LogEntry.event == "ResourcesDeployed").values(actor="eve"))
    (problem,) = findings(world.engine)
    assert (problem.rule, problem.reference) == ("chain", "")


def test_a_log_that_cannot_be_read_is_found(world: World, case: ProcessInstance) -> None:
    alter(world, LogEntry.__table__.update().where(LogEntry.stream_key == case.key).values(salt=b"", data=None))
    assert {each.rule for each in findings(world.engine)} == {"chain"}


def test_erased_data_is_nothing_wrong(world: World, case: ProcessInstance) -> None:
    alter(world, LogEntry.__table__.update().where(LogEntry.stream_key == case.key).values(salt=None, data=None))
    assert findings(world.engine) == []


def test_a_lease_beyond_its_time_is_found(world: World, case: ProcessInstance) -> None:
    assert len(world.do(TakeJobs())) == 1
    world.clock.turn(minutes=5)
    assert findings(world.engine) == []
    world.clock.turn(minutes=10)
    assert found(world).keys() == {("lease", "pay")}
    alter(world, update(Job).where(Job.kind == "service").values(lease_until=MONDAY + dt.timedelta(days=9)))
    assert "longer than anybody may" in found(world)["lease", "pay"].fact


def test_a_message_kept_too_long_is_found(world: World, case: ProcessInstance) -> None:
    world.do(CorrelateMessage("never", "k", time_to_live=60), OPERATOR)
    world.clock.turn(hours=1)
    assert findings(world.engine) == []
    world.clock.turn(hours=2)
    (problem,) = findings(world.engine)
    assert problem.rule == "message"
    assert "'never'" in problem.fact


def test_a_job_that_runs_while_its_case_rests_is_found(world: World, case: ProcessInstance) -> None:
    world.do(SuspendInstance(case.key), OPERATOR)
    assert findings(world.engine) == []
    alter(world, update(Job).where(Job.kind == "timer").values(status="waiting"))
    assert found(world).keys() == {("rest", "late")}
    alter(world, update(ProcessInstance).values(status="active"))
    assert {("rest", "pay"), ("log", None)} <= found(world).keys()


def test_rows_of_no_case_are_found(world: World, case: ProcessInstance) -> None:
    alter(
        world,
        update(Job).where(Job.kind == "service").values(root_key=1, instance_key=1),
        insert(OutboxMail).values(key=5, root_key=1, recipient="x", subject="x", body="x", written_at=MONDAY),
    )
    assert {each.key for each in findings(world.engine) if each.rule == "orphan"} >= {5}
    assert ("orphan", "pay") in found(world)


def test_what_was_accepted_and_is_not_there_is_found(world: World, case: ProcessInstance) -> None:
    (work,) = [each for each in world.tasks() if each.element_id == "work"]
    missing = findings(world.engine, tasks=[work.key], cases=[case.reference, "CASE-NEVER"])
    assert {(each.rule, each.key, each.reference) for each in missing} == {
        ("accepted", work.key, ""), ("accepted", None, "CASE-NEVER"),
    }  # fmt: skip


def test_it_goes_page_by_page(world: World) -> None:
    world.deploy(("called.bpmn", CALLED))
    for _ in range(5):
        world.start("called")
    pages = list(survey(world.engine, CONSOLE, page_size=2))
    assert [page.cases for page in pages][:3] == [2, 4, 5]
    assert {page.of for page in pages} == {5}


def test_only_who_may_read_the_log_may_check(world: World) -> None:
    with pytest.raises(Forbidden):
        list(survey(world.engine, ANNA))


def test_every_rule_that_can_be_broken_is_told() -> None:
    text = Path(__file__).read_text("utf-8")
    assert [rule for rule in RULES if f'"{rule}"' not in text] == []
