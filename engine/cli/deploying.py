"""Putting files into force from a terminal, and checking them."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from engine.cli.assembly import installation
from engine.commands import CheckResources, Deploy
from engine.engine import Engine
from engine.errors import Problem
from engine.queries import console
from engine.settings import load

ENDINGS = (".bpmn", ".bpmn2", ".bpmn20.xml", ".dmn", ".form", ".po", ".scenario")
_files = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="FILE…")


@click.command()
@_files
@click.option("--name", default="", help="What to call the deployment; without it, the first file's name.")
def deploy(paths: Sequence[Path], name: str) -> None:
    """Put diagrams, forms, decision tables and translations into force, all together or none.

    A folder stands for all such files in it.
    """
    resources = read_files(paths)
    with installation() as (engine, _, actor):
        deployed = engine.execute(Deploy(name, resources), actor)
    tell(deployed.warnings)
    for each in deployed.definitions:
        click.echo(f"{each.kind} {each.id} version {each.version}")
    if not deployed.definitions:
        click.echo("Nothing has changed: these files are in force already.")


@click.command()
@_files
def validate(paths: Sequence[Path]) -> None:
    """Say what is wrong with files, without putting them into force."""
    resources = read_files(paths)
    problems = _problems(resources)
    tell(problems)
    errors = sum(problem.severity == "error" for problem in problems)
    click.echo(f"{len(resources)} files, {errors} errors, {len(problems) - errors} warnings")
    if errors:
        sys.exit(1)


def _problems(resources: tuple[tuple[str, bytes], ...]) -> tuple[Problem, ...]:
    """Checked against what is deployed here; where nothing is installed, nothing is left behind."""
    settings = load()
    if settings.database_url or Path(settings.data_directory / "casewright.db").exists():
        with installation() as (engine, _, actor):
            found: tuple[Problem, ...] = engine.execute(CheckResources(resources), actor)
            return found
    with tempfile.TemporaryDirectory() as directory:
        engine = Engine(f"sqlite:///{directory}/check.db", secret=b"").open()
        try:
            found = engine.execute(CheckResources(resources), console.CONSOLE)
            return found
        finally:
            engine.close()


def read_files(paths: Iterable[Path]) -> tuple[tuple[str, bytes], ...]:
    """Names and contents of files; of a folder all that can be deployed."""
    return tuple((path.name, path.read_bytes()) for path in _each(paths))


def _each(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.iterdir() if file.name.lower().endswith(ENDINGS))
        else:
            yield path


def tell(problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.severity}: {problem}", err=True)
