"""The list of cases, and the page on which a case is traced."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from engine.commands import AddComment, AssignTask
from engine.model.identity import CONSOLE
from tests.webui.browser import Browser, words
from tests.world import World, diagram, flow, form, task

SignedIn = Callable[[str], Browser]
EVIL = "<script>alert('x')</script>"


def start(office: World, process_id: str = "repair", **variables: object) -> int:
    return office.start(process_id, CONSOLE, **variables).key


@pytest.fixture
def hostile(office: World) -> int:
    """A case in which everything that can be named is named with markup."""
    evil = EVIL.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&apos;")
    office.deploy(
        ("evil.bpmn", diagram("evil", "<start/>" + task("a", name=evil, form="evil", stage=evil, action=evil)
                              + task("b", name="After") + "<end/>" + flow("start", "a", "b", "end"),
                              subject="=title", stages=evil)),
        ("evil.form", form("evil", {"key": "title", "id": "title_id", "type": "textfield", "label": EVIL},
                           {"key": "choice", "id": "choice_id", "type": "select", "label": "Choice",
                            "values": [{"value": "x", "label": EVIL}]})),
    )  # fmt: skip
    key = start(office, "evil", title=EVIL, choice="x", odd=[{EVIL: EVIL}])
    office.do(AddComment(key, EVIL), CONSOLE)
    office.complete("a", title=EVIL, choice="x")
    return key


def test_an_empty_list_says_what_will_appear(signed_in: SignedIn) -> None:
    page = words(signed_in("staff").get("/cases"))
    assert "No cases here" in page and "Start a case" in page
    assert "这里没有案件" in words(signed_in("chen").get("/cases"))


def test_the_list_shows_searches_and_filters(signed_in: SignedIn, office: World) -> None:
    key = start(office)
    reference = office.instance(key).reference
    lead = signed_in("team-lead")
    page = words(lead.get("/cases"))
    assert reference in page and "Broken lamp" in page and "Running" in page
    assert reference in words(lead.get(f"/cases?q={reference[-4:].lower()}"))
    assert "Nothing fits “%nothing”" in words(lead.get("/cases?q=%25nothing"))
    assert reference not in words(lead.get("/cases?q=_____________"))
    for status in ("incident", "suspended", "completed", "cancelled", "nonsense"):
        assert reference not in words(lead.get(f"/cases?status={status}"))
    assert reference in words(lead.get("/cases?status=all&process=repair"))
    assert reference not in words(lead.get("/cases?status=all&process=other"))


@pytest.mark.parametrize("page", ["0", "-5", "99999999999999999999999999", "x", "", EVIL])
def test_absurd_page_numbers_show_a_page(signed_in: SignedIn, office: World, page: str) -> None:
    start(office)
    response = signed_in("team-lead").get("/cases", query_string={"page": page})
    assert response.status_code == 200 and "Broken lamp" in words(response)


@pytest.mark.parametrize(
    "path",
    ["/cases/1", f"/cases/{2**63}", f"/cases/{10**40}", "/cases/x", "/cases/-1", "/cases/diagrams/7",
     f"/cases/diagrams/{10**30}", "/cases/customer/1", f"/cases/customer/{10**30}"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(signed_in: SignedIn, path: str) -> None:
    assert signed_in("admin").get(path).status_code == 404


def test_staff_see_their_cases_only(signed_in: SignedIn, office: World) -> None:
    key = start(office)
    assert signed_in("staff").get(f"/cases/{key}").status_code == 200
    stranger = signed_in("chen")
    assert stranger.get(f"/cases/{key}").status_code == 404
    definition = office.instance(key).definition_key
    assert stranger.get(f"/cases/diagrams/{definition}").status_code == 404
    assert signed_in("staff").get(f"/cases/diagrams/{definition}").mimetype == "application/xml"


def test_the_page_tells_what_happened_and_what_is_open(signed_in: SignedIn, office: World) -> None:
    key = start(office)
    office.complete("look", finding="The bulb")
    page = words(signed_in("team-lead").get(f"/cases/{key}"))
    for text in ("Broken lamp", "Running", "completed “Look at it”", "Finding", "The bulb", "Mend it", "Workshop"):
        assert text in page


def test_in_chinese_the_texts_of_the_diagram_are_chinese(signed_in: SignedIn, office: World) -> None:
    key = start(office)
    office.do(AssignTask(office.tasks()[0].key, "chen"), CONSOLE)
    page = words(signed_in("chen").get(f"/cases/{key}"))
    assert "任务“查看”已派给Workshop" in page and "进行中" in page and "Look at it" not in page


def test_markup_in_names_and_data_stays_text(signed_in: SignedIn, hostile: int) -> None:
    admin = signed_in("admin")
    for path in (f"/cases/{hostile}", "/cases?status=all", f"/cases?q={EVIL}", "/audit", "/processes", "/operations"):
        page = admin.get(path).text
        assert "alert(" in page or path in ("/processes", "/operations")
        assert "<script>alert" not in page


def test_the_drawing_gets_its_data_unharmed(signed_in: SignedIn, hostile: int) -> None:
    page = signed_in("admin").get(f"/cases/{hostile}").text
    (data,) = re.findall(r'<script type="application/json">(\{"passed".*?)</script>', page, re.DOTALL)
    told = json.loads(data)
    assert told["passed"]["a"] == 1 and told["current"] == ["b"] and told["labels"]["a"] == EVIL


def test_notes_resting_and_ending(signed_in: SignedIn, office: World) -> None:
    key, admin = start(office), signed_in("admin")
    assert admin.post(f"/cases/{key}/comment", {"text": "The customer called."}).status_code == 303
    assert admin.post(f"/cases/{key}/comment", {"text": " "}).status_code == 422
    assert admin.post(f"/cases/{key}/suspend", {"reason": "Holidays"}).status_code == 303
    page = words(admin.get(f"/cases/{key}"))
    assert "noted: The customer called." in page and "At rest" in page and "put the case to rest: Holidays" in page
    admin.post(f"/cases/{key}/resume")
    assert "let the case go on" in words(admin.get(f"/cases/{key}"))
    assert admin.post(f"/cases/{key}/cancel", {"reason": ""}).status_code == 422
    admin.post(f"/cases/{key}/cancel", {"reason": "Filed twice"})
    page = words(admin.get(f"/cases/{key}"))
    assert "Ended early" in page and "ended the case early: Filed twice" in page and "End the case" not in page
    assert admin.post(f"/cases/{key}/cancel", {"reason": "again"}).status_code == 409


def test_staff_find_no_buttons_that_they_may_not_press(signed_in: SignedIn, office: World) -> None:
    page = words(signed_in("staff").get(f"/cases/{start(office)}"))
    assert "Add the note" in page
    for button in ("Verify", "End early", "Put to rest"):
        assert button not in page


def test_a_called_process_is_shown_with_its_case(signed_in: SignedIn, office: World) -> None:
    call = '<bpmn:callActivity id="call" name="Have it mended"><bpmn:extensionElements>' \
           '<zeebe:calledElement processId="repair"/></bpmn:extensionElements></bpmn:callActivity>'  # fmt: skip
    office.deploy(("outer.bpmn", diagram("outer", "<start/>" + call + "<end/>" + flow("start", "call", "end"))))
    key = start(office, "outer")
    (inner,) = [each.key for each in office.instances() if each.parent_key]
    admin = signed_in("admin")
    assert admin.get(f"/cases/{inner}").location == f"/cases/{key}?part={inner}"
    page = words(admin.get(f"/cases/{key}?part={inner}"))
    assert "outer" in page and "repair" in page and "Look at it" in page
    assert admin.get(f"/cases/{key}?part={10**30}").status_code == 200
