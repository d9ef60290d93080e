"""Every kind of page, in both languages and themes, is looked at by axe: nothing serious stands in anybody's way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import acts
from tests.browser.conftest import Somebody
from tests.browser.people import Person
from tests.browser.words import ROOT

AXE = ROOT / "webui" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
OFFICIALS = (("olga", "/processes"), ("adil", "/audit"), ("otto", "/operations"), ("admin", "/people"))
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CHECK = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
    .filter(found => %s.includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ')}`)"""


@dataclass
class Look:
    """What was found on the pages that were looked at."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def at(self, page: Page, address: str | None = None) -> None:
        if address is not None:
            page.goto(address)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text("utf-8"))
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            self.found[f"{page.url} {theme}"] = page.evaluate(CHECK % list(GRAVE))


@pytest.fixture
def look() -> Iterator[Look]:
    if not AXE.exists():
        pytest.skip("axe-core is not here; an install from the sources brings it")
    looked = Look()
    yield looked
    assert {page: faults for page, faults in looked.found.items() if faults} == {}


def test_axe_finds_what_is_in_the_way(browser: Browser) -> None:
    looked = Look()
    page = browser.new_page()
    page.set_content("<main><input><p style='color: #bbb'>faint</p></main>")
    looked.at(page)
    page.close()
    faults = [fault.partition(":")[0] for found in looked.found.values() for fault in found]
    assert {"color-contrast", "label"} <= set(faults)


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_nothing_serious_is_in_the_way(language: str, somebody: Somebody, look: Look) -> None:
    def person(username: str) -> Person:
        # without motion, since a colour on its way from one theme to the other is in neither
        return somebody(username, language, reduced_motion="reduce")

    customer = person("")
    filed = acts.file(customer)
    look.at(customer.page, filed.status_page)
    for address in ("/service", "/sign-in", "/no-such-page"):
        look.at(customer.page, address)
    customer.page.goto("/service")
    customer.page.get_by_role("link", name=customer.say("Complaint")).first.click()
    look.at(customer.page)

    anna = person("anna")
    anna.open_task("Assess the complaint", filed.reference)
    look.at(anna.page)
    anna.take()
    look.at(anna.page)
    for address in ("/inbox?view=groups", "/inbox?view=mine", "/start", "/account", "/cases"):
        look.at(anna.page, address)
    anna.open_case(filed.reference)
    look.at(anna.page)

    for username, address in OFFICIALS:
        official = person(username)
        look.at(official.page, address)
        links = official.page.locator("main a[href^='/']").evaluate_all("all => all.map(each => each.pathname)")
        for inner in sorted({link for link in links if link.startswith(address)})[:4]:
            look.at(official.page, inner)
    assert len(look.found) > 30
