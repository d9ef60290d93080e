"""Puts an installation together from its settings: engine, clock, connectors, executor."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

import click

from engine.cli.clock import TurnableClock
from engine.commands import KeepMail
from engine.connectors.base import Call, Connector, Connectors, Outcome, plugins
from engine.connectors.mail import Mail, MailConnector, MailServer
from engine.engine import Engine, utc_now
from engine.executor import Executor, executor_for
from engine.queries import Actor, console
from engine.references import status_path
from engine.settings import Settings, load

logger = logging.getLogger(__name__)


@contextmanager
def installation() -> Iterator[tuple[Engine, Settings, Actor]]:
    """The engine that the settings describe, open, and the actor that the command line acts for."""
    settings = load()
    engine = opened(settings)
    try:
        context = click.get_current_context(silent=True)
        username = context.find_root().obj if context else None
        actor = engine.query(console.actor_named, console.CONSOLE, username) if username else console.CONSOLE
        yield engine, settings, actor
    finally:
        engine.close()


def opened(settings: Settings) -> Engine:
    """The engine, with its tables up to date."""
    clock = TurnableClock(settings.clock_file) if settings.test_clock else utc_now
    return Engine(settings.database, secret=settings.secret_key(), clock=clock).open()


def executor_of(engine: Engine, settings: Settings, threads: int = 0) -> Executor:
    """The executor, with all connectors of the installation."""
    return executor_for(
        engine,
        connectors_of(engine, settings),
        status_link=status_link_of(engine, settings),
        threads=threads or settings.executor_threads,
        lease_seconds=settings.lease_seconds,
    )


def stop_within(executor: Executor, seconds: float) -> None:
    """Let it finish what it has in hand; when that takes too long, end this process, and others do it again."""
    stopping = threading.Thread(target=executor.stop, daemon=True)
    stopping.start()
    stopping.join(seconds)
    if stopping.is_alive():
        logger.warning("stopped with jobs in hand after %s seconds; they are begun again", seconds)
        logging.shutdown()
        # Threads that still call a service would be waited for at any other way out.
        os._exit(0)


def status_link_of(engine: Engine, settings: Settings) -> Callable[[str], str]:
    """How the address of a case's public status page is made."""

    def status_link(reference: str) -> str:
        return settings.address + status_path(engine.secret, reference) if reference else settings.address

    return status_link


def share_fairly() -> None:
    """Let threads that answer people wait less for those that do jobs: a millisecond in turn, where Python has five."""
    sys.setswitchinterval(0.001)


def prepare_logging(settings: Settings) -> None:
    """What a server or worker tells on its standard error."""
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Each job's beginning and end, each migration that is not needed, and each request that waits a moment for a
    # thread would be a line.
    for name, level in (("alembic", "WARNING"), ("procrastinate", "WARNING"), ("waitress.queue", "ERROR")):
        logging.getLogger(name).setLevel(level)


def connectors_of(engine: Engine, settings: Settings) -> Connectors:
    """What service tasks can call here: HTTP, mail, and the functions of installed packages."""

    def keep(mail: Mail) -> None:
        engine.execute(KeepMail(mail.key, mail.root_key, mail.recipient, mail.subject, mail.body), console.ENGINE)

    return Connectors(
        {
            **plugins(),
            "casewright:http": LateHttp(settings),
            "casewright:mail": MailConnector(_mail_server(settings), keep),
        }
    )


class LateHttp:
    """The HTTP connector, loaded by its first call: most starts of the command line call nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, call: Call) -> Outcome:
        return self._connector(call)

    @cached_property
    def _connector(self) -> Connector:
        from engine.connectors.http import HttpConnector, HttpLimits

        said = self._settings
        return HttpConnector(
            HttpLimits(said.http_hosts, said.http_private_hosts, said.http_timeout_seconds, said.http_response_bytes)
        )


def _mail_server(settings: Settings) -> MailServer | None:
    if not settings.smtp_host:
        return None
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password,
        settings.mail_from,
    )
