"""The operator's pages: incidents, jobs and the mails that were not sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.commands import SuspendInstance
from engine.connectors.base import Outcome
from tests.webui.browser import Browser, words
from tests.world import OPERATOR, World, diagram, flow, service, task

SignedIn = Callable[[str], Browser]


@pytest.fixture
def stuck(office: World) -> int:
    """A case that cannot go on, since its amount is missing."""
    script = (
        '<bpmn:scriptTask id="count" name="Count &lt;b&gt;"><bpmn:extensionElements>'
        '<zeebe:script expression="=amount" resultVariable="total"/></bpmn:extensionElements></bpmn:scriptTask>'
    )
    choice = (
        '<bpmn:exclusiveGateway id="fork" name="Much?"/>'
        '<bpmn:sequenceFlow id="yes" sourceRef="fork" targetRef="work"><bpmn:conditionExpression>=total &gt; 5'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
        '<bpmn:sequenceFlow id="no" sourceRef="fork" targetRef="end"><bpmn:conditionExpression>=total &lt;= 5'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    body = "<start/>" + script + choice + task("work") + "<end/>" + flow("start", "count", "fork") + flow("work", "end")
    office.deploy(("sums.bpmn", diagram("sums", body)))
    return office.start("sums").key


def test_an_empty_page_says_that_nothing_needs_help(signed_in: SignedIn) -> None:
    page = words(signed_in("operator").get("/operations"))
    assert "Nothing needs help" in page and "No jobs wait" in page
    assert "The outbox is empty" in words(signed_in("auditor").get("/operations/outbox"))


def test_an_incident_is_told_and_mended_with_a_value(signed_in: SignedIn, office: World, stuck: int) -> None:
    operator = signed_in("operator")
    page = words(operator.get("/operations"))
    assert "None of the ways out of here is open" in page and "sums / fork" in page
    (incident,) = office.incidents()
    wrong = operator.post(f"/operations/incidents/{incident.key}/resolve", {"name": "total", "value": "lots",
                                                                           "kind": "number"})  # fmt: skip
    assert wrong.status_code == 422 and office.incidents()
    mended = operator.post(f"/operations/incidents/{incident.key}/resolve", {"name": "total", "value": "7.5",
                                                                            "kind": "number"})  # fmt: skip
    assert mended.status_code == 303
    assert office.incidents() == [] and [each.element_id for each in office.tasks()] == ["work"]
    assert operator.post(f"/operations/incidents/{incident.key}/resolve").status_code == 409


def test_an_incident_reads_in_chinese(signed_in: SignedIn, stuck: int) -> None:
    operator = signed_in("operator")
    operator.post("/account/language", {"language": "zh_Hans", "next": "/operations"})
    assert "此处没有一条出路可走" in words(operator.get("/operations"))


@pytest.mark.parametrize(
    ("value", "kind", "kept"),
    [("7", "number", 7), ("yes", "truth", True), ("no", "truth", False), ("", "nothing", None), ("7", "text", "7")],
)
def test_the_value_is_read_by_its_kind(
    signed_in: SignedIn, office: World, stuck: int, value: str, kind: str, kept: object
) -> None:
    (incident,) = office.incidents()
    signed_in("operator").post(
        f"/operations/incidents/{incident.key}/resolve", {"name": "total", "value": value, "kind": kind}
    )
    assert office.instance(stuck).variables.get("total") == kept


@pytest.mark.parametrize("value", ["", "NaN", "Infinity", "1e999999", "sNaN", "１２"])
def test_what_is_no_number_is_refused_in_a_sentence(signed_in: SignedIn, office: World, stuck: int, value: str) -> None:
    (incident,) = office.incidents()
    fields = {"name": "total", "value": value, "kind": "number"}
    response = signed_in("operator").post(f"/operations/incidents/{incident.key}/resolve", fields)
    assert response.status_code in (303, 422)
    assert "Something broke" not in words(response)


def test_a_failed_job_is_tried_again(signed_in: SignedIn, office: World) -> None:
    body = "<start/>" + service("call", "shop", retries=1) + task("after") + "<end/>" + flow(
        "start", "call", "after", "end")  # fmt: skip
    office.deploy(("calls.bpmn", diagram("calls", body)))
    answers: list[object] = [RuntimeError("<b>closed</b>"), Outcome()]

    def shop(_: object) -> Outcome:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Outcome)
        return answer

    office.connectors["shop"] = shop
    office.start("calls")
    operator = signed_in("operator")
    assert "waiting" in words(operator.get("/operations"))
    office.run_due()
    response = operator.get("/operations")
    assert "failed" in words(response) and "<b>closed" not in response.text
    (job,) = office.jobs()
    assert operator.post(f"/operations/jobs/{job.key}/retry").status_code == 303
    office.run_due()
    assert [each.element_id for each in office.tasks()] == ["after"]


@pytest.mark.parametrize("path", ["incidents/1/resolve", f"incidents/{10**30}/resolve", "jobs/1/retry",
                                  f"jobs/{10**30}/retry"])  # fmt: skip
def test_what_is_not_there_is_not_found(signed_in: SignedIn, path: str) -> None:
    assert signed_in("operator").post(f"/operations/{path}").status_code == 404


def test_what_stands_still_is_told_in_both_languages(signed_in: SignedIn, office: World) -> None:
    wait = '<bpmn:receiveTask id="hear" name="Hear" messageRef="M"/>'
    message = (
        '<bpmn:message id="M" name="said"><bpmn:extensionElements><zeebe:subscription correlationKey="=reference"/>'
        "</bpmn:extensionElements></bpmn:message>"
    )
    office.deploy(
        ("calls.bpmn",
         diagram("calls", "<start/>" + service("call", "shop") + "<end/>" + flow("start", "call", "end"))),
        ("hears.bpmn", diagram("hears", "<start/>" + wait + "<end/>" + flow("start", "hear", "end"), outside=message)),
    )  # fmt: skip
    office.start("calls")
    office.do(SuspendInstance(office.start("calls").key, "court"), OPERATOR)
    waiting = office.start("hears")
    office.clock.turn(days=8)
    operator = signed_in("operator")
    page = words(operator.get("/operations"))
    assert "1 job that nobody takes" in page and "1 case at rest for more than a week" in page
    assert waiting.reference not in page
    page = words(operator.get("/operations?waiting=1"))
    assert f"{waiting.reference} · Hear" in page
    operator.post("/account/language", {"language": "zh_Hans", "next": "/operations"})
    page = words(operator.get("/operations?waiting=1"))
    assert "1 个作业无人领取" in page and "1 个案件已暂停一周以上" in page and "仅在等待的案件" in page
