"""Changes under way at a terminal: their files in a folder, such as one kept in git, and publishing them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from engine.analysis import gates
from engine.analysis.folders import main_process
from engine.cli.assembly import installation
from engine.cli.deploying import ENDINGS, read_files, tell
from engine.commands import BringFilesIn, OpenProject, StartProject
from engine.errors import Invalid
from engine.queries import definitions, projects

_folder = click.Path(file_okay=False, path_type=Path)


@click.group()
def project() -> None:
    """Changes under way: their files in a folder, such as one kept in git, and publishing them."""


@project.command("list")
def list_projects() -> None:
    """List the changes under way."""
    with installation() as (engine, _, actor):
        for row in engine.query(projects.projects, actor):
            click.echo(f"{row.key}\t{row.process_id}\t{row.changed} changed\t{row.name}")


@project.command("export")
@click.argument("key", type=int)
@click.argument("folder", type=_folder)
def export_project(key: int, folder: Path) -> None:
    """Write the files of a project into a folder, byte for byte as they were saved.

    Files of other kinds in the folder stay; such as are not in the project are named.
    """
    with installation() as (engine, _, actor):
        view = engine.query(projects.project, actor, key)
        files = {
            row.name: engine.query(projects.project_file, actor, key, row.name).content
            for row in view.files
            if row.state != "removed"
        }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            click.echo(f"wrote {path}")
    for path in sorted(folder.iterdir()):
        if path.name.lower().endswith(ENDINGS) and path.name not in files:
            click.echo(f"not in the project: {path}", err=True)


@project.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--project", "key", type=int, help="Take the files into this project; without it, a new one is opened.")
@click.option("--process", "process_id", default="", help="The process that a new project is about.")
@click.option("--name", default="", help="What a new project is called.")
def import_project(folder: Path, key: int | None, process_id: str, name: str) -> None:
    """Take the files of a folder into a project, all or none.

    Files of the same name are replaced; what is only in the project stays there. Without --project, the process that
    the files are about is opened for change, or begun when it is not in force. Prints the project's key.
    """
    files = read_files([folder])
    if not files:
        raise Invalid("Expected a folder with files of a process, but there are none in it.")
    with installation() as (engine, _, actor):
        if key is None:
            process_id = process_id or main_process(files)
            known = {row.definition_id for row in engine.query(definitions.definitions, actor, kind="process")}
            if process_id in known:
                key = engine.execute(OpenProject(process_id, name), actor)
            else:
                key = engine.execute(StartProject(process_id, name or process_id, ()), actor)
        changed = engine.execute(BringFilesIn(key, files), actor)
    for file in changed:
        click.echo(f"changed {file}", err=True)
    click.echo(key)


@project.command("publish")
@click.argument("key", type=int)
@click.option("--note", required=True, help="What changes, and why.")
@click.option("--label", default="", help="Name of the version; without it, year, month and a number.")
@click.option("--trial", help="Try it out first: percent:10, or group:ID.")
@click.option("--although", multiple=True, metavar="GATE=REASON", help="Publish although this speaks against it.")
def publish_project(key: int, note: str, label: str, trial: str | None, although: Sequence[str]) -> None:
    """Put a project into force, or try it out, when nothing speaks against it.

    What is looked at: problems, review, scenarios, replay of recorded cases. For the last two, a reason is enough to
    publish all the same; it is told in the log.
    """
    reasons = dict(each.split("=", 1) for each in although if "=" in each)
    if len(reasons) != len(although):
        raise click.UsageError("Write GATE=REASON, such as scenarios='They are being rewritten.'")
    with installation() as (engine, _, actor):
        for gate in gates.gates(engine, actor, key):
            click.echo(f"{gate.state}\t{gate.name}\t{gate.says}", err=True)
        deployed = gates.publish(engine, actor, key, note, label, trial, reasons)
    tell(deployed.warnings)
    for each in deployed.definitions:
        click.echo(f"{each.kind} {each.id} version {each.version}")
