"""What people do with tasks."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from engine.commands import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    CreateUser,
    OpenForm,
    ReleaseTask,
    RescheduleTask,
    SaveDraft,
)
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.model import Role, TaskDraft
from engine.model.identity import CONSOLE
from tests.world import ANNA, BEN, LENA, MONDAY, World, diagram, flow, form, somebody, task

REVIEW = diagram(
    "review",
    "<start/>"
    + task("write", form="letter")
    + task("check", separateFrom="write")
    + "<end/>"
    + flow("start", "write", "check", "end"),
    referencePrefix="R",
    subject="=&quot;About &quot; + text",
)
TEXT = {"key": "text", "type": "textfield", "id": "f1", "label": "Text", "validate": {"required": True}}
LETTER = form("letter", TEXT)
STRANGER = somebody("zoe", Role.STAFF, key=19)


@pytest.fixture
def case(world: World) -> int:
    world.deploy(("review.bpmn", REVIEW), ("letter.form", LETTER))
    return world.start("review", ANNA).key


def test_a_candidate_completes_and_the_case_goes_on(world: World, case: int) -> None:
    world.complete("write", ANNA, text="peace")

    assert [each.element_id for each in world.tasks()] == ["check"]
    row = world.instance(case)
    assert (row.variables["text"], row.subject, row.reference[:2]) == ("peace", "About peace", "R-")
    assert world.story(case, "TaskClaimed", "TaskCompleted") == ["TaskClaimed:write", "TaskCompleted:write"]
    assert world.data("TaskCompleted")[0]["form_id"] == "letter"
    assert world.data("VariablesChanged")[-1]["changes"] == {"text": {"new": "peace"}}


def test_who_did_the_step_may_not_check_it(world: World, case: int) -> None:
    world.complete("write", ANNA, text="peace")
    (check,) = world.tasks()

    for command in (ClaimTask(check.key), CompleteTask(check.key)):
        with pytest.raises(Refused, match="somebody else must do it"):
            world.do(command, ANNA)
    world.complete("check", BEN)

    assert world.instance(case).status == "completed"
    assert world.verdict(case).holds


def test_four_eyes_hold_for_a_task_that_was_there_before(world: World) -> None:
    both = '<bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>'
    world.deploy((
        "both.bpmn",
        diagram(
            "both",
            "<start/>" + both + task("one", separateFrom="two") + task("two", separateFrom="one") + "<end/>"
            + flow("start", "fork", "one", "join", "end") + flow("fork", "two", "join"),
        ),
    ))  # fmt: skip
    key = world.start("both", ANNA).key
    one, two = world.tasks()
    world.do(ClaimTask(two.key), ANNA)

    world.do(CompleteTask(one.key), ANNA)

    (left,) = world.tasks()
    assert (left.element_id, left.assignee, left.excluded_users) == ("two", None, ["anna"])
    assert "TaskReleased:two" in world.story(key)
    with pytest.raises(Refused):
        world.do(CompleteTask(two.key), ANNA)


def test_a_form_refuses_what_it_does_not_ask(world: World, case: int) -> None:
    (write,) = world.tasks()
    with pytest.raises(Invalid) as caught:
        world.do(CompleteTask(write.key, {"text": ""}), ANNA)
    assert caught.value.problems[0].field == ("text",)

    world.do(CompleteTask(write.key, {"text": "x", "initiator": "somebody else"}), ANNA)

    assert world.instance(case).variables["initiator"] == "anna"


def test_a_task_without_a_form_takes_no_data_from_people(world: World, case: int) -> None:
    world.complete("write", ANNA, text="peace")
    (check,) = world.tasks()

    with pytest.raises(Invalid, match="no form"):
        world.do(CompleteTask(check.key, {"approved": True}), BEN)


def test_strangers_may_do_nothing(world: World, case: int) -> None:
    (write,) = world.tasks()
    for command in (
        ClaimTask(write.key),
        CompleteTask(write.key, {"text": "x"}),
        SaveDraft(write.key, {"text": "x"}),
        OpenForm(write.key),
    ):
        with pytest.raises(Forbidden):
            world.do(command, STRANGER)
    with pytest.raises(Forbidden):
        world.do(AssignTask(write.key, "anna"), ANNA)
    assert world.tasks()[0].assignee is None


def test_a_refused_attempt_is_told_in_the_log_of_its_actor(world: World, case: int) -> None:
    (write,) = world.tasks()
    with pytest.raises(Forbidden):
        world.do(ClaimTask(write.key), STRANGER)

    (told,) = world.data("AttemptRefused")
    assert told["command"] == "ClaimTask"
    assert told["template"].startswith("Expected") and "{" in told["template"]
    assert told["subject"] == f"task key {write.key}"
    assert world.story(STRANGER.key) == ["AttemptRefused"]


def test_the_second_to_complete_is_told_who_was_first(world: World, case: int) -> None:
    (write,) = world.tasks()
    world.do(CompleteTask(write.key, {"text": "mine"}), ANNA)

    with pytest.raises(Refused, match="anna completed it") as caught:
        world.do(CompleteTask(write.key, {"text": "mine too"}), BEN)

    assert caught.value.values["time"] == MONDAY
    assert world.instance(case).variables["text"] == "mine"


def test_what_one_has_claimed_another_cannot_complete(world: World, case: int) -> None:
    (write,) = world.tasks()
    world.do(ClaimTask(write.key), ANNA)
    with pytest.raises(Refused, match="anna is"):
        world.do(ClaimTask(write.key), BEN)
    with pytest.raises(Refused, match="anna is working"):
        world.do(CompleteTask(write.key, {"text": "x"}), BEN)

    world.do(ReleaseTask(write.key), ANNA)
    world.do(CompleteTask(write.key, {"text": "x"}), BEN)

    assert world.data("TaskCompleted")[0]["assignee"] == "ben"


def test_a_team_lead_takes_over_and_the_log_tells_it(world: World, case: int) -> None:
    (write,) = world.tasks()
    world.do(ClaimTask(write.key), ANNA)
    world.do(CompleteTask(write.key, {"text": "x"}), LENA)
    assert world.data("TaskAssigned") == [
        {"activity_key": write.key, "assignee": "lena", "previous": "anna"},
    ]


def test_assigning_needs_somebody_who_works_on_tasks(world: World, case: int) -> None:
    (write,) = world.tasks()
    world.do(CreateUser("carl", "Carl", "long enough", roles=("staff",)), CONSOLE)
    world.do(CreateUser("adil", "Adil", "long enough", roles=("auditor",)), CONSOLE)
    with pytest.raises(NotFound):
        world.do(AssignTask(write.key, "nobody-there"), LENA)
    with pytest.raises(Refused, match="do not let them"):
        world.do(AssignTask(write.key, "adil"), LENA)

    world.do(AssignTask(write.key, "carl"), LENA)

    assert world.tasks()[0].assignee == "carl"


def test_opening_the_form_is_told_once_a_person(world: World, case: int) -> None:
    (write,) = world.tasks()
    for _ in range(2):
        world.do(OpenForm(write.key), ANNA)
        world.do(OpenForm(write.key), BEN)
    assert world.story(case, "FormOpened") == ["FormOpened:write"] * 2


def test_opening_the_form_gives_the_data_that_the_task_sees(world: World) -> None:
    inputs = '<zeebe:ioMapping><zeebe:input source="=amount * 2" target="doubled" /></zeebe:ioMapping>'
    body = "<start/>" + task("judge", extra=inputs) + "<end/>" + flow("start", "judge", "end")
    world.deploy(("mapped.bpmn", diagram("mapped", body)))
    world.start("mapped", amount=21)
    (judge,) = world.tasks()
    seen = world.do(OpenForm(judge.key), ANNA)
    assert (seen["doubled"], seen["amount"]) == (42, 21)


def test_a_draft_is_kept_until_its_writer_completes(world: World, case: int) -> None:
    (write,) = world.tasks()
    world.do(SaveDraft(write.key, {"text": "a"}), ANNA)
    world.do(SaveDraft(write.key, {"text": "ab"}), ANNA)
    world.do(SaveDraft(write.key, {"text": "b"}), BEN)
    drafts = {draft.username: draft.data for draft in world.rows(select(TaskDraft))}
    assert drafts == {"anna": {"text": "ab"}, "ben": {"text": "b"}}

    world.do(CompleteTask(write.key, {"text": "abc"}), ANNA)

    assert [draft.username for draft in world.rows(select(TaskDraft))] == ["ben"]
    with pytest.raises(Refused, match="anna completed it"):
        world.do(SaveDraft(write.key, {"text": "late"}), BEN)


def test_putting_off_is_for_the_assignee_and_deadlines_for_the_lead(world: World, case: int) -> None:
    (write,) = world.tasks()
    later = MONDAY + dt.timedelta(days=1)
    world.do(ClaimTask(write.key), ANNA)
    world.do(RescheduleTask(write.key, None, later, write.priority), ANNA)
    assert world.tasks()[0].follow_up == later
    with pytest.raises(Forbidden):
        world.do(RescheduleTask(write.key, later, later, write.priority), ANNA)
    world.do(RescheduleTask(write.key, later, None, 90), LENA)
    assert (world.tasks()[0].due, world.tasks()[0].priority) == (later, 90)
    with pytest.raises(Invalid):
        world.do(RescheduleTask(write.key, None, None, 101), LENA)


def test_an_assignee_who_did_the_step_is_not_given_its_check(world: World) -> None:
    world.deploy((
        "review.bpmn",
        diagram(
            "review",
            "<start/>" + task("write")
            + task("check", assignment='assignee="anna" candidateGroups="staff"', separateFrom="write")
            + "<end/>" + flow("start", "write", "check", "end"),
        ),
    ))  # fmt: skip
    key = world.start("review", ANNA).key
    world.complete("write", ANNA)
    (check,) = world.tasks()
    assert (check.assignee, check.excluded_users) == (None, ["anna"])
    assert world.story(key, "TaskCreated", "TaskReleased")[-2:] == ["TaskCreated:check", "TaskReleased:check"]
