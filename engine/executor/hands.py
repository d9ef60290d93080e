"""What takes jobs in hand: those of many cases together where that is possible, else one after another."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from engine.commands.leases import TakenJob
from engine.commands.packs import PACKED, DoJobs, Pack
from engine.connectors import Connectors
from engine.engine import Engine
from engine.executor.calls import StatusLink, run
from engine.model.identity import ENGINE

logger = logging.getLogger(__name__)

PACK_SECONDS = 0.04
"""So long jobs that are done together may keep others waiting, such as a person who completes a task."""
FIRST_PACK, LARGEST_PACK = 5, 50
"""How many jobs are done together at first, and at most."""


class Hands:
    """Does jobs that were taken. Whatever goes wrong is booked on the job concerned, never raised."""

    def __init__(
        self, engine: Engine, connectors: Connectors, status_link: StatusLink, *, lease_seconds: int
    ) -> None:
        self._engine = engine
        self._connectors = connectors
        self._status_link = status_link
        self._lease_seconds = lease_seconds
        self._together = FIRST_PACK

    def do(self, jobs: Sequence[TakenJob]) -> None:
        """Do them all."""
        alike = [job for job in jobs if _can_be_packed(job)]
        while len(alike) > 1:
            pack, alike = alike[: self._together], alike[self._together :]
            self._do_together(pack)
        self._do_each([*alike, *(job for job in jobs if not _can_be_packed(job))])

    def _do_together(self, jobs: Sequence[TakenJob]) -> None:
        try:
            pack: Pack = self._engine.execute(DoJobs(tuple((job.key, job.token) for job in jobs)), ENGINE)
        except Exception as error:
            # Done one by one, each has its own success or failure, and the failure is booked where it belongs.
            logger.info("jobs could not be done together", exc_info=error)
            pack = Pack(frozenset(), PACK_SECONDS)
        self._together = _so_many(len(jobs), pack.seconds)
        self._do_each([job for job in jobs if job.key not in pack.done])

    def _do_each(self, jobs: Sequence[TakenJob]) -> None:
        for job in jobs:
            run(self._engine, self._connectors, job, self._status_link, self._lease_seconds)


def _can_be_packed(job: TakenJob) -> bool:
    return job.kind in PACKED and job.root_key is not None


def _so_many(done: int, seconds: float) -> int:
    """How many jobs go together so that nobody has to wait for them for long, after so many took so long."""
    fitting = int(done * PACK_SECONDS / max(seconds, 0.001))
    return max(1, min(fitting, 2 * done, LARGEST_PACK))
