"""What operators watch."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import Forbidden
from engine.model import Role
from engine.queries import operations
from tests.world import ANNA, LENA, OPERATOR, OWNER, World, diagram, flow, service, somebody

AUDITOR = somebody("adil", Role.AUDITOR, key=16)


@pytest.fixture
def calling(world: World) -> World:
    body = "<start/>" + service("call", "shop", retries=1) + "<end/>" + flow("start", "call", "end")
    world.deploy(("calls.bpmn", diagram("calls", body)))
    return world


def ask(world: World, question: Any, actor: Any, *args: Any) -> Any:
    return world.engine.query(question, actor, *args)


def test_operators_alone_see_jobs_and_incidents(calling: World) -> None:
    for actor in (ANNA, LENA, OWNER, AUDITOR):
        with pytest.raises(Forbidden):
            ask(calling, operations.standing, actor, calling.clock())
        for question in (operations.incidents, operations.jobs):
            with pytest.raises(Forbidden):
                ask(calling, question, actor)
    with pytest.raises(Forbidden):
        ask(calling, operations.outbox, ANNA)
    assert ask(calling, operations.outbox, AUDITOR) == ()


def test_jobs_wait_are_overdue_and_fail_into_incidents(calling: World) -> None:
    calling.start("calls")
    standing = ask(calling, operations.standing, OPERATOR, calling.clock())
    assert (standing.active, standing.jobs_waiting, standing.jobs_failed, standing.incidents) == (1, 1, 0, 0)
    calling.clock.turn(minutes=5)
    assert ask(calling, operations.standing, OPERATOR, calling.clock()).jobs_overdue == 1

    def broken(_: object) -> None:
        raise RuntimeError("closed")

    calling.connectors["shop"] = broken
    calling.run_due()
    (job,) = ask(calling, operations.jobs, OPERATOR)
    assert (job.status, job.label, job.service, job.last_error) == ("failed", "call", "shop", "RuntimeError: closed")
    (incident,) = ask(calling, operations.incidents, OPERATOR)
    assert incident.element_id == "call" and incident.values["service"] == "shop"
    assert ask(calling, operations.standing, OPERATOR, calling.clock()).incidents == 1
