"""The one door: conflicts are tried again, refusals are told, questions change nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.command import Command, Memory, Transaction
from engine.commands import CreateGroup
from engine.errors import Forbidden, Unavailable
from engine.model import Actor, Group
from engine.model.identity import CONSOLE
from tests.world import ANNA, World


class Stumbling(Command):
    """Conflicts as often as it is told to."""

    permission = None
    tries = 0

    def __init__(self, times: int, error: Exception) -> None:
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "error", error)
        object.__setattr__(self, "tries", 0)

    def execute(self, tx: Transaction) -> int:
        object.__setattr__(self, "tries", self.tries + 1)
        if self.tries <= self.times:  # type: ignore[attr-defined]
            raise self.error  # type: ignore[attr-defined]
        return self.tries


LOCKED = OperationalError("x", {}, Exception("database is locked"))


@pytest.mark.parametrize("error", [StaleDataError(), LOCKED])
def test_a_conflict_is_tried_again_three_times(world: World, error: Exception) -> None:
    assert world.do(Stumbling(2, error)) == 3
    with pytest.raises(Unavailable, match="others do so all the time"):
        world.do(Stumbling(3, error))


def test_what_is_no_conflict_is_not_tried_again(world: World) -> None:
    command = Stumbling(1, OperationalError("x", {}, Exception("disk I/O error")))
    with pytest.raises(Unavailable, match="Nothing was changed"):
        world.do(command)
    assert command.tries == 1


def test_a_forbidden_command_is_told_and_changes_nothing(world: World) -> None:
    with pytest.raises(Forbidden, match="user:manage"):
        world.do(CreateGroup("g", "G"), ANNA)
    assert world.rows(select(Group)) == []
    assert world.data("AttemptRefused")[0]["subject"] == "group id g"


def test_a_question_changes_nothing(world: World) -> None:
    def meddle(session: Session, actor: Actor) -> str:
        session.add(Group(group_id="g", name="G"))
        session.flush()
        return "done"

    assert world.engine.query(meddle, CONSOLE) == "done"
    assert world.rows(select(Group)) == []


def test_memory_keeps_what_was_used_last() -> None:
    memory, made = Memory(size=2), []
    for name in ("a", "b", "a", "c", "a", "b"):
        memory.recall(name, lambda name=name: made.append(name) or name)  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]
