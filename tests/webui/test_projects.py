"""The pages on which a process owner changes a process before it is put into force."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.model import Definition, Project
from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]


def opened(owner: Browser) -> str:
    response = owner.post("/projects/open", {"process_id": "repair"})
    assert response.status_code == 303
    return str(response.location)


def send(owner: Browser, address: str, data: Any) -> TestResponse:
    return owner.client.post(
        address, data=json.dumps(data), content_type="application/json",
        headers={"X-CSRF-Token": owner.token, "Accept": "application/json"},
    )  # fmt: skip


@pytest.fixture
def owner(signed_in: SignedIn) -> Browser:
    return signed_in("process-owner")


def test_a_process_is_opened_changed_and_published(owner: Browser, office: World) -> None:
    address = opened(owner)
    assert "repair.bpmn" in words(owner.get(address))
    text = owner.get(f"{address}/files/repair.bpmn/content").get_data(as_text=True)
    saved = send(owner, f"{address}/files/repair.bpmn", {"content": text.replace("Look", "Peer"), "revision": 1})
    assert saved.get_json() == {"revision": 2}
    assert "changed" in words(owner.get(address))
    published = owner.post(f"{address}/publish", {"note": "Peering is better.", "label": "autumn"})
    assert published.status_code == 303
    assert "published repair" not in words(owner.get(address))
    newest = office.rows(
        select(Definition.version).where(Definition.definition_id == "repair").order_by(Definition.version.desc())
    )
    assert newest[0] >= 2


def test_a_save_upon_an_older_revision_is_refused_with_who_was_first(owner: Browser, signed_in: SignedIn) -> None:
    address = f"{opened(owner)}/files/repair.bpmn"
    send(signed_in("admin"), address, {"content": "hers", "revision": 1})
    refused = send(owner, address, {"content": "mine", "revision": 1})
    assert refused.status_code == 409
    assert refused.get_json()["revision"] == 2
    page = owner.post(address, {"text": "mine", "revision": "1"})
    assert page.status_code == 409
    assert "hers" in words(page) and "mine" in words(page)


def test_problems_are_told_for_what_stands_in_an_editor(owner: Browser) -> None:
    address = opened(owner)
    told = send(owner, f"{address}/check", {"files": {"repair.bpmn": "<oh"}}).get_json()["problems"]
    assert {problem["resource"] for problem in told} == {"repair.bpmn"}
    assert send(owner, f"{address}/check", {}).get_json()["problems"] == []


def test_nothing_without_a_note_is_published(owner: Browser) -> None:
    address = opened(owner)
    text = owner.get(f"{address}/files/repair.bpmn/content").get_data(as_text=True)
    send(owner, f"{address}/files/repair.bpmn", {"content": text.replace("Look", "Peer"), "revision": 1})
    refused = owner.post(f"{address}/publish", {"note": " "})
    assert refused.status_code == 422
    assert "Expected a note" in words(refused)


def test_new_files_begin_sound(owner: Browser) -> None:
    address = opened(owner)
    for kind, name in (("form", "Call the customer"), ("decision", "Who calls"), ("process", "Calling")):
        assert owner.post(f"{address}/files", {"kind": kind, "name": name}).status_code == 303
    problems = send(owner, f"{address}/check", {}).get_json()["problems"]
    assert [problem for problem in problems if problem["resource"] != "who-calls.dmn"] == []
    assert "call-the-customer.form" in words(owner.get(address))


def test_a_new_process_begins_with_a_drawing_that_could_be_published(owner: Browser) -> None:
    response = owner.post("/projects/new", {"name": "售后 Return & <refund>"})
    address = str(response.location)
    assert send(owner, f"{address}/check", {}).get_json()["problems"] == []


def test_files_come_out_as_an_archive(owner: Browser) -> None:
    address = opened(owner)
    with zipfile.ZipFile(io.BytesIO(owner.get(f"{address}/download").data)) as archive:
        assert "repair.bpmn" in archive.namelist()


def test_files_are_left_out_put_back_and_reverted(owner: Browser) -> None:
    address = opened(owner)
    file = f"{address}/files/repair.bpmn"
    owner.post(f"{file}/remove")
    assert "left out" in words(owner.get(address))
    owner.post(f"{file}/put_back")
    send(owner, file, {"content": "oh", "revision": 1})
    owner.post(f"{file}/revert")
    assert ">changed<" not in owner.get(address).get_data(as_text=True)
    assert owner.post(f"{file}/explode").status_code == 404


def test_what_is_given_up_is_listed_as_such(owner: Browser, office: World) -> None:
    address = opened(owner)
    owner.post(f"{address}/discard")
    assert office.rows(select(Project.status).where(Project.key == int(address.rsplit("/", 1)[1]))) == ["discarded"]
    assert "Given up" in words(owner.get("/projects?state=closed"))


def test_the_second_editor_is_told(owner: Browser, signed_in: SignedIn) -> None:
    address = f"{opened(owner)}/files/repair.bpmn/presence"
    assert send(owner, address, {}).get_json() == {"other": None}
    assert send(signed_in("admin"), address, {}).get_json()["other"]


def test_a_form_is_shown_as_people_see_it_in_a_frame_of_our_own_pages_alone(owner: Browser) -> None:
    address = opened(owner)
    owner.post(f"{address}/files", {"kind": "form", "name": "Opinion"})
    page = owner.get(f"{address}/files/opinion.form/preview")
    assert page.status_code == 200
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    assert owner.get(f"{address}/files/repair.bpmn/preview").status_code == 404
    send(owner, f"{address}/files/opinion.form", {"content": "[no schema", "revision": 1})
    assert owner.get(f"{address}/files/opinion.form/preview").status_code == 404
    assert "Text of the file" in words(owner.get(f"{address}/files/opinion.form"))


def test_a_file_of_text_shows_its_problems_with_their_lines(owner: Browser) -> None:
    address = opened(owner)
    page = owner.get(f"{address}/texts")
    owner.post(f"{address}/texts", {hashlib.sha256(b"Mend it").hexdigest()[:16]: "修理"})
    name = next(name for name in words(owner.get(address)).split() if name.endswith(".po"))
    send(owner, f"{address}/files/{name}", {"content": 'msgid "a"\nmsgstr "b"\nnonsense\n', "revision": 2})
    page = owner.get(f"{address}/files/{name}")
    assert "This is no gettext catalogue" in words(page)
    assert "line " in words(page)


def test_a_decision_is_tried_with_typed_values_and_says_which_rows_apply(owner: Browser) -> None:
    address = opened(owner)
    owner.post(f"{address}/files", {"kind": "decision", "name": "limit"})
    file = f"{address}/files/limit.dmn"
    asked = send(owner, f"{file}/try", {"content": LIMIT, "decision": "limit", "values": None}).get_json()
    assert [(each["name"], each["kind"]) for each in asked["asked"]] == [("amount", "number"), ("region", "string")]
    tried = {"content": LIMIT, "decision": "limit", "values": {"amount": "700", "region": "north"}}
    made = send(owner, f"{file}/try", tried).get_json()
    assert made["value"] == '"much"'
    assert made["made"][0]["rules"] == [{"index": 1, "id": "rule1"}]
    wrong = send(owner, f"{file}/try", tried | {"values": {"amount": "7 +"}}).get_json()
    assert [each["name"] for each in wrong["problems"]] == ["amount"]
    assert send(owner, f"{file}/try", tried | {"decision": "other"}).status_code == 404
    assert send(owner, f"{file}/try", tried | {"content": "<no"}).status_code == 422
    assert send(owner, f"{file}/try", {"content": 5}).status_code == 400


def test_texts_get_translations_and_the_catalogue_keeps_its_other_lines(owner: Browser, office: World) -> None:
    address = opened(owner)
    page = owner.get(f"{address}/texts")
    field = hashlib.sha256(b"Mend it").hexdigest()[:16]
    assert f'name="{field}"' in page.get_data(as_text=True)
    owner.post(f"{address}/texts", {field: "查看\n仔细"})
    files = [name for name in words(owner.get(address)).split() if name.endswith(".po")]
    content = owner.get(f"{address}/files/{files[0]}/content").get_data(as_text=True)
    assert content.endswith('#: repair.bpmn\nmsgid "Mend it"\nmsgstr ""\n"查看\\n"\n"仔细"\n')
    assert f'name="{field}"' not in owner.get(f"{address}/texts").get_data(as_text=True)
    owner.post(f"{address}/texts?show=all", {field: "查看"})
    again = owner.get(f"{address}/files/{files[0]}/content").get_data(as_text=True)
    assert again == content.replace('msgstr ""\n"查看\\n"\n"仔细"\n', 'msgstr "查看"\n')


LIMIT = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="Limit" namespace="urn:limit">
  <decision id="limit" name="Limit"><decisionTable id="t" hitPolicy="FIRST">
    <input id="i1" label="Amount">
      <inputExpression id="e1" typeRef="number"><text>amount</text></inputExpression></input>
    <input id="i2" label="Region">
      <inputExpression id="e2" typeRef="string"><text>region</text></inputExpression></input>
    <output id="o1" name="limit" typeRef="string" />
    <rule id="rule1"><inputEntry id="c1"><text>&gt; 500</text></inputEntry>
      <inputEntry id="c2"><text>"north"</text></inputEntry><outputEntry id="c3"><text>"much"</text></outputEntry></rule>
    <rule id="rule2"><inputEntry id="c4"><text>-</text></inputEntry>
      <inputEntry id="c5"><text>-</text></inputEntry><outputEntry id="c6"><text>"little"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def test_a_new_process_begins_with_a_copy(owner: Browser) -> None:
    response = owner.post("/projects/new", {"name": "Mending bikes", "copy_of": "repair", "with_all": "1"})
    assert response.status_code == 303
    page = words(owner.get(str(response.location)))
    assert "mending-bikes.bpmn" in page and "mending-bikes-looked.form" in page
    assert send(owner, f"{response.location}/check", {}).get_json()["problems"] == []
