"""People at their browsers: what they do on the pages, said as they would say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.words import Words

PATIENCE_MILLISECONDS = 20_000


@dataclass(frozen=True)
class Filed:
    """What a customer holds after filing."""

    reference: str
    status_page: str


_PARTS_OF_DAYS = (
    ("yyyy", "%Y"), ("mm", "%m"), ("dd", "%d"), ("年", "%Y"), ("月", "%m"), ("日", "%d")
)  # fmt: skip


class Person:
    """Somebody in front of a browser, who reads one language; all texts are given in English."""

    def __init__(self, page: Page, say: Words, language: str) -> None:
        self.page = page
        self.say = say
        self.language = language
        self.troubles: list[str] = []
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    # --- anybody

    def press(self, name: str, **values: object) -> None:
        self.page.get_by_role("button", name=self.say(name, **values), exact=True).first.click()

    def follow(self, name: str, **values: object) -> None:
        self.page.get_by_role("link", name=self.say(name, **values), exact=True).first.click()

    def sees(self, text: str, **values: object) -> None:
        seen = self.page.get_by_text(self.say(text, **values)).filter(visible=True)
        expect(seen.first).to_be_visible(timeout=PATIENCE_MILLISECONDS)

    def write(self, field: str, text: str) -> None:
        self.page.get_by_role("textbox", name=self.say(field), exact=True).fill(text)

    def pick(self, field: str, option: str) -> None:
        self.page.get_by_role("combobox", name=self.say(field), exact=True).select_option(label=self.say(option))

    def write_day(self, field: str, day: dt.date) -> None:
        """Type a day as the field asks for it, which depends on the browser's language."""
        box = self.page.get_by_role("textbox", name=self.say(field), exact=True)
        pattern = (box.get_attribute("placeholder") or "").lower()
        for sign, part in _PARTS_OF_DAYS:
            pattern = pattern.replace(sign, part)
        box.fill(day.strftime(pattern))
        box.press("Tab")

    def choose(self, field: str, option: str) -> None:
        question = self.page.get_by_role("radiogroup", name=self.say(field), exact=True)
        question.get_by_role("radio", name=self.say(option), exact=True).check()

    def tick(self, field: str, *options: str) -> None:
        question = self.page.get_by_role("group", name=self.say(field), exact=True)
        for option in options:
            question.get_by_role("checkbox", name=self.say(option), exact=True).check()

    # --- staff

    def sign_in(self, username: str) -> None:
        """By the button of the demonstration."""
        self.page.goto("/sign-in")
        self.page.get_by_role("button", name=username, exact=True).click()
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        if (self.page.locator("html").get_attribute("lang") or "").replace("-", "_") != self.language:
            self.speak()

    def speak(self) -> None:
        """Have the pages in one's own language, whatever the account says."""
        names = {"en": "English", "zh_Hans": "简体中文"}
        self.page.locator(".top-tools summary").first.click()
        self.page.get_by_role("button", name=names[self.language], exact=True).click()
        expect(self.page.locator("html")).to_have_attribute("lang", self.language.replace("_", "-"))

    def open_task(self, task: str, reference: str) -> None:
        """Find a task of a case in the inbox and open it."""
        self.page.goto(f"/inbox?view=groups&q={reference}")
        if not self.page.get_by_role("link", name=self.say(task), exact=True).count():
            self.page.goto(f"/inbox?view=mine&q={reference}")
        self.follow(task)
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(self.say(task))

    def take(self) -> None:
        self.press("Take")
        expect(self.page.get_by_role("button", name=self.say("Give back"), exact=True)).to_be_visible()

    def finish(self, action: str, task: str, reference: str) -> None:
        """Press the button that completes the task, and be told that it is done."""
        self.press(action)
        self.sees("Done: %(task)s · %(case)s", task=self.say(task), case=reference)

    def open_case(self, reference: str) -> None:
        self.page.goto(f"/cases?status=all&q={reference}")
        self.page.get_by_role("link", name=reference, exact=True).first.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(reference)

    def timeline(self) -> Locator:
        return self.page.locator("#timeline .timeline")

    # --- customers

    def file_complaint(self, about: str, happened: str, wish: str, name: str, email: str) -> Filed:
        """File a complaint on the public page."""
        self.page.goto("/service")
        self.page.get_by_role("link", name=self.say("Complaint")).first.click()
        self.write("What happened?", happened)
        self.write("Which product or service is it about?", about)
        self.write("What should we do to put it right?", wish)
        self.write("Name", name)
        self.choose("Language of our letters", {"en": "English", "zh_Hans": "Simplified Chinese"}[self.language])
        self.write("E-mail", email)
        self.press("Send")
        self.sees("Your case number")
        reference = self.page.locator(".facts.large dd").first.inner_text()
        self.follow("See how your case stands")
        expect(self.page.get_by_text(reference)).to_be_visible()
        return Filed(reference, self.page.url)

    def answer(self, filed: Filed, question: str) -> None:
        """Open a question on the status page."""
        self.page.goto(filed.status_page)
        self.follow(question)
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(self.say(question))
