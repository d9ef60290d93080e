"""Serving the pages, with an executor in the same process unless workers do what is due."""

from __future__ import annotations

import gc
import hmac
import signal
from dataclasses import replace
from types import FrameType
from typing import Any

import click
import waitress

from engine.cli import demo as demonstration
from engine.cli.assembly import executor_of, opened, prepare_logging, share_fairly, stop_within
from engine.engine import Engine
from engine.errors import Refused
from engine.queries import console
from engine.settings import Settings, load

MAXIMUM_REQUEST_BYTES = 40 * 1024 * 1024
"""Not even read when it is larger; the pages themselves take much less."""


@click.command()
@click.option("--demo", is_flag=True, help="Deploy the process library and make demo people whose logins are shown.")
@click.option("--host", help="Address to listen on, instead of the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on, instead of the setting.")
def serve(demo: bool, host: str | None, port: int | None) -> None:
    """Serve the pages and do what is due, until stopped (Ctrl-C or SIGTERM)."""
    settings = load()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    prepare_logging(settings)
    engine = opened(settings)
    try:
        _expect_safe(engine, settings, demo)
        if demo:
            demonstration.prepare(engine)
        _serve(engine, settings, demo)
    finally:
        engine.close()


def _serve(engine: Engine, settings: Settings, demo: bool) -> None:
    server = _server(engine, settings, demo)
    executor = executor_of(engine, settings) if settings.serve_jobs else None
    if executor is not None:
        executor.start()
    signal.signal(signal.SIGTERM, _stop)
    _greet(settings, demo)
    # What is loaded by now stays for good: looking through it for garbage would stop all threads again and again.
    gc.freeze()
    share_fairly()
    try:
        server.run()
    finally:
        server.close()
        if executor is not None:
            stop_within(executor, settings.stop_seconds)


def _server(engine: Engine, settings: Settings, demo: bool) -> Any:
    # The pages are loaded only here, so that every other command starts without them.
    from webui import app as pages

    app = pages.create_app(
        engine,
        pages.Settings(
            # Cookies have a key of their own, so that nothing signed for one use can serve for another.
            secret_key=hmac.digest(engine.secret, b"cookies", "sha256"),
            time_zone=settings.time_zone,
            is_https=settings.public_url.startswith("https:"),
            trusted_proxies=settings.trusted_proxies,
            demo_logins=demonstration.logins() if demo else (),
            session_hours=settings.session_hours,
        ),
    )
    try:
        return waitress.create_server(
            app,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            ident=None,
            max_request_body_size=MAXIMUM_REQUEST_BYTES,
            # The pages themselves take the address from as many proxies as are trusted.
            clear_untrusted_proxy_headers=not settings.trusted_proxies,
        )
    except OSError as error:
        raise Refused(
            "Expected to listen on {host}:{port}, but that is not possible: {reason}.",
            host=settings.host, port=settings.port, reason=error.strerror or error,
        ) from error  # fmt: skip


def _expect_safe(engine: Engine, settings: Settings, demo: bool) -> None:
    if settings.is_reachable and (demo or engine.query(console.has_demo_people, console.CONSOLE)):
        raise Refused(
            "Expected to listen on {host}, but there are demo accounts whose password everybody knows, and others could"
            " reach them there. Listen on 127.0.0.1, or switch the demo accounts off.",
            host=settings.host,
        )


def _greet(settings: Settings, demo: bool) -> None:
    click.echo(f"\nCasewright is at {settings.address}  (stop with Ctrl-C)")
    if demo:
        click.echo(f"\nDemo people, password {demonstration.PASSWORD}:")
        for username, _, what_for in demonstration.logins():
            click.echo(f"  {username:<8} {what_for}")
        click.echo(f"\nCustomers file their complaints at {settings.address}/service")
    if settings.test_clock:
        click.echo("\nThe test clock is on: casewright clock +3d turns it.")


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
