"""A process owner draws: what is drawn is saved, what is wrong is told where it is, and nobody overwrites anybody."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Somebody
from tests.browser.modeling import Drawing
from tests.browser.people import Person

_NUMBERS = itertools.count(1)


def new_process(person: Person) -> str:
    """A project with a process from its start to its end; the address of the diagram's editor."""
    page, name = person.page, f"drawn {next(_NUMBERS)}"
    page.goto("/projects")
    form = page.locator("form[action$='/projects/new']")
    form.locator("[name=name]").fill(name)
    form.locator("button").click()
    page.wait_for_url(re.compile(r"/projects/\d+$"))
    return f"{page.url}/files/{name.replace(' ', '-')}.bpmn"


@pytest.fixture
def owner(somebody: Somebody) -> Person:
    return somebody("olga")


@pytest.fixture
def drawing(owner: Person) -> Drawing:
    address = new_process(owner)
    return Drawing(owner).open(address)


def start_of(drawing: Drawing) -> str:
    return "Start_" + drawing.page.url.rpartition("/")[2].removesuffix(".bpmn")


def user_task(drawing: Drawing) -> str:
    drawing.append_task(start_of(drawing))
    return drawing.become("replace-with-user-task")


def test_a_task_is_drawn_named_given_to_a_group_with_a_form_and_a_deadline(drawing: Drawing) -> None:
    page = drawing.page
    user_task(drawing)
    drawing.field("name").fill("Call the customer")
    drawing.field("documentation").fill("Say that you are on it.")
    drawing.field("who-groups").select_option("intake")
    drawing.field("deadline-due").fill("4")
    drawing.field("deadline-due").blur()
    page.locator("[data-entry-id='deadline-due'] select").select_option("PTH")
    page.get_by_role("button", name="New form").click()
    expect(page.get_by_role("link", name="Open the form")).to_be_visible()
    page.wait_for_timeout(0)
    expect(drawing.state).to_have_text("Saved")
    text = drawing.saved()
    for part in (
        'name="Call the customer"', "<bpmn:documentation>Say that you are on it.</bpmn:documentation>",
        'candidateGroups="intake"', 'formId="call-the-customer"', "now() + duration(&#34;PT4H&#34;)",
    ):  # fmt: skip
        assert part in text
    drawing.open(page.url)
    drawing.select(next(id for id in ids(page) if id.startswith("Activity_")))
    expect(drawing.field("name")).to_have_value("Call the customer")
    expect(page.locator("[data-entry-id='who-groups'] .panel-chip")).to_contain_text("Intake")
    page.get_by_role("link", name="Open the form").click()
    page.wait_for_url("**/call-the-customer.form")


def ids(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("g.djs-element", "all => all.map(each => each.dataset.elementId)")
    return found


def test_a_problem_is_told_on_the_shape_and_mended_by_its_fix(drawing: Drawing) -> None:
    task = user_task(drawing)
    told = drawing.problems.filter(has_text="Nobody can see the task")
    expect(told).to_be_visible()
    expect(drawing.page.locator(f".djs-overlays[data-container-id='{task}'] .problem-mark")).to_be_visible()
    told.get_by_role("button", name="Choose who does it").click()
    expect(drawing.page.locator("[data-entry-id='who-groups'] select")).to_be_focused()
    drawing.field("who-groups").select_option("intake")
    expect(told).to_have_count(0)


def test_a_house_rule_is_switched_on_and_kept(drawing: Drawing) -> None:
    page = drawing.page
    user_task(drawing)
    page.locator(".rules-menu summary").click()
    page.get_by_role("checkbox", name="Every user task has a deadline").check()
    told = drawing.problems.filter(has_text="has no deadline")
    expect(told).to_be_visible()
    told.get_by_role("button", name="Two days").click()
    expect(told).to_have_count(0)
    assert "now() + duration(&#34;P2D&#34;)" in drawing.saved()
    drawing.open(page.url)
    expect(page.locator("[data-rule][value=deadlines]")).to_be_checked()


def test_a_way_is_chosen_by_a_sentence(drawing: Drawing) -> None:
    page = drawing.page
    drawing.select(start_of(drawing))
    page.locator(".djs-context-pad [data-action='append.gateway']").click()
    gateway = drawing.selected("Gateway_")
    drawing.append_task(gateway)
    page.locator("g.djs-connection").last.locator(".djs-hit").click(force=True)
    variable = drawing.field("way-condition")
    variable.fill("amount")
    variable.blur()
    sentence = page.locator("[data-entry-id='way-condition']")
    sentence.get_by_role("combobox", name="Comparison").select_option(">")
    sentence.get_by_role("textbox", name="Value").fill("500")
    sentence.get_by_role("textbox", name="Value").blur()
    assert "=amount &gt; 500</bpmn:conditionExpression>" in drawing.saved()


def test_who_saves_second_is_told_and_loses_nothing(drawing: Drawing, somebody: Somebody) -> None:
    page, address = drawing.page, drawing.page.url
    other = Drawing(somebody("admin")).open(address)
    expect(other.page.locator("[data-file-other]")).to_be_visible()
    user_task(other)
    other.field("name").fill("Hers")
    assert 'name="Hers"' in other.saved()
    user_task(drawing)
    drawing.field("name").fill("Mine")
    dialog = page.locator("[data-file-conflict]")
    expect(dialog).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save mine instead").click()
    assert 'name="Hers"' in download.value.path().read_text("utf-8")
    text = drawing.saved()
    assert 'name="Mine"' in text and 'name="Hers"' not in text


def test_what_is_drawn_without_a_network_is_saved_when_it_is_back(drawing: Drawing) -> None:
    context = drawing.page.context
    context.set_offline(True)
    user_task(drawing)
    drawing.field("name").fill("Drawn on a train")
    expect(drawing.state).to_contain_text("kept on this device")
    context.set_offline(False)
    assert 'name="Drawn on a train"' in drawing.saved()


def test_nothing_is_offered_that_the_engine_does_not_run(drawing: Drawing) -> None:
    page = drawing.page
    page.keyboard.press("Escape")
    page.locator(".djs-palette [data-action='create']").click()
    popup = page.locator(".djs-popup")
    expect(popup.locator("[data-id='create-user-task']")).to_be_attached()
    offered = popup.locator("[data-id]").evaluate_all("all => all.map(each => each.dataset.id)")
    assert "create-complex-gateway" not in offered
    assert {"create-expanded-subprocess", "create-timer-boundary"} & set(offered)
    page.keyboard.press("Escape")
    user_task(drawing)
    page.get_by_role("button", name="Expert").click()
    groups = page.locator("[data-group-id]").evaluate_all("all => all.map(each => each.dataset.groupId)")
    assert "group-assignmentDefinition" in groups
    assert not {each for each in groups if "Listeners" in each or "Implementation" in each}


def test_a_mail_is_sent_by_plain_fields(drawing: Drawing) -> None:
    page = drawing.page
    drawing.append_task(start_of(drawing))
    page.locator(".djs-context-pad [data-action='replace']").click()
    page.locator(".djs-popup .entry", has_text="Send a mail").click()
    text = drawing.saved()
    assert 'type="casewright:mail"' in text
    assert 'zeebe:modelerTemplate="casewright.mail"' in text


def test_elements_are_pasted_into_another_diagram(drawing: Drawing, owner: Person) -> None:
    task = user_task(drawing)
    drawing.field("name").fill("Carried over")
    drawing.select(task)
    drawing.page.keyboard.press("Control+c")
    drawing.saved()
    drawing.open(new_process(owner))
    page = drawing.page
    page.locator(".djs-container svg").first.click(position={"x": 500, "y": 20})
    page.keyboard.press("Control+v")
    page.mouse.move(700, 500)
    page.mouse.move(720, 520)
    page.mouse.click(720, 520)
    assert 'name="Carried over"' in drawing.saved()


def test_who_may_not_draw_looks(owner: Person, drawing: Drawing, somebody: Somebody) -> None:
    auditor = Drawing(somebody("adil")).open(drawing.page.url)
    expect(auditor.page.locator("g.djs-shape").first).to_be_attached()
    expect(auditor.page.get_by_text("You can look, but not change anything here.")).to_be_visible()
    expect(auditor.page.locator(".djs-palette")).to_have_count(0)
    expect(auditor.page.locator("[data-panel]")).to_be_hidden()
    phone = Drawing(somebody("olga", viewport={"width": 390, "height": 844})).open(drawing.page.url)
    expect(phone.page.get_by_text("A diagram is drawn on a larger screen")).to_be_visible()
    expect(phone.page.locator(".djs-palette")).to_have_count(0)


def test_the_editor_speaks_chinese(somebody: Somebody) -> None:
    owner = somebody("olga", language="zh_Hans")
    drawing = Drawing(owner).open(new_process(owner))
    user_task(drawing)
    expect(drawing.page.locator(".bio-properties-panel-header-type")).to_have_text("人工任务")
    expect(drawing.problems.filter(has_text="没有人能看到")).to_be_visible()
    expect(drawing.page.get_by_role("button", name="新建表单")).to_be_visible()
