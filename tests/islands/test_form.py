"""Forms: filling in, being corrected, and never losing what was typed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.islands.conftest import Server
from webui import island_words

SCHEMA = {
    "type": "default",
    "id": "decision",
    "schemaVersion": 19,
    "components": [
        {"type": "textfield", "id": "Reason_1", "key": "reason", "label": "Reason", "validate": {"required": True}},
        {
            "type": "select", "id": "Kind_1", "key": "kind", "label": "Kind",
            "values": [{"label": "Refund", "value": "refund"}, {"label": "Gift", "value": "gift"}],
        },
        {"type": "number", "id": "Amount_1", "key": "amount", "label": "Amount", "decimalDigits": 2},
    ],
}  # fmt: skip


def form(draft: dict[str, Any] | None = None, saved_at: str = "") -> str:
    content = json.dumps({"schema": SCHEMA, "data": {"amount": 10}, "draft": draft})
    return f"""<div data-form data-action="/complete" data-draft-url="/draft" data-draft-saved-at="{saved_at}"
        data-storage="task-1-of-2"><script type="application/json">{content}</script>
        <div class="actions"><button class="button primary" type="button" data-form-submit>Send decision</button></div>
        </div>"""


@pytest.fixture
def filled(server: Server, page: Page) -> Page:
    """A form whose reason is typed."""
    server.answers["draft"] = {"saved_at": "2025-11-24T10:00:00Z"}, 200
    page.goto(server.show("form", form()))
    page.get_by_label("Reason").fill("It was our mistake")
    return page


def send(page: Page) -> None:
    page.get_by_role("button", name="Send decision").click()


def test_sends_what_was_filled_in_and_goes_where_the_server_says(server: Server, filled: Page) -> None:
    server.answers["complete"] = {"location": "/form?next"}, 200
    filled.get_by_label("Kind").select_option(label="Gift")
    send(filled)
    filled.wait_for_url("**/form?next")
    assert server.received["complete"] == [{"reason": "It was our mistake", "kind": "gift", "amount": 10}]
    assert server.tokens == {"token"}
    assert filled.evaluate("localStorage.length") == 0


def test_a_missing_answer_is_named_and_gets_the_focus(server: Server, page: Page) -> None:
    page.goto(server.show("form", form()))
    send(page)
    expect(page.get_by_role("alert").get_by_role("link", name="Reason – Field is required.")).to_be_visible()
    expect(page.get_by_label("Reason")).to_be_focused()
    assert "complete" not in server.received


def test_problems_of_the_server_stand_at_their_fields(server: Server, filled: Page) -> None:
    problems = [
        {"message": "Too much for a gift.", "element": "Amount_1", "field": ["amount"]},
        {"message": "The budget is spent.", "element": None, "field": []},
    ]
    server.answers["complete"] = {"message": "Not yet.", "problems": problems}, 422
    send(filled)
    notice = filled.get_by_role("alert").first
    expect(notice.get_by_role("link", name="Amount – Too much for a gift.")).to_be_visible()
    expect(notice).to_contain_text("The budget is spent.")
    expect(filled.get_by_label("Amount")).to_be_focused()
    expect(filled.get_by_label("Reason")).to_have_value("It was our mistake")


def test_the_draft_is_saved_while_one_types(server: Server, filled: Page) -> None:
    expect(filled.get_by_role("status")).to_contain_text("Draft saved")
    assert server.received["draft"][-1]["reason"] == "It was our mistake"
    assert filled.evaluate("localStorage.length") == 0


def test_the_draft_of_the_server_is_filled_in(server: Server, page: Page) -> None:
    page.goto(server.show("form", form({"reason": "From yesterday"}, "2025-11-23T10:00:00Z")))
    expect(page.get_by_label("Reason")).to_have_value("From yesterday")
    expect(page.get_by_label("Amount")).to_have_value("10")


def test_typing_survives_a_crash_without_connection(server: Server, page: Page) -> None:
    server.answers["draft"] = {"saved_at": "2025-11-24T10:00:00Z"}, 200
    page.goto(server.show("form", form()))
    page.route("**/draft", lambda route: route.abort())
    page.get_by_label("Reason").fill("Typed in a tunnel")
    expect(page.get_by_role("status")).to_contain_text("out of reach")
    page.unroute("**/draft")
    page.reload()
    expect(page.get_by_label("Reason")).to_have_value("Typed in a tunnel")
    expect(page.get_by_text("was not saved, so it is put back")).to_be_visible()
    expect(page.get_by_role("status").last).to_contain_text("Draft saved")
    page.get_by_role("button", name="Start afresh").click()
    expect(page.get_by_label("Reason")).to_have_value("")


def test_an_older_copy_is_offered_not_forced(server: Server, page: Page) -> None:
    page.goto(server.show("form", form({"reason": "From the other device"}, "2099-01-01T10:00:00Z")))
    copy = {"values": {"reason": "Typed here"}, "at": 0, "base": "2025-11-23T10:00:00Z"}
    page.evaluate("v => localStorage.setItem('casewright:task-1-of-2', JSON.stringify({...v, at: Date.now()}))", copy)
    page.reload()
    expect(page.get_by_label("Reason")).to_have_value("From the other device")
    page.get_by_role("button", name="Use the text typed here").click()
    expect(page.get_by_label("Reason")).to_have_value("Typed here")


def test_an_expired_session_loses_nothing(server: Server, filled: Page) -> None:
    server.answers["draft"] = {"message": "You have been signed out.", "sign_in": "/form?signed-in"}, 401
    filled.get_by_label("Reason").fill("Still typing")
    notice = filled.get_by_role("alert").first
    expect(notice).to_contain_text("You have been signed out.")
    server.answers["draft"] = {"saved_at": "2025-11-24T11:00:00Z"}, 200
    notice.get_by_role("link", name="Sign in").click()
    expect(filled.get_by_label("Reason")).to_have_value("Still typing")


def test_who_comes_second_is_told_and_keeps_the_text(server: Server, filled: Page) -> None:
    server.answers["complete"] = {"message": "Zhang Wei completed this task at 10:12.", "problems": []}, 409
    send(filled)
    expect(filled.get_by_role("alert").first).to_contain_text("Zhang Wei completed this task at 10:12.")
    expect(filled.get_by_label("Reason")).to_have_value("It was our mistake")
    assert "It was our mistake" in filled.evaluate("localStorage.getItem('casewright:task-1-of-2')")


def test_speaks_the_readers_language(server: Server, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(island_words, "gettext", lambda text: {"Field is required.": "此项为必填项"}.get(text, text))
    page.goto(server.show("form", form()) + "?lang=zh_Hans")
    send(page)
    expect(page.get_by_role("alert").get_by_role("link", name="Reason – 此项为必填项")).to_be_visible()


def test_options_are_grouped_under_their_question(server: Server, page: Page) -> None:
    options = [{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]
    components = [
        {"type": kind, "id": kind, "key": kind, "label": f"Which {kind}?", "values": options}
        for kind in ("radio", "checklist", "taglist")
    ]
    server_form = form().replace(json.dumps(SCHEMA), json.dumps({**SCHEMA, "components": components}))
    page.goto(server.show("form", server_form))
    page.get_by_role("radiogroup", name="Which radio?").get_by_role("radio", name="Yes").check()
    for kind in ("checklist", "taglist"):
        page.get_by_role("group", name=f"Which {kind}?").get_by_role("checkbox", name="No").check()


def test_the_mark_of_the_library_stays_visible(server: Server, page: Page) -> None:
    page.goto(server.show("form", form()))
    expect(page.get_by_title("Powered by bpmn.io")).to_be_visible()
