"""What owners ask of changes, and their prepared elements."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.commands import ChangeWorkshopSetting, StartProject
from engine.model.identity import CONSOLE
from tests.webui.browser import Browser, words
from tests.world import World, diagram, flow, service

SignedIn = Callable[[str], Browser]
BANK = diagram(
    "bank", "<start/>" + service("ask", "bank", inputs={"account": "=iban"}, outputs={"known": "=answer"}) + "<end/>"
    + flow("start", "ask", "end"),
)  # fmt: skip


@pytest.fixture
def owner(signed_in: SignedIn) -> Browser:
    return signed_in("process-owner")


def test_rules_are_set_for_all_processes_and_for_one(owner: Browser, office: World) -> None:
    assert owner.post("/projects/rules", {"set.review": "wanted", "set.house-rule:names": "error"}).status_code == 303
    page = owner.get("/projects/rules?process=repair")
    assert "as for all processes: wanted" in words(page)
    assert "as for all processes: forbids publishing" in words(page)
    owner.post("/projects/rules", {"process": "repair", "set.review": "not-wanted", "set.house-rule:names": ""})
    told = [(each["process_id"], each["setting"], each["value"]) for each in office.data("WorkshopSettingChanged")]
    assert told == [
        ("", "review", "wanted"), ("", "house-rule:names", "error"), ("repair", "review", "not-wanted"),
    ]  # fmt: skip
    assert owner.post("/projects/rules", {"set.review": "maybe"}).status_code == 422


def test_auditors_see_the_rules_and_change_nothing(signed_in: SignedIn, office: World) -> None:
    office.do(ChangeWorkshopSetting("", "review", "wanted"), CONSOLE)
    page = signed_in("auditor").get("/projects/rules").text
    assert "disabled" in page and ">Save<" not in page


def test_a_service_task_becomes_a_prepared_element_that_the_editor_offers(owner: Browser, office: World) -> None:
    key = office.do(StartProject("bank", "Bank", (("bank.bpmn", BANK.encode()),)), CONSOLE)
    page = owner.get(f"/projects/templates?project={key}&element=bank.bpmn+ask")
    content = page.text.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    content = content.replace("&#34;", '"').replace("&gt;", ">")
    template = json.loads(content)
    assert template["properties"][0]["value"] == "bank"
    assert template["properties"][2]["binding"] == {"type": "zeebe:input", "name": "account"}
    assert template["properties"][3]["binding"] == {"type": "zeebe:output", "source": "=answer"}
    assert owner.post("/projects/templates", {"content": content}).status_code == 303
    assert [each["id"] for each in owner.get("/projects/templates.json").get_json()][-1] == "ask"
    refused = owner.post("/projects/templates", {"content": "{"})
    assert refused.status_code == 422 and "Expected a template in JSON" in words(refused)
    assert owner.post("/projects/templates/remove", {"id": "ask"}).status_code == 303
    assert "None yet" in words(owner.get("/projects/templates"))
    assert owner.get(f"/projects/templates?project={key}&element=bank.bpmn+start").status_code == 404


def test_the_pages_speak_chinese(owner: Browser, office: World) -> None:
    owner.post("/account/language", {"language": "zh_Hans"})
    assert "修改规则" in words(owner.get("/projects/rules"))
    assert "元素模板" in words(owner.get("/projects/templates"))
