"""How processes are changed: reviews by somebody else, house rules, impact on running cases, prepared elements."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import (
    AskForReview,
    ChangeWorkshopSetting,
    CheckImpact,
    CheckProject,
    GiveReview,
    PublishProject,
    RemoveElementTemplate,
    SaveElementTemplate,
    SaveProjectFile,
)
from engine.commands.projects import OpenProject
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.model import Review, Role
from engine.queries import workshop
from tests.world import ANNA, OWNER, World, diagram, flow, somebody, task

ROSA = somebody("rosa", Role.PROCESS_OWNER, key=21)
MAIN = diagram(
    "main", "<start/>" + task("first") + task("second") + "<end/>" + flow("start", "first", "second", "end")
)  # fmt: skip
SHORTER = diagram("main", "<start/>" + task("second") + "<end/>" + flow("start", "second", "end"))
TEMPLATE: dict[str, Any] = {
    "name": "Call the bank", "id": "bank", "appliesTo": ["bpmn:ServiceTask"],
    "properties": [
        {"type": "Hidden", "value": "bank", "binding": {"type": "zeebe:taskDefinition", "property": "type"}},
    ],
}  # fmt: skip


@pytest.fixture
def project(world: World) -> int:
    world.deploy(("main.bpmn", MAIN))
    key: int = world.do(OpenProject("main"), OWNER)
    world.do(SaveProjectFile(key, "main.bpmn", SHORTER.encode(), 1), OWNER)
    return key


def state(world: World, key: int) -> str:
    return world.engine.query(workshop.review, OWNER, key).state


def approve(world: World, key: int, actor: Any = ROSA, *, is_approved: bool = True, answer: str = "Fine.") -> None:
    review_key = world.rows(select(Review.key).where(Review.project_key == key).order_by(Review.key.desc()))[0]
    digest = world.engine.query(workshop.review, OWNER, key).digest
    world.do(GiveReview(review_key, is_approved, digest, answer), actor)


# --- reviews


def test_where_a_review_is_wanted_somebody_else_approves_before_it_is_published(world: World, project: int) -> None:
    assert state(world, project) == "not-wanted"
    world.do(ChangeWorkshopSetting("main", "review", "wanted"), OWNER)
    assert state(world, project) == "missing"
    with pytest.raises(Refused, match="somebody else has to approve"):
        world.do(PublishProject(project, "Shorter."), OWNER)
    world.do(AskForReview(project, "Is it too short?"), OWNER)
    assert [row.may_be_given for row in world.engine.query(workshop.waiting_reviews, ROSA)] == [True]
    assert [row.may_be_given for row in world.engine.query(workshop.waiting_reviews, OWNER)] == [False]
    with pytest.raises(Forbidden, match="you have changed files"):
        approve(world, project, OWNER)
    approve(world, project)
    assert state(world, project) == "approved"
    world.do(PublishProject(project, "Shorter."), OWNER)
    assert world.story(project, "ReviewAsked", "ReviewGiven") == ["ReviewAsked", "ReviewGiven"]
    assert world.data("WorkshopSettingChanged") == [
        {"process_id": "main", "setting": "review", "value": "wanted", "before": ""}
    ]


def test_a_change_after_the_approval_takes_it_back(world: World, project: int) -> None:
    world.do(ChangeWorkshopSetting("", "review", "wanted"), OWNER)
    world.do(AskForReview(project, ""), OWNER)
    approve(world, project)
    world.do(SaveProjectFile(project, "main.bpmn", MAIN.encode() + b"<!-- -->", 2), OWNER)
    assert state(world, project) == "outdated"
    with pytest.raises(Refused, match="as it is now"):
        world.do(PublishProject(project, "Shorter."), OWNER)
    world.do(SaveProjectFile(project, "main.bpmn", SHORTER.encode(), 3), OWNER)
    assert state(world, project) == "approved"


def test_what_changed_while_somebody_looked_is_not_approved_unseen(world: World, project: int) -> None:
    key = world.do(AskForReview(project, ""), OWNER)
    digest = world.engine.query(workshop.review, ROSA, project).digest
    world.do(SaveProjectFile(project, "main.bpmn", MAIN.encode(), 2), OWNER)
    with pytest.raises(Refused, match="Look again"):
        world.do(GiveReview(key, True, digest), ROSA)


def test_everybody_who_saved_a_file_is_an_author(world: World, project: int) -> None:
    world.do(SaveProjectFile(project, "main.bpmn", MAIN.encode() + b"<!-- -->", 2), ROSA)
    world.do(AskForReview(project, ""), ROSA)
    for actor in (OWNER, ROSA):
        with pytest.raises(Forbidden):
            approve(world, project, actor)


def test_who_sends_back_says_why_and_one_review_is_asked_for_at_a_time(world: World, project: int) -> None:
    key = world.do(AskForReview(project, ""), OWNER)
    with pytest.raises(Refused, match="one is asked for"):
        world.do(AskForReview(project, ""), OWNER)
    with pytest.raises(Invalid, match="why the change is sent back"):
        approve(world, project, is_approved=False, answer=" ")
    approve(world, project, is_approved=False, answer="Too short.")
    assert state(world, project) == "sent-back"
    with pytest.raises(Refused, match="that is done"):
        world.do(GiveReview(key, True, world.engine.query(workshop.review, ROSA, project).digest), ROSA)
    with pytest.raises(Forbidden):
        world.do(AskForReview(project, ""), ANNA)
    with pytest.raises(NotFound):
        world.do(GiveReview(7, True, ""), ROSA)


# --- settings and house rules


def test_house_rules_warn_or_forbid_as_the_owner_chose(world: World, project: int) -> None:
    assert world.do(CheckProject(project), OWNER) == ()
    world.do(ChangeWorkshopSetting("", "house-rule:deadlines", "warning"), OWNER)
    (hint,) = world.do(CheckProject(project), OWNER)
    assert (hint.severity, hint.element_id) == ("warning", "second")
    world.do(ChangeWorkshopSetting("main", "house-rule:deadlines", "error"), OWNER)
    with pytest.raises(Invalid, match="house rules") as caught:
        world.do(PublishProject(project, "Shorter."), OWNER)
    assert [problem.element_id for problem in caught.value.problems] == ["second"]
    world.do(ChangeWorkshopSetting("main", "house-rule:deadlines", "off"), OWNER)
    world.do(PublishProject(project, "Shorter."), OWNER)


@pytest.mark.parametrize(
    ("name", "value"),
    [("review", "yes"), ("house-rule:none", "error"), ("house-rule:names", "x"), ("deadlines", "off")],
)
def test_other_settings_are_refused(world: World, name: str, value: str) -> None:
    with pytest.raises(Invalid, match="Expected a setting"):
        world.do(ChangeWorkshopSetting("", name, value), OWNER)
    with pytest.raises(Forbidden):
        world.do(ChangeWorkshopSetting("", "review", "wanted"), ANNA)


def test_a_setting_that_stays_as_it_is_is_not_told(world: World) -> None:
    for _ in range(2):
        world.do(ChangeWorkshopSetting("", "review", "wanted"), OWNER)
    assert len(world.data("WorkshopSettingChanged")) == 1
    assert [row.value for row in world.engine.query(workshop.own_settings, OWNER)] == ["wanted"]


# --- impact


def test_what_a_change_means_for_running_cases_is_told_before_it_is_published(world: World, project: int) -> None:
    world.start("main")
    world.complete("first")
    world.start("main")
    (impact,) = world.do(CheckImpact(project), OWNER)
    assert (impact.open, impact.as_it_is, impact.needs_mapping + impact.cannot) == (2, 1, 1)
    assert (impact.passed_removed, impact.removed) == (1, ("first",))
    world.do(SaveProjectFile(project, "main.bpmn", b"<oh", 2), OWNER)
    assert world.do(CheckImpact(project), OWNER) == ()


# --- prepared elements


def test_prepared_elements_are_kept_replaced_and_taken_away(world: World) -> None:
    world.do(SaveElementTemplate(json.dumps(TEMPLATE)), OWNER)
    world.do(SaveElementTemplate(json.dumps({**TEMPLATE, "name": "Ask the bank"})), ROSA)
    (row,) = world.engine.query(workshop.element_templates, OWNER)
    assert (row.name, row.content["appliesTo"], row.changed_by) == ("Ask the bank", ["bpmn:ServiceTask"], "rosa")
    world.do(RemoveElementTemplate("bank"), OWNER)
    assert world.engine.query(workshop.element_templates, OWNER) == ()
    with pytest.raises(NotFound):
        world.do(RemoveElementTemplate("bank"), OWNER)
    assert [told["template_name"] for told in world.data("ElementTemplateSaved")] == ["Call the bank", "Ask the bank"]


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", json.dumps({**TEMPLATE, "id": "a b"}), json.dumps({**TEMPLATE, "appliesTo": ["x"]}),
        json.dumps({**TEMPLATE, "properties": [1]}), json.dumps({**TEMPLATE, "onload": "x"}), '{"id": ' + "[" * 9000,
        json.dumps({**TEMPLATE, "name": "x" * 200_000}),
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused(world: World, text: str) -> None:
    with pytest.raises(Invalid, match="Expected"):
        world.do(SaveElementTemplate(text), OWNER)
