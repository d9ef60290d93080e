"""The README names every command and every setting, and every event says in a sentence what it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import engine.commands  # noqa: F401  (fills the registry)
from engine.command import Command
from engine.events import Event
from engine.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


# Tests define commands and events of their own; the product's are those of its packages.
COMMANDS = {name: command for name, command in Command.registry.items() if command.__module__.startswith("engine.")}
EVENTS = {name: event for name, event in Event.registry.items() if event.__module__.startswith("engine.")}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_readme_names_the_command(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("setting", [field.name for field in dataclasses.fields(Settings)])
def test_readme_documents_the_setting(setting: str) -> None:
    assert f"| `{setting}` |" in README


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.__name__)
def test_event_says_what_happened(event: type[Event]) -> None:
    assert event.__doc__ and not event.__doc__.startswith(f"{event.__name__}(")
