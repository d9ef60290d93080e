"""Random diagrams through the one door: the engine with its database tells what the plain token game plays."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from engine.commands import BroadcastSignal, CompleteTask, CorrelateMessage, TriggerTimer
from tests.engine.bpmn.charts import Chart
from tests.engine.bpmn.random_diagrams import RandomDiagram
from tests.engine.bpmn.token_game import Game
from tests.world import World

SEEDS = int(os.environ.get("CASEWRIGHT_ENGINE_SEEDS", "8"))
STIMULI = 25
DEFINITIONS = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
WORDS = {
    "ActivityStarted": "started",
    "ActivityCompleted": "completed",
    "ActivityCancelled": "cancelled",
    "FlowTaken": "taken",
    "EventOccurred": "happened",
}
AWAITED_BY_NAME = ("message", "signal")


class Case:
    """A case in the world that is led along the same path as the game."""

    def __init__(self, world: World, drawn: RandomDiagram, decisions: dict[str, int]) -> None:
        self._world = world
        self._chart = Chart(drawn.xml)
        self._names = drawn.awaited
        self._told = 0
        world.deploy(("called.bpmn", self._called()), ("random.bpmn", drawn.xml))
        self.key = world.start("process", **decisions).key

    def _called(self) -> str:
        """A process for each call, with one task."""
        calls = [element.id for element in self._chart.elements.values() if element.kind == "callActivity"]
        processes = [
            f'<process id="of_{each}" isExecutable="1"><startEvent id="inner_s{each}"/><userTask id="inner_{each}"/>'
            f'<sequenceFlow id="inner_f{each}" sourceRef="inner_s{each}" targetRef="inner_{each}"/></process>'
            for each in [*calls, "nothing"]
        ]
        return f"{DEFINITIONS}{''.join(processes)}</definitions>"

    def told(self) -> list[str]:
        """What is new in the log, sorted."""
        story = self._world.story(self.key, *WORDS)
        new, self._told = story[self._told :], len(story)
        words = [f"{element} {WORDS[event]}" for event, _, element in (each.partition(":") for each in new)]
        return sorted(word for word in words if "Gateway" not in word and not word.startswith("inner"))

    @property
    def is_completed(self) -> bool:
        return self._world.instance(self.key).status == "completed"

    def happen(self, element_id: str, number: int, decisions: dict[str, int]) -> bool:
        """Let it happen, and say whether that brought the decisions along."""
        element, world = self._chart.elements[element_id], self._world
        if element.kind == "userTask":
            tasks = [task for task in world.tasks() if task.element_id == element_id]
            world.do(CompleteTask(tasks[number].key, dict(decisions)))
        elif element.kind == "callActivity":
            tasks = [task for task in world.tasks() if task.element_id == f"inner_{element_id}"]
            world.do(CompleteTask(tasks[number].key, {}))
            return False
        elif element.event == "timer":
            jobs = [job for job in world.jobs() if job.kind == "timer" and job.element_id == element_id]
            world.do(TriggerTimer(jobs[number].key))
            return False
        elif element.event == "signal":
            world.do(BroadcastSignal(self._names[element_id], dict(decisions)))
            world.run_due()
        else:
            world.do(CorrelateMessage(self._names[element_id], "key", dict(decisions)))
        return True


def _possible(chart: Chart, waits: list[str]) -> list[str]:
    """A message is for one wait, and a signal for all: those are left out that several tokens wait for."""
    counts = Counter(waits)
    by_name = {
        element.id
        for element in chart.elements.values()
        if element.kind == "receiveTask" or element.event in AWAITED_BY_NAME
    }
    return [wait for wait in waits if counts[wait] == 1 or wait not in by_name]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_diagram(world: World, seed: int) -> None:
    drawn, chance = RandomDiagram(seed), random.Random(seed)
    decisions = drawn.decide(chance)
    case, game = Case(world, drawn, decisions), Game(drawn.xml, decisions)
    told, steps = sorted(game.log), ["start"]
    for _ in range(STIMULI):
        at = f"after {steps} on seed {seed}:\n{drawn.xml.decode()}"
        assert case.told() == [word for word in told if "Gateway" not in word], at
        assert case.is_completed == game.is_done, at
        possible = _possible(game.chart, game.waits)
        if not possible:
            break
        element_id = chance.choice(possible)
        number = chance.randrange(game.waits.count(element_id))
        steps.append(f"{element_id}[{number}]")
        new = drawn.decide(chance)
        if case.happen(element_id, number, new):
            game.decisions = new
        told = game.happen(element_id, number)
    assert world.verdict(case.key).holds
