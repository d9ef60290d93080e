"""Files of a project in their editors: no change is lost, whatever happens to the network, the session and others."""

from __future__ import annotations

import difflib
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Somebody
from tests.browser.people import Person

FORM = "complaint-approval.form"
TABLE = "compensation-limit.dmn"
STATE = "[data-file-state]"
MOST_LINES = 12


@pytest.fixture
def owner(somebody: Somebody) -> Person:
    return somebody("olga")


def opened(owner: Person, process: str = "complaint-handling") -> str:
    """A new change of a process; its address."""
    owner.page.goto("/projects")
    owner.page.select_option("#process_id", process)
    owner.page.click("form[action$=open] button")
    owner.page.wait_for_url(re.compile(r"/projects/\d+$"))
    return owner.page.url


def edit(page: Page, address: str, name: str = FORM) -> None:
    page.goto(f"{address}/files/{name}")
    expect(page.locator("[data-ready]")).to_be_attached()


def change_form(page: Page, component: str = "Separator") -> None:
    page.locator(f'.fjs-palette-field[data-field-type="{component.lower()}"]').press("Enter")


def change_table(page: Page, answer: str = "null") -> None:
    """Another answer in the first row."""
    page.locator("td.output-cell").first.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(answer)
    page.locator("td.output-cell").nth(1).click()


def text_of(page: Page, address: str, name: str = FORM) -> str:
    return page.request.get(f"{address}/files/{name}/content").text()


def says(page: Page, text: str) -> None:
    expect(page.locator(STATE)).to_contain_text(text)


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_a_change_is_saved_by_itself_and_makes_a_small_difference(owner: Person) -> None:
    address = opened(owner)
    for name, change in ((FORM, change_form), (TABLE, change_table)):
        before = text_of(owner.page, address, name)
        edit(owner.page, address, name)
        change(owner.page)
        says(owner.page, "Saved")
        lines = changed_lines(before, text_of(owner.page, address, name))
        assert 0 < len(lines) <= MOST_LINES, lines


def test_a_change_that_is_taken_back_leaves_every_byte_as_it_was(owner: Person) -> None:
    address = opened(owner)
    for name, change, change_back in (
        (FORM, change_form, lambda page: page.locator("[data-canvas]").press("Control+z")),
        (TABLE, change_table, lambda page: change_table(page, "true")),
    ):
        before = text_of(owner.page, address, name)
        edit(owner.page, address, name)
        change(owner.page)
        says(owner.page, "Saved")
        change_back(owner.page)
        expect(owner.page.locator(STATE)).to_have_text("")
        says(owner.page, "Saved")
        assert text_of(owner.page, address, name) == before


def test_who_saves_second_is_asked_and_nothing_is_lost(owner: Person, somebody: Somebody) -> None:
    address = opened(owner)
    edit(owner.page, address)
    other = somebody("admin").page
    edit(other, address)
    expect(other.locator("[data-file-other]")).to_contain_text("Olga Marin")
    change_form(other)
    says(other, "Saved")
    change_form(owner.page, "Spacer")
    dialog = owner.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Decide later").click()
    owner.page.get_by_role("button", name="Decide …").click()
    with owner.page.expect_download() as theirs:
        dialog.get_by_role("button", name="Save mine instead").click()
    assert '"separator"' in theirs.value.path().read_text("utf-8")
    says(owner.page, "Saved")
    assert '"spacer"' in text_of(owner.page, address)
    change_form(other)
    with other.expect_download() as mine:
        other.get_by_role("dialog").get_by_role("button", name="Go on with theirs").click()
    assert '"separator"' in mine.value.path().read_text("utf-8")
    expect(other.locator("[data-canvas] .fjs-form-field-spacer")).to_be_attached()


def test_without_the_server_a_change_is_kept_and_saved_when_it_is_back(owner: Person) -> None:
    address = opened(owner)
    edit(owner.page, address)
    owner.page.context.set_offline(True)
    change_form(owner.page)
    says(owner.page, "kept on this device")
    owner.page.context.set_offline(False)
    says(owner.page, "Saved")
    assert '"separator"' in text_of(owner.page, address)


def test_after_a_crash_the_change_is_put_back(owner: Person) -> None:
    address = opened(owner)
    edit(owner.page, address)
    owner.page.route("**/files/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    change_form(owner.page)
    says(owner.page, "kept on this device")
    crashed, owner.page = owner.page, owner.page.context.new_page()
    crashed.close(run_before_unload=False)
    edit(owner.page, address)
    says(owner.page, "Saved")
    assert '"separator"' in text_of(owner.page, address)


def test_a_change_while_a_save_is_on_its_way_is_saved_after_it(owner: Person) -> None:
    address = opened(owner)
    edit(owner.page, address)
    held: list[Route] = []
    pattern = f"**/files/{FORM}"

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.continue_()

    owner.page.route(pattern, hold)
    change_form(owner.page)
    owner.page.keyboard.press("Control+s")
    says(owner.page, "Saving …")
    change_form(owner.page, "Spacer")
    owner.page.keyboard.press("Control+s")
    assert len(held) == 1
    with owner.page.expect_response(lambda reply: "spacer" in (reply.request.post_data or "") and FORM in reply.url):
        held[0].continue_()
    says(owner.page, "Saved")
    expect(owner.page.locator(STATE)).to_have_attribute("data-kind", "done")
    saved = text_of(owner.page, address)
    assert '"separator"' in saved
    assert '"spacer"' in saved


def test_who_was_signed_out_signs_in_again_beside_it_and_goes_on(owner: Person) -> None:
    address = opened(owner)
    edit(owner.page, address)
    owner.page.context.clear_cookies()
    change_form(owner.page)
    says(owner.page, "You have been signed out")
    with owner.page.expect_popup() as popup:
        owner.page.locator(STATE).get_by_role("button", name="Sign in").click()
    popup.value.get_by_role("button", name="olga", exact=True).click()
    popup.value.wait_for_url(lambda url: "/sign-in" not in url)
    popup.value.close()
    owner.page.evaluate("dispatchEvent(new Event('focus'))")
    says(owner.page, "Saved")
    assert '"separator"' in text_of(owner.page, address)


def test_two_windows_of_the_same_person_do_not_overwrite_each_other(owner: Person) -> None:
    address = opened(owner)
    edit(owner.page, address)
    second = owner.page.context.new_page()
    edit(second, address)
    change_form(second)
    says(second, "Saved")
    says(owner.page, "another window")
    owner.page.get_by_role("button", name="Load it").click()
    owner.page.wait_for_load_state()
    expect(owner.page.locator("[data-ready]")).to_be_attached()
    change_form(owner.page, "Spacer")
    says(owner.page, "Saved")
    assert '"separator"' in text_of(owner.page, address)


def test_who_may_only_look_gets_the_form_and_the_table_without_tools(owner: Person, somebody: Somebody) -> None:
    address = opened(owner)
    auditor = somebody("adil").page
    auditor.goto(f"{address}/files/{FORM}")
    expect(auditor.get_by_label("What do we offer?")).to_be_visible()
    assert auditor.locator(".fjs-palette-container, [data-save]").count() == 0
    edit(auditor, address, TABLE)
    expect(auditor.locator("td.output-cell").first).to_be_visible()
    assert auditor.locator(".add-rule, [data-save], [data-trial]").count() == 0


def test_a_table_is_tried_and_the_row_that_applies_is_marked(owner: Person) -> None:
    address = opened(owner)
    edit(owner.page, address, TABLE)
    trial = owner.page.locator("[data-trial]")
    trial.get_by_label("Amount").fill("700")
    trial.get_by_role("button", name="Decide").click()
    expect(trial.get_by_role("status")).to_contain_text("Compensation limit: row 3")
    marked = owner.page.locator("td.rule-index").nth(2)
    expect(marked).to_have_css("background-color", "rgb(213, 240, 220)")


def test_the_preview_follows_the_editor(owner: Person) -> None:
    address = opened(owner)
    edit(owner.page, address)
    preview = owner.page.frame_locator("[data-preview]")
    expect(preview.get_by_label("What do we offer?")).to_be_visible()
    owner.page.locator('.fjs-palette-field[data-field-type="checkbox"]').press("Enter")
    expect(preview.get_by_role("checkbox", name="Checkbox")).to_be_attached()


def test_in_chinese_the_editors_say_their_own_words_in_chinese(somebody: Somebody) -> None:
    owner = somebody("olga", "zh_Hans")
    address = opened(owner)
    edit(owner.page, address)
    expect(owner.page.locator(".fjs-palette-container")).to_contain_text("单行文本")
    edit(owner.page, address, TABLE)
    expect(owner.page.locator(".hit-policy")).to_contain_text("命中策略")
    expect(owner.page.locator("[data-policy]")).to_have_text("以第一条适用的规则为准。")
