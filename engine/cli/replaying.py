"""Replaying recorded cases through a change, from a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from engine import plain
from engine.analysis.replay import USUAL_CASES, Asked, replay_files, replay_project
from engine.cli.assembly import installation
from engine.errors import Problem

FAILS = ("stuck", "missing")


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="PROJECT|FILES…")
@click.option("--last", type=int, default=USUAL_CASES, show_default=True, help="So many of the last cases, at most.")
@click.option("--days", type=int, help="Only cases that began within so many days.")
@click.option("--json", "as_json", is_flag=True, help="The whole report, for programs.")
def replay(what: tuple[str, ...], last: int, days: int | None, as_json: bool) -> None:
    """Run the last cases through a project or files, and say what would have happened.

    Exit code 1 when cases get stuck or an answer is missing. The report of a project is kept with it; of files
    nothing is kept.
    """
    asked = Asked(last, days)
    with installation() as (engine, _, actor):
        if len(what) == 1 and what[0].isdigit():
            found: list[dict[str, Any]] = []
            for _progress in replay_project(engine, actor, int(what[0]), asked, found.append):
                pass
            report = found[0]
        else:
            files = tuple((path.name, path.read_bytes()) for path in map(Path, _found(what)))
            report = replay_files(engine, actor, files, asked)
    click.echo(plain.dumps(report) if as_json else "\n".join(_said(report)))
    if any(report["verdicts"].get(kind) for kind in FAILS):
        raise SystemExit(1)


def _found(paths: tuple[str, ...]) -> tuple[str, ...]:
    missing = next((path for path in paths if not Path(path).is_file()), None)
    if missing is not None:
        raise click.BadParameter(f"there is no file or project {missing!r}")
    return paths


def _said(report: Mapping[str, Any]) -> list[str]:
    counts = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in report["verdicts"].items())
    lines = [f"{report['cases']} cases: {counts or 'none'}"]
    for finding in report["findings"]:
        said = [(finding["template"], finding["values"]), *([finding["cause"]] if finding["cause"] else [])]
        why = " ".join(Problem(template, values).message for template, values in said)
        some = ", ".join(each["reference"] for each in finding["examples"])
        lines.append(f"{finding['verdict']}  {finding['count']}  {why}  ({some})")
    return lines
