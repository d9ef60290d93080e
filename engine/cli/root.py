"""The command's root: its options, its verbs, and how refusals become sentences and exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from engine import __version__
from engine.errors import EngineError

VERBS = {
    "backup": ("backups:backup", "Write everything into one file, while everybody works."),
    "check": ("checking:check", "Prove that state, tasks, jobs, waits and log of every case tell the same story."),
    "clock": ("clock:clock", "Show the test clock, or turn it: +3d, +2h30m, +45m, reset."),
    "complete": ("cases:complete", "Complete a task with what its form asks."),
    "deploy": ("deploying:deploy", "Put diagrams, forms, decision tables and translations into force, all or none."),
    "export": ("cases:export", "Write a case with its whole history as JSON."),
    "group": ("people:group", "Groups, to which tasks are offered."),
    "jobs": ("jobs:jobs", "Timers, mails and calls of services: what the engine will do, or failed to do."),
    "log": ("log:log", "The history of everything, chained so that any change of it shows."),
    "project": (
        "projects:project",
        "Changes under way: their files in a folder, such as one kept in git, and publishing them.",
    ),
    "replay": ("replaying:replay", "Run the last cases through a project or files, and say what would have happened."),
    "restore": ("backups:restore", "Fill an empty database, SQLite or PostgreSQL, from a backup."),
    "migrate": ("moving:migrate", "Let the open cases of a version go on in another; what does not fit stays."),
    "resume": ("moving:resume", "Let a process with its cases, or one case, go on after a rest."),
    "serve": ("serving:serve", "Serve the pages and do what is due, until stopped (Ctrl-C or SIGTERM)."),
    "settings": ("settings:show_settings", "Show every setting, its value here, and what it is for."),
    "start": ("cases:start", "Start a case of a process."),
    "suspend": ("moving:suspend", "Put a process with its cases, or one case, to rest."),
    "tasks": ("cases:tasks", "List open tasks: all or, with --as, the user's own and those offered to the user."),
    "test": ("testing:test", "Run test scenarios on the real engine, in a sandbox with its own clock."),
    "user": ("people:user", "People with accounts."),
    "validate": ("deploying:validate", "Say what is wrong with files, without putting them into force."),
    "worker": ("working:worker", "Do what is due (timers, mails, calls of services), until stopped."),
}
"""Where each verb is and what it does; it is loaded, with all that it needs, when it is used."""


class Commands(click.Group):
    """Turns what the engine refuses into sentences on standard error and exit code 1; wrong usage is 2."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        module, _, attribute = VERBS[name][0].partition(":")
        command: click.Command = getattr(import_module(f"engine.cli.{module}"), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in VERBS.items()])

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except EngineError as error:
            click.echo(str(error), err=True)
            for problem in error.problems:
                click.echo(f"  {problem.severity}: {problem}", err=True)
            sys.exit(1)
        except Exception as error:
            # Loaded only when something went wrong: the command's help needs no database.
            from engine.engine import why_out_of_reach

            reason = why_out_of_reach(error)
            if reason is None:
                raise
            click.echo(f"Expected to reach the database, but that is not possible: {reason}.", err=True)
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
