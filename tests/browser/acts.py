"""The steps of a complaint as the people who do them take them, page by page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.people import Filed, Person
from tests.served import Served

COMPLAINTS = {
    "en": {"about": "Order 4711", "happened": "Your driver shouted at me and threw the parcel over the fence.",
           "wish": "An apology, and my money back.", "name": "Maria Rossi", "email": "maria@example.org"},
    "zh_Hans": {"about": "订单 4711", "happened": "送货员态度恶劣，把包裹扔过了围墙。",
                "wish": "请道歉并退款。", "name": "王小红", "email": "wang@example.org"},
}  # fmt: skip
REPLY = {"en": "We are sorry. This must not happen; you get your money back within five days.",
         "zh_Hans": "非常抱歉给您带来不便。我们会在五天之内把全部款项退还到您的账户，并与司机谈话。"}  # fmt: skip


def file(customer: Person) -> Filed:
    return customer.file_complaint(**COMPLAINTS[customer.language])


def assess(person: Person, filed: Filed) -> None:
    person.open_task("Assess the complaint", filed.reference)
    person.take()
    person.choose("What is the complaint about?", "Staff attitude")
    person.choose("Who is affected?", "Only this customer")
    person.choose("How serious is it?", "Moderate: loss of time or a small sum")
    person.finish("Save assessment", "Assess the complaint", filed.reference)


def investigate(person: Person, filed: Filed, *departments: str) -> None:
    person.open_task("Investigate", filed.reference)
    person.write("What did you find out?", "The camera of the van shows it.")
    person.choose("Is the complaint justified?", "Yes, fully")
    person.tick("Departments whose opinion you need", *departments)
    person.finish("Finish investigation", "Investigate", filed.reference)


def give_opinion(person: Person, filed: Filed) -> None:
    person.open_task("Department's opinion", filed.reference)
    person.choose("Does it lie with your department?", "In part")
    person.write("Your department's opinion", "The route was too long for one driver.")
    person.finish("Give opinion", "Department's opinion", filed.reference)


def propose(person: Person, filed: Filed, remedy: str = "Explanation or apology", amount: str = "") -> None:
    person.open_task("Propose a resolution", filed.reference)
    person.pick("What do we offer?", remedy)
    if amount:
        person.write("Amount", amount)
        person.write("What exactly will be done, by whom, by when?", "Finance pays within five days.")
    person.write("Reply to the customer", REPLY[person.language])
    person.finish("Propose resolution", "Propose a resolution", filed.reference)


def refuse_four_eyes(proposer: Person, filed: Filed) -> None:
    """Who proposed may look at the approval, but not decide."""
    proposer.open_case(filed.reference)
    proposer.follow("Approve the resolution")
    proposer.sees("You did the step that this one checks, so somebody else must do it.")
    expect(proposer.page.get_by_role("button", name=proposer.say("Decide"), exact=True)).to_have_count(0)


def approve(person: Person, filed: Filed) -> None:
    person.open_task("Approve the resolution", filed.reference)
    person.choose("Your decision", "Approve")
    person.finish("Decide", "Approve the resolution", filed.reference)


def carry_out(person: Person, filed: Filed, server: Served) -> None:
    person.open_task("Carry out the resolution", filed.reference)
    person.write("What was done?", "Paid back.")
    person.write_day("Done on", server.clock().date())
    person.write("Payment reference", "P-2026-118")
    person.finish("Report as done", "Carry out the resolution", filed.reference)


def find_cause(person: Person, filed: Filed, cause: str) -> None:
    person.open_task("Find the root cause", filed.reference)
    person.tick("What have you checked?", "Were the people trained for it?")
    person.pick("Root cause", cause)
    person.write("Similar cases in the last 12 months", "0")
    person.write("How did it come about?", "One driver, one bad day.")
    person.finish("Save root cause", "Find the root cause", filed.reference)


def accept(customer: Person, filed: Filed) -> None:
    customer.answer(filed, "Answer to our decision")
    customer.choose("Do you accept this decision?", "Yes, I accept it")
    customer.press("Send")
    customer.sees("Thank you, we have your answer.")


def rate(customer: Person, filed: Filed) -> None:
    customer.answer(filed, "Satisfaction with our handling")
    customer.choose("How satisfied are you with how we handled your complaint?", "Satisfied")
    customer.press("Send")
    customer.sees("Thank you, we have your answer.")
