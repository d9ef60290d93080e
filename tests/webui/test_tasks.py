"""From the inbox to the completed task."""

from __future__ import annotations

from collections.abc import Callable

from engine.commands import AssignTask, ClaimTask, CompleteTask
from engine.commands.instances import SuspendInstance
from engine.model.identity import CONSOLE
from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]


def look(office: World) -> int:
    """Start a case and give the key of its first task."""
    office.start("repair", CONSOLE)
    (task,) = office.tasks()[-1:]
    return int(task.key)


def test_an_offered_task_is_taken_in_the_list_and_given_back(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    page = words(browser.get("/inbox?view=groups"))
    assert "Look at it" in page and "Broken lamp" in page and "in 4 h" in page
    back = {"next": "/inbox?view=groups"}
    assert browser.post(f"/tasks/{key}/claim", back).location == "/inbox?view=groups"
    assert "Look at it" in words(browser.get("/inbox"))
    assert browser.post(f"/tasks/{key}/release", back).status_code == 303
    assert "Nothing waits for you" in words(browser.get("/inbox"))


def test_completing_leads_to_the_next_task_with_a_quiet_notice(signed_in: SignedIn, office: World) -> None:
    first, second, browser = look(office), look(office), signed_in("staff")
    for key in (first, second):
        browser.post(f"/tasks/{key}/claim")
    page = browser.get(f"/tasks/{first}")
    assert "Say it is looked at" in words(page)
    response = browser.send(f"/tasks/{first}/complete?view=mine", {"finding": "The bulb"})
    assert response.json == {"location": f"/tasks/{second}?view=mine"}
    assert "Done: Look at it" in words(browser.get(response.json["location"]))


def test_what_the_form_refuses_comes_back_with_its_place(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    response = browser.send(f"/tasks/{key}/complete", {})
    assert response.status_code == 422
    (problem,) = response.json["problems"]
    assert problem["field"] == ["finding"] and problem["element"] == "finding_id" and problem["message"]


def test_who_completes_second_is_told_who_and_when_and_keeps_his_text(signed_in: SignedIn, office: World) -> None:
    key, ben = look(office), signed_in("ben")
    assert ben.send(f"/tasks/{key}/draft", {"finding": "A broken switch"}).status_code == 200
    staff = signed_in("staff")
    assert staff.send(f"/tasks/{key}/complete", {"finding": "The bulb"}).status_code == 200
    response = ben.send(f"/tasks/{key}/complete", {"finding": "A broken switch"})
    assert response.status_code == 409
    assert response.json["message"] == (
        "Some staff completed this task first, today 09:00. Nothing of yours was sent; what you typed is still here."
    )
    late = ben.send(f"/tasks/{key}/draft", {"finding": "more"})
    assert late.status_code == 409 and "Some staff completed this task first" in late.json["message"]
    page = ben.get(f"/tasks/{key}")
    assert "Some staff completed this task" in words(page)
    assert "A broken switch" in page.text


def test_a_draft_is_there_again(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    response = browser.send(f"/tasks/{key}/draft", {"finding": "Half a sent"})
    assert response.json["saved_at"].startswith("2026-11-23T08:00")
    assert "Half a sent" in browser.get(f"/tasks/{key}").text
    assert "Half a sent" not in signed_in("ben").get(f"/tasks/{key}").text


def test_putting_off_hides_a_task_until_the_morning(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    browser.post(f"/tasks/{key}/claim")
    assert browser.post(f"/tasks/{key}/later", {"until": "2026-11-25"}).location == "/inbox?view=mine"
    assert "Nothing waits for you" in words(browser.get("/inbox"))
    assert "Look at it" in words(browser.get("/inbox?view=later"))
    office.clock.turn(days=3)
    assert "overdue" in words(browser.get("/inbox"))
    assert browser.post(f"/tasks/{key}/later", {"until": "someday"}).status_code == 400


def test_a_team_lead_gives_a_task_to_somebody(signed_in: SignedIn, office: World) -> None:
    key, lead = look(office), signed_in("team-lead")
    assert "Look at it" in words(lead.get("/inbox?view=all"))
    lead.post(f"/tasks/{key}/assign", {"username": "ben"})
    assert "Ben Carter is working on this task" in words(lead.get(f"/tasks/{key}"))
    assert "Look at it" in words(signed_in("ben").get("/inbox"))


def test_a_colleagues_task_can_be_read_and_not_completed(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    office.do(AssignTask(key, "ben"), CONSOLE)
    page = browser.get(f"/tasks/{key}")
    assert "Ben Carter is working on this task" in words(page)
    assert "data-form-submit" not in page.text and "data-readonly" in page.text
    assert browser.send(f"/tasks/{key}/complete", {"finding": "x"}).status_code == 409


def test_a_task_of_others_is_as_if_it_were_not_there(signed_in: SignedIn, office: World) -> None:
    key = look(office)
    assert signed_in("chen").get(f"/tasks/{key}").status_code == 404


def test_a_case_at_rest_says_so(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    office.do(SuspendInstance(office.instances()[0].key, "fair"), CONSOLE)
    assert "This case is at rest" in words(browser.get(f"/tasks/{key}"))
    assert browser.send(f"/tasks/{key}/complete", {"finding": "x"}).status_code == 409


def test_a_note_is_told_in_the_history(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    assert browser.post(f"/tasks/{key}/comment", {"text": "Called twice"}).status_code == 303
    assert "Called twice" in words(browser.get(f"/tasks/{key}"))


def test_opening_the_form_is_told_in_the_log_once(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    browser.get(f"/tasks/{key}")
    browser.get(f"/tasks/{key}")
    assert len(office.data("FormOpened")) == 1


def test_a_task_without_a_form_has_just_its_button(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    office.do(ClaimTask(key), CONSOLE)
    office.do(CompleteTask(key, {"finding": "x"}), CONSOLE)
    (mend,) = office.tasks()
    assert "nothing to fill in" in words(browser.get(f"/tasks/{mend.key}"))
    assert browser.post(f"/tasks/{mend.key}/complete").location == "/inbox?view=mine"
    assert office.instances()[0].status == "completed"


def test_search_finds_by_case_subject_and_task(signed_in: SignedIn, office: World) -> None:
    look(office)
    browser, reference = signed_in("staff"), office.instances()[0].reference
    for text in (reference, "lamp", "look"):
        assert reference in words(browser.get(f"/inbox?view=groups&q={text}"))
    assert "No task fits" in words(browser.get("/inbox?view=groups&q=elephant"))
    assert "No task fits" in words(browser.get("/inbox?view=groups&overdue=1"))
    assert browser.get("/inbox?view=nonsense&sort=nonsense&page=99").status_code == 200


def test_diagram_texts_are_chinese_for_who_reads_chinese(signed_in: SignedIn, office: World) -> None:
    key, browser = look(office), signed_in("staff")
    browser.post("/account/language", {"language": "zh_Hans", "next": f"/tasks/{key}"})
    page = browser.get(f"/tasks/{key}")
    assert 'lang="zh-Hans"' in page.text
    assert "查看完毕" in words(page) and "当前位置" in words(page)
