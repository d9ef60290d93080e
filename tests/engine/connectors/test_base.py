"""Connectors by name, and the functions of installed packages."""

from __future__ import annotations

import importlib.metadata
from types import SimpleNamespace
from typing import Any

import pytest

from engine.connectors import Call, Connectors, Outcome, ServiceFailed
from engine.connectors.base import ENTRY_POINTS, plugins


def test_a_function_of_an_installed_package_is_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    def offered(group: str) -> list[Any]:
        assert group == ENTRY_POINTS
        functions = {
            "acme:double": lambda call: {"result": call.variables["n"] * 2},
            "acme:nothing": lambda call: None,
            "acme:full": lambda call: Outcome({"a": 1}, "done"),
            "acme:odd": lambda call: "text",
        }
        return [SimpleNamespace(name=name, load=lambda f=function: f) for name, function in functions.items()]

    monkeypatch.setattr(importlib.metadata, "entry_points", offered)
    connectors = Connectors(plugins())

    assert connectors.call(Call(1, "acme:double", {"n": 21})).variables == {"result": 42}
    assert connectors.call(Call(1, "acme:nothing", {})) == Outcome()
    assert connectors.call(Call(1, "acme:full", {})).note == "done"
    with pytest.raises(ServiceFailed, match="str instead"):
        connectors.call(Call(1, "acme:odd", {}))
    with pytest.raises(ServiceFailed, match="no service"):
        connectors.call(Call(1, "acme:missing", {}))
    assert "acme:double" in connectors
    assert len(connectors.services) == 4
