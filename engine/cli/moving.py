"""Moving cases to another version, and putting processes and cases to rest, from a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import click

from engine.cli.assembly import installation
from engine.commands import (
    CheckMigration,
    MigrateInstances,
    ResumeDefinition,
    ResumeInstance,
    SuspendDefinition,
    SuspendInstance,
)
from engine.queries import console

_version = click.option("--version", type=int, help="Only this version; else all.")
_only_starts = click.option("--only-starts", is_flag=True, help="Only what would start it, not its cases.")
_case = click.option("--case", "case", metavar="CASE", help="Only this case, by its reference or key.")


@click.command()
@click.argument("process_id", metavar="PROCESS")
@click.option("--from", "old", type=int, required=True, help="The version whose open cases are meant.")
@click.option("--to", "new", type=int, required=True, help="The version in which they go on.")
@click.option("--to-process", default="", help="The process of that version, if it is another one.")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="Element of the old version = of the new one.")
@click.option(
    "--renew", multiple=True, type=click.Choice(["timer", "message", "signal", "task"]),
    help="Work these out anew instead of keeping them.",
)  # fmt: skip
@click.option("--reason", default="", help="Why; the history of each case tells it.")
@click.option("--dry-run", is_flag=True, help="Only say which cases can move, and why the others cannot.")
def migrate(
    process_id: str, old: int, new: int, to_process: str, pairs: Sequence[str], renew: Sequence[str], reason: str,
    dry_run: bool,
) -> None:  # fmt: skip
    """Let the open cases of a version go on in another; what does not fit stays."""
    mapping = dict(_pair(pair) for pair in pairs)
    with installation() as (engine, _, actor):
        impact = engine.execute(
            CheckMigration(process_id, old, new, to_process, mapping, tuple(renew)), actor
        )
        for case in impact.cases:
            why = " ".join(problem.message for problem in case.problems)
            click.echo(f"{case.reference}  {case.verdict}  {why}".rstrip())
        counts = ", ".join(f"{impact.count(verdict)} {verdict}" for verdict in ("as-it-is", "needs-mapping", "cannot"))
        click.echo(f"{len(impact.cases)} open: {counts}")
        if dry_run:
            return
        batch = engine.execute(
            MigrateInstances(process_id, old, new, to_process, mapping, tuple(renew), reason=reason), actor
        )
    click.echo(f"batch {batch}: the server moves them one by one")


@click.command()
@click.argument("process_id", metavar="PROCESS", required=False, default="")
@_version
@_only_starts
@_case
@click.option("--reason", default="", help="Why; the history tells it.")
def suspend(process_id: str, version: int | None, only_starts: bool, case: str | None, reason: str) -> None:
    """Put a process with its cases, or one case, to rest. Nothing that comes meanwhile is lost."""
    _expect_one(process_id, case)
    with installation() as (engine, _, actor):
        if case:
            engine.execute(SuspendInstance(engine.query(console.case_key, actor, case), reason), actor)
            click.echo("at rest")
        else:
            _say(engine.execute(SuspendDefinition(process_id, version, not only_starts, reason), actor), "at rest")


@click.command()
@click.argument("process_id", metavar="PROCESS", required=False, default="")
@_version
@_only_starts
@_case
def resume(process_id: str, version: int | None, only_starts: bool, case: str | None) -> None:
    """Let a process with its cases, or one case, go on after a rest."""
    _expect_one(process_id, case)
    with installation() as (engine, _, actor):
        if case:
            engine.execute(ResumeInstance(engine.query(console.case_key, actor, case)), actor)
            click.echo("goes on")
        else:
            _say(engine.execute(ResumeDefinition(process_id, version, not only_starts), actor), "goes on")


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (sign and old and new):
        raise click.UsageError(f"'{text}' is not OLD=NEW")
    return old, new


def _expect_one(process_id: str, case: str | None) -> None:
    if bool(process_id) == bool(case):
        raise click.UsageError("name a PROCESS or a --case")


def _say(batch: int | None, word: str) -> None:
    click.echo(f"{word}; batch {batch}: the server does the same to its cases one by one" if batch else word)
