"""Databases in memory with files in force, for sandboxes to begin with; made once for the same files and moment."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.command import Memory
from engine.commands import Deploy
from engine.engine import Engine, utc_now
from engine.model.identity import Actor, Permission

SEES_ALL = Actor("sandbox", "Sandbox", frozenset(Permission))
_SECRET = b"a sandbox has no secret worth keeping"


@dataclass(frozen=True)
class Image:
    """A database with files in force, to begin with; and what was compiled of it."""

    content: bytes
    memory: Memory


_images: dict[str, Image] = {}
_images_lock = threading.Lock()
KEPT_IMAGES = 8


def image(files: tuple[tuple[str, bytes], ...], now: dt.datetime) -> Image:
    """The database with the files in force; kept for who plays on with the same files. Raises Invalid."""
    digest = hashlib.sha256(now.isoformat().encode())
    for name, content in sorted(files):
        digest.update(b"%d %d " % (len(name.encode()), len(content)) + name.encode() + content)
    name = digest.hexdigest()
    with _images_lock:
        if name in _images:
            return _images[name]
    engine = _engine(lambda: now, _empty())
    engine.memory = Memory()
    try:
        engine.execute(Deploy("sandbox", files), SEES_ALL)
        made = Image(_content(engine), engine.memory)
    finally:
        give_back(engine)
    with _images_lock:
        _images[name] = made
        while len(_images) > KEPT_IMAGES:
            del _images[next(iter(_images))]
    return made


@lru_cache(maxsize=1)
def _empty() -> bytes:
    """A database with all tables and nothing in them."""
    engine = Engine("sqlite://", secret=_SECRET).open()
    try:
        return _content(engine)
    finally:
        engine.close()


class _Idle(threading.local):
    """Engines of this thread that no sandbox uses now: what they know of statements is worth keeping."""

    def __init__(self) -> None:
        self.engines: list[Engine] = []


_idle = _Idle()
KEPT_ENGINES = 2


def _engine(clock: Callable[[], dt.datetime], content: bytes) -> Engine:
    """An engine on a database in memory, which belongs to this thread alone."""
    engine = _idle.engines.pop() if _idle.engines else Engine("sqlite://", secret=_SECRET)
    engine.clock = clock
    connection = engine.database.sql.raw_connection()
    try:
        _driver(connection).deserialize(content)
    finally:
        connection.close()
    return engine


def opened(image: Image, clock: Callable[[], dt.datetime]) -> Engine:
    """An engine on a copy of the image, for this thread alone; to be given back."""
    engine = _engine(clock, image.content)
    engine.memory = image.memory
    return engine


def give_back(engine: Engine) -> None:
    """The sandbox is over; its database is overwritten by the next one."""
    if len(_idle.engines) < KEPT_ENGINES:
        engine.clock, engine.memory = utc_now, Memory()
        _idle.engines.append(engine)
    else:
        engine.close()


def _content(engine: Engine) -> bytes:
    connection = engine.database.sql.raw_connection()
    try:
        return _driver(connection).serialize()
    finally:
        connection.close()


def _driver(connection: Any) -> sqlite3.Connection:
    driver = connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
