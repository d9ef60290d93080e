"""What a process owner does with the complaint process, from the first look to the return, in the browser alone."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select

from engine.commands import AnswerForCustomer, CompleteTask, StartInstance
from engine.model import ProcessInstance, Subscription, Task
from engine.model.identity import ENGINE
from tests.browser import acts
from tests.browser.conftest import Somebody
from tests.browser.modeling import Drawing
from tests.browser.people import Filed, Person
from tests.served import Served

DIAGRAM, FORM, TABLE = "complaint-handling.bpmn", "call-the-customer.form", "compensation-limit.dmn"
STEP = "Call the customer"
CASES = 24
MOST_STEPS = 20
CUSTOMER_SAYS = re.compile("Answer to our decision|Satisfaction")
SOMEBODY_ELSE = dataclasses.replace(ENGINE, username="somebody-else")
COMPLAINT = {
    "description": "The repaired kettle leaks again.", "productOrService": "Kettle K2", "requestDetails": "My money.",
    "customerName": "Wang Fang", "email": "wang@example.org", "language": "en",
}  # fmt: skip
ANSWERS: dict[str, dict[str, Any]] = {
    "assess": {"nature": "product", "impact": "individual", "severity": "moderate"},
    "investigate": {"findings": "The seal is missing.", "justified": "yes", "departments": []},
    "propose": {"remedy": "refund", "reply": "We are sorry. You get your money back within five days.",
                "compensationAmount": 700, "remedyDetails": "To the card."},
    "approve": {"approval": "approved"},
    "carry-out": {"remedyDone": "Paid.", "remedyDoneOn": "2026-11-24", "paymentReference": "P-1"},
    "find-cause": {"causeChecks": ["instruction"], "cause": "person", "similarCases": 0, "causeDescription": "Haste."},
    "customer-answer": {"answer": "accepted"},
    "satisfaction": {"satisfaction": "4"},
}  # fmt: skip


@pytest.fixture
def recorded(server: Served) -> int:
    """How many complaints were worked to their close by the version in force."""
    engine = server.engine
    assert engine is not None
    for _ in range(CASES):
        engine.execute(StartInstance("complaint-handling", COMPLAINT), ENGINE)
    while True:
        server.settle()
        tasks = server.rows(select(Task).where(Task.status == "open"))
        questions = [each for each in server.rows(select(Subscription)) if each.form_id in ANSWERS]
        if not tasks and not questions:
            break
        for task in tasks:
            actor = SOMEBODY_ELSE if task.element_id == "approve" else ENGINE
            engine.execute(CompleteTask(task.key, ANSWERS[task.element_id]), actor)
        for each in questions:
            engine.execute(AnswerForCustomer(each.key, ANSWERS[each.form_id]), ENGINE)
    return len(server.rows(select(ProcessInstance).where(
        ProcessInstance.process_id == "complaint-handling", ProcessInstance.status == "completed"
    )))  # fmt: skip


def test_an_owner_changes_how_complaints_are_handled(somebody: Somebody, server: Served, recorded: int) -> None:
    assert recorded == CASES
    olga, anna, customer = somebody("olga", viewport={"width": 1500, "height": 1000}), somebody("anna"), somebody()
    filed = acts.file(customer)
    server.settle()
    project = open_change(olga)
    draw_the_step(olga, f"{project}/files/{DIAGRAM}")
    ask_in_the_form(olga, f"{project}/files/{FORM}")
    raise_the_limit(olga, f"{project}/files/{TABLE}")
    play(olga, project)
    replay(olga, project)
    compare(olga, project)
    publish(olga, project)
    move(olga, server)
    do_the_new_step(anna, filed, server)
    go_back(olga)
    later = acts.file(customer)
    server.settle()
    acts.assess(anna, later)
    server.settle()
    olga.open_case(later.reference)
    expect(waiting(olga, "Investigate")).to_be_visible()
    expect(waiting(olga, STEP)).to_have_count(0)
    assert server.broken_chains() == []


def open_change(olga: Person) -> str:
    olga.page.goto("/processes")
    olga.follow("Complaint")
    olga.press("Change …")
    olga.page.wait_for_url(re.compile(r"/projects/\d+$"))
    return olga.page.url


def draw_the_step(olga: Person, address: str) -> None:
    """A step between two others: drawn, joined, mended where it is marked, with a form, a group and a deadline."""
    drawing = Drawing(olga).open(address)
    page = olga.page
    drawing.append_task("assess")
    task = drawing.become("replace-with-user-task")
    drawing.field("name").fill(STEP)
    cut(drawing, "Flow_assess_classify")
    drawing.select(task)
    page.locator(".djs-context-pad [data-action='connect']").click()
    drawing.element("classify").locator(".djs-hit").first.click(force=True)
    told = drawing.problems.filter(has_text="Nobody can see the task")
    expect(page.locator(f".djs-overlays[data-container-id='{task}'] .problem-mark")).to_be_visible()
    told.get_by_role("button", name="Choose who does it").click()
    drawing.field("who-groups").select_option("intake")
    expect(told).to_have_count(0)
    drawing.field("deadline-due").fill("4")
    drawing.field("deadline-due").blur()
    page.locator("[data-entry-id='deadline-due'] select").select_option("PTH")
    page.get_by_role("button", name="New form").click()
    expect(page.get_by_role("link", name="Open the form")).to_be_visible()
    text = drawing.saved()
    for part in ('candidateGroups="intake"', 'formId="call-the-customer"', "now() + duration(&#34;PT4H&#34;)",
                 f'sourceRef="assess" targetRef="{task}"', f'sourceRef="{task}" targetRef="classify"'):  # fmt: skip
        assert part in text


def cut(drawing: Drawing, flow: str) -> None:
    """Take a flow away: it is clicked near its end, where no other one lies over it."""
    way = drawing.element(flow)
    box = way.locator(".djs-hit").first.bounding_box()
    assert box is not None
    drawing.page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    expect(way).to_have_class(re.compile("selected"))
    drawing.page.keyboard.press("Delete")
    expect(way).to_have_count(0)


def ask_in_the_form(olga: Person, address: str) -> None:
    page = olga.page
    page.get_by_role("link", name="Open the form").click()
    page.wait_for_url(address)
    expect(page.locator("[data-ready]")).to_be_attached()
    page.locator('.fjs-palette-field[data-field-type="checkbox"]').press("Enter")
    expect(page.locator("[data-file-state]")).to_have_text("Saved")
    expect(page.frame_locator("[data-preview]").get_by_role("checkbox", name="Checkbox")).to_be_attached()


def raise_the_limit(olga: Person, address: str) -> None:
    page = olga.page
    page.goto(address)
    expect(page.locator("[data-ready]")).to_be_attached()
    page.locator("td.input-cell").filter(has_text=re.compile(r"^> 500$")).click()
    page.keyboard.press("Control+a")
    page.keyboard.type("> 800")
    page.locator("td.output-cell").first.click()
    expect(page.locator("[data-file-state]")).to_have_text("Saved")
    assert "&gt; 800<" in page.request.get(f"{address}/content").text()


def play(olga: Person, project: str) -> None:
    """One case through, with examples in its forms, and kept as a scenario."""
    page = olga.page
    page.goto(f"{project}/play")
    olga.follow("Complaint")
    olga.follow("Fill in examples")
    olga.press("Begin")
    ended = page.get_by_text("Nothing: the case has ended.")
    steps = page.locator("section[aria-labelledby=walk-title] h3")
    for done in range(1, MOST_STEPS):
        expect(steps).to_have_count(done)
        if ended.count():
            break
        do_what_waits(olga)
    expect(ended).to_be_visible()
    expect(page.locator("figure.diagram .is-passed[data-element-id^=Activity_]").first).to_be_attached()
    expect(steps.filter(has_text=STEP)).to_have_count(1)
    page.get_by_text("Save as a scenario").click()
    page.get_by_label("Name", exact=True).fill("The customer is called")
    olga.press("Save the scenario")
    olga.sees("Saved. It is run whenever this process is published.")
    row = page.get_by_role("row").filter(has_text="The customer is called")
    expect(row).to_contain_text("holds")


def do_what_waits(olga: Person) -> None:
    """The task that waits or, when there is none, what the customer has to say."""
    page = olga.page
    if not page.locator("#do").count():
        page.locator("#waits-title").locator("xpath=ancestor::section").get_by_role("link", name=CUSTOMER_SAYS).click()
    olga.follow("Fill in examples")
    page.locator("#do [data-form-submit]").click()


def replay(olga: Person, project: str) -> None:
    """What the change would have meant for the recorded cases."""
    page = olga.page
    page.goto(f"{project}/replay")
    page.get_by_role("group", name=f"New step: {STEP}").get_by_label("It takes so many minutes").fill("30")
    olga.press("Replay")
    olga.sees("What would have happened")
    olga.sees(f"Of {CASES + 1} cases, 1 would have gone the same way, {CASES} another way.")
    found = page.get_by_role("table", name="Reasons, with how many cases each has")
    expect(found).to_contain_text(STEP)
    expect(found.get_by_role("row").nth(1)).to_contain_text(str(CASES))
    expect(page.get_by_role("table", name="Tasks of each group")).to_contain_text("Intake")


def compare(olga: Person, project: str) -> None:
    olga.page.goto(f"{project}/publish")
    olga.follow("Compare with what is in force")
    told = olga.page.locator("main")
    expect(told).to_contain_text(f"New: the user task {STEP}, between Assess the complaint and Classify.")
    expect(told).to_contain_text(f"{STEP} now asks Intake.")
    expect(told).to_contain_text(f"{STEP} now has a deadline: 4 h.")
    expect(told).to_contain_text("Amount > 500 → > 800 in row 3 of Compensation limit.")


def publish(olga: Person, project: str) -> None:
    """With a note and a name, and a reason against scenarios that end where the new step stands."""
    page = olga.page
    page.goto(f"{project}/publish")
    olga.sees(f"{CASES + 1} recorded cases were replayed; none got stuck.")
    page.get_by_label("What changes, and why").fill("Whoever complains is called within four hours.")
    page.get_by_label("Name of the version").fill("Autumn")
    page.get_by_label("Scenarios: why publish all the same?").fill("They are written before the call was.")
    page.get_by_label("move: I look at what would happen").check()
    olga.press("Publish")
    olga.sees("1 open case:")


def move(olga: Person, server: Served) -> None:
    """The open case goes to the new version."""
    olga.sees("1 can move as they are")
    olga.page.get_by_label("Why?").fill("This customer is called, too.")
    olga.press("Move 1 case to version 2")
    server.settle()
    olga.follow("Look again")
    olga.sees("1 done, 0 left as they were, 0 to come.")


def do_the_new_step(anna: Person, filed: Filed, server: Served) -> None:
    acts.assess(anna, filed)
    server.settle()
    anna.open_task(STEP, filed.reference)
    anna.take()
    anna.page.get_by_role("checkbox", name="Checkbox").check()
    anna.finish("Complete the task", STEP, filed.reference)


def go_back(olga: Person) -> None:
    """From what was published, by one click."""
    olga.page.goto("/processes")
    olga.follow("Complaint")
    olga.follow("Whoever complains is called within four hours.")
    expect(olga.page.get_by_role("heading", level=1)).to_contain_text("Autumn")
    olga.press("Return to version 1")
    olga.sees("Back to version 1")


def waiting(person: Person, task: str) -> Locator:
    return person.page.get_by_role("complementary").get_by_text(task)
