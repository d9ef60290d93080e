"""Every command says what it does, needs a permission or says why not, and is found where all are."""

from __future__ import annotations

import dataclasses

import pytest

from engine import commands
from engine.command import Command
from engine.model import Permission

COMMANDS = [command for name, command in Command.registry.items() if command.__module__.startswith("engine.")]
LOOK_AT_THE_ASKER_THEMSELVES = {"SetLanguage", "SetPassword", "SignIn"}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_command_is_whole(command: type[Command]) -> None:
    assert command.__doc__ and command.__doc__.rstrip().endswith(".") and "(" not in command.__doc__[:20]
    assert dataclasses.is_dataclass(command) and command.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert command.__name__ in commands.__all__
    if command.__name__ in LOOK_AT_THE_ASKER_THEMSELVES:
        assert command.permission is None
    else:
        assert isinstance(command.permission, Permission)
