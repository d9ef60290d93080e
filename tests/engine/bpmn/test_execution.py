"""Long, wide and deep processes end rightly, or stop at a declared limit and say so."""

from __future__ import annotations

import threading

from engine import bpmn
from engine.bpmn.case import STEP_LIMIT
from engine.bpmn.elements import EventDefinition, Loop, Mapping, Node, Script
from engine.events import ActivityCompleted, ActivityFailed, ActivityStarted, EventOccurred
from tests.engine.bpmn.models import environment, key_of, model

START, END = Node("start", "startEvent"), Node("end", "endEvent")


def script(element_id: str, expression: str = "=n + 1", result: str = "n") -> Node:
    return Node(element_id, "scriptTask", script=Script(expression, result))


def test_five_thousand_steps_in_one_go() -> None:
    names = [f"step{number}" for number in range(5_000)]
    places = ["start", *names, "end"]
    process = bpmn.compile(model([START, *map(script, names), END], list(zip(places, places[1:], strict=False))))

    execution, events = bpmn.Execution.start(process, {"n": 0}, environment())

    assert execution.is_completed
    assert execution.variables == {"n": 5_000}
    assert sum(isinstance(event, ActivityCompleted) for event in events) == 5_000


def rework_loop() -> bpmn.CompiledProcess:
    return bpmn.compile(
        model(
            [
                START,
                Node("again", "exclusiveGateway"),
                Node("work", "userTask"),
                Node("decide", "exclusiveGateway", default="decide-end"),
                END,
            ],
            [
                ("start", "again"),
                ("again", "work"),
                ("work", "decide"),
                ("decide", "again", "=rework"),
                ("decide", "end"),
            ],
        )
    )


def test_five_thousand_rounds_of_rework() -> None:
    process, rounds = rework_loop(), 5_000
    kept = environment()
    execution, _ = bpmn.Execution.start(process, {}, kept)
    sizes = set()
    for number in range(rounds):
        execution.complete(key_of(execution, "work"), {"rework": number < rounds - 1})
        state = execution.dump()
        sizes.add(len(state))
        execution = bpmn.Execution.load(process, state, kept)

    assert execution.is_completed
    assert max(sizes) < 300


def test_five_thousand_rounds_without_reloading() -> None:
    process, rounds = rework_loop(), 5_000
    execution, _ = bpmn.Execution.start(process, {}, environment())
    for number in range(rounds):
        assert not execution.is_completed
        execution.complete(key_of(execution, "work"), {"rework": number < rounds - 1})

    assert execution.is_completed


def test_process_that_runs_in_circles_stops_with_an_incident() -> None:
    process = bpmn.compile(
        model(
            [START, script("count"), Node("gateway", "exclusiveGateway", default="gateway-count"), END],
            [("start", "count"), ("count", "gateway"), ("gateway", "count"), ("gateway", "end", "=n > 20000")],
        )
    )
    execution, events = bpmn.Execution.start(process, {"n": 0}, environment())

    failed = events[-1]
    assert isinstance(failed, ActivityFailed)
    assert failed.values == {"limit": STEP_LIMIT}
    assert not execution.is_completed

    for _ in range(10):
        if execution.is_completed:
            break
        (key,) = execution.failures()
        execution = bpmn.Execution.load(process, execution.dump(), environment())
        execution.retry(key, {})
    assert execution.is_completed
    assert execution.variables == {"n": 20_001}


def test_what_waits_behind_a_circle_is_not_lost() -> None:
    process = bpmn.compile(
        model(
            [START, Node("fork", "parallelGateway"), script("circle"), Node("other", "userTask")],
            [("start", "fork"), ("fork", "circle"), ("fork", "other"), ("circle", "circle")],
        )
    )
    execution, _ = bpmn.Execution.start(process, {"n": 0}, environment())
    assert execution.failures() and not execution.waits()

    execution = bpmn.Execution.load(process, execution.dump(), environment())
    (key,) = execution.failures()
    execution.retry(key, {})
    assert list(execution.waits().values()) == ["other"]
    assert list(execution.failures().values()) == ["circle"]


def test_thousand_parallel_branches() -> None:
    names = [f"branch{number}" for number in range(1_000)]
    process = bpmn.compile(
        model(
            [START, Node("fork", "parallelGateway"), Node("join", "parallelGateway"), END]
            + [Node(name, "userTask") for name in names],
            [("start", "fork"), ("join", "end")]
            + [("fork", name) for name in names]
            + [(name, "join") for name in names],
        )
    )
    execution, _ = bpmn.Execution.start(process, {}, environment())
    keys = list(execution.waits())
    assert len(keys) == 1_000
    events = []
    for key in reversed(keys):
        assert not execution.is_completed
        events = execution.complete(key, {})

    assert execution.is_completed
    assert isinstance(events[-1], EventOccurred)


def test_thousand_instances() -> None:
    loop = Loop(
        "parallel", collection="=items", element="item", output_collection="squares", output_element="=item * item"
    )
    process = bpmn.compile(
        model([START, Node("square", "task", loop=loop), END], [("start", "square"), ("square", "end")])
    )
    execution, events = bpmn.Execution.start(process, {"items": list(range(1_000))}, environment())

    assert execution.is_completed
    assert execution.variables["squares"] == [number * number for number in range(1_000)]
    assert sum(isinstance(event, ActivityStarted) for event in events) == 1_000


def test_fifty_sub_processes_deep() -> None:
    scopes = ["process", *(f"sub{number}" for number in range(50))]
    nodes = [Node(inner, "subProcess", scope=outer) for outer, inner in zip(scopes, scopes[1:], strict=False)]
    process = bpmn.compile(model([*nodes, Node("work", "userTask", scope=scopes[-1])], []))
    kept = environment()
    execution, _ = bpmn.Execution.start(process, {"x": 1}, kept)
    execution = bpmn.Execution.load(process, execution.dump(), kept)

    assert execution.variables_at(key_of(execution, "work")) == {"x": 1}
    events = execution.complete(key_of(execution, "work"), {"x": 2})

    assert sum(isinstance(event, ActivityCompleted) for event in events) == 51
    assert execution.is_completed
    assert execution.variables == {"x": 2}


def test_one_compiled_process_serves_many_threads() -> None:
    process = rework_loop()
    written = {name: dict(vars(spec)) for name, spec in process.root.task_specs.items()}
    completed: list[bool] = []

    def work() -> None:
        execution, _ = bpmn.Execution.start(process, {}, environment())
        for number in range(200):
            execution.complete(key_of(execution, "work"), {"rework": number < 199})
        completed.append(execution.is_completed)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert completed == [True] * 4
    assert {name: dict(vars(spec)) for name, spec in process.root.task_specs.items()} == written


def test_conditions_that_set_each_other_off_stop_with_an_incident() -> None:
    def switch(element_id: str, condition: str, value: str) -> Node:
        return Node(
            element_id,
            "boundaryEvent",
            attached_to="work",
            is_interrupting=False,
            event=EventDefinition("conditional", expression=condition),
            outputs=(Mapping(value, "lamp"),),
        )

    process = bpmn.compile(
        model([Node("work", "userTask"), switch("off", "=lamp = 1", "=0"), switch("on", "=lamp = 0", "=1")], [])
    )
    kept = environment()
    execution, events = bpmn.Execution.start(process, {"lamp": None}, kept)
    events = execution.set_variables({"lamp": 0})

    assert isinstance(events[-1], ActivityFailed)
    (key,) = execution.failures()
    execution.set_variables({"lamp": None})
    execution = bpmn.Execution.load(process, execution.dump(), kept)
    execution.retry(key, {})
    assert not execution.failures()
    execution.complete(key_of(execution, "work"), {})
    assert execution.is_completed
