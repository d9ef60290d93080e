"""The command's root: its options, and how refusals become sentences and exit codes."""

from __future__ import annotations

import sys
from typing import Any

import click

from engine import __version__
from engine.cli.cases import complete, export, start, tasks
from engine.cli.clock import clock
from engine.cli.deploying import deploy, validate
from engine.cli.jobs import jobs
from engine.cli.log import log
from engine.cli.people import group, user
from engine.cli.serving import serve
from engine.cli.settings import show_settings
from engine.errors import EngineError


class Commands(click.Group):
    """Turns what the engine refuses into sentences on standard error and exit code 1; wrong usage is 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except EngineError as error:
            click.echo(str(error), err=True)
            for problem in error.problems:
                click.echo(f"  {problem.severity}: {problem}", err=True)
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="casewright")
@click.option("--as", "username", metavar="USER", help="Act in the name of this user, with their rights only.")
@click.pass_context
def main(context: click.Context, username: str | None) -> None:
    """Casewright runs processes drawn as diagrams: cases, tasks, deadlines, and the whole story.

    Settings come from CASEWRIGHT_… variables and casewright.toml; `settings` shows them. Exit codes: 0 done,
    1 refused or invalid (the reasons are on standard error), 2 wrong usage.
    """
    context.obj = username


for command in (serve, deploy, validate, start, tasks, complete, jobs, log, export, user, group, clock, show_settings):
    main.add_command(command)
