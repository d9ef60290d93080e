"""The pages after publishing: what came into force, the way back, and versions that are tried out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.commands import PublishProject, SaveProjectFile
from engine.commands.projects import OpenProject, files_of
from engine.model import Definition, ProcessInstance
from engine.model.identity import CONSOLE
from engine.model.trials import bucket_of
from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]


@pytest.fixture
def owner(signed_in: SignedIn) -> Browser:
    return signed_in("process-owner")


def published(office: World, *, trial: str | None = None) -> int:
    """Another form is published, and with it another diagram."""
    key = office.do(OpenProject("repair"), CONSOLE)
    with office.engine.database.reading() as session:
        files = dict(files_of(session, key))
    for name, old, new in (("looked.form", b"Finding", b"Found"), ("repair.bpmn", b"Mend it", b"Repair it")):
        office.do(SaveProjectFile(key, name, files[name].replace(old, new), 1), CONSOLE)
    deployed = office.do(PublishProject(key, "Clearer words.", "spring", trial), CONSOLE)
    assert isinstance(deployed.key, int)
    return deployed.key


def definition_key(office: World, version: int) -> int:
    wanted = select(Definition.key).where(Definition.definition_id == "repair", Definition.version == version)
    (key,) = office.rows(wanted)
    assert isinstance(key, int)
    return key


def test_after_publishing_one_sees_what_came_into_force_and_the_way_back(owner: Browser, office: World) -> None:
    office.start("repair")
    said = words(owner.get(f"/publications/{published(office)}"))
    assert "Clearer words." in said and "spring" in said
    assert "1 case stays" in said
    assert "Return to version 1" in said


def test_an_earlier_version_is_returned_to_with_one_click(owner: Browser, office: World) -> None:
    published(office)
    address = f"/publications/return/{definition_key(office, 1)}"
    assert address in owner.get(f"/processes/{definition_key(office, 2)}").text
    assert address in owner.get(f"/processes/{definition_key(office, 1)}").text
    assert "Back to version 1: version 2 did not do what we hoped." in owner.get(address).text
    assert owner.post(address, {"note": " "}).status_code == 422
    done = owner.post(address, {"note": "Too clear."})
    assert done.status_code == 303
    said = words(owner.get(str(done.location)))
    assert "In force again: " in said and "Too clear." in said
    contents = office.rows(select(Definition).where(Definition.definition_id == "repair").order_by(Definition.version))
    assert [row.version for row in contents] == [1, 2, 3]
    assert "This version is in force" in words(owner.get(f"/publications/return/{definition_key(office, 3)}"))


def test_what_is_tried_out_is_shown_beside_the_version_in_force_and_ended(
    owner: Browser, signed_in: SignedIn, office: World
) -> None:
    key = published(office, trial="percent:50")
    staff = signed_in("staff")
    inside, outside = (next(n for n in range(1, 99) if (bucket_of(n) < 50) is wanted) for wanted in (True, False))
    for ticket in (inside, outside, outside):
        assert staff.post(f"/start/repair?ticket={ticket}").status_code == 303
    assert f"ticket={inside}" in staff.get(f"/start/repair?ticket={inside}").text
    versions = office.rows(select(ProcessInstance.definition_key).order_by(ProcessInstance.key))
    assert versions == [definition_key(office, 2), definition_key(office, 1), definition_key(office, 1)]
    page = owner.get(f"/publications/{key}")
    assert "tried out on 50 % of new cases" in words(page)
    assert "tried out on 50 % of new cases" in words(owner.get(f"/processes/{definition_key(office, 1)}"))
    assert owner.post(f"/publications/{key}/trial", {"verb": "explode"}).status_code == 400
    assert owner.post(f"/publications/{key}/trial", {"verb": "withdraw", "note": "No."}).status_code == 303
    said = words(owner.get(f"/publications/{key}"))
    assert "Move 1 case out of version 2" in said
    assert owner.post(f"/publications/{key}/trial", {"verb": "promote"}).status_code == 409


def test_what_was_tried_out_becomes_the_one_for_everybody(owner: Browser, office: World) -> None:
    key = published(office, trial="percent:5")
    assert owner.post(f"/publications/{key}/trial", {"verb": "promote"}).status_code == 303
    assert "for everybody since it was tried out" in words(owner.get(f"/publications/{key}"))
    office.start("repair")
    assert office.instances()[-1].definition_key == definition_key(office, 2)


def test_the_pages_speak_chinese(owner: Browser, office: World) -> None:
    key = published(office, trial="percent:5")
    owner.post("/account/language", {"language": "zh_Hans"})
    assert "在 5% 的新案件上试行" in words(owner.get(f"/publications/{key}"))
