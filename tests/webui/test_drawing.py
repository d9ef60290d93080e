"""What the editor of diagrams asks for beside the file, and what its pages load."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.bpmn.house_rules import RULES
from engine.commands import ChangeWorkshopSetting
from engine.queries import console
from tests.webui.browser import Browser
from tests.webui.test_projects import opened, send
from tests.world import World
from webui.assets import MANIFEST
from webui.drawing import HOUSE_RULES

SignedIn = Callable[[str], Browser]


@pytest.fixture
def owner(signed_in: SignedIn) -> Browser:
    return signed_in("process-owner")


def test_every_house_rule_can_be_switched_on() -> None:
    assert set(HOUSE_RULES) == set(RULES)


def test_the_project_says_what_its_forms_set(owner: Browser) -> None:
    address = opened(owner)
    told = owner.get(f"{address}/variables").get_json()
    assert {"repair.bpmn"} <= {each["file"] for each in told["processes"]}
    assert set(told) == {"forms", "decisions", "processes"}


def test_a_new_form_gets_an_id_that_is_free(owner: Browser) -> None:
    address = opened(owner)
    ids = [
        send(owner, f"{address}/forms", {"name": name}).get_json()["id"] for name in ("Call back", "Call back", "回电")
    ]
    assert ids == ["call-back", "call-back-2", "form"]
    told = owner.get(f"{address}/variables").get_json()
    assert set(ids) <= {each["id"] for each in told["forms"]}
    assert send(owner, f"{address}/forms", {"name": 3}).status_code == 400


def test_house_rules_count_while_one_draws_and_for_everybody_when_set(owner: Browser, office: World) -> None:
    address = opened(owner)

    def rules(**asked: object) -> set[str | None]:
        told = send(owner, f"{address}/check", asked).get_json()["problems"]
        return {problem["rule"] for problem in told if (problem["rule"] or "").startswith("house-")}

    assert rules() == set()
    assert rules(house_rules=["deadlines"]) == {"house-deadlines"}
    assert rules(house_rules=["no such rule", 7]) == set()
    office.engine.execute(ChangeWorkshopSetting("", "house-rule:deadlines", "warning"), console.CONSOLE)
    assert rules() == {"house-deadlines"}
    page = owner.get(f"{address}/files/repair.bpmn").get_data(as_text=True)
    assert '<input type="checkbox" value="deadlines" checked disabled>' in page
    assert '<input type="checkbox" value="names" data-rule>' in page


def test_the_page_brings_the_engine_s_own_tables(owner: Browser) -> None:
    page = owner.get(f"{opened(owner)}/files/repair.bpmn").get_data(as_text=True)
    text = page.split("data-drawing>", 1)[1].split("</script>", 1)[0]
    brought = json.loads(text)
    assert ["userTask", "none", "once"] in brought["profile"]["elements"]
    assert "complexGateway" not in {kind for kind, _trigger, _position in brought["profile"]["elements"]}
    assert brought["profile"]["extensions"]["formDefinition"]["attributes"]
    assert {"casewright.mail", "casewright.http"} <= {each["id"] for each in brought["templates"]}


def test_other_pages_load_nothing_of_the_editors(owner: Browser, signed_in: SignedIn) -> None:
    manifest = json.loads(MANIFEST.read_text("utf-8"))
    drawn = {manifest["modeler"]["js"], manifest["modeler"]["css"], *manifest["modeler"]["preload"]}
    shell = {manifest["shell"]["js"], *manifest["shell"]["preload"]}
    page = signed_in("staff").get("/inbox").get_data(as_text=True)
    assert manifest["shell"]["js"] in page
    assert [file for file in drawn - shell if file in page] == []
