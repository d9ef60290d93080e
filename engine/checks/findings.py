"""What is wrong in the database, with its place, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

RULES = {
    "next-thing": "A running case always has something that moves it on: a task, a job, a wait, an incident, a call.",
    "once": "A task is completed at most once.",
    "state": "What the state of a case waits for is there as a row, and every such row is waited for.",
    "log": "What the log tells of a case is what its rows say.",
    "variables": "The data shown of a case is the data of its state.",
    "ended": "Nothing of an ended case is open any more.",
    "chain": "The log is as it was written.",
    "lease": "A job is not held longer than it was taken for.",
    "message": "A message is not kept beyond its time.",
    "call": "A called process and the case that called it know of each other.",
    "rest": "The jobs of a case that rests do so too.",
    "orphan": "Every row belongs to a case.",
    "accepted": "What was accepted is there.",
}
"""What is promised, by the short name under which a breach of it is told."""

LEASE_GRACE = dt.timedelta(minutes=10)
"""So long after the end of its lease a job may wait to be taken again."""
LONGEST_LEASE = dt.timedelta(days=1)
"""Nobody takes a job for longer than that."""
MESSAGE_GRACE = dt.timedelta(hours=2)
"""So long after its time a message may wait to be given up: the longest rest between two tries, and the grace above."""


@dataclass(frozen=True)
class Finding:
    """One breach of one rule."""

    rule: str
    fact: str
    """What is wrong, in a sentence."""
    reference: str = ""
    """What people call the case; empty for what belongs to none."""
    instance_key: int | None = None
    element_id: str | None = None
    key: int | None = None
    """Of the row or the activity."""

    def __str__(self) -> str:
        place = [f"case {self.reference}"] if self.reference else []
        place += [f"element {self.element_id}"] if self.element_id else []
        place += [f"key {self.key}"] if self.key is not None else []
        return f"{', '.join(place) or 'database'}: {self.fact} [{self.rule}]"
