"""A browser on the whole product: one server for each file of tests, people in windows of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.people import Person
from tests.browser.words import words
from tests.served import Served, served

LOCALES = {"en": "en-GB", "zh_Hans": "zh-CN"}
Somebody = Callable[..., Person]


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served") / "data") as running:
        yield running


@pytest.fixture
def somebody(browser: Browser, server: Served) -> Iterator[Somebody]:
    """Makes people, each with a browser of his own; the test fails when a script of ours throws on any page."""
    people: list[Person] = []

    def make(username: str = "", language: str = "en", **window: object) -> Person:
        context = browser.new_context(locale=LOCALES[language], base_url=server.address,
                                      **{"viewport": {"width": 1280, "height": 900}, **window})  # fmt: skip
        person = Person(context.new_page(), words(language), language)
        people.append(person)
        if username:
            person.sign_in(username)
        return person

    yield make
    for person in people:
        person.page.context.close()
    assert [problem for person in people for problem in person.troubles] == []
    assert "Traceback" not in server.complaints_of_the_log()
