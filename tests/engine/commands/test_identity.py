"""People and signing in."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from engine.commands import ChangeUser, CreateGroup, CreateUser, SetLanguage, SetPassword, SignIn, passwords
from engine.errors import EngineError, Forbidden, Invalid, NotFound, Refused
from engine.model import Permission, SignInAttempts, User
from engine.model.identity import CONSOLE, NOBODY
from tests.world import ANNA, World

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same kind of hash with less work, since these tests make many."""
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def carl(world: World) -> int:
    world.do(CreateGroup("desk", "Desk"), CONSOLE)
    key: int = world.do(CreateUser("carl", "Carl", PASSWORD, roles=("staff",), groups=("desk",)), CONSOLE)
    return key


def test_the_right_password_makes_an_actor_with_rights(world: World, carl: int) -> None:
    actor = world.do(SignIn("carl", PASSWORD, "192.0.2.1"), NOBODY)
    assert (actor.key, actor.groups, actor.may(Permission.TASK_WORK)) == (carl, {"desk"}, True)
    assert world.story(carl) == ["UserCreated", "SignedIn"]
    assert world.verdict(carl).holds
    (user,) = world.rows(select(User))
    assert PASSWORD not in user.password_hash and user.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(("username", "password"), [("carl", "wrong"), ("nobody-here", PASSWORD), ("carl", "")])
def test_a_wrong_name_and_a_wrong_password_sound_alike(world: World, carl: int, username: str, password: str) -> None:
    with pytest.raises(Forbidden, match="belong together") as caught:
        world.do(SignIn(username, password), NOBODY)
    assert caught.value.problems == ()


def test_wrong_tries_are_told_and_slow_down_further_ones(world: World, carl: int) -> None:
    for username in ("carl", "unknown"):
        for _ in range(5):
            with pytest.raises(Forbidden):
                world.do(SignIn(username, "wrong", "192.0.2.1"), NOBODY)
        with pytest.raises(Refused, match="too many"):
            world.do(SignIn(username, PASSWORD, "192.0.2.1"), NOBODY)
    assert world.story(carl, "SignInRefused") == ["SignInRefused"] * 6
    world.clock.turn(seconds=31)
    assert world.do(SignIn("carl", PASSWORD, "192.0.2.1"), NOBODY).username == "carl"
    assert world.rows(select(User))[0].failed_sign_ins == 0


def test_one_address_cannot_try_all_names(world: World, carl: int) -> None:
    for number in range(30):
        with pytest.raises(EngineError):
            world.do(SignIn(f"name{number}", "wrong", "192.0.2.1"), NOBODY)
    with pytest.raises(Refused, match="too many"):
        world.do(SignIn("carl", PASSWORD, "192.0.2.1"), NOBODY)
    assert world.do(SignIn("carl", PASSWORD, "192.0.2.2"), NOBODY).username == "carl"
    world.clock.turn(days=2)
    with pytest.raises(Forbidden):
        world.do(SignIn("carl", "wrong", "192.0.2.3"), NOBODY)
    assert len(world.rows(select(SignInAttempts))) == 1


def test_an_account_that_is_off_cannot_sign_in(world: World, carl: int) -> None:
    world.do(CreateUser("boss", "Boss", PASSWORD, roles=("admin",)), CONSOLE)
    world.do(ChangeUser("carl", is_active=False), CONSOLE)
    with pytest.raises(Forbidden):
        world.do(SignIn("carl", PASSWORD), NOBODY)
    assert world.data("UserChanged")[0]["changes"] == {"is_active": {"old": True, "new": False}}


def test_roles_and_groups_change_and_the_last_administrator_stays(world: World, carl: int) -> None:
    world.do(CreateUser("boss", "Boss", PASSWORD, roles=("admin",)), CONSOLE)
    world.do(ChangeUser("carl", roles=("auditor",), groups=()), CONSOLE)
    actor = world.do(SignIn("carl", PASSWORD), NOBODY)
    assert (actor.roles, actor.groups) == ({"auditor"}, frozenset())
    for change in (ChangeUser("boss", roles=("staff",)), ChangeUser("boss", is_active=False)):
        with pytest.raises(Refused, match="no administrator"):
            world.do(change, CONSOLE)
    assert world.do(SignIn("boss", PASSWORD), NOBODY).may(Permission.USER_MANAGE)


def test_one_changes_ones_own_password_by_naming_the_old_one(world: World, carl: int) -> None:
    actor = world.do(SignIn("carl", PASSWORD), NOBODY)
    with pytest.raises(Refused, match="old password"):
        world.do(SetPassword("carl", "a new password", old_password="wrong"), actor)
    with pytest.raises(Forbidden):
        world.do(SetPassword("carl", "a new password"), actor)
    with pytest.raises(Forbidden):
        world.do(SetPassword("carl", "a new password", old_password=PASSWORD), ANNA)
    with pytest.raises(Invalid):
        world.do(SetPassword("carl", "short", old_password=PASSWORD), actor)
    world.do(SetPassword("carl", "a new password", old_password=PASSWORD), actor)
    assert world.do(SignIn("carl", "a new password"), NOBODY).username == "carl"
    assert "a new password" not in repr(SetPassword("carl", "a new password"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "a b"}, {"username": "engine"}, {"username": ""}, {"name": " "}, {"password": "short"},
        {"roles": ("king",)}, {"groups": ("nowhere",)}, {"language": "tlh"}, {"password": "x" * 500},
    ],
)  # fmt: skip
def test_an_account_must_be_as_it_should(world: World, wrong: dict[str, object]) -> None:
    right: dict[str, object] = {"username": "dora", "name": "Dora", "password": PASSWORD}
    with pytest.raises(Invalid) as caught:
        world.do(CreateUser(**{**right, **wrong}), CONSOLE)  # type: ignore[arg-type]
    (name,) = wrong
    assert caught.value.problems[0].field == (name,)
    assert world.rows(select(User)) == []


def test_names_are_taken_once(world: World, carl: int) -> None:
    with pytest.raises(Refused):
        world.do(CreateUser("carl", "Another", PASSWORD), CONSOLE)
    with pytest.raises(Refused):
        world.do(CreateGroup("desk", "Desk"), CONSOLE)
    with pytest.raises(NotFound):
        world.do(ChangeUser("nobody-here", name="x"), CONSOLE)
    with pytest.raises(Forbidden):
        world.do(CreateUser("mallory", "Mallory", PASSWORD, roles=("admin",)), ANNA)


def test_one_chooses_ones_own_language(world: World, carl: int) -> None:
    actor = world.do(SignIn("carl", PASSWORD), NOBODY)
    for _ in range(2):
        world.do(SetLanguage("zh_Hans"), actor)
    (user,) = world.rows(select(User))
    assert user.language == "zh_Hans"
    assert world.story(carl, "UserChanged") == ["UserChanged"]
    with pytest.raises(Invalid):
        world.do(SetLanguage("klingon"), actor)
    with pytest.raises(NotFound):
        world.do(SetLanguage("en"), NOBODY)
