"""An office in which a small process is in force, with a person of every role; prepared once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from engine.commands import CreateGroup, CreateUser
from engine.model import Role, User
from engine.model.identity import CONSOLE
from engine.queries.people import stamp_of
from tests.webui.browser import PASSWORD, Browser
from tests.world import World, diagram, flow, form, task
from webui.app import Settings, create_app

SECRET = b"a key that signs the cookies of tests"
PROCESS = "repair"
CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Look at it"
msgstr "查看"

msgid "Say it is looked at"
msgstr "查看完毕"
"""


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database that every test gets a copy of."""
    path = tmp_path_factory.mktemp("office") / "office.db"
    world = World(f"sqlite:///{path}")
    world.do(CreateGroup("workshop", "Workshop"), CONSOLE)
    for role in Role:
        groups = ("workshop",) if role is Role.STAFF else ()
        world.do(CreateUser(role.value, f"Some {role.value}", PASSWORD, (role.value,), groups), CONSOLE)
    world.do(CreateUser("ben", "Ben Carter", PASSWORD, ("staff",), ("workshop",)), CONSOLE)
    world.do(CreateUser("chen", "陈晓梅", PASSWORD, ("staff",), (), language="zh_Hans"), CONSOLE)
    body = (
        "<start/>"
        + task("look", name="Look at it", assignment='candidateGroups="workshop"', form="looked",
               extra='<zeebe:taskSchedule dueDate="=now() + duration(&quot;PT4H&quot;)"/>',
               action="Say it is looked at")
        + task("mend", name="Mend it", assignment='candidateGroups="workshop"')
        + "<end/>"
        + flow("start", "look", "mend", "end")
    )  # fmt: skip
    world.deploy(
        ("repair.bpmn", diagram(PROCESS, body, referencePrefix="R", subject='=&quot;Broken lamp&quot;')),
        ("looked.form", form("looked", {"key": "finding", "id": "finding_id", "type": "textfield", "label": "Finding",
                                        "validate": {"required": True}})),
        ("zh_Hans.po", CATALOGUE),
    )  # fmt: skip
    world.engine.close()
    return path


@pytest.fixture
def office(prepared: Path, tmp_path: Path) -> Iterator[World]:
    path = shutil.copy(prepared, tmp_path / "office.db")
    world = World(f"sqlite:///{path}")
    yield world
    world.engine.close()


@pytest.fixture
def app(office: World) -> Flask:
    return create_app(office.engine, Settings(SECRET, time_zone="Europe/Berlin"))


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Nobody is signed in yet."""
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: Flask, office: World) -> Callable[[str], Browser]:
    """Opens a browser in which a person is signed in."""

    def open_browser(username: str) -> Browser:
        browser = Browser(app.test_client())
        (user,) = office.rows(select(User).where(User.username == username))
        browser.begin_session(user.key, stamp_of(user.password_hash))
        return browser

    return open_browser
