"""What the form library would say by itself: dates in one order, and words that it does not translate."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

from tests.islands.conftest import Server
from webui import island_words
from webui.language import TRANSLATIONS

SCHEMA = {
    "type": "default", "id": "when", "schemaVersion": 19,
    "components": [
        {"type": "datetime", "subtype": "datetime", "id": "When_1", "key": "when", "dateLabel": "Day",
         "timeLabel": "Time", "timeSerializingFormat": "utc_offset", "timeInterval": 15, "use24h": True},
        {"type": "filepicker", "id": "File_1", "key": "file", "label": "Letter"},
    ],
}  # fmt: skip
FORM = f"""<div data-form data-action="/complete" data-storage="when">
  <script type="application/json">{json.dumps({"schema": SCHEMA, "data": {}, "draft": None})}</script>
  <div class="actions"><button class="button primary" type="button" data-form-submit>Send</button></div></div>"""


@pytest.fixture
def in_locale(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window of a browser in this country."""
    context = browser.new_context(locale=request.param)
    page = context.new_page()
    page.set_default_timeout(5000)
    yield page
    context.close()


@pytest.mark.parametrize(
    ("in_locale", "typed", "shown"),
    [
        ("en-GB", "30/11/2026", "30/11/2026"),
        ("en-GB", "11/30/2026", ""),
        ("en-GB", "2026-11-30", "30/11/2026"),
        ("en-GB", "31/02/2026", ""),
        ("en-GB", "1.12.2026", "01/12/2026"),
        ("en-GB", "next Monday", ""),
        ("en-GB", "30/11/26", ""),
        ("en-US", "11/30/2026", "11/30/2026"),
        ("en-US", "30/11/2026", ""),
        ("de-DE", "30.11.2026", "30.11.2026"),
        ("zh-CN", "2026/11/30", "2026/11/30"),
        ("zh-CN", "30/11/2026", ""),
    ],
    indirect=["in_locale"],
)  # fmt: skip
def test_a_date_is_taken_as_it_is_shown_or_not_at_all(
    server: Server, in_locale: Page, typed: str, shown: str
) -> None:
    in_locale.goto(server.show("form", FORM))
    day = in_locale.get_by_label("Day")
    day.fill(typed)
    day.press("Tab")
    in_locale.get_by_role("button", name="Send").focus()
    expect(day).to_have_value(shown)
    assert {character for character in day.get_attribute("placeholder") or "" if character.isalpha()} == set("dmy")


@pytest.mark.parametrize("in_locale", ["zh-CN"], indirect=True)
def test_the_library_s_own_words_are_in_chinese(
    server: Server, in_locale: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = read_po(io.BytesIO((TRANSLATIONS / "zh_Hans" / "LC_MESSAGES" / "messages.po").read_bytes()))
    chinese = {entry.id: entry.string for entry in catalogue if entry.string}
    monkeypatch.setattr(island_words, "gettext", lambda text: chinese.get(text, text))
    in_locale.goto(f"{server.show('form', FORM)}?lang=zh_Hans")
    expect(in_locale.get_by_role("button", name="选择文件")).to_be_visible()
    expect(in_locale.get_by_placeholder("时:分")).to_be_visible()
    expect(in_locale.get_by_placeholder("年/月/日")).to_be_visible()
    in_locale.get_by_label("Day").fill("2026/11/30")
    in_locale.get_by_label("Day").press("Tab")
    expect(in_locale.get_by_role("button", name="选择文件")).to_be_visible()
    assert "Browse" not in in_locale.inner_text("body")
    expect(in_locale.get_by_placeholder("hh:mm")).to_have_count(0)
