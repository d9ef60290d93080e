"""Which version of a process a call means, and whose the tasks of a lane are."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.errors import Invalid
from engine.model.tasks import TaskCandidate
from tests.world import World, diagram, flow, task


def callee(version: str) -> tuple[str, str]:
    """A version of a called process, told by the name of its task and by its tag."""
    tag = f'isExecutable="true"><bpmn:extensionElements><zeebe:versionTag value="{version}"/></bpmn:extensionElements>'
    drawn = diagram("callee", "<start/>" + task(version) + "<end/>" + flow("start", version, "end"))
    return "callee.bpmn", drawn.replace('isExecutable="true">', tag)


def caller(binding: str, process_id: str = "caller") -> tuple[str, str]:
    call = (
        f'<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="callee" {binding}/>'
        "</bpmn:extensionElements></bpmn:callActivity>"
    )
    return f"{process_id}.bpmn", diagram(process_id, "<start/>" + call + "<end/>" + flow("start", "call", "end"))


@pytest.mark.parametrize(
    ("binding", "version"),
    [
        ("", "v3"),
        ('bindingType="latest"', "v3"),
        ('bindingType="deployment"', "v2"),
        ('bindingType="versionTag" versionTag="v1"', "v1"),
    ],
)
def test_the_version_that_is_called(world: World, binding: str, version: str) -> None:
    world.deploy(callee("v1"))
    world.deploy(callee("v2"), caller(binding))
    world.deploy(callee("v3"))

    started = world.start("caller")

    assert [each.element_id for each in world.tasks()] == [version]
    world.complete(version)
    assert world.instance(started.key).status == "completed"


def test_a_version_that_is_not_there_is_refused_at_deployment(world: World) -> None:
    world.deploy(callee("v1"))

    with pytest.raises(Invalid) as refused:
        world.deploy(caller('bindingType="versionTag" versionTag="v9"'))
    (problem,) = refused.value.problems
    assert (problem.element_id, problem.values["tag"]) == ("call", "v9")


def test_a_version_that_comes_later_is_called_by_cases_that_run(world: World) -> None:
    world.deploy(callee("v1"), caller(""))
    world.start("caller")
    world.deploy(callee("v2"))
    world.start("caller")

    assert sorted(each.element_id for each in world.tasks()) == ["v1", "v2"]


def test_tasks_are_offered_to_the_group_of_the_innermost_lane(world: World) -> None:
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l1" name="office"><bpmn:flowNodeRef>a</bpmn:flowNodeRef>'
        '<bpmn:flowNodeRef>sub</bpmn:flowNodeRef><bpmn:childLaneSet><bpmn:lane id="l2" name="archive">'
        "<bpmn:flowNodeRef>b</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    inside = f'<bpmn:subProcess id="sub">{task("c", assignment="")}{task("d")}</bpmn:subProcess>'
    tasks = task("a", assignment="") + task("b", assignment="") + inside
    ways = flow("start", "a", "end") + flow("start", "b", "end") + flow("start", "sub", "end")
    world.deploy(("lanes.bpmn", diagram("lanes", lanes + "<start/>" + tasks + "<end/>" + ways)))

    world.start("lanes")

    names = {each.key: each.element_id for each in world.tasks()}
    groups = {names[each.task_key]: each.name for each in world.rows(select(TaskCandidate))}
    assert groups == {"a": "office", "b": "archive", "c": "office", "d": "staff"}
