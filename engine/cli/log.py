"""Reading the log at a terminal, and proving that nobody altered it."""

from __future__ import annotations

import sys

import click

from engine import plain
from engine.cli.assembly import installation
from engine.queries import console, trace


@click.group()
def log() -> None:
    """The history of everything, chained so that any change of it shows."""


@log.command()
@click.argument("case", metavar="CASE")
def show(case: str) -> None:
    """Print all that happened in a case. CASE is its reference or key."""
    with installation() as (engine, _, actor):
        key = engine.query(console.case_key, actor, case)
        for fact in engine.query(trace.timeline, actor, key):
            data = plain.dumps(fact.data) if fact.data is not None else "(erased)"
            place = f" {fact.element_id}" if fact.element_id else ""
            click.echo(f"{fact.position:>5}  {fact.at:%Y-%m-%d %H:%M:%S}  {fact.actor}  {fact.event}{place}  {data}")


@log.command()
@click.argument("case", required=False, metavar="[CASE]")
def verify(case: str | None) -> None:
    """Prove that the log of a case, or of everything, is as it was written; else name the first bad entry."""
    with installation() as (engine, _, actor):
        streams = engine.query(console.streams, actor)
        if case is not None:
            key = engine.query(console.case_key, actor, case)
            streams = tuple(stream for stream in streams if stream.key == key)
        entries = bad = 0
        with click.progressbar(streams, label="Verifying", file=sys.stderr) as shown:
            for stream in shown:
                verdict = engine.query(console.verdict, actor, stream.key)
                entries += verdict.entries
                if not verdict.holds:
                    bad += 1
                    name = f"case {stream.reference}" if stream.reference else f"stream {stream.key}"
                    click.echo(f"\n{name}, entry {verdict.first_bad}: {verdict.reason}", err=True)
    click.echo(f"{len(streams)} chains, {entries} entries, {bad} broken")
    if bad:
        sys.exit(1)
