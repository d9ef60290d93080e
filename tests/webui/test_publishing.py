"""The pages before publishing: what was looked at, what it means for running cases, and the review."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from engine.commands import AddProjectFile, ChangeWorkshopSetting, KeepReplay, SaveProjectFile
from engine.commands.projects import OpenProject, files_of
from engine.model.identity import CONSOLE
from engine.queries.replays import project_digest
from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]


@pytest.fixture
def owner(signed_in: SignedIn) -> Browser:
    return signed_in("process-owner")


@pytest.fixture
def key(office: World) -> int:
    """A change without the first task."""
    found: int = office.do(OpenProject("repair"), CONSOLE)
    with office.engine.database.reading() as session:
        text = dict(files_of(session, found))["repair.bpmn"].decode()
    without = text.replace('id="look"', 'id="peer"').replace('Ref="look"', 'Ref="peer"')
    office.do(SaveProjectFile(found, "repair.bpmn", without.encode(), 1), CONSOLE)
    return found


def replayed(office: World, key: int, *, is_blocked: bool) -> None:
    with office.engine.database.reading() as session:
        digest = project_digest(session, key)
    office.do(KeepReplay(key, digest, is_blocked, 40, {}), CONSOLE)


def test_the_page_says_what_was_looked_at_and_what_it_means_for_running_cases(
    owner: Browser, office: World, key: int
) -> None:
    office.start("repair")
    started = office.start("repair")
    (task,) = [task for task in office.tasks() if task.root_key == started.key]
    office.complete_key(task.key, finding="x")
    said = words(owner.get(f"/projects/{key}/publish"))
    assert "No problems." in said
    assert "No recorded cases were replayed on this change." in said
    assert "2 open cases: 1 can move as they are" in said
    assert "1 has passed a step that is taken away: Look at it." in said
    assert 'value="2026.11.1"' in owner.get(f"/projects/{key}/publish").text


def test_running_cases_are_looked_at_right_after_publishing_when_they_shall_move(
    owner: Browser, office: World, key: int
) -> None:
    office.start("repair")
    done = owner.post(f"/projects/{key}/publish", {"note": "Peer.", "label": "x", "cases": "move"})
    assert done.status_code == 303 and "/moves/version/" in str(done.location)
    assert "What would happen" in words(owner.get(str(done.location)))
    assert "This change is over" in words(owner.get(f"/projects/{key}/publish"))


def test_a_gate_that_failed_is_overridden_with_a_reason_only(owner: Browser, office: World, key: int) -> None:
    replayed(office, key, is_blocked=True)
    assert "Of 40 recorded cases" in words(owner.get(f"/projects/{key}/publish"))
    refused = owner.post(f"/projects/{key}/publish", {"note": "Peer."})
    assert refused.status_code == 422 and "Expected a reason" in words(refused)
    done = owner.post(f"/projects/{key}/publish", {"note": "Peer.", "reason.replay": "They were tests."})
    assert done.status_code == 303
    assert office.data("GateOverridden") == [
        {
            "project": "repair", "gate": "replay", "reason": "They were tests.",
            "found": "Of 40 recorded cases that were replayed, some get stuck.",
        }
    ]  # fmt: skip


def test_a_trial_is_begun_on_the_page(owner: Browser, office: World, key: int) -> None:
    replayed(office, key, is_blocked=False)
    refused = owner.post(f"/projects/{key}/publish", {"note": "Peer.", "audience": "share", "share": "0"})
    assert refused.status_code == 422 and "1 to 99" in words(refused)
    done = owner.post(f"/projects/{key}/publish", {"note": "Peer.", "audience": "group", "group": "workshop"})
    assert "tried out by Workshop" in words(owner.get(str(done.location)))


def test_somebody_else_reviews_the_change(owner: Browser, signed_in: SignedIn, office: World, key: int) -> None:
    office.do(ChangeWorkshopSetting("repair", "review", "wanted"), CONSOLE)
    page = owner.get(f"/projects/{key}/publish")
    assert "This cannot be published yet: Somebody else has to approve this change first." in words(page)
    refused = owner.post(f"/projects/{key}/publish", {"note": "Peer."})
    assert refused.status_code == 409
    address = f"/projects/{key}/review"
    assert owner.post(address, {"verb": "explode"}).status_code == 400
    assert signed_in("admin").post(address, {"verb": "ask", "question": "Is it good?"}).status_code == 303
    assert "Is it good?" in words(owner.get("/projects/reviews"))
    form = owner.get(address).text
    review, digest = (form.split(f'name="{name}" value="')[1].split('"')[0] for name in ("review", "digest"))
    given = {"review": review, "digest": digest}
    assert owner.post(address, {**given, "verb": "send-back", "answer": " "}).status_code == 422
    assert owner.post(address, {**given, "verb": "approve"}).status_code == 303
    assert "Somebody else has approved the change as it is." in words(owner.get(address))
    assert "No review waits" in words(owner.get("/projects/reviews"))
    assert owner.post(f"/projects/{key}/publish", {"note": "Peer."}).status_code == 303


def test_the_pages_speak_chinese(owner: Browser, office: World, key: int) -> None:
    owner.post("/account/language", {"language": "zh_Hans"})
    assert "尚未用历史案件回放此修改。" in words(owner.get(f"/projects/{key}/publish"))
    assert "此修改无须他人批准" in words(owner.get(f"/projects/{key}/review"))


def scenario(task: str) -> bytes:
    steps = [{"start": "repair", "data": {}}, {"task": task, "data": {"finding": "x"}}]
    said = {"name": "A lamp", "clock": "2026-11-23T08:00:00+00:00", "steps": steps}
    return json.dumps(said).encode()


def test_scenarios_that_do_not_hold_speak_against_publishing(owner: Browser, office: World, key: int) -> None:
    assert 'name="reason.scenarios"' not in owner.get(f"/projects/{key}/publish").text
    office.do(AddProjectFile(key, "lamp.scenario", scenario("look")), CONSOLE)
    page = owner.get(f"/projects/{key}/publish")
    assert "1 of 1 scenarios do not hold." in words(page)
    assert 'name="reason.scenarios"' in page.text
    assert owner.post(f"/projects/{key}/publish", {"note": "Peer."}).status_code == 422
    office.do(SaveProjectFile(key, "lamp.scenario", scenario("peer"), 1), CONSOLE)
    assert "All 1 scenarios hold." in words(owner.get(f"/projects/{key}/publish"))
    assert owner.post(f"/projects/{key}/publish", {"note": "Peer."}).status_code == 303
