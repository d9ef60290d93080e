"""A PostgreSQL for tests: a temporary cluster, in which every test gets a fresh database copied from a migrated one."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text

from engine.database import Database

GIVEN = "CASEWRIGHT_TEST_DATABASE_URL"
"""Names a database of a running server in which tests may create databases of their own, instead of a cluster."""
_OWNER = "postgres"


def programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs; none: there is no PostgreSQL here."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")
    return max((path.parent for path in versions), key=lambda path: float(path.parent.name), default=None)


def why_not() -> str:
    """Why tests on PostgreSQL are skipped here; empty: they are not."""
    if os.environ.get(GIVEN):
        return ""
    if programs() is None:
        return f"no PostgreSQL on this machine; .ci/postgresql installs it, or {GIVEN} names one"
    if os.geteuid() == 0 and not _has_owner():
        return f"PostgreSQL does not run as root, and there is no user {_OWNER}"
    return ""


class Postgres:
    """A server in which databases are made: one that `url` names, whose template is made on first use."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._numbers = itertools.count(1)
        self._name = f"casewright_{uuid.uuid4().hex[:12]}"
        self._sql = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._has_template = False

    def create(self, *, migrated: bool = True) -> str:
        """A fresh database, with all tables unless they are not wanted; its URL."""
        name = f"{self._name}_{next(self._numbers)}"
        if migrated and not self._has_template:
            self._make_template()
        self._run(f"CREATE DATABASE {name} TEMPLATE {self._name if migrated else 'template0'}{self._how_to_copy}")
        return self._url_of(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected to it."""
        self._run(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a fresh database for as long as it is needed."""
        url = self.create(migrated=migrated)
        try:
            yield url
        finally:
            self.drop(url)

    def close(self) -> None:
        if self._has_template:
            self._run(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")
        self._sql.dispose()

    def _make_template(self) -> None:
        self._run(f"CREATE DATABASE {self._name} TEMPLATE template0")
        database = Database(self._url_of(self._name))
        database.migrate()
        database.close()
        self._has_template = True

    @cached_property
    def _how_to_copy(self) -> str:
        """Copying files is eight times as fast as the usual way where nothing has to reach the disk (24 to 183 ms)."""
        with self._sql.connect() as connection:
            knows_how = int(connection.scalar(text("SHOW server_version_num")) or 0) >= 150000
            is_lasting = connection.scalar(text("SHOW fsync")) == "on"
        return " STRATEGY FILE_COPY" if knows_how and not is_lasting else ""

    def _url_of(self, name: str) -> str:
        return self.url.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._sql.connect() as connection:
            connection.execute(text(statement))


class Cluster(Postgres):
    """A server of our own in a directory that goes with it, reached by a socket in that directory alone."""

    def __init__(self, directory: Path, *, is_durable: bool = False) -> None:
        self.directory = directory
        super().__init__(URL.create("postgresql+psycopg", _OWNER, database=_OWNER, query={"host": str(directory)}))
        found = programs()
        assert found is not None
        self._programs = found
        # Tests look at what was committed, not at what survives the loss of power; crash tests and figures ask for it.
        self._options = {} if is_durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

    def make(self) -> Cluster:
        """Make the cluster and start it."""
        if os.geteuid() == 0:
            shutil.chown(self.directory, _OWNER)
        self._as_owner("initdb", "-D", str(self._data), "-U", _OWNER, "-A", "trust", "-E", "UTF8", "--no-sync",
                       "--locale=C")  # fmt: skip
        return self.start()

    def start(self) -> Cluster:
        said = {"listen_addresses": "", "unix_socket_directories": str(self.directory), "max_connections": "200",
                "log_min_messages": "warning", **self._options}  # fmt: skip
        options = " ".join(f"-c {name}={value}" if value else f"-c {name}=''" for name, value in said.items())
        self._as_owner("pg_ctl", "start", "-w", "-s", "-D", str(self._data), "-l", str(self.directory / "server.log"),
                       "-o", options)  # fmt: skip
        return self

    def restart(self) -> None:
        """Stop it as an operator does, whoever is connected, and start it again."""
        self._stop("fast")
        self.start()

    def crash(self) -> None:
        """End it at once without writing anything down, and start it again: it recovers from its log."""
        os.kill(int((self._data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGQUIT)
        self._stop("immediate")
        self.start()

    def stop(self) -> None:
        self._sql.dispose()
        self._stop("immediate")

    def _stop(self, how: str) -> None:
        with suppress(subprocess.CalledProcessError):  # it may be down already
            self._as_owner("pg_ctl", "stop", "-w", "-s", "-D", str(self._data), "-m", how)

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    def _as_owner(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _OWNER, "--", *command]
        # The server outlives the program that starts it: it must not hold a pipe that somebody reads to its end.
        subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


@contextmanager
def cluster(*, is_durable: bool = False) -> Iterator[Cluster]:
    """A temporary cluster. A short path, since that of a socket may have 107 characters."""
    directory = Path(tempfile.mkdtemp(prefix="cw-pg-", dir="/tmp"))
    made = Cluster(directory, is_durable=is_durable)
    try:
        yield made.make()
    finally:
        made.stop()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """The server that the environment names, or a temporary cluster."""
    given = os.environ.get(GIVEN)
    if not given:
        with cluster() as made:
            yield made
        return
    server = Postgres(make_url(given).set(drivername="postgresql+psycopg"))
    try:
        yield server
    finally:
        server.close()


def _has_owner() -> bool:
    try:
        pwd.getpwnam(_OWNER)
    except KeyError:
        return False
    return True
