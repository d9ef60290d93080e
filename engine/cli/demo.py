"""What a demonstration begins with: the process library, its groups, and people who work in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.cli.deploying import read_files
from engine.commands import CreateGroup, CreateUser, Deploy
from engine.engine import Engine
from engine.queries import console, people

PASSWORD = "casewright-demo"
"""Everybody knows it, so the server listens to nobody but this machine while such accounts exist."""

GROUPS = {
    "intake": "Intake",
    "service-quality": "Service quality",
    "product-quality": "Product quality",
    "operations": "Operations",
    "finance": "Finance",
    "quality": "Quality management",
    "team-leads": "Team leads",
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody in the demonstration."""

    username: str
    name: str
    what_for: str
    roles: tuple[str, ...]
    groups: tuple[str, ...] = ()
    language: str = "en"


PEOPLE = (
    DemoPerson("anna", "Anna Berg", "staff: takes complaints in", ("staff",), ("intake", "service-quality")),
    DemoPerson("ben", "Ben Carter", "staff: looks into products and operations", ("staff",),
               ("product-quality", "operations", "service-quality")),
    DemoPerson("chen", "陈晓梅", "staff, in Chinese: takes in, service and finance", ("staff",),
               ("intake", "service-quality", "finance"), "zh_Hans"),
    DemoPerson("dana", "Dana Novak", "staff: quality management and finance", ("staff",), ("quality", "finance")),
    DemoPerson("lena", "Lena Vogel", "team lead", ("team-lead",), ("team-leads",)),
    DemoPerson("liu", "刘志远", "team lead, in Chinese", ("team-lead",), ("team-leads", "quality"), "zh_Hans"),
    DemoPerson("olga", "Olga Marin", "process owner: diagrams, forms, tables", ("process-owner",)),
    DemoPerson("adil", "Adil Rahman", "auditor: reads everything, changes nothing", ("auditor",)),
    DemoPerson("otto", "Otto Klein", "operator: jobs, incidents, outbox", ("operator",)),
    DemoPerson("admin", "Administrator", "administrator: people, groups, everything", ("admin",)),
)  # fmt: skip


def prepare(engine: Engine) -> None:
    """Deploy what of the library was never deployed, and make the groups and people that are missing."""
    _deploy_library(engine)
    actor = console.CONSOLE
    known = {row.group_id for row in engine.query(people.groups, actor)}
    for group_id, name in GROUPS.items():
        if group_id not in known:
            engine.execute(CreateGroup(group_id, name), actor)
    taken = engine.query(console.usernames, actor)
    for person in PEOPLE:
        if person.username not in taken:
            engine.execute(
                CreateUser(
                    person.username,
                    person.name,
                    PASSWORD,
                    person.roles,
                    person.groups,
                    email=f"{person.username}@example.org",
                    language=person.language,
                    is_demo=True,
                ),
                actor,
            )


def logins() -> tuple[tuple[str, str, str], ...]:
    """User name, password and what for, of all demo people."""
    return tuple((person.username, PASSWORD, person.what_for) for person in PEOPLE)


def library() -> tuple[Path, ...]:
    """The folders of the process library: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    root = package / "library" if (package / "library").is_dir() else package.parent
    return tuple(folder for name in ("processes", "forms") if (folder := root / name).is_dir())


def _deploy_library(engine: Engine) -> None:
    """Files that were deployed once are left alone, or a restart would undo what a process owner changed since."""
    deployed = engine.query(console.deployed_digests, console.CONSOLE)
    resources = tuple(
        (name, content)
        for name, content in read_files(library())
        if hashlib.sha256(content).hexdigest() not in deployed
    )
    if resources:
        engine.execute(Deploy("Process library", resources), console.CONSOLE)
