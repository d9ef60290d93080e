"""Working on cases from a terminal: start, list tasks, complete, export."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import click

from engine import plain
from engine.cli.assembly import installation
from engine.commands import CompleteTask, StartInstance
from engine.errors import Invalid
from engine.queries import Permission, cases, console, trace, work

_variables = click.argument("pairs", nargs=-1, metavar="[NAME=VALUE]…")
_json = click.option(
    "--json", "file", type=click.File("r", encoding="utf-8"), help="Read data from a JSON file; - is input."
)


@click.command()
@click.argument("process_id", metavar="PROCESS")
@_variables
@_json
@click.option("--version", type=int, help="Start this version instead of the newest.")
@click.option("--no-form", is_flag=True, help="Do not let the start form check the data.")
def start(process_id: str, pairs: Sequence[str], file: TextIO | None, version: int | None, no_form: bool) -> None:
    """Start a case of a process. A value is JSON if it can be read so, else text."""
    data = parse_variables(pairs, file)
    with installation() as (engine, _, actor):
        started = engine.execute(StartInstance(process_id, data, version, start_form=not no_form), actor)
    click.echo(f"{started.reference} {started.key}")


@click.command()
@click.option("--search", default="", help="Only tasks whose case, subject, name or assignee holds these words.")
def tasks(search: str) -> None:
    """List open tasks: all or, with --as, the user's own and those offered to the user."""
    with installation() as (engine, _, actor):
        views: tuple[work.View, ...] = ("all",) if actor.may(Permission.TASK_READ_ALL) else ("mine", "groups")
        for view in views:
            page = engine.query(work.inbox, actor, now=engine.clock(), view=view, search=search)
            number = 1
            while True:
                for row in page.rows:
                    who = row.assignee or "/".join(row.offered_to) or "-"
                    click.echo(f"{row.key}  {row.reference}  {row.name}  {who}  {_time(row.due)}")
                if number >= page.pages:
                    break
                number += 1
                page = engine.query(work.inbox, actor, now=engine.clock(), view=view, search=search, page=number)


@click.command()
@click.argument("task_key", type=int, metavar="TASK")
@_variables
@_json
def complete(task_key: int, pairs: Sequence[str], file: TextIO | None) -> None:
    """Complete a task with what its form asks. A value is JSON if it can be read so, else text."""
    data = parse_variables(pairs, file)
    with installation() as (engine, _, actor):
        engine.execute(CompleteTask(task_key, data), actor)
    click.echo("completed")


@click.command()
@click.argument("case", metavar="CASE")
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="File to write; - is output.")
def export(case: str, output: TextIO) -> None:
    """Write a case with its whole history as JSON. CASE is its reference or key."""
    with installation() as (engine, _, actor):
        key = engine.query(console.case_key, actor, case)
        whole = {
            "case": dataclasses.asdict(engine.query(cases.case, actor, key)),
            "log": [dataclasses.asdict(fact) for fact in engine.query(trace.timeline, actor, key)],
        }
        if actor.may(Permission.LOG_READ):
            whole["verdict"] = dataclasses.asdict(engine.query(console.verdict, actor, key))
    output.write(plain.dumps(whole) + "\n")


def parse_variables(pairs: Iterable[str], file: TextIO | None) -> dict[str, Any]:
    """Data from a JSON file and from NAME=VALUE, the latter winning. Raises Invalid."""
    data: dict[str, Any] = {}
    if file is not None:
        try:
            data = plain.loads(file.read())
        except ValueError as error:
            raise Invalid("Expected JSON in {file}, but it is none: {reason}.", file=file.name, reason=error) from error
        if not isinstance(data, dict):
            raise Invalid("Expected a JSON object in {file}, but it is something else.", file=file.name)
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise click.UsageError(f"'{pair}' is not NAME=VALUE")
        try:
            data[name] = plain.loads(value)
        except ValueError:
            data[name] = value
    return data


def _time(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "-"
