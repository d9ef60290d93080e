"""Events that are about several things at once: the first of them counts, or all of them are thrown."""

from __future__ import annotations

import pytest

from engine.bpmn import Execution, check, compile
from engine.events import Event
from tests.engine.bpmn.diagrams import chain, process
from tests.engine.bpmn.models import environment, key_of
from tests.stories.samples import DEFINITIONS, HOST, ROOTS
from tests.stories.story import line

SEVERAL = DEFINITIONS["message"] + DEFINITIONS["timer"] + DEFINITIONS["conditional"]
AFTER = '<endEvent id="z"/><sequenceFlow id="n-z" sourceRef="n" targetRef="z"/>'


class Walk:
    """A case of these elements that tells its events in short lines, loaded anew before each stimulus."""

    def __init__(self, content: str, roots: str = ROOTS) -> None:
        drawn = process(content, roots)
        assert [problem.message for problem in check(drawn) if problem.severity == "error"] == []
        self.process, self.environment = compile(drawn.processes[0]), environment()
        self.case, events = Execution.start(self.process, {"key": "k", "go": False}, self.environment)
        self.told = self._lines(events)

    def loaded(self) -> Execution:
        self.case = Execution.load(self.process, self.case.dump(), self.environment)
        return self.case

    def take(self, events: list[Event]) -> list[str]:
        self.told = self._lines(events)
        return self.told

    @staticmethod
    def _lines(events: list[Event]) -> list[str]:
        return [line(event) for event in events]


def caught() -> Walk:
    return Walk(chain(f'<intermediateCatchEvent id="n">{SEVERAL}</intermediateCatchEvent>'))


def test_the_first_of_several_that_are_waited_for_counts() -> None:
    walk = caught()
    assert walk.told[2:] == ["n awaited: m k", "n due 01-02 00:00"]
    message, timer = walk.case.waits()

    assert walk.take(walk.loaded().trigger(timer)) == [
        "n happened: timer", "n withdrawn", "n -> end", "end happened: none",
    ]  # fmt: skip
    assert walk.case.is_completed
    assert message not in walk.case.waits()


def test_a_condition_may_be_the_first_of_several() -> None:
    walk = caught()

    assert walk.take(walk.loaded().set_variables({"go": True}))[1:] == [
        "n happened: conditional", "n withdrawn", "n withdrawn", "n -> end", "end happened: none",
    ]  # fmt: skip


def test_what_is_waited_for_is_withdrawn_with_the_case() -> None:
    walk = caught()

    assert walk.take(walk.loaded().cancel()) == ["n withdrawn", "n withdrawn"]


@pytest.mark.parametrize("interrupts", [True, False])
def test_several_at_a_border(interrupts: bool) -> None:
    attributes = f'attachedToRef="host" cancelActivity="{str(interrupts).lower()}"'
    several = DEFINITIONS["signal"] + DEFINITIONS["escalation"]
    walk = Walk(chain(HOST) + f'<boundaryEvent id="n" {attributes}>{several}</boundaryEvent>' + AFTER)

    told = walk.take(walk.loaded().escalate(key_of(walk.case, "host"), "C", {}))

    assert told[:2] == ["host escalated C, caught by n", "n happened: escalation C"]
    assert told[-2:] == ["n -> z", "z happened: none"]
    assert walk.case.is_completed is interrupts
    if not interrupts:
        assert walk.take(walk.loaded().deliver(key_of(walk.case, "n"), {}))[0] == "n happened: signal s"


def test_an_error_or_a_message_starts_an_event_sub_process() -> None:
    start = f'<startEvent id="n">{DEFINITIONS["error"]}{DEFINITIONS["message"]}</startEvent>'
    walk = Walk(chain(HOST) + f'<subProcess id="around" triggeredByEvent="true">{start}</subProcess>')

    told = walk.take(walk.loaded().throw_error(key_of(walk.case, "host"), "E", "broken", {}))

    assert told[:4] == ["host threw E, caught by n", "around started", "n happened: error E", "n withdrawn"]
    assert walk.case.is_completed


def test_all_of_several_are_thrown_an_error_last() -> None:
    several = DEFINITIONS["error"] + DEFINITIONS["signal"] + DEFINITIONS["message"]
    inner = f'<startEvent id="s"/><endEvent id="n">{several}</endEvent>'
    inner += '<sequenceFlow id="s-n" sourceRef="s" targetRef="n"/>'
    caught_here = f'<boundaryEvent id="b" attachedToRef="sub">{DEFINITIONS["error"]}</boundaryEvent>'
    walk = Walk(chain(f'<subProcess id="sub">{inner}</subProcess>') + caught_here)

    assert walk.told[5:9] == [
        "n happened: multiple", "n broadcast: s", "n sent: m k {}", "n threw E, caught by b",
    ]  # fmt: skip
    assert walk.case.is_completed


@pytest.mark.parametrize("other", ["compensation", "link"])
def test_what_cannot_be_thrown_together_is_refused(other: str) -> None:
    several = DEFINITIONS[other] + DEFINITIONS["signal"]
    drawn = process(chain(f'<intermediateThrowEvent id="n">{several}</intermediateThrowEvent>'), ROOTS)

    (problem,) = [problem for problem in check(drawn) if problem.severity == "error" and problem.rule == "not-run"]
    assert "not all can be run together" in problem.message


def test_a_condition_after_an_event_gateway() -> None:
    ends = '<endEvent id="x"/><endEvent id="y"/>'
    events = f'<intermediateCatchEvent id="a">{DEFINITIONS["conditional"]}</intermediateCatchEvent>'
    events += f'<intermediateCatchEvent id="b">{DEFINITIONS["signal"]}</intermediateCatchEvent>'
    flows = "".join(
        f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in ("sg", "ga", "gb", "ax", "by")
    )
    walk = Walk(f'<startEvent id="s"/><eventBasedGateway id="g"/>{events}{ends}{flows}')

    assert walk.take(walk.loaded().set_variables({"go": True}))[1:] == [
        "g -> a", "a happened: conditional", "b withdrawn", "a -> x", "x happened: none",
    ]  # fmt: skip
