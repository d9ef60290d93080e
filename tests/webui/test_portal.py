"""What customers see and do without an account, and what they cannot find out."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from engine.commands import CompleteTask
from tests.webui.browser import Browser, words
from tests.world import World, diagram, flow, form, task
from webui.portal import MOST_BYTES
from webui.throttle import WRONG_TRIES

SignedIn = Callable[[str], Browser]
CHINESE = {"headers": {"Accept-Language": "zh-CN"}}


@pytest.fixture
def counter(office: World) -> World:
    """The office takes lost property: open to the public, in two stages, and the customer may withdraw."""
    lost = (
        '<bpmn:startEvent id="start"><bpmn:extensionElements><zeebe:formDefinition formId="lost"/>'
        "</bpmn:extensionElements></bpmn:startEvent>"
        + task("search", name="Search", stage="Searching", promise="=now() + duration(&quot;P2D&quot;)")
        + '<bpmn:receiveTask id="hear" name="Answer us" messageRef="answered"><bpmn:extensionElements>'
        '<zeebe:properties><zeebe:property name="publicForm" value="lost"/></zeebe:properties>'
        "</bpmn:extensionElements></bpmn:receiveTask>" + "<end/>" + flow("start", "search", "hear", "end")
    )
    message = (
        '<bpmn:message id="answered" name="answered"><bpmn:extensionElements>'
        '<zeebe:subscription correlationKey="=reference"/></bpmn:extensionElements></bpmn:message>'
    )
    office.deploy(
        ("lost.bpmn", diagram("lost", lost, outside=message, publicStart="true", referencePrefix="L",
                              stages="Received, Searching, Closed", subject="=thing")),
        ("lost.form", form("lost", {"key": "thing", "id": "thing_id", "type": "textfield", "label": "Thing",
                                    "validate": {"required": True, "maxLength": 200}})),
    )  # fmt: skip
    return office


@pytest.fixture
def customer(browser: Browser) -> Browser:
    browser.get("/service")
    return browser


def file(customer: Browser, thing: str = "A red umbrella") -> tuple[str, str]:
    """File a case and give its reference and its code."""
    response = customer.send("/service/lost", {"thing": thing})
    assert response.status_code == 200, response.text
    page = words(customer.get(response.json["location"]))
    reference = page.split("Your case number ")[1].split()[0]
    return reference, page.split("Your access code ")[1].split()[0]


def action_of(page: TestResponse) -> str:
    """Where the form of a page is sent."""
    found = re.search(r'data-action="([^"]*)"', page.text)
    assert found is not None
    return html.unescape(found[1])


def test_nothing_can_be_filed_before_a_process_is_public(customer: Browser) -> None:
    assert "Nothing can be filed here yet" in words(customer.get("/service"))
    assert "目前还不能在此提交" in words(customer.get("/service", **CHINESE))


def test_a_customer_files_follows_and_answers(counter: World, customer: Browser) -> None:
    assert "lost" in words(customer.get("/service"))
    reference, code = file(customer)
    response = customer.post("/status", {"reference": reference.lower(), "secret": f" {code.lower()} "})
    assert response.location == f"/status/{reference}/{code}"
    page = words(customer.get(response.location))
    assert "A red umbrella" in page and "You hear from us by Wed 25 Nov 09:00" in page
    assert "Searching Mon 23 Nov 09:00" in page and "What you can do now" not in page
    assert "11月25日 周三 09:00" in words(customer.get(response.location, **CHINESE))
    counter.complete("search")
    assert "Answer us" in words(customer.get(response.location))
    (subscription,) = counter.subscriptions()
    address = f"{response.location}/{subscription.key}"
    assert customer.send(address, {"thing": ""}).status_code == 422
    assert customer.send(address, {"thing": "It is found"}).json == {"location": f"{response.location}?thanks=1"}
    page = words(customer.get(f"{response.location}?thanks=1"))
    assert "Thank you, we have your answer." in page and "This case is closed. Mon 23 Nov 09:00" in page
    assert customer.get(address).status_code == 404


def test_without_scripts_the_form_comes_back_with_what_is_wrong(counter: World, customer: Browser) -> None:
    response = customer.post("/service/lost", {"thing": ""})
    assert response.status_code == 422 and "Field is required." in response.text
    assert customer.post("/service/lost", {"thing": "An umbrella"}).location == "/service/filed"


def test_what_is_sent_twice_from_one_page_is_one_case(counter: World, customer: Browser) -> None:
    action = action_of(customer.get("/service/lost"))
    for _ in range(2):
        assert customer.send(action, {"thing": "An umbrella"}).status_code == 200
    assert len(counter.instances()) == 1
    assert customer.post(action, {"thing": "A hat"}).location == "/service/filed"
    again = action_of(customer.get("/service/lost"))
    assert again != action
    assert customer.send(again, {"thing": "An umbrella"}).status_code == 200
    assert len(counter.instances()) == 3


def test_a_name_of_a_page_survives_a_refusal(counter: World, customer: Browser) -> None:
    action = action_of(customer.get("/service/lost"))
    refused = customer.post(action, {"thing": ""})
    assert refused.status_code == 422 and action_of(refused) == action


def test_markup_stays_text(counter: World, customer: Browser) -> None:
    reference, code = file(customer, '<script>alert("1")</script>')
    page = customer.get(f"/status/{reference}/{code}").text
    assert "&lt;script&gt;alert" in page and "<script>alert" not in page


def test_a_wrong_code_tells_nothing_of_the_reference(counter: World, customer: Browser) -> None:
    reference, _ = file(customer)
    answers = set()
    for asked in (reference, "L-2611-000000", "nonsense", "<script>"):
        posted = customer.post("/status", {"reference": asked, "secret": "AAAABBBBCCCC"})
        opened = customer.get(f"/status/{asked}/AAAABBBBCCCC")
        asked_for = customer.get(f"/status/{asked}/AAAABBBBCCCC/{2**60}")
        assert (posted.status_code, opened.status_code, asked_for.status_code) == (422, 404, 404)
        answers |= {words(each).replace(asked.upper(), "") for each in (posted, opened, asked_for)}
        assert "<script>" not in opened.text
    assert len(answers) == 1
    assert "do not belong together" in answers.pop()


def test_guessing_is_slowed_down_and_forgiven(counter: World, customer: Browser) -> None:
    reference, code = file(customer)
    for _ in range(WRONG_TRIES):
        assert customer.get(f"/status/{reference}/AAAABBBBCCCC").status_code == 404
    refused = customer.get(f"/status/{reference}/{code}")
    assert refused.status_code == 429 and "too many wrong tries" in words(refused)
    assert customer.get(f"/status/{reference}/{code}", environ_base={"REMOTE_ADDR": "10.1.1.1"}).status_code == 200
    counter.clock.turn(minutes=16)
    assert customer.get(f"/status/{reference}/{code}").status_code == 200


def test_the_key_of_another_case_opens_no_question(counter: World, customer: Browser) -> None:
    mine, others = file(customer), file(customer)
    for each in counter.tasks():
        counter.do(CompleteTask(each.key, {}))
    first, second = counter.subscriptions()
    addresses = [f"/status/{mine[0]}/{mine[1]}/{key}" for key in (first.key, second.key)]
    assert sorted(customer.get(address).status_code for address in addresses) == [200, 404]
    assert others != mine


@pytest.mark.parametrize("process", ["repair", "nothing", "..", "<script>"])
def test_what_is_not_public_cannot_be_started(process: str, counter: World, customer: Browser) -> None:
    assert customer.get(f"/service/{process}").status_code == 404
    assert customer.send(f"/service/{process}", {"thing": "x"}).status_code == 404
    assert counter.instances() == []


def test_what_a_customer_sends_is_limited(counter: World, customer: Browser) -> None:
    assert customer.send("/service/lost", {"thing": "x" * MOST_BYTES}).status_code == 413
    assert customer.send("/service/lost", {"thing": "x" * 201}).status_code == 422
    customer.send("/service/lost", {"thing": "x", "limit": 5})
    assert all("limit" not in case.variables for case in counter.instances())
    assert customer.send("/service/lost", ["x"]).status_code == 400


def test_nothing_is_shown_as_filed_before_it_is(counter: World, customer: Browser) -> None:
    assert customer.get("/service/filed").location == "/service"


def test_staff_see_here_what_customers_see(counter: World, signed_in: SignedIn, app: Flask) -> None:
    page = words(signed_in("staff").get("/service"))
    assert "lost" in page and "repair" not in page and "Inbox" not in page
