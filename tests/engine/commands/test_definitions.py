"""Which version is meant: remembered from step to step, and asked anew as soon as anything is deployed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.engine import Engine
from engine.model import Definition, Deployment
from tests.world import World, diagram, flow, form, task

BODY = "<start/>" + task("one") + task("two", form="f") + "<end/>" + flow("start", "one", "two", "end")


@pytest.fixture
def deployed(world: World) -> World:
    world.deploy(("a.bpmn", diagram("a", BODY)), ("f.form", form("f", ("old", "textfield"))))
    return world


def form_version_of_the_next_task(world: World) -> int:
    world.start("a")
    world.complete_key(world.tasks()[-1].key)
    (task,) = [each for each in world.tasks() if each.element_id == "two"]
    world.complete_key(task.key)
    (version,) = world.rows(select(Definition.version).where(Definition.key == task.form_key))
    return int(version)


def test_the_latest_form_is_meant_as_soon_as_it_is_in_force(deployed: World) -> None:
    assert form_version_of_the_next_task(deployed) == 1
    deployed.deploy(("f.form", form("f", ("new", "textfield"))))
    assert form_version_of_the_next_task(deployed) == 2


def test_a_deployment_by_another_process_counts_at_once(deployed: World) -> None:
    assert form_version_of_the_next_task(deployed) == 1
    here, deployed.engine = deployed.engine, Engine(deployed.engine.database.url, secret=b"s" * 32)
    deployed.deploy(("f.form", form("f", ("new", "textfield"))))
    deployed.engine.close()
    deployed.engine = here
    assert form_version_of_the_next_task(deployed) == 2


def test_deployments_are_numbered_without_gaps(deployed: World) -> None:
    deployed.deploy(("f.form", form("f", ("new", "textfield"))))
    assert deployed.rows(select(Deployment.number).order_by(Deployment.key)) == [1, 2]
