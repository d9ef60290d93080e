"""What a connector is: one call to the world, made with no transaction open, that may be repeated."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

ENTRY_POINTS = "casewright.services"


@dataclass(frozen=True)
class Call:
    """What a service is asked for."""

    key: int
    """The job's key; the same for every try, so that the other side can tell a repetition from a new wish."""
    service: str
    variables: Mapping[str, Any]
    """The inputs as the diagram maps them."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The task headers of the diagram."""
    root_key: int = 0
    reference: str = ""
    """Of the case."""
    status_link: str = ""
    """Address of the case's public status page."""


@dataclass(frozen=True)
class Outcome:
    """What a service did."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    """In a few words, for the log, such as the address a mail went to."""


class ServiceFailed(Exception):
    """It did not work, for a technical reason; it is tried again."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final
        """Trying again would not help."""


class ServiceError(Exception):
    """A modelled error came up, which a boundary event of the diagram can catch by its code."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or code)
        self.code = code
        self.variables = dict(variables or {})


class Connector(Protocol):
    """Calls one kind of service. Raises ServiceFailed or ServiceError."""

    def __call__(self, call: Call) -> Outcome: ...


class Connectors:
    """The connectors of an installation, by the type that diagrams name."""

    def __init__(self, connectors: Mapping[str, Connector] | None = None) -> None:
        self._connectors = dict(connectors or {})

    def __contains__(self, service: str) -> bool:
        return service in self._connectors

    @property
    def services(self) -> tuple[str, ...]:
        """The types that can be called here; jobs of other types wait for workers elsewhere."""
        return tuple(sorted(self._connectors))

    def call(self, call: Call) -> Outcome:
        """Call a service. Raises ServiceFailed, ServiceError, or whatever a plug-in raises."""
        connector = self._connectors.get(call.service)
        if connector is None:
            raise ServiceFailed(f"there is no service '{call.service}' here", is_final=True)
        return connector(call)


BUILT_IN = frozenset({"casewright:http", "casewright:mail"})


def known_services() -> frozenset[str]:
    """The types that can be called in this installation; its plug-ins are asked for their names, and not loaded."""
    return BUILT_IN | {point.name for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}


def plugins() -> dict[str, Connector]:
    """Python functions that installed packages offer under the entry point group `casewright.services`.

    The entry point's name is the task type; the function takes a `Call` and returns a mapping of variables, an
    `Outcome` or None.
    """
    found = importlib.metadata.entry_points(group=ENTRY_POINTS)
    return {point.name: _adapted(point.name, point.load()) for point in found}


def _adapted(name: str, function: Callable[[Call], Any]) -> Connector:
    def connector(call: Call) -> Outcome:
        result = function(call)
        if isinstance(result, Outcome):
            return result
        if result is None:
            return Outcome()
        if isinstance(result, Mapping):
            return Outcome(variables=result)
        raise ServiceFailed(f"the service '{name}' gave {type(result).__name__} instead of variables", is_final=True)

    return connector
