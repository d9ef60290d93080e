"""Slows down who guesses: so many wrong tries from one address, then a pause."""

from __future__ import annotations

import datetime as dt
import threading
from collections import deque

WRONG_TRIES = 20
PAUSE = dt.timedelta(minutes=15)
MOST_ADDRESSES = 10_000


class Throttle:
    """Counts the wrong tries of each address within a pause's length; kept in memory, since a restart may forgive."""

    def __init__(self, tries: int = WRONG_TRIES, pause: dt.timedelta = PAUSE) -> None:
        self._tries = tries
        self._pause = pause
        self._wrong: dict[str, deque[dt.datetime]] = {}
        self._lock = threading.Lock()

    def is_closed_to(self, address: str, now: dt.datetime) -> bool:
        """Whether this address has to wait."""
        with self._lock:
            return len(self._recent(address, now)) >= self._tries

    def count(self, address: str, now: dt.datetime) -> None:
        """Remember a wrong try."""
        with self._lock:
            if len(self._wrong) >= MOST_ADDRESSES:
                self._wrong = {each: tries for each in list(self._wrong) if (tries := self._recent(each, now))}
            self._wrong.setdefault(address, deque(maxlen=self._tries)).append(now)

    def _recent(self, address: str, now: dt.datetime) -> deque[dt.datetime]:
        tries = self._wrong.get(address, deque())
        while tries and tries[0] <= now - self._pause:
            tries.popleft()
        return tries
