"""Running test scenarios at a terminal, and in the pipelines of process owners."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from engine import plain
from engine.analysis.scenarios import Passed, Result, coverage, run_scenarios
from engine.cli.assembly import installation
from engine.cli.deploying import read_files
from engine.commands import GatherProject
from engine.errors import Invalid


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[FILE…]")
@click.option("--project", type=int, help="Run the scenarios of this project of the installation, as it is saved.")
@click.option("--coverage", "with_coverage", is_flag=True, help="Also say what of the diagrams was passed.")
@click.option("--least", type=click.IntRange(0, 100), help="Fail when less than this percentage was passed.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def test(
    paths: Sequence[Path], project: int | None, with_coverage: bool, least: int | None, as_json: bool
) -> None:
    """Run test scenarios on the real engine, in a sandbox with its own clock.

    They are files that end in .scenario; nothing is put into force, and nothing outside is called. A folder stands for
    all files in it; name the diagrams, forms and tables that the scenarios need, too. Exit code 0: all scenarios hold.
    1: one does not (what differs first is said), or too little was passed.
    """
    if bool(paths) == (project is not None):
        raise click.UsageError("Name files or folders, or a project.")
    files = read_files(paths) if project is None else _of_project(project)
    results = run_scenarios(files)
    if not results:
        raise Invalid("Expected test scenarios, but there is no file that ends in .scenario.")
    covered = coverage(results)
    if as_json:
        click.echo(plain.dumps({"results": [_told(each) for each in results], "coverage": _figures(covered)}))
    else:
        _print(results, covered if with_coverage or least is not None else {})
    if not all(result.holds for result in results) or (least is not None and total(covered) < least):
        sys.exit(1)


def total(covered: dict[str, Passed]) -> int:
    """What percentage of all elements was passed, rounded down."""
    elements = sum(len(each.all_elements) for each in covered.values())
    return sum(each.passed_count for each in covered.values()) * 100 // elements if elements else 100


def _of_project(key: int) -> tuple[tuple[str, bytes], ...]:
    with installation() as (engine, _, actor):
        files: tuple[tuple[str, bytes], ...] = engine.execute(GatherProject(key), actor)
        return files


def _print(results: Sequence[Result], covered: dict[str, Passed]) -> None:
    for result in results:
        click.echo(f"{'ok    ' if result.holds else 'FAILED'} {result.file}: {result.name}")
        for problem in result.problems:
            click.echo(f"       {problem.message}")
    failed = sum(not result.holds for result in results)
    click.echo(f"{len(results)} scenarios, {failed} failed")
    for id, each in covered.items():
        missing = f", never {', '.join(each.missing)}" if each.missing else ""
        click.echo(f"{each.percent:>4} % of {id}: {each.passed_count} of {len(each.all_elements)} elements{missing}")
    if covered:
        click.echo(f"{total(covered):>4} % of all")


def _told(result: Result) -> dict[str, object]:
    problems = [
        {"message": problem.message, "element": problem.element_id} for problem in result.problems
    ]
    return {"file": result.file, "name": result.name, "holds": result.holds, "problems": problems}


def _figures(covered: dict[str, Passed]) -> dict[str, object]:
    return {
        id: {**dataclasses.asdict(each), "all_elements": sorted(each.all_elements), "all_flows": sorted(each.all_flows),
             "percent": each.percent}
        for id, each in covered.items()
    }  # fmt: skip
