"""Looking at jobs from a terminal, doing them, and trying failed ones again."""

from __future__ import annotations

import click

from engine.cli.assembly import connectors_of, installation, status_link_of
from engine.commands import RetryJob
from engine.executor import EmbeddedExecutor
from engine.queries import operations

RUN_AT_ONCE = 100


@click.group()
def jobs() -> None:
    """Timers, mails and calls of services: what the engine will do, or failed to do."""


@jobs.command("list")
def list_jobs() -> None:
    """List the jobs that come next, and those that failed."""
    with installation() as (engine, _, actor):
        for job in engine.query(operations.jobs, actor):
            trouble = f"  {job.last_error}" if job.last_error else ""
            name = job.service or job.kind
            click.echo(f"{job.key}  {job.status}  {job.due:%Y-%m-%d %H:%M:%S} UTC  {name}  {job.reference}{trouble}")


@jobs.command("run")
def run_jobs() -> None:
    """Do all jobs that are due now, where no server does it."""
    with installation() as (engine, settings, _):
        executor = EmbeddedExecutor(
            engine, connectors_of(engine, settings), status_link=status_link_of(engine, settings)
        )
        total = 0
        while done := executor.run_due(RUN_AT_ONCE):
            total += done
            click.echo(f"\r{total} jobs done", nl=False, err=True)
    click.echo(f"\r{total} jobs done", err=True)


@jobs.command("retry")
@click.argument("job_key", type=int, metavar="JOB")
def retry(job_key: int) -> None:
    """Try a job again at once."""
    with installation() as (engine, _, actor):
        engine.execute(RetryJob(job_key), actor)
