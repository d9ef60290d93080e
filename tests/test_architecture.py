"""Who may import whom. A new arrow is a decision: change the table in the same commit and say why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The first row whose name leads an importing module counts; it may import itself and what the row names, and below.
MAY_IMPORT = {
    "engine.__main__": "engine.cli",
    "webui": "engine.engine engine.command engine.commands engine.queries engine.analysis engine.scenarios "
    "engine.errors engine.plain",
    # The command line is where an installation is put together, so it also knows the connectors.
    "engine.cli": "engine.engine engine.command engine.commands engine.queries engine.analysis engine.scenarios "
    "engine.errors "
    "engine.plain engine.settings engine.executor engine.connectors engine.references engine.backups engine.archives "
    "engine.checks webui",
    # A restore fills the database before there is an engine on it.
    "engine.backups": "engine.archives engine.database engine.revisions engine.model engine.errors",
    "engine.archives": "engine.errors engine.plain",
    "engine.engine": "engine.command engine.database engine.errors engine.events engine.model.identity engine.executor",
    "engine.commands": "engine.command engine.model engine.bpmn engine.dmn engine.forms engine.scenarios engine.feel "
    "engine.calendars "
    "engine.clocks engine.connectors.base engine.events engine.errors engine.plain engine.keys engine.references "
    "engine.database",
    "engine.queries": "engine.model engine.clocks engine.errors engine.events engine.forms engine.plain "
    "engine.references",
    # What is worked out for designers leans on all that runs and is kept; nothing that runs leans on it.
    "engine.analysis": "engine.queries engine.commands engine.command engine.engine engine.bpmn engine.dmn "
    "engine.forms engine.feel engine.model engine.connectors engine.executor engine.scenarios engine.calendars "
    "engine.events engine.errors engine.plain",
    "engine.scenarios": "engine.errors engine.plain",
    # Whoever checks must not lean on the commands that it checks.
    "engine.checks": "engine.engine engine.model engine.bpmn engine.errors",
    "engine.command": "engine.model engine.database engine.events engine.errors engine.keys",
    "engine.executor": "engine.command engine.engine engine.commands engine.connectors engine.model engine.events "
    "engine.errors engine.plain",
    "engine.bpmn": "engine.events engine.errors engine.feel engine.dmn engine.plain engine.xml_files",
    "engine.model": "engine.database engine.keys engine.events engine.errors engine.plain",
    "engine.dmn": "engine.feel engine.errors engine.plain engine.xml_files",
    "engine.forms": "engine.feel engine.errors engine.plain",
    "engine.calendars": "engine.errors engine.events",
    "engine.clocks": "engine.calendars engine.errors engine.events",
    "engine.connectors": "engine.errors engine.events engine.plain",
    "engine.xml_files": "engine.errors",
    "engine.database": "engine.errors engine.plain engine.revisions",
    "engine.revisions": "engine.errors",
    "engine.feel": "",
    "engine.events": "",
    "engine.errors": "",
    "engine.keys": "",
    "engine.plain": "",
    "engine.references": "",
    "engine.settings": "engine.errors",
}
ONLY_IN = {
    "SpiffWorkflow": ("engine.bpmn",),
    "sqlalchemy": (
        "engine.model", "engine.command", "engine.commands", "engine.queries", "engine.engine", "engine.database",
        "engine.executor", "engine.migrations", "engine.revisions",
        "engine.backups", "engine.archives", "engine.checks", "engine.analysis",
    ),
    "alembic": ("engine.revisions", "engine.migrations"),
    "procrastinate": ("engine.executor.postgres",),
    "flask": ("webui",),
    "flask_babel": ("webui",),
}  # fmt: skip
MAY_COMMIT = ("engine.engine", "engine.database")
GENERATED = "engine.migrations"

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("engine", "webui")
    for path in (ROOT / package).rglob("*.py")
    if "node_modules" not in path.parts
}
HAND_WRITTEN = sorted(name for name in MODULES if not name.startswith(GENERATED))


def is_in(module: str, *packages: str) -> bool:
    """Whether a module is one of the packages or lies in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def imports(module: str) -> Iterator[tuple[int, str]]:
    """The modules that a module imports, with the line; `from engine import feel` names engine.feel."""
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield node.lineno, whole if whole in MODULES else node.module


@pytest.mark.parametrize("module", HAND_WRITTEN)
def test_imports_only_what_the_table_allows(module: str) -> None:
    row = next((row for row in MAY_IMPORT if is_in(module, row)), None)
    allowed = (row, *MAY_IMPORT[row].split()) if row else ()
    strangers = [
        f"{MODULES[module].relative_to(ROOT)}:{line} imports {name}"
        for line, name in imports(module)
        if is_in(name, "engine", "webui") and name not in ("engine", "webui") and not is_in(name, *allowed)
    ]
    assert row or module in ("engine", "engine.__main__"), f"{module} has no row in the table"
    assert strangers == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_packages(library: str) -> None:
    strangers = [
        f"{MODULES[module].relative_to(ROOT)}:{line}"
        for module in MODULES
        if not is_in(module, *ONLY_IN[library])
        for line, name in imports(module)
        if is_in(name, library)
    ]
    assert strangers == []


def test_only_the_door_commits() -> None:
    calls = [
        f"{MODULES[module].relative_to(ROOT)}:{node.lineno}"
        for module in MODULES
        if module not in MAY_COMMIT
        for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]
    assert calls == []
