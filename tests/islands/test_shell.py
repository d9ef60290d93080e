"""What every page has: keys, the theme, menus."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.islands.conftest import Server

BODY = """<input type="search" aria-label="Find"><details class="menu"><summary>Li Na</summary><ul><li>
<button data-set-theme="dark">Dark</button></li></ul></details>
<ul class="rows"><li data-row><a class="row-link" href="#one">One</a><button data-key="c">Claim</button></li>
<li data-row><a class="row-link" href="#two">Two</a><button data-key="c">Claim</button></li></ul>
<time datetime="2020-01-01T00:00:00Z" data-when="both">soon · 1 Jan</time>"""


@pytest.fixture
def shell(server: Server, page: Page) -> Page:
    page.goto(server.show("shell", BODY))
    claim = "(button, i) => { button.onclick = () => { button.textContent = `Claimed ${i}`; }; }"
    page.evaluate(f"document.querySelectorAll('[data-key]').forEach({claim})")
    return page


def test_rows_are_walked_and_opened_by_keys(shell: Page) -> None:
    shell.keyboard.press("j")
    expect(shell.get_by_role("link", name="One")).to_be_focused()
    shell.keyboard.press("j")
    shell.keyboard.press("c")
    expect(shell.get_by_text("Claimed 1")).to_be_visible()
    shell.keyboard.press("k")
    shell.keyboard.press("Enter")
    assert shell.url.endswith("#one")


def test_slash_searches_and_typing_is_left_alone(shell: Page) -> None:
    shell.keyboard.press("/")
    expect(shell.get_by_label("Find")).to_be_focused()
    shell.keyboard.type("jc?")
    expect(shell.get_by_label("Find")).to_have_value("jc?")


def test_the_question_mark_lists_the_keys(shell: Page) -> None:
    shell.keyboard.press("?")
    expect(shell.get_by_role("dialog", name="Keys")).to_contain_text("Claim")
    shell.keyboard.press("Escape")
    expect(shell.get_by_role("dialog")).to_have_count(0)


def test_the_theme_is_kept(shell: Page) -> None:
    shell.get_by_text("Li Na").click()
    shell.get_by_role("button", name="Dark").click()
    shell.reload()
    expect(shell.locator("html")).to_have_attribute("data-theme", "dark")


def test_escape_closes_a_menu(shell: Page) -> None:
    shell.get_by_text("Li Na").click()
    shell.keyboard.press("Escape")
    expect(shell.get_by_role("button", name="Dark")).to_be_hidden()
    expect(shell.locator("summary")).to_be_focused()
