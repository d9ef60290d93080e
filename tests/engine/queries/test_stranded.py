"""Tasks that nobody may do are found, and only those."""

from __future__ import annotations

import pytest

from engine.commands import ChangeUser, CompleteTask, CreateGroup, CreateUser
from engine.errors import Forbidden
from engine.model.identity import CONSOLE
from engine.queries.stranded import stranded
from tests.world import ANNA, LENA, OPERATOR, World, diagram, flow, task

PASSWORD = "correct horse battery"


@pytest.fixture
def desk(world: World) -> World:
    """A group of two; what one of them writes, somebody else must check."""
    world.do(CreateGroup("staff", "Staff"), CONSOLE)
    for username in ("anna", "ben"):
        world.do(CreateUser(username, username.title(), PASSWORD, roles=("staff",), groups=("staff",)), CONSOLE)
    world.do(CreateUser("boss", "Boss", PASSWORD, roles=("admin",)), CONSOLE)
    check = '<zeebe:properties><zeebe:property name="separateFrom" value="write" /></zeebe:properties>'
    body = "<start/>" + task("write") + task("check", extra=check) + "<end/>" + flow("start", "write", "check", "end")
    world.deploy(("pair.bpmn", diagram("pair", body)))
    world.start("pair")
    return world


def names(world: World) -> list[str]:
    return [each.name for each in world.engine.query(stranded, LENA)]


def test_a_task_is_stranded_when_its_last_doer_leaves(desk: World) -> None:
    (write,) = desk.tasks()
    desk.do(CompleteTask(write.key), ANNA)
    assert names(desk) == []
    desk.do(ChangeUser("ben", is_active=False), CONSOLE)
    (found,) = desk.engine.query(stranded, OPERATOR)
    assert (found.name, found.offered_to) == ("check", ("staff",))


def test_a_task_for_a_group_without_people_is_stranded(desk: World) -> None:
    desk.do(CreateGroup("void", "Void"), CONSOLE)
    lost = task("lost", assignment='candidateGroups="void"')
    both = task("both", assignment='candidateGroups="void, staff"')
    for id, body in (("lost", lost), ("both", both)):
        desk.deploy((f"{id}.bpmn", diagram(f"{id}-case", "<start/>" + body + "<end/>" + flow("start", id, "end"))))
        desk.start(f"{id}-case")
    assert names(desk) == ["lost"]


def test_only_those_who_can_help_are_told(desk: World) -> None:
    with pytest.raises(Forbidden):
        desk.engine.query(stranded, ANNA)
