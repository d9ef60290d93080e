"""Proving at a terminal that the database holds together."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any, TextIO

import click

from engine import plain
from engine.checks import RULES, Acknowledged, Finding, survey
from engine.cli.assembly import installation
from engine.engine import Engine
from engine.errors import Invalid
from engine.queries import Actor, Permission, operations, standstills
from engine.queries.stranded import stranded


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--accepted", type=click.File("r", encoding="utf-8"),
    help='JSON of what must be there: {"tasks": [completed task keys], "cases": [case numbers]}.',
)  # fmt: skip
@click.option("--rules", is_flag=True, help="List what is checked, and check nothing.")
def check(as_json: bool, accepted: TextIO | None, rules: bool) -> None:
    """Prove that state, tasks, jobs, waits and log of every case tell the same story.

    It reads page by page in short snapshots, so it may run beside the server, and changes nothing. Exit code 0: all
    holds. 1: something does not, and each finding names its case, its element and what is wrong.
    """
    if rules:
        for name, promise in RULES.items():
            click.echo(f"{name:<11} {promise}")
        return
    acknowledged = _acknowledged(accepted) if accepted else Acknowledged()
    findings: list[Finding] = []
    cases = 0
    shows_progress = sys.stderr.isatty()
    with installation() as (engine, _, actor):
        for page in survey(engine, actor, acknowledged=acknowledged):
            cases = page.cases
            if shows_progress:
                click.echo(f"\r{page.cases} of {page.of} cases checked", nl=False, err=True)
            if page.findings and not as_json:
                click.echo("\n".join(map(str, page.findings)))
            findings += page.findings
        standing_still = _standing_still(engine, actor)
    if shows_progress:
        click.echo(err=True)
    if as_json:
        found = [dataclasses.asdict(each) for each in findings]
        click.echo(plain.dumps({"cases": cases, "findings": found, "standing_still": standing_still}))
    else:
        click.echo(f"{cases} cases checked, {len(findings)} findings")
        for what, number in standing_still.items():
            if number:
                click.echo(f"no fault, but to be looked at: {number} {what}")
    if findings:
        sys.exit(1)


def _standing_still(engine: Engine, actor: Actor) -> dict[str, int]:
    """How much waits without having failed, as the operations page lists it; nothing for those who may not see that."""
    if not actor.may(Permission.JOB_READ):
        return {}
    now = engine.clock()
    return {
        "incidents": engine.query(operations.standing, actor, now).incidents,
        "tasks that nobody may do": len(engine.query(stranded, actor)),
        "jobs that nobody takes": len(engine.query(standstills.untaken_jobs, actor, now)),
        "cases at rest for more than a week": len(engine.query(standstills.long_resting, actor, now)),
        "cases that only wait for a message, a signal or a condition": len(
            engine.query(standstills.only_waiting, actor)
        ),
    }


def _acknowledged(file: TextIO) -> Acknowledged:
    try:
        said: Any = plain.loads(file.read())
        return Acknowledged(frozenset(map(int, said.get("tasks", ()))), frozenset(map(str, said.get("cases", ()))))
    except (ValueError, TypeError, AttributeError) as error:
        raise Invalid(
            "Expected a JSON object with lists of task keys and case numbers, but it cannot be read: {reason}.",
            reason=error,
        ) from error
