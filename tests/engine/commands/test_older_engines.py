"""A diagram written for an older engine, with all that is translated of it: put into force as it is, and run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from engine.commands import CompleteJob, TakeJobs
from tests.engine.dmn.making import data, decision, definitions, literal
from tests.world import ANNA, BEN, MONDAY, World

DIAGRAM = Path(__file__).with_name("older-engine.bpmn").read_bytes()
RATING = definitions(data("amount", "number"), decision("rating", literal("amount + 1"), "?amount"))


def test_it_runs_as_it_is(world: World) -> None:
    world.deploy(("rating.dmn", RATING), ("older-engine.bpmn", DIAGRAM))
    key = world.start("complaint", ANNA, amount=150, team="office").key

    (assess,) = world.tasks()
    assert (assess.priority, assess.due, assess.follow_up) == (
        80,
        MONDAY + dt.timedelta(days=2),
        MONDAY + dt.timedelta(days=1),
    )
    assert assess.form_key is not None
    world.complete_key(assess.key, ANNA, accepted=True, kind="goods")

    (job,) = world.do(TakeJobs(services=("payment",)))
    assert job.variables["payment"] == {"amount": 300, "text": "Sorry"}
    world.do(CompleteJob(job.key, job.token, {"receipt": "R-9"}))

    assert [task.assignee for task in world.tasks()] == ["anna", "ben", "lena"]
    for task, person in zip(world.tasks()[:2], (ANNA, BEN), strict=True):
        world.complete_key(task.key, person)

    (send,) = world.tasks()
    called = world.instance(send.instance_key)
    assert called.variables.keys() == {"number", "greeting", "initiator", "reference"}
    assert (called.variables["number"], called.variables["greeting"]) == ("R-9", "Dear ")
    world.complete_key(send.key, ANNA, sent=True)

    case = world.instance(key)
    assert case.status == "completed"
    assert {name: case.variables[name] for name in ("rating", "paid", "noticed")} == {
        "rating": 151,
        "paid": "R-9",
        "noticed": True,
    }


def test_what_is_not_accepted_ends_by_the_default_way(world: World) -> None:
    world.deploy(("rating.dmn", RATING), ("older-engine.bpmn", DIAGRAM))
    key = world.start("complaint", ANNA, amount=15, team="office").key
    (assess,) = world.tasks()
    assert assess.priority == 20
    world.complete_key(assess.key, ANNA, kind="goods")
    assert world.instance(key).status == "completed"
