"""The clockwork: when and where due jobs run. It knows commands and connectors, but no diagram and no page."""

from engine.connectors import Connectors
from engine.engine import Engine
from engine.executor.calls import Executor, StatusLink
from engine.executor.embedded import EmbeddedExecutor

__all__ = ["EmbeddedExecutor", "Executor", "executor_for"]


def executor_for(
    engine: Engine, connectors: Connectors, *, status_link: StatusLink, threads: int, lease_seconds: int
) -> Executor:
    """The executor that fits the database: SQLite's lives in this process, PostgreSQL's is a part of the fleet."""
    if engine.database.is_sqlite:
        return EmbeddedExecutor(
            engine, connectors, status_link=status_link, threads=threads, lease_seconds=lease_seconds
        )
    # Loaded only where it is used: it brings an event loop, a pool of connections and a library.
    from engine.executor.postgres import Fleet

    return Fleet(engine, connectors, status_link=status_link, threads=threads, lease_seconds=lease_seconds)
