"""Puts an installation together from its settings: engine, clock, connectors, executor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from engine.cli.clock import TurnableClock
from engine.commands import KeepMail
from engine.connectors.base import Connectors, plugins
from engine.connectors.http import HttpConnector, HttpLimits
from engine.connectors.mail import Mail, MailConnector, MailServer
from engine.engine import Engine, utc_now
from engine.executor import EmbeddedExecutor
from engine.queries import Actor, console
from engine.references import status_path
from engine.settings import Settings, load


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


def executor_of(engine: Engine, settings: Settings) -> EmbeddedExecutor:
    """The executor, with all connectors of the installation."""

    def status_link(reference: str) -> str:
        return settings.address + status_path(engine.secret, reference) if reference else settings.address

    return EmbeddedExecutor(
        engine, connectors_of(engine, settings), status_link=status_link, threads=settings.executor_threads
    )


def connectors_of(engine: Engine, settings: Settings) -> Connectors:
    """What service tasks can call here: HTTP, mail, and the functions of installed packages."""

    def keep(mail: Mail) -> None:
        engine.execute(KeepMail(mail.key, mail.root_key, mail.recipient, mail.subject, mail.body), console.ENGINE)

    limits = HttpLimits(
        settings.http_hosts, settings.http_private_hosts, settings.http_timeout_seconds, settings.http_response_bytes
    )
    return Connectors(
        {
            **plugins(),
            "casewright:http": HttpConnector(limits),
            "casewright:mail": MailConnector(_mail_server(settings), keep),
        }
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
