"""A complaint from the customer's form to its close, in both languages, as people do it in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import acts
from tests.browser.conftest import Somebody
from tests.browser.people import Filed, Person
from tests.served import Served


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_a_complaint_is_worked_to_its_close(somebody: Somebody, server: Served, language: str) -> None:
    customer = somebody(language=language)
    filed = acts.file(customer)
    customer.sees("You hear from us by")
    anna, ben, lena, liu, dana = (somebody(name, language) for name in ("anna", "ben", "lena", "liu", "dana"))

    acts.assess(anna, filed)
    acts.investigate(lena, filed, "Service quality", "Operations")
    for person in (anna, ben):
        acts.give_opinion(person, filed)
    acts.propose(lena, filed, "Refund", "1200")
    acts.refuse_four_eyes(lena, filed)
    acts.approve(liu, filed)
    server.settle()
    acts.accept(customer, filed)
    acts.carry_out(dana, filed, server)
    server.settle()
    acts.rate(customer, filed)
    acts.find_cause(dana, filed, "Mistake of a person")
    server.settle()

    customer.page.goto(filed.status_page)
    customer.sees("This case is closed.")
    trace(somebody("adil", language), filed)
    assert server.broken_chains() == []


def trace(auditor: Person, filed: Filed) -> None:
    """The auditor reads why, sees where, and proves that nothing was altered."""
    auditor.open_case(filed.reference)
    expect(auditor.page.locator("figure.diagram .djs-shape.is-passed[data-element-id=approve]")).to_be_visible()
    why = auditor.say("Went on to “%(target)s” because %(condition)s", target=auditor.say("Send our decision"),
                      condition="")  # fmt: skip
    expect(auditor.timeline()).to_contain_text(why.strip())
    expect(auditor.timeline()).to_contain_text(auditor.say("Check the limit"))
    auditor.follow("Verify")
    expect(auditor.page.get_by_role("row").filter(has_text=filed.reference)).to_contain_text(auditor.say("holds"))
