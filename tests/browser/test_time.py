"""What time does to a case: reminder, escalation and the customer's silence, seen by turning the test clock."""

from __future__ import annotations

import datetime as dt
import re

from playwright.sync_api import expect

from tests.browser import acts
from tests.browser.conftest import Somebody
from tests.served import Served


def test_a_team_is_reminded_and_its_lead_steps_in(somebody: Somebody, server: Served) -> None:
    customer, anna, lena = somebody(), somebody("anna"), somebody("lena")
    filed = acts.file(customer)
    acts.assess(anna, filed)

    server.turn(hours=18, minutes=1)
    otto = somebody("otto")
    otto.page.goto("/operations/outbox")
    otto.sees(f"Reminder: complaint {filed.reference} / 提醒：投诉 {filed.reference}")
    lena.page.goto(f"/inbox?view=groups&q={filed.reference}")
    lena.sees("due soon")

    server.turn(hours=6)
    lena.page.goto(f"/inbox?view=groups&q={filed.reference}")
    lena.sees("overdue")
    lena.open_task("Take charge", filed.reference)
    lena.pick("Why is it late?", "Too much work")
    promised = server.clock().date() + dt.timedelta(days=3)
    lena.write_day("New date promised to the customer", promised)
    lena.write("What do you do about it?", "A second person helps.")
    lena.write("What we tell the customer", "We are sorry that you must wait.")
    lena.finish("Inform customer", "Take charge", filed.reference)
    server.settle()

    customer.page.goto(filed.status_page)
    expect(customer.page.locator(".promise time")).to_have_attribute("datetime", re.compile(f"^{promised}"))
    lena.open_case(filed.reference)
    lena.sees("The time came: %(place)s", place="75 % of the time is over")
    lena.sees("The time came: %(place)s", place="Time is up")


def test_silence_counts_as_acceptance(somebody: Somebody, server: Served) -> None:
    customer, anna, lena = somebody(), somebody("anna"), somebody("lena")
    filed = acts.file(customer)
    acts.assess(anna, filed)
    acts.investigate(lena, filed)
    acts.propose(lena, filed)
    server.settle()
    customer.page.goto(filed.status_page)
    expect(customer.page.get_by_role("link", name="Answer to our decision")).to_be_visible()

    server.turn(days=7, minutes=1)
    customer.page.reload()
    expect(customer.page.get_by_role("link", name="Answer to our decision")).to_have_count(0)
    lena.open_case(filed.reference)
    lena.sees("The time came: %(place)s", place="Seven days of silence")
    lena.sees("Find the root cause")
