"""What a decision model allows itself and should not: found when it is deployed, told to its author."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.dmn.graph import Decision, Graph
from engine.errors import Problem


def check(decisions: Iterable[Decision], graph: Graph, resource: str) -> Iterator[Problem]:
    """All findings."""
    yield from ()
