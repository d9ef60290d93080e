"""The settings of an installation: from the environment (`CASEWRIGHT_…`) before one TOML file before what is usual."""

from __future__ import annotations

import ipaddress
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from engine.errors import Invalid, Problem

PREFIX = "CASEWRIGHT_"
CONFIG_FILE = "casewright.toml"
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True)
class Settings:
    """Every setting: `port` is `CASEWRIGHT_PORT` in the environment and `port = …` in `casewright.toml`.

    Lists are written with commas in the environment. The file is the one that `CASEWRIGHT_CONFIG` names, or
    `casewright.toml` in the working directory.
    """

    data_directory: Path = Path("casewright-data")
    """Where the database and the secret key are kept, unless `database_url` says otherwise."""
    database_url: str = ""
    """`postgresql://user:password@host/name`, or the SQLAlchemy URL of an SQLite; without it, SQLite in the data
    directory."""
    secret: str = ""
    """The installation's own secret, of at least 32 characters; without it, it is made and kept in the data directory.
    Processes that do not share that directory need the same one."""
    host: str = "127.0.0.1"
    """Address to listen on. One that others can reach is refused while demo accounts exist."""
    port: int = 8000
    """Port to listen on."""
    threads: int = 8
    """How many requests are answered at the same time."""
    executor_threads: int = 2
    """How many jobs (timers, mails, calls of services) are done at the same time."""
    serve_jobs: bool = True
    """Whether `serve` does jobs too; off where `worker` processes do them all."""
    lease_seconds: int = 60
    """So long a job is held by who took it, and again and again while a call takes longer: so soon after the holder
    died others begin it again."""
    stop_seconds: int = 30
    """So long `serve` and `worker` wait for the jobs in hand when they are told to stop; what takes longer is begun
    again by others."""
    public_url: str = ""
    """The address people type, such as `https://cases.example.org`: for links in mails; https makes cookies secure."""
    trusted_proxies: int = 0
    """How many proxies of your own stand in front and tell the browser's address (`X-Forwarded-For`)."""
    time_zone: str = "UTC"
    """In which people read times, such as `Europe/Berlin` or `Asia/Shanghai`."""
    session_hours: int = 12
    """So long after the last request one stays signed in."""
    smtp_host: str = ""
    """The mail server; without one, mails are kept in the outbox page and not sent."""
    smtp_port: int = 587
    """Port of the mail server."""
    smtp_security: str = "starttls"
    """`starttls`, `tls` (from the first byte, usually port 465) or `none`."""
    smtp_user: str = ""
    """User name at the mail server; without one, no sign-in is tried."""
    smtp_password: str = ""
    """Password at the mail server."""
    mail_from: str = "Casewright <casewright@localhost>"
    """Sender of all mails."""
    http_hosts: tuple[str, ...] = ()
    """Hosts that `casewright:http` may call when they have public addresses: `api.example.org`, `*.example.org`."""
    http_private_hosts: tuple[str, ...] = ()
    """Hosts that it may call although their addresses are private, such as `crm.internal`; each written in full."""
    http_timeout_seconds: int = 20
    """A call that takes longer has failed."""
    http_response_bytes: int = 1_000_000
    """An answer that is larger has failed."""
    log_level: str = "INFO"
    """How much the server writes to its standard error: DEBUG, INFO, WARNING or ERROR."""
    test_clock: bool = False
    """Whether `casewright clock` can turn the server's clock; for demonstrations and tests, never in earnest."""

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{(self.data_directory / 'casewright.db').absolute()}"

    @property
    def address(self) -> str:
        """The address people type."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def is_reachable(self) -> bool:
        """Whether machines other than this one can reach the server."""
        if self.host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    @property
    def clock_file(self) -> Path:
        """Where the hand-turned clock keeps by how much it is ahead."""
        return self.data_directory / "clock-offset"

    @property
    def secret_key_file(self) -> Path:
        """Where the installation's secret is kept."""
        return self.data_directory / "secret.key"

    def secret_key(self) -> bytes:
        """The installation's own secret: as set, or made on first use, readable by its owner alone."""
        if self.secret:
            return self.secret.encode()
        self.data_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.secret_key_file
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            key = path.read_bytes()
        else:
            key = secrets.token_hex(32).encode()
            with os.fdopen(descriptor, "wb") as file:
                file.write(key)
        if len(key) < 32:
            raise Invalid("Expected a secret key in {path}, but the file is too short. Remove it only if you accept"
                          " that links to status pages and sessions end.", path=str(path))  # fmt: skip
        return key


def load(environ: Mapping[str, str] = os.environ, directory: Path | None = None) -> Settings:
    """The settings of this process. Raises Invalid with every setting that makes no sense."""
    path = Path(environ.get(f"{PREFIX}CONFIG", "") or (directory or Path.cwd()) / CONFIG_FILE)
    given: dict[str, tuple[Any, str]] = {name: (value, path.name) for name, value in _file(path, environ).items()}
    known = get_type_hints(Settings)
    for name in known:
        variable = f"{PREFIX}{name.upper()}"
        if variable in environ:
            given[name] = (environ[variable], variable)
    problems, values = [], {}
    names = {field.name for field in fields(Settings)}
    for name, (value, source) in given.items():
        try:
            if name not in names:
                raise ValueError("there is no such setting")
            values[name] = _converted(value, known[name])
        except ValueError as error:
            said = {"name": name, "value": value, "reason": error}
            problems.append(Problem("{name} = {value}: {reason}.", said, source))
    if not problems:
        settings = Settings(**values)
        problems = list(_contradictions(settings))
    if problems:
        raise Invalid("Expected settings that make sense, but some do not.", problems=problems)
    return settings


def _file(path: Path, environ: Mapping[str, str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if environ.get(f"{PREFIX}CONFIG"):
            raise Invalid("Expected settings in {path}, but there is no such file.", path=str(path)) from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            "Expected settings in {path}, but it is no TOML file: {reason}.", path=str(path), reason=error
        ) from error


def _converted(value: Any, kind: Any) -> Any:
    if kind is bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() in _TRUE:
            return True
        if str(value).lower() in _FALSE:
            return False
        raise ValueError("expected true or false")
    if kind is int:
        if isinstance(value, bool):
            raise ValueError("expected a whole number")
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ValueError("expected a whole number") from None
    if kind is Path:
        return Path(str(value)).expanduser()
    if kind is str:
        return str(value).strip()
    parts = value.split(",") if isinstance(value, str) else list(value)
    return tuple(part for each in parts if (part := str(each).strip().lower()))


def _contradictions(settings: Settings) -> list[Problem]:
    problems = []
    if not 0 < settings.port < 65536:
        problems.append(Problem("port = {port}: expected a number from 1 to 65535.", {"port": settings.port}))
    if settings.smtp_security not in ("starttls", "tls", "none"):
        problems.append(Problem("smtp_security: expected starttls, tls or none."))
    if settings.log_level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        problems.append(Problem("log_level: expected DEBUG, INFO, WARNING or ERROR."))
    if settings.secret and len(settings.secret) < 32:
        problems.append(Problem("secret: expected at least 32 characters."))
    for name in ("threads", "executor_threads", "lease_seconds", "stop_seconds", "session_hours",
                 "http_timeout_seconds", "http_response_bytes"):  # fmt: skip
        if getattr(settings, name) < 1:
            problems.append(Problem("{name}: expected at least 1.", {"name": name}))
    return problems
