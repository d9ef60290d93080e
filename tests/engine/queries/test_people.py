"""Questions about people."""

from __future__ import annotations

import pytest

from engine.commands import ChangeUser, CreateGroup, CreateUser, SetPassword
from engine.errors import Forbidden, NotFound
from engine.model import Permission
from engine.model.identity import CONSOLE, NOBODY
from engine.queries import people
from tests.world import ANNA, World

PASSWORD = "a password for tests"


@pytest.fixture
def office(world: World) -> World:
    world.do(CreateGroup("workshop", "Workshop"), CONSOLE)
    world.do(CreateUser("zoe", "Zoe", PASSWORD, ("staff",), ("workshop",)), CONSOLE)
    world.do(CreateUser("adil", "Adil", PASSWORD, ("auditor",)), CONSOLE)
    world.do(CreateUser("root", "Root", PASSWORD, ("admin",)), CONSOLE)
    return world


def test_an_account_has_the_rights_of_this_moment(office: World) -> None:
    key = next(each.key for each in office.engine.query(people.people, CONSOLE) if each.username == "zoe")
    before = office.engine.query(people.account, NOBODY, key)
    assert before is not None and before.actor.may(Permission.TASK_WORK) and before.actor.groups == {"workshop"}
    office.do(ChangeUser("zoe", roles=("auditor",)), CONSOLE)
    office.do(SetPassword("zoe", "quite another password"), CONSOLE)
    after = office.engine.query(people.account, NOBODY, key)
    assert after is not None and not after.actor.may(Permission.TASK_WORK)
    assert after.stamp != before.stamp
    office.do(ChangeUser("zoe", is_active=False), CONSOLE)
    assert office.engine.query(people.account, NOBODY, key) is None


def test_only_who_looks_after_people_sees_their_accounts(office: World) -> None:
    assert [each.name for each in office.engine.query(people.people, CONSOLE)] == ["Adil", "Root", "Zoe"]
    assert [each.name for each in office.engine.query(people.people, CONSOLE, search="ZO")] == ["Zoe"]
    for question in (people.people, people.groups, people.colleagues):
        with pytest.raises(Forbidden):
            office.engine.query(question, ANNA)
    with pytest.raises(NotFound):
        office.engine.query(people.person, CONSOLE, 1)


def test_tasks_can_be_given_to_those_who_work_on_tasks(office: World) -> None:
    assert office.engine.query(people.colleagues, CONSOLE) == (people.Colleague("zoe", "Zoe"),)


def test_groups_tell_their_people(office: World) -> None:
    assert office.engine.query(people.groups, CONSOLE) == (people.GroupRow("workshop", "Workshop", ("Zoe",)),)


def test_names(office: World) -> None:
    assert office.engine.query(people.name, NOBODY, "zoe") == "Zoe"
    assert office.engine.query(people.name, NOBODY, "somebody") == "somebody"
