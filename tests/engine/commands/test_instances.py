"""Cases from outside: who may start them, what their start form checks, what customers may do."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from engine.commands import (
    AddComment,
    AnswerForCustomer,
    AnswerPublicly,
    CancelInstance,
    ResolveIncident,
    ResumeInstance,
    StartInstance,
    StartPublicly,
    SuspendInstance,
)
from engine.errors import Forbidden, Invalid, NotFound, Refused, Unavailable
from engine.model import Job, Role
from engine.model.identity import CUSTOMER, ENGINE
from tests.checking import assert_all_holds
from tests.faults.injected import lost_answers
from tests.world import ANNA, LENA, OPERATOR, OWNER, World, diagram, flow, form, somebody, task

START = (
    '<bpmn:startEvent id="start"><bpmn:extensionElements><zeebe:formDefinition formId="claim"/>'
    "</bpmn:extensionElements></bpmn:startEvent>"
)
WITHDRAWAL = (
    '<bpmn:subProcess id="withdrawal" triggeredByEvent="true"><bpmn:startEvent id="withdrawn" name="Withdraw">'
    '<bpmn:extensionElements><zeebe:properties><zeebe:property name="publicForm" value="why"/></zeebe:properties>'
    '</bpmn:extensionElements><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>'
    '<bpmn:endEvent id="over"/><bpmn:sequenceFlow id="w" sourceRef="withdrawn" targetRef="over"/></bpmn:subProcess>'
)
CLAIM = diagram(
    "claim",
    START + task("work") + "<end/>" + WITHDRAWAL + flow("start", "work", "end"),
    outside='<bpmn:message id="M" name="withdrawn"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=reference"/></bpmn:extensionElements></bpmn:message>',
    publicStart="true",
    candidateStarterGroups="desk",
)


def asked(key: str) -> dict[str, object]:
    return {"key": key, "type": "textfield", "id": f"{key}_id", "label": key, "validate": {"required": True}}


CLAIM_FORM = form("claim", asked("what"))
WHY = form("why", asked("reason"))
DESK = somebody("dora", Role.STAFF, groups=["desk"], key=21)


@pytest.fixture
def claims(world: World) -> World:
    world.deploy(("claim.bpmn", CLAIM), ("claim.form", CLAIM_FORM), ("why.form", WHY))
    return world


def test_only_candidate_starters_start_it_and_owners_who_try_it_out(claims: World) -> None:
    with pytest.raises(Forbidden, match="starters"):
        claims.start("claim", ANNA, what="x")
    for actor in (DESK, OWNER):
        claims.start("claim", actor, what="x")
    assert [each.initiator for each in claims.instances()] == ["dora", "olga"]


def test_the_start_form_is_checked_on_the_server(claims: World) -> None:
    with pytest.raises(Invalid) as caught:
        claims.start("claim", DESK)
    assert caught.value.problems[0].field == ("what",)
    with pytest.raises(Forbidden):
        claims.do(StartInstance("claim", {}, start_form=False), DESK)
    key = claims.start("claim", DESK, what="x", reference="FORGED", approved=True).key
    row = claims.instance(key)
    assert row.variables == {"what": "x", "reference": row.reference, "initiator": "dora"}
    claims.do(StartInstance("claim", {"free": 1.5}, start_form=False), OWNER)
    assert claims.instances()[-1].variables["free"] == Decimal("1.5")


def test_a_customer_files_a_case_and_answers_with_its_secret(claims: World) -> None:
    started = claims.do(StartPublicly("claim", {"what": "broken"}), CUSTOMER)
    assert claims.instance(started.key).initiator is None
    (waiting,) = claims.subscriptions()
    assert waiting.form_id == "why"
    for reference, secret in ((started.reference, "WRONG"), ("CASE-2611-AAAAAA", started.secret)):
        with pytest.raises(NotFound):
            claims.do(AnswerPublicly(reference, secret, waiting.key, {"reason": "solved"}), CUSTOMER)
    with pytest.raises(Invalid):
        claims.do(AnswerPublicly(started.reference, started.secret, waiting.key, {}), CUSTOMER)

    claims.do(AnswerPublicly(started.reference.lower(), started.secret, waiting.key, {"reason": "solved"}), CUSTOMER)

    row = claims.instance(started.key)
    assert (row.status, row.variables["reason"]) == ("completed", "solved")
    assert claims.tasks() == []
    with pytest.raises(NotFound, match="no longer"):
        claims.do(AnswerPublicly(started.reference, started.secret, waiting.key, {"reason": "again"}), CUSTOMER)


def test_the_same_start_asked_for_again_gives_the_same_case(claims: World) -> None:
    name = "a-name-of-this-page-alone"
    first = claims.do(StartPublicly("claim", {"what": "broken"}, request_id=name), CUSTOMER)
    assert claims.do(StartPublicly("claim", {"what": "broken"}, request_id=name), CUSTOMER) == first
    other = claims.do(StartPublicly("claim", {"what": "late"}, request_id=name), CUSTOMER)
    assert other.key != first.key
    mine = claims.do(StartInstance("claim", {"what": "broken"}, request_id=name), DESK)
    assert claims.do(StartInstance("claim", {"what": "broken"}, request_id=name), DESK) == mine
    assert len({first.key, other.key, mine.key}) == 3 == len(claims.instances())
    with pytest.raises(Invalid, match="request id"):
        claims.do(StartPublicly("claim", {"what": "broken"}, request_id="short"), CUSTOMER)


def test_a_start_whose_answer_was_lost_makes_no_second_case(claims: World) -> None:
    start = StartPublicly("claim", {"what": "broken"}, request_id="a-name-of-this-page-alone")
    with lost_answers(claims.engine.database), pytest.raises(Unavailable):
        claims.do(start, CUSTOMER)
    (case,) = claims.instances()
    assert claims.do(start, CUSTOMER).key == case.key
    assert len(claims.instances()) == 1


def test_what_a_customer_answers_while_the_case_rests_is_taken_when_it_goes_on(claims: World) -> None:
    started = claims.do(StartPublicly("claim", {"what": "broken"}), CUSTOMER)
    (waiting,) = claims.subscriptions()
    claims.do(SuspendInstance(started.key, "court"), OPERATOR)
    answer = AnswerPublicly(started.reference, started.secret, waiting.key, {"reason": "solved"})
    with pytest.raises(Invalid):
        claims.do(AnswerPublicly(started.reference, started.secret, waiting.key, {}), CUSTOMER)
    claims.do(answer, CUSTOMER)
    with pytest.raises(Refused, match="there is one already"):
        claims.do(answer, CUSTOMER)
    claims.clock.turn(days=3)
    assert claims.run_due() == 0
    assert_all_holds(claims.engine)
    claims.do(ResumeInstance(started.key), OPERATOR)
    claims.run_due()
    row = claims.instance(started.key)
    assert (row.status, row.variables["reason"], claims.jobs()) == ("completed", "solved", [])


def test_an_answer_that_nobody_asks_for_any_more_is_read_by_a_person(claims: World) -> None:
    started = claims.do(StartPublicly("claim", {"what": "broken"}), CUSTOMER)
    (waiting,) = claims.subscriptions()
    claims.do(SuspendInstance(started.key, "court"), OPERATOR)
    claims.do(AnswerPublicly(started.reference, started.secret, waiting.key, {"reason": "solved"}), CUSTOMER)
    (kept,) = claims.jobs()
    with claims.engine.database.writing() as session:
        session.execute(update(Job).where(Job.key == kept.key).values(headers={"subscription": "1"}))
    claims.do(ResumeInstance(started.key), OPERATOR)
    claims.run_due()
    (incident,) = claims.incidents()
    assert incident.values == {"answer": '{"reason":"solved"}'}
    assert_all_holds(claims.engine)
    claims.do(ResolveIncident(incident.key), OPERATOR)
    assert (claims.jobs(), claims.incidents()) == ([], [])


def test_a_secret_opens_its_own_case_only(claims: World) -> None:
    mine, other = (claims.do(StartPublicly("claim", {"what": "x"}), CUSTOMER) for _ in range(2))
    theirs = next(each for each in claims.subscriptions() if each.root_key == other.key)
    with pytest.raises(NotFound):
        claims.do(AnswerPublicly(mine.reference, mine.secret, theirs.key, {"reason": "mischief"}), CUSTOMER)
    assert claims.instance(other.key).status == "active"


def test_customers_start_only_what_is_public_and_nothing_else(claims: World) -> None:
    inner = CLAIM.replace('"claim" name', '"inner" name').replace('value="true"', 'value="false"')
    claims.deploy(("inner.bpmn", inner))
    with pytest.raises(NotFound):
        claims.do(StartPublicly("inner", {"what": "x"}), CUSTOMER)
    with pytest.raises(Forbidden):
        claims.do(StartInstance("claim", {"what": "x"}), CUSTOMER)


@pytest.mark.parametrize("data", [{"1a": 1}, {"a b": 1}, {"a": float("nan")}, {"a": {1, 2}}, {"a": "x" * 2_000_000}])
def test_data_that_no_case_can_keep_is_refused(claims: World, data: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        claims.do(StartInstance("claim", data, start_form=False), ENGINE)
    deep: list[object] = []
    for _ in range(40):
        deep = [deep]
    with pytest.raises(Invalid):
        claims.do(StartInstance("claim", {"a": deep}, start_form=False), ENGINE)


def test_notes_are_told_in_the_case(claims: World) -> None:
    key = claims.start("claim", DESK, what="x").key
    claims.do(AddComment(key, "  called back  "), LENA)
    assert claims.data("CommentAdded") == [{"text": "called back"}]
    for text in ("  ", "x" * 10_001):
        with pytest.raises(Invalid):
            claims.do(AddComment(key, text), LENA)


def test_an_unknown_process_or_version_is_not_found(claims: World) -> None:
    with pytest.raises(NotFound):
        claims.start("nothing")
    with pytest.raises(NotFound):
        claims.do(StartInstance("claim", {"what": "x"}, version=9))


def test_a_case_that_ended_cannot_be_worked_on(claims: World) -> None:
    key = claims.start("claim", what="x").key
    claims.complete("work")
    assert claims.instance(key).status == "completed"
    for command in (CancelInstance(key, "late"), SuspendInstance(key)):
        with pytest.raises(Refused, match="completed"):
            claims.do(command)


def test_staff_who_see_the_case_write_down_what_its_customer_tells(claims: World) -> None:
    key = claims.start("claim", DESK, what="x").key
    (waiting,) = claims.subscriptions()
    stranger = somebody("zoe", Role.STAFF, key=22)
    with pytest.raises(NotFound):
        claims.do(AnswerForCustomer(waiting.key, {"reason": "told on the phone"}), stranger)
    with pytest.raises(NotFound):
        claims.do(AddComment(key, "mischief"), stranger)

    claims.do(AnswerForCustomer(waiting.key, {"reason": "told on the phone"}), DESK)

    assert claims.instance(key).variables["reason"] == "told on the phone"
    assert claims.data("CommentAdded") == []
