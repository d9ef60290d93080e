"""The fleet: on PostgreSQL any number of processes do what is due, and procrastinate says which of them and when.

Our job rows stay the truth.  A feeder takes what is due, with a lease, and in that same transaction defers it to
procrastinate, which hands it to a worker with a free hand.  A worker that dies stops its heartbeat: others take over
what it had in hand.  What is deferred but was done, withdrawn or taken by others meanwhile is no longer held under its
token, and nothing is done.

Steps themselves never touch procrastinate's tables: its trigger notifies, and PostgreSQL lets only one transaction that
notifies commit at a time.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any

import procrastinate
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from engine import plain
from engine.commands.leases import LEASE_SECONDS, RenewLeases, TakeJobs, TakenJob, held_jobs
from engine.connectors import Connectors
from engine.engine import Engine
from engine.executor.calls import StatusLink
from engine.executor.hands import Hands
from engine.model.identity import ENGINE

logger = logging.getLogger(__name__)

SCHEMA = "procrastinate"
QUEUE = "casewright"
TASK = "do_jobs"
POLL_SECONDS = 1.0
"""So soon a job is noticed that another process left, or that a turn of a test clock made due."""
REST_AFTER_TROUBLE_SECONDS = 5.0
HEARTBEAT_SECONDS = 3.0
STALLED_SECONDS = 10.0
"""A worker without a heartbeat for so long is taken for dead; if it was only asleep, its tokens are worthless."""
AHEAD = 2
"""So many packs are deferred for each free hand, so that none waits for the feeder."""
PACK = 25
"""So many jobs, each of a case of its own, travel as one when many are due at the same time."""

_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg("
    "ROW(:queue, :task, 0, lock, NULL, args::jsonb, NULL)::procrastinate_job_to_defer_v1))"
    " FROM unnest(CAST(:locks AS text[]), CAST(:args AS text[])) AS pack(lock, args)"
)
_IN_SCHEMA = text(f"SELECT set_config('search_path', '{SCHEMA},' || current_setting('search_path'), true)")
_STANDING = text(
    f"SELECT (SELECT count(*) FROM {SCHEMA}.procrastinate_jobs WHERE status = 'todo'),"
    f" (SELECT count(*) FROM {SCHEMA}.procrastinate_workers"
    "   WHERE last_heartbeat > now() - make_interval(secs => :stalled))"
)


class Fleet:
    """This process's part in the fleet: it feeds, works, and looks after workers that died, until it is stopped."""

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
        self._stopping = threading.Event()
        self._stop: Callable[[], None] | None = None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="job")
        self._thread = threading.Thread(target=self._live, name="fleet", daemon=True)

    def start(self) -> None:
        """Join the fleet, in threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the jobs in hand and take no more."""
        self._stopping.set()
        if self._stop is not None:
            self._stop()
        self._thread.join()
        self._pool.shutdown(wait=True)

    def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._work())
            except Exception:
                # The database may be away for a while; the fleet must outlive that.
                logger.exception("the worker lost its database")
                self._stopping.wait(REST_AFTER_TROUBLE_SECONDS)

    async def _work(self) -> None:
        """Work until stopped. Raises whatever ends one of its parts."""
        loop, stopped, self._due = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        wake, self._stop = _from_any_thread(loop, self._due.set), _from_any_thread(loop, stopped.set)
        if self._stopping.is_set():
            return
        self._engine.on_due.append(wake)
        app = self._app()
        try:
            async with app.open_async():
                working = self._worker(app)
                await _first_of(working, self._feed(), self._look_after(app), stopped.wait())
        finally:
            self._engine.on_due.remove(wake)
            self._stop = None

    def _app(self) -> procrastinate.App:
        url = make_url(self._engine.database.url).set(drivername="postgresql")
        options = f"{url.query.get('options', '')} -c search_path={SCHEMA}"
        connector = procrastinate.PsycopgConnector(
            conninfo=url.render_as_string(hide_password=False), kwargs={"options": options}, min_size=1, max_size=4
        )
        app = procrastinate.App(connector=connector)

        @app.task(name=TASK, queue=QUEUE, pass_context=True)
        async def do_jobs(context: procrastinate.JobContext, jobs: list[list[Any]]) -> None:
            held = tuple((int(key), str(token)) for key, token in jobs)
            is_again = context.job.attempts > 0
            await asyncio.get_running_loop().run_in_executor(self._pool, self._do, held, is_again)
            self._due.set()

        return app

    async def _worker(self, app: procrastinate.App) -> None:
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=self._threads,
            fetch_job_polling_interval=POLL_SECONDS,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
        )

    async def _look_after(self, app: procrastinate.App) -> None:
        """Hand what dead workers had in hand to those that live."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_SECONDS):
                logger.warning("a worker died; another takes over", extra={"job": job.id})
                await app.job_manager.retry_job(job)

    async def _feed(self) -> None:
        while True:
            self._due.clear()
            has_fed = await asyncio.to_thread(self._feed_once)
            if not has_fed:
                try:
                    await asyncio.wait_for(self._due.wait(), POLL_SECONDS)
                except TimeoutError:
                    continue

    def _feed_once(self) -> bool:
        """Defer what is due, as far as there are hands for it; whether there was any."""
        with self._engine.database.reading() as session:
            waiting, workers = session.execute(_STANDING, {"stalled": STALLED_SECONDS}).one()
        packs = AHEAD * self._threads * max(1, workers) - waiting
        if packs <= 0:
            return False

        def hand_on(session: Session, jobs: tuple[TakenJob, ...]) -> None:
            _defer(session, list(_packed(jobs, packs)))

        taken = self._engine.execute(TakeJobs(packs * PACK, self._lease_seconds, hand_on=hand_on), ENGINE)
        return bool(taken)

    def _do(self, held: tuple[tuple[int, str], ...], is_again: bool) -> None:
        """Do the jobs of one pack that are still held as they were when it was deferred."""
        if is_again:
            # The worker that had them before may only sleep: it must not wake up with tokens that are worth something.
            jobs: tuple[TakenJob, ...] = self._engine.execute(RenewLeases(held, self._lease_seconds), ENGINE)
        else:
            jobs = self._engine.query(held_jobs, ENGINE, held)
        self._hands.do(jobs)


def _packed(jobs: Sequence[TakenJob], packs: int) -> Iterator[tuple[str | None, str]]:
    """The lock and the arguments of each pack. A service, which may take long, travels alone, under its case's lock."""
    for is_service, group in groupby(sorted(jobs, key=_is_service), key=_is_service):
        alike = list(group)
        size = 1 if is_service else -(-len(alike) // packs)
        for first in range(0, len(alike), size):
            pack = alike[first : first + size]
            root_key = pack[0].root_key if len(pack) == 1 else None
            lock = None if root_key is None else f"case {root_key}"
            yield lock, plain.dumps({"jobs": [[job.key, job.token] for job in pack]})


def _is_service(job: TakenJob) -> bool:
    return job.kind == "service"


def _defer(session: Session, packs: list[tuple[str | None, str]]) -> None:
    """Give packs to procrastinate on the connection of a transaction."""
    session.execute(_IN_SCHEMA)
    locks, args = [lock for lock, _ in packs], [arguments for _, arguments in packs]
    session.execute(_DEFER, {"queue": QUEUE, "task": TASK, "locks": locks, "args": args})


async def _first_of(*parts: Coroutine[Any, Any, Any]) -> None:
    """Run parts together until one of them ends; the others are told to, and waited for. Raises what it raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _from_any_thread(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> Callable[[], None]:
    def tell() -> None:
        # The loop may be over already when the last steps of a stopping process tell what they left.
        if not loop.is_closed():
            loop.call_soon_threadsafe(act)

    return tell
