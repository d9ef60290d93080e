"""Which processes somebody can start, and how their texts are translated."""

from __future__ import annotations

import pytest

from engine.commands import RetireDefinition
from engine.errors import Forbidden, NotFound
from engine.model.identity import NOBODY
from engine.queries import catalogues, starting
from tests.world import ANNA, OWNER, World, diagram, flow, form


def process(name: str, **properties: str) -> tuple[str, str]:
    return (f"{name}.bpmn", diagram(name, "<start/><end/>" + flow("start", "end"), **properties))


def names(world: World) -> list[str]:
    return [each.process_id for each in world.engine.query(starting.startable, ANNA)]


def test_a_process_is_open_to_its_starters_alone(world: World) -> None:
    world.deploy(
        process("for_all"),
        process("for_staff", candidateStarterGroups="others, staff"),
        process("for_others", candidateStarterGroups="others"),
        process("for_anna", candidateStarterUsers="anna"),
    )
    assert names(world) == ["for_all", "for_anna", "for_staff"]
    with pytest.raises(Forbidden):
        world.engine.query(starting.startable_process, ANNA, "for_others")
    with pytest.raises(NotFound):
        world.engine.query(starting.startable_process, ANNA, "nonsense")
    assert world.engine.query(starting.startable, NOBODY) == ()


def test_the_newest_version_counts(world: World) -> None:
    world.deploy(process("repair", candidateStarterUsers="ben"))
    assert names(world) == []
    world.deploy(process("repair"))
    assert names(world) == ["repair"]
    world.do(RetireDefinition("repair"), OWNER)
    assert names(world) == []


def test_a_process_without_a_form_asks_nothing(world: World) -> None:
    world.deploy(process("repair"), ("unused.form", form("unused", ("a", "textfield"))))
    assert world.engine.query(starting.start_form, ANNA, "repair", now=world.clock(), words={}) is None


def test_of_two_catalogues_the_newer_wins(world: World) -> None:
    def po(*pairs: tuple[str, str]) -> str:
        return "\n\n".join(f'msgid "{text}"\nmsgstr "{words}"' for text, words in (("", ""), *pairs))

    world.deploy(("zh_Hans.po", po(("Repair", "旧"), ("Lamp", "灯"))))
    world.deploy(("more.zh_Hans.po", po(("Repair", "修理"), ("Chair", ""))), ("de.po", po(("Repair", "Reparatur"))))
    assert dict(world.engine.query(catalogues.translations, NOBODY, "zh_Hans")) == {"Repair": "修理", "Lamp": "灯"}
    world.deploy(("zh_Hans.po", po(("Lamp", "台灯"))))
    assert dict(world.engine.query(catalogues.translations, NOBODY, "zh_Hans")) == {"Repair": "修理", "Lamp": "台灯"}
    assert dict(world.engine.query(catalogues.translations, NOBODY, "fr")) == {}
