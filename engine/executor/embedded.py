"""The executor inside the server process: threads that take due jobs and do them.

It may be killed at any point: a job that was taken but not answered is taken again when its lease is over, an answer
given twice is refused by its token, and the job's key lets the other side tell a repeated call.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.commands.leases import LEASE_SECONDS, RenewLeases, TakeJobs, TakenJob
from engine.connectors import Connectors
from engine.engine import Engine
from engine.executor.calls import StatusLink
from engine.executor.hands import Hands
from engine.model import Actor, Job
from engine.model.identity import ENGINE

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
"""The longest sleep: so soon a job that another process left, or a turn of a test clock, is noticed."""
REST_AFTER_TROUBLE_SECONDS = 5.0
PACK = 25
"""So many jobs are taken at once for each hand, when many are due."""


class EmbeddedExecutor:
    """Takes due jobs and does them, until it is stopped."""

    def __init__(
        self,
        engine: Engine,
        connectors: Connectors,
        *,
        status_link: StatusLink,
        threads: int = 2,
        lease_seconds: int = LEASE_SECONDS,
    ) -> None:
        self._engine = engine
        self._hands = Hands(engine, connectors, status_link, lease_seconds=lease_seconds)
        self._threads = threads
        self._lease_seconds = lease_seconds
        self._pack = PACK
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._free = threading.Semaphore(threads)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="job")
        self._looker = threading.Thread(target=self._look_out, name="executor", daemon=True)

    def start(self) -> None:
        """Begin to look out for due jobs, in threads of its own."""
        self._engine.on_due.append(self._wake.set)
        self._looker.start()

    def stop(self) -> None:
        """Finish the jobs in hand and take no more."""
        self._stopping.set()
        self._wake.set()
        self._looker.join()
        self._pool.shutdown(wait=True)

    def run_due(self, limit: int = 10_000) -> int:
        """Do all jobs that are due now, one after another in this thread; how many there were."""
        done = 0
        while done < limit and (jobs := self._take(1)):
            self._hands.do(jobs)
            done += 1
        return done

    def _look_out(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                pause = 0.0 if self._hand_out() else self._until_next()
            except Exception:
                # The database may be away for a while; the executor must outlive that.
                logger.exception("the executor could not look for jobs")
                pause = REST_AFTER_TROUBLE_SECONDS
            self._wake.wait(pause)

    def _hand_out(self) -> bool:
        """Give due jobs to free threads; whether there was any. Waits while no thread is free."""
        due = self._next_due()
        if due is None or due > self._engine.clock():
            return False
        self._free.acquire()
        free = 1
        while free < self._threads and self._free.acquire(blocking=False):
            free += 1
        packs: list[list[TakenJob]] = []
        try:
            packs = self._packs(free)
        finally:
            for _ in range(free - len(packs)):
                self._free.release()
        for pack in packs:
            self._pool.submit(self._hands.do, pack).add_done_callback(self._freed)
        return bool(packs)

    def _packs(self, free: int) -> list[list[TakenJob]]:
        """Take what is due for so many hands: a call, which may take long, alone, and the rest as packs.

        What no hand is free for is given back. As long as there are calls, no more is taken than there are hands.
        """
        taken = self._take(free * self._pack)
        calls, quick = [job for job in taken if job.kind == "service"], [job for job in taken if job.kind != "service"]
        self._pack = 1 if calls else PACK
        packs, hands = [[call] for call in calls[:free]], free - len(calls)
        surplus = calls[free:]
        if hands > 0:
            packs += [pack for hand in range(hands) if (pack := quick[hand::hands])]
        else:
            surplus += quick
        if surplus:
            held = tuple((job.key, job.token) for job in surplus)
            self._engine.execute(RenewLeases(held, lease_seconds=0), ENGINE)
        return packs

    def _freed(self, done: Future[None]) -> None:
        self._free.release()
        self._wake.set()
        if error := done.exception():
            logger.error("a job could not be booked", exc_info=error)

    def _take(self, limit: int) -> tuple[TakenJob, ...]:
        jobs: tuple[TakenJob, ...] = self._engine.execute(TakeJobs(limit, self._lease_seconds), ENGINE)
        return jobs

    def _until_next(self) -> float:
        """How long to sleep; a job that is due but could not be taken belongs to a case that is at another job."""
        due, now = self._next_due(), self._engine.clock()
        if due is None or due <= now:
            return POLL_SECONDS
        return min(POLL_SECONDS, (due - now).total_seconds())

    def _next_due(self) -> dt.datetime | None:
        """Looked at without a write, so that an idle executor never stands in the way of a writer."""
        return self._engine.query(_next_due, ENGINE, self._engine.clock())


def _next_due(session: Session, actor: Actor, now: dt.datetime) -> dt.datetime | None:
    """When the next job that nobody holds is due."""
    is_free = or_(Job.lease_until.is_(None), Job.lease_until <= now)
    due: dt.datetime | None = session.scalar(select(func.min(Job.due)).where(Job.status == "waiting", is_free))
    return due
