"""How people draw: on the canvas, in the panel, and what the server then has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person


@dataclass(frozen=True)
class Drawing:
    """The diagram editor as somebody has it open."""

    person: Person

    @property
    def page(self) -> Page:
        return self.person.page

    @property
    def state(self) -> Locator:
        return self.page.locator("[data-file-state]")

    @property
    def problems(self) -> Locator:
        return self.page.locator("[data-problems] li")

    def open(self, address: str) -> Drawing:
        self.page.goto(address)
        expect(self.page.locator("[data-modeler][data-ready]")).to_be_visible()
        return self

    def element(self, id: str) -> Locator:
        return self.page.locator(f"g.djs-element[data-element-id='{id}']").first

    def select(self, id: str) -> None:
        # an open menu may lie over it
        self.page.locator(".djs-container svg").first.click(position={"x": 500, "y": 20})
        self.element(id).locator(".djs-hit").first.click(force=True)

    def append_task(self, after: str) -> str:
        """A task behind an element; its id."""
        self.select(after)
        self.page.locator(".djs-context-pad [data-action='append.append-task']").click()
        self.page.keyboard.press("Escape")
        return self.selected("Activity_")

    def become(self, kind: str) -> str:
        """What is selected becomes another kind of element; its new id."""
        self.page.locator(".djs-context-pad [data-action='replace']").click()
        self.page.locator(f".djs-popup [data-id='{kind}']").click()
        return self.selected("Activity_")

    def selected(self, prefix: str) -> str:
        chosen = self.page.locator(f"g.djs-element.selected[data-element-id^='{prefix}']").last
        expect(chosen).to_be_attached()
        return str(chosen.get_attribute("data-element-id"))

    def field(self, id: str) -> Locator:
        """A field of the panel; its group is opened when it is folded."""
        entry = self.page.locator(f"[data-entry-id='{id}']")
        expect(entry).to_be_attached()
        group = entry.locator("xpath=ancestor::*[@data-group-id][1]").locator(".bio-properties-panel-group-header")
        if "open" not in (group.get_attribute("class") or "").split():
            group.click()
        return entry.locator("input, select, textarea").first

    def saved(self) -> str:
        """What the server has when everything is saved."""
        expect(self.state).to_have_text(self.person.say("Saved"))
        response = self.page.request.get(re.sub(r"[?#].*", "", self.page.url) + "/content")
        return response.text()
