"""Doing what is due in a process of its own, beside the ones that serve the pages."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

import click

from engine.cli.assembly import executor_of, opened, prepare_logging, stop_within
from engine.settings import load

logger = logging.getLogger(__name__)


@click.command()
@click.option("--threads", type=click.IntRange(1, 100), help="So many jobs at a time, instead of executor_threads.")
def worker(threads: int | None) -> None:
    """Do what is due (timers, mails, calls of services), until stopped.

    Any number of workers may run, on any machines that reach the database. A worker that is told to stop finishes the
    jobs in hand; what one has in hand that dies is done by the others.
    """
    settings = load()
    prepare_logging(settings)
    engine = opened(settings)
    told = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        executor = executor_of(engine, settings, threads or 0)
        executor.start()
        hands = threads or settings.executor_threads
        click.echo(f"Casewright does what is due, {hands} jobs at a time  (stop with Ctrl-C)")
        logger.info("worker started")
        told.wait()
        logger.info("worker finishes the jobs in hand")
        stop_within(executor, settings.stop_seconds)
        logger.info("worker stopped")
    finally:
        engine.close()
