"""63-bit integer keys in order of time: 41 bits of milliseconds since 2024, 22 bits of counter and chance."""

from __future__ import annotations

import secrets
import threading
import time

EPOCH_MILLISECONDS = 1_704_067_200_000
_SEQUENCE_BITS = 22


class KeySource:
    """Hands out keys that never repeat within the process and hardly ever between processes.

    A key never goes back, even when the clock does.  Each millisecond starts its counter at a random place in the
    lower half of the 22 bits, so two processes that start in the same millisecond differ.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> int:
        milliseconds = time.time_ns() // 1_000_000 - EPOCH_MILLISECONDS
        candidate = milliseconds << _SEQUENCE_BITS | secrets.randbits(_SEQUENCE_BITS - 1)
        with self._lock:
            self._last = candidate if candidate > self._last else self._last + 1
            return self._last


new_key = KeySource()
