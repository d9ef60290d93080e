"""Publishing: earlier versions come back, and new ones are tried out on some before they are for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import (
    BroadcastSignal,
    CorrelateMessage,
    CreateGroup,
    Override,
    PromoteTrial,
    PublishProject,
    ReturnToVersion,
    SaveProjectFile,
    StartInstance,
    StartProject,
    WithdrawTrial,
)
from engine.commands.projects import OpenProject
from engine.errors import Forbidden, Invalid, NotFound, Refused
from engine.model import Definition, Deployment, Role
from engine.model.trials import bucket_of
from engine.queries import definitions, starting
from tests.world import ANNA, BEN, OPERATOR, OWNER, World, diagram, flow, form, somebody, task

TEAM = somebody("tina", Role.STAFF, groups=["branch"], key=31)
STARTS = '<bpmn:message id="m" name="come"/>'
MAIN = diagram(
    "main",
    "<start/>" + task("work", form="letter")
    + '<bpmn:startEvent id="told"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent><end/>'
    + flow("start", "work", "end") + flow("told", "work"),
    outside=STARTS,
)  # fmt: skip
CALLER = diagram("caller", "<start/>" + task("other", form="letter") + "<end/>" + flow("start", "other", "end"))
LETTER = form("letter", ("text", "textfield"))
NEW_LETTER = form("letter", ("text", "textfield"), ("more", "textfield"))
IN, OUT = next(n for n in range(1, 99) if bucket_of(n) < 10), next(n for n in range(1, 99) if bucket_of(n) >= 10)


@pytest.fixture
def started(world: World) -> World:
    world.deploy(("main.bpmn", MAIN), ("letter.form", LETTER), ("caller.bpmn", CALLER))
    return world


def changed(world: World, **files: str) -> int:
    key: int = world.do(OpenProject("main"), OWNER)
    for name, text in files.items():
        world.do(SaveProjectFile(key, name.replace("__", "."), text.encode(), 1), OWNER)
    return key


def tried_out(world: World, trial: str) -> int:
    deployed = world.do(PublishProject(changed(world, letter__form=NEW_LETTER), "More.", trial=trial), OWNER)
    key: int = deployed.key
    return key


def versions(world: World, definition_id: str) -> list[tuple[int, str | None]]:
    wanted = select(Definition.version, Definition.trial).where(Definition.definition_id == definition_id)
    with world.engine.database.reading() as session:
        return [(version, trial) for version, trial in session.execute(wanted.order_by(Definition.version))]


def key_of(world: World, definition_id: str, version: int) -> int:
    wanted = select(Definition.key).where(Definition.definition_id == definition_id, Definition.version == version)
    (key,) = world.rows(wanted)
    assert isinstance(key, int)
    return key


def form_versions(world: World) -> list[int]:
    """The versions of the forms of the open tasks, the oldest task first."""
    keys = {row.key: row.version for row in world.rows(select(Definition).where(Definition.kind == "form"))}
    return [keys[task.form_key] for task in world.tasks() if task.form_key]


# --- going back


def test_an_earlier_version_comes_back_with_all_that_was_published_with_the_later_one(started: World) -> None:
    case = started.start("main")
    renamed = MAIN.replace('name="work"', 'name="labour"')
    started.do(PublishProject(changed(started, main__bpmn=renamed, letter__form=NEW_LETTER), "Harder."), OWNER)
    deployed = started.do(ReturnToVersion(key_of(started, "main", 1), "It was too hard."), OWNER)
    assert sorted((each.id, each.version) for each in deployed.definitions) == [("letter", 3), ("main", 3)]
    digests = started.rows(select(Definition).where(Definition.definition_id == "main").order_by(Definition.version))
    assert len(digests) == 3
    assert started.instance(case.key).definition_key == key_of(started, "main", 1)
    assert started.story(deployed.key) == ["ResourcesDeployed", "VersionRestored"]
    assert started.data("VersionRestored")[0]["note"] == "It was too hard."
    started.start("main")
    assert form_versions(started) == [1, 3]
    with started.engine.database.reading() as session:
        newest = session.get_one(Definition, key_of(started, "main", 3))
        assert newest.resource.content == MAIN.encode()


def test_the_version_in_force_and_unknown_ones_cannot_be_returned_to(started: World) -> None:
    with pytest.raises(Refused, match="version 1 of 'main' is in force"):
        started.do(ReturnToVersion(key_of(started, "main", 1), "why"), OWNER)
    with pytest.raises(NotFound):
        started.do(ReturnToVersion(7, "why"), OWNER)
    started.deploy(("main.bpmn", MAIN + "<!-- -->"))
    with pytest.raises(Invalid, match="a note"):
        started.do(ReturnToVersion(key_of(started, "main", 1), " "), OWNER)
    with pytest.raises(Forbidden):
        started.do(ReturnToVersion(key_of(started, "main", 1), "why"), OPERATOR)


def test_what_is_published_gets_a_number_that_people_can_read(started: World) -> None:
    started.do(PublishProject(changed(started, letter__form=NEW_LETTER), "a"), OWNER)
    started.do(PublishProject(changed(started, letter__form=LETTER), "b"), OWNER)
    labels = started.rows(select(Deployment.label).order_by(Deployment.number))
    assert labels == ["", "2026.11.1", "2026.11.2"]


def test_who_publishes_against_what_speaks_against_it_says_why_and_that_is_told(started: World) -> None:
    key = changed(started, letter__form=NEW_LETTER)
    with pytest.raises(Invalid, match="Expected a reason"):
        started.do(PublishProject(key, "a", overrides=(Override("replay", "3 stuck", " "),)), OWNER)
    started.do(PublishProject(key, "a", overrides=(Override("replay", "3 stuck", "They are tests."),)), OWNER)
    assert started.data("GateOverridden")[0]["reason"] == "They are tests."


# --- trying out


def test_a_share_of_the_cases_works_with_a_new_version_that_no_other_sees(started: World) -> None:
    key = tried_out(started, "percent:10")
    assert started.story(key) == ["ResourcesDeployed", "TrialBegun"]
    assert versions(started, "main") == [(1, None), (2, "percent:10")]
    assert versions(started, "caller") == [(1, None)]
    started.do(StartInstance("main", ticket=OUT), ANNA)
    started.do(StartInstance("main", ticket=IN), ANNA)
    started.start("caller")
    assert form_versions(started) == [1, 2, 1]
    assert [row.version for row in started.engine.query(definitions.definitions, OWNER, kind="form")] == [1]


def test_a_trial_of_a_group_takes_what_its_members_start(world: World) -> None:
    world.deploy(("main.bpmn", MAIN), ("letter.form", LETTER))
    world.do(CreateGroup("branch", "Branch"))
    tried_out(world, "group:branch")
    for actor in (ANNA, TEAM):
        world.do(StartInstance("main"), actor)
        shown = world.engine.query(starting.startable_process, actor, "main")
        assert shown.version == (2 if actor is TEAM else 1)
    world.do(CorrelateMessage("come"))
    assert form_versions(world) == [1, 2, 1]


def test_a_share_of_what_messages_start_is_tried_out_too(started: World) -> None:
    tried_out(started, "percent:50")
    for _ in range(40):
        started.do(CorrelateMessage("come"))
    begun = {instance.key: instance.definition_key for instance in started.instances()}
    new = key_of(started, "main", 2)
    assert {key: bucket_of(key) < 50 for key in begun} == {key: definition == new for key, definition in begun.items()}
    assert len(set(begun.values())) == 2


def test_a_trial_becomes_the_version_for_everybody(started: World) -> None:
    key = tried_out(started, "percent:10")
    started.do(StartInstance("main", ticket=OUT), ANNA)
    started.start("caller")
    started.do(PromoteTrial(key, "It works."), OWNER)
    assert versions(started, "letter") == [(1, None), (2, None)]
    started.do(StartInstance("main", ticket=OUT), ANNA)
    started.start("caller")
    started.do(CorrelateMessage("come"))
    assert form_versions(started) == [1, 1, 2, 2, 2]
    assert started.data("TrialEnded") == [{"deployment_key": key, "is_promoted": True, "note": "It works."}]
    with pytest.raises(Refused, match="but it is not"):
        started.do(WithdrawTrial(key), OWNER)


def test_a_withdrawn_trial_leaves_its_cases_with_what_they_began_with(started: World) -> None:
    key = tried_out(started, "percent:10")
    begun = started.do(StartInstance("main", ticket=IN), ANNA)
    started.do(WithdrawTrial(key, "No."), OWNER)
    assert versions(started, "main") == [(1, None), (2, "withdrawn")]
    started.do(StartInstance("main", ticket=IN), ANNA)
    assert started.instance(begun.key).definition_key == key_of(started, "main", 2)
    assert form_versions(started) == [2, 1]
    # What comes next does not take the number of the one that was withdrawn.
    started.do(PublishProject(changed(started, letter__form=LETTER + " "), "again"), OWNER)
    assert versions(started, "letter")[-1] == (3, None)


def test_what_is_tried_out_is_not_published_again_until_that_is_over(started: World) -> None:
    key = changed(started, main__bpmn=MAIN + "<!-- b -->")
    trial = tried_out(started, "percent:5")
    with pytest.raises(Refused, match="version 2 of it is being tried out"):
        started.do(PublishProject(key, "b"), OWNER)
    started.do(WithdrawTrial(trial), OWNER)
    started.do(PublishProject(key, "b"), OWNER)
    assert versions(started, "main")[-1] == (3, None)


@pytest.mark.parametrize(
    "trial", ["percent:0", "percent:100", "percent:07", "percent:x", "group:nobody", "", "percent:²"]
)
def test_a_trial_is_for_a_share_or_a_group_that_is_there(started: World, trial: str) -> None:
    with pytest.raises(Invalid, match="a share of 1 to 99"):
        tried_out(started, trial)


def test_a_new_process_is_not_tried_out_beside_nothing(world: World) -> None:
    files = (("main.bpmn", MAIN.encode()), ("letter.form", LETTER.encode()))
    key = world.do(StartProject("main", "Main", files), OWNER)
    with pytest.raises(Refused, match="a new version of a process in force"):
        world.do(PublishProject(key, "a", trial="percent:5"), OWNER)
    assert versions(world, "main") == []


def test_signals_start_once_while_a_trial_runs(world: World) -> None:
    signalled = diagram(
        "main", '<bpmn:startEvent id="heard"><bpmn:signalEventDefinition signalRef="s"/></bpmn:startEvent>'
        + task("work", form="letter") + "<end/>" + flow("heard", "work", "end"),
        outside='<bpmn:signal id="s" name="alarm"/>',
    )  # fmt: skip
    world.deploy(("main.bpmn", signalled), ("letter.form", LETTER))
    tried_out(world, "percent:99")
    world.do(BroadcastSignal("alarm"))
    world.run_due()
    assert len(world.instances()) == 1


def test_only_process_owners_end_a_trial(started: World) -> None:
    key = tried_out(started, "percent:5")
    commands: list[Any] = [PromoteTrial(key), WithdrawTrial(key)]
    for command in commands:
        with pytest.raises(Forbidden):
            started.do(command, BEN)
