"""Backup and restore at a terminal, and with them the move from one kind of database to the other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from engine import __version__, backups
from engine.archives import Archive, Manifest, fingerprint
from engine.errors import Refused
from engine.settings import PREFIX, Settings, load

_file = click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_file
@click.option(
    "--with-secret-key",
    is_flag=True,
    help="Put the secret key in too. Whoever reads such a file can make links to every case: keep it as you keep keys.",
)
def backup(path: Path, with_secret_key: bool) -> None:
    """Write everything into one file, while everybody works.

    All of it is of one moment. The same file fills SQLite and PostgreSQL. Keep the last line that this prints somewhere
    else: it is the digest of the whole history.
    """
    settings = load()
    key = _secret_key(settings)
    if with_secret_key and key is None:
        raise Refused("Expected a secret key in {path}, but there is none.", path=str(settings.secret_key_file))
    manifest = backups.save(
        settings.database, path, version=__version__, secret_key=key, with_secret_key=with_secret_key
    )
    click.echo(f"{path}: {_told(manifest)}")
    if not with_secret_key:
        kept = f"{PREFIX}SECRET" if settings.secret else settings.secret_key_file
        click.echo(f"Without the secret key: keep {kept} too.")
    click.echo(f"log {manifest.log_heads}")


@click.command()
@_file
@click.option("--replace", is_flag=True, help="Throw away what the database holds now.")
@click.option("--only-check", is_flag=True, help="Only read the file from end to end, and say what is in it.")
@click.option("--accept-broken-log", is_flag=True, help="Restore even when chains of the log do not hold.")
def restore(path: Path, replace: bool, only_check: bool, accept_broken_log: bool) -> None:
    """Fill an empty database, SQLite or PostgreSQL, from a backup.

    Stop servers and workers first. The file is checked from end to end before anything is touched, the log's chains
    afterwards; what fails changes nothing. A backup of an older Casewright is brought up to date.
    """
    settings = load()
    with Archive(path) as archive:
        click.echo(f"{path}: {_told(archive.manifest)}")
        if only_check:
            click.echo(f"The file is whole.\nlog {archive.manifest.log_heads}")
            return
        _expect_key_fits(settings, archive, replace)
        restored = backups.restore(settings.database, archive, replace=replace, accept_broken_log=accept_broken_log)
        _keep_secret_key(settings, archive)
    for broken in restored.broken:
        click.echo(broken, err=True)
    click.echo(f"Restored; {restored.streams} chains, {len(restored.broken)} broken")
    if archive.manifest.secret_key_fingerprint and not _has_key_of(settings, archive.manifest):
        click.echo(
            f"The secret key is not here: bring {settings.secret_key_file} or set {PREFIX}SECRET, or the links that"
            " customers have to their cases will not work.",
            err=True,
        )
    if restored.broken:
        sys.exit(1)


def _told(manifest: Manifest) -> str:
    return (
        f"{manifest.cases} cases, {manifest.rows} rows, {manifest.streams} chains, taken {manifest.taken_at} from"
        f" {manifest.database} by Casewright {manifest.version}, revision {manifest.revision}"
    )


def _secret_key(settings: Settings) -> bytes | None:
    if settings.secret:
        return settings.secret.encode()
    return settings.secret_key_file.read_bytes() if settings.secret_key_file.exists() else None


def _has_key_of(settings: Settings, manifest: Manifest) -> bool:
    key = _secret_key(settings)
    return key is not None and fingerprint(key) == manifest.secret_key_fingerprint


def _expect_key_fits(settings: Settings, archive: Archive, replace: bool) -> None:
    if archive.secret_key is None or replace or _secret_key(settings) in (None, archive.secret_key):
        return
    raise Refused(
        "Expected to put the backup's secret key into {path}, but there is another one.",
        path=str(settings.secret_key_file),
    )


def _keep_secret_key(settings: Settings, archive: Archive) -> None:
    """Put the backup's key in its place; one that was there before stays beside it."""
    key, path = archive.secret_key, settings.secret_key_file
    if key is None or settings.secret or key == _secret_key(settings):
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        os.replace(path, path.with_name(f"{path.name}.replaced"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
