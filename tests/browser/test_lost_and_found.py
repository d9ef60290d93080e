"""What was typed is never lost: not by a reload, an ended session, or a colleague who was faster."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser import acts
from tests.browser.conftest import Somebody
from tests.browser.people import Person

NOTE = "Note for the investigator"
TEXT = "The customer rang three times; each time she was promised a call."


def typing(person: Person, reference: str) -> None:
    person.open_task("Assess the complaint", reference)
    person.choose("What is the complaint about?", "Service")
    person.choose("Who is affected?", "Only this customer")
    person.choose("How serious is it?", "Minor: annoyance, no loss")
    person.write(NOTE, TEXT)


def expect_typed(person: Person) -> None:
    expect(person.page.get_by_role("textbox", name=NOTE)).to_have_value(TEXT)
    expect(person.page.get_by_role("radio", name="Minor: annoyance, no loss")).to_be_checked()


def test_a_draft_survives_a_reload_and_another_browser(somebody: Somebody) -> None:
    filed, anna = acts.file(somebody()), somebody("anna")
    typing(anna, filed.reference)
    expect(anna.page.get_by_role("status")).to_contain_text("Draft saved")
    anna.page.reload()
    expect_typed(anna)
    at_home = somebody("anna")
    at_home.open_task("Assess the complaint", filed.reference)
    expect_typed(at_home)


def test_a_lost_session_loses_no_text(somebody: Somebody) -> None:
    filed, anna = acts.file(somebody()), somebody("anna")
    typing(anna, filed.reference)
    anna.page.context.clear_cookies()
    anna.press("Save assessment")
    notice = anna.page.get_by_role("alert").first
    notice.get_by_role("link", name="Sign in").click()
    anna.page.get_by_label("User name").fill("anna")
    anna.page.get_by_label("Password").fill("casewright-demo")
    anna.press("Sign in")
    expect_typed(anna)
    anna.finish("Save assessment", "Assess the complaint", filed.reference)


def test_of_two_people_one_wins_and_the_other_keeps_the_text(somebody: Somebody) -> None:
    filed, anna, chen = acts.file(somebody()), somebody("anna"), somebody("chen")
    typing(chen, filed.reference)
    typing(anna, filed.reference)
    anna.finish("Save assessment", "Assess the complaint", filed.reference)
    chen.press("Save assessment")
    expect(chen.page.get_by_role("alert").first).to_contain_text("Anna Berg completed this task first")
    expect_typed(chen)
    chen.page.reload()
    chen.sees("Anna Berg completed this task")
    expect(chen.page.get_by_role("textbox", name=NOTE)).to_have_value(TEXT)
