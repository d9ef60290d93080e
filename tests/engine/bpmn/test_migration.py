"""Cases in the middle of every kind of wait, taken to a version that differs just there."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from engine import bpmn
from engine.errors import Refused
from engine.events import Event
from tests.engine.bpmn.diagrams import extended, process
from tests.engine.bpmn.models import environment, key_of

CORRELATED = '<extensionElements><zeebe:subscription correlationKey="=k"/></extensionElements>'
MESSAGES = (
    f'<message id="M" name="m">{CORRELATED}</message><message id="N" name="n">{CORRELATED}</message>'
    '<signal id="S" name="s"/>'
)
HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
DAY = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
MESSAGE, OTHER_MESSAGE = '<messageEventDefinition messageRef="M"/>', '<messageEventDefinition messageRef="N"/>'
SIGNAL = '<signalEventDefinition signalRef="S"/>'


def task(id: str, inside: str = "") -> str:
    assignment = '<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="staff"/>'
    return f'<userTask id="{id}"><extensionElements>{assignment}</extensionElements>{inside}</userTask>'


def catch(id: str, definition: str) -> str:
    return f'<intermediateCatchEvent id="{id}">{definition}</intermediateCatchEvent>'


def flows(*pairs: str) -> str:
    return "".join(
        f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in itertools.chain.from_iterable(itertools.pairwise(pair.split()) for pair in pairs)
    )


def compiled(content: str) -> bpmn.CompiledProcess:
    diagram = process(content, MESSAGES)
    problems = [problem for problem in bpmn.check(diagram) if problem.severity == "error"]
    assert problems == [], problems
    return bpmn.compile(diagram.processes[0])


class Case:
    """A case that is moved from one process to another."""

    def __init__(self, content: str, **variables: Any) -> None:
        self.process = compiled(content)
        self.environment = environment()
        self.execution, self.events = bpmn.Execution.start(self.process, {"k": "1", **variables}, self.environment)

    def migrate(self, content: str, mapping: dict[str, str] | None = None, *renew: str) -> bpmn.Migrated:
        new = compiled(content)
        plan = bpmn.Plan(mapping or {}, renew)
        self.execution, migrated = bpmn.Execution.migrate(
            self.process, new, self.execution.dump(), self.environment, plan
        )
        self.process = new
        self.execution = bpmn.Execution.load(new, self.execution.dump(), self.environment)
        return migrated

    def complete(self, element_id: str, **variables: Any) -> list[str]:
        return told(self.execution.complete(key_of(self.execution, element_id), variables))

    def trigger(self, element_id: str) -> list[str]:
        return told(self.execution.trigger(key_of(self.execution, element_id)))

    def deliver(self, element_id: str, **variables: Any) -> list[str]:
        return told(self.execution.deliver(key_of(self.execution, element_id), variables))

    @property
    def waits(self) -> list[str]:
        return sorted(self.execution.waits().values())

    def problems(self, content: str, mapping: dict[str, str] | None = None) -> list[str]:
        with pytest.raises(Refused) as caught:
            self.migrate(content, mapping)
        return [problem.message for problem in caught.value.problems]


def told(events: list[Event]) -> list[str]:
    """Short lines of what was started, done and stopped."""
    wanted = {"ActivityStarted": "+", "ActivityCompleted": "-", "ActivityCancelled": "x", "EventWithdrawn": "w",
              "EventOccurred": "!", "TimerSet": "t", "MessageAwaited": "m", "SignalAwaited": "s"}  # fmt: skip
    return [f"{wanted[event.name]}{event.element_id}" for event in events if event.name in wanted]  # type: ignore[attr-defined]


ENDS = '<startEvent id="in"/><endEvent id="out"/>'
WAITS: dict[str, tuple[str, Callable[[Case], list[str]]]] = {
    "user task": (task("a"), lambda case: case.complete("a")),
    "timer": (catch("a", HOUR), lambda case: case.trigger("a")),
    "message": (catch("a", MESSAGE), lambda case: case.deliver("a")),
    "signal": (catch("a", SIGNAL), lambda case: case.deliver("a")),
    "receive task": ('<receiveTask id="a" messageRef="M"/>', lambda case: case.deliver("a")),
    "service": (
        extended("serviceTask", "a", '<zeebe:taskDefinition type="x"/>'), lambda case: case.complete("a")
    ),
    "called process": (
        extended("callActivity", "a", '<zeebe:calledElement processId="other"/>'), lambda case: case.complete("a")
    ),
    "several events": (catch("a", HOUR + MESSAGE), lambda case: case.trigger("a")),
    "sub-process": (
        f'<subProcess id="a"><startEvent id="i"/>{task("b")}<endEvent id="o"/>{flows("i b o")}</subProcess>',
        lambda case: case.complete("b"),
    ),
    "sub-process with its own waits": (
        f'<subProcess id="a"><startEvent id="i"/>{catch("b", HOUR)}<endEvent id="o"/>{flows("i b o")}'
        f'<subProcess id="e" triggeredByEvent="true"><startEvent id="es" isInterrupting="false">{SIGNAL}</startEvent>'
        f'<endEvent id="eo"/>{flows("es eo")}</subProcess></subProcess>',
        lambda case: case.trigger("b"),
    ),
    "standard loop": (
        task("a", '<standardLoopCharacteristics><loopCondition>=false</loopCondition></standardLoopCharacteristics>'),
        lambda case: case.complete("a"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WAITS)
def test_every_wait_goes_on_in_a_version_with_one_more_task(name: str) -> None:
    body, happen = WAITS[name]
    case = Case(ENDS + body + flows("in a out"))
    waits = case.waits
    migrated = case.migrate(ENDS + body + task("more") + flows("in a more out"))
    assert migrated.withdrawn == migrated.events == []
    assert case.waits == waits
    assert happen(case)[-1] == "+more"
    case.complete("more")
    assert case.execution.is_completed


@pytest.mark.parametrize("name", WAITS)
def test_every_wait_is_mapped_to_another_id(name: str) -> None:
    body, _ = WAITS[name]
    case = Case(ENDS + body + flows("in a out"))
    other = body.replace('id="a"', 'id="z"')
    assert "say where it goes on" in case.problems(ENDS + other + flows("in z out"))[0]
    migrated = case.migrate(ENDS + other + flows("in z out"), {"a": "z"})
    assert migrated.withdrawn == migrated.events == []
    element = case.waits[0]
    key = key_of(case.execution, element)
    spec = case.process.node(element)
    if spec.event is not None and (spec.event.trigger == "timer" or spec.event.parts):
        case.execution.trigger(key)
    elif spec.kind == "receiveTask" or spec.event is not None:
        case.execution.deliver(key, {})
    else:
        case.execution.complete(key, {})
    assert case.execution.is_completed


GUARDED = (
    ENDS + task("a") + flows("in a out") + '<boundaryEvent id="b" attachedToRef="a" {how}>{what}</boundaryEvent>'
    + task("late") + '<endEvent id="o2"/>' + flows("b late o2")
)  # fmt: skip


@pytest.mark.parametrize("interrupts", [True, False])
@pytest.mark.parametrize("what", [HOUR, MESSAGE, SIGNAL])
def test_a_boundary_event_is_kept_added_and_taken_away(what: str, interrupts: bool) -> None:
    guarded = GUARDED.format(what=what, how=f'cancelActivity="{str(interrupts).lower()}"')
    plain = ENDS + task("a") + flows("in a out")
    case = Case(guarded)
    key = key_of(case.execution, "b")
    assert case.migrate(guarded).events == []
    assert key_of(case.execution, "b") == key
    assert told(case.migrate(plain).withdrawn) == ["wb"]
    assert case.waits == ["a"]
    assert told(case.migrate(guarded).events)[0][1:] == "b"
    lines = case.trigger("b") if what == HOUR else case.deliver("b")
    assert ("xa" in lines) is interrupts
    assert "late" in case.waits


def test_a_boundary_event_that_has_happened_does_not_come_again() -> None:
    guarded = GUARDED.format(what=HOUR, how='cancelActivity="false"')
    case = Case(guarded)
    case.trigger("b")
    assert case.migrate(guarded).events == []
    assert case.waits == ["a", "late"]


def test_what_waits_can_be_worked_out_anew() -> None:
    case = Case(GUARDED.format(what=MESSAGE, how="") )
    migrated = case.migrate(GUARDED.format(what=OTHER_MESSAGE, how=""))
    assert told(migrated.events) == []
    case = Case(GUARDED.format(what=MESSAGE, how=""))
    key = key_of(case.execution, "b")
    migrated = case.migrate(GUARDED.format(what=OTHER_MESSAGE, how=""), None, "message")
    (event,) = migrated.events
    assert (event.payload()["message"], event.payload()["activity_key"], migrated.renewed) == ("n", key, (key,))


GATEWAY = (
    ENDS + '<eventBasedGateway id="g"/>' + catch("soon", HOUR) + catch("said", MESSAGE) + task("b")
    + flows("in g soon b out", "g said b")
)  # fmt: skip
OTHER_GATEWAY = (
    ENDS + '<eventBasedGateway id="g"/>' + catch("soon", HOUR) + catch("given", SIGNAL) + task("b")
    + flows("in g soon b out", "g given b")
)  # fmt: skip


def test_the_events_of_a_gateway_are_kept_added_and_taken_away() -> None:
    case = Case(GATEWAY)
    key = key_of(case.execution, "soon")
    migrated = case.migrate(OTHER_GATEWAY)
    assert (told(migrated.withdrawn), told(migrated.events)) == (["wsaid"], ["sgiven"])
    assert key_of(case.execution, "soon") == key
    assert case.deliver("given") == ["!given", "wsoon", "+b"]
    case.complete("b")
    assert case.execution.is_completed


EVENT_SUBPROCESS = (
    '<subProcess id="e" triggeredByEvent="true"><startEvent id="es" {how}>{what}</startEvent>' + task("et")
    + '<endEvent id="eo"/>' + flows("es et eo") + "</subProcess>"
)  # fmt: skip


@pytest.mark.parametrize("what", [HOUR, MESSAGE, SIGNAL])
def test_an_event_subprocess_is_kept_added_and_taken_away(what: str) -> None:
    plain = ENDS + task("a") + flows("in a out")
    guarded = plain + EVENT_SUBPROCESS.format(what=what, how='isInterrupting="true"')
    case = Case(guarded)
    assert case.migrate(guarded).events == []
    assert told(case.migrate(plain).withdrawn) == ["wes"]
    assert told(case.migrate(guarded).events)[0][1:] == "es"
    lines = case.trigger("es") if what == HOUR else case.deliver("es")
    assert "xa" in lines
    assert case.migrate(guarded).events == []
    case.complete("et")
    assert case.execution.is_completed


@pytest.mark.parametrize("how", ["true", "false"])
def test_a_multi_instance_goes_on_where_it_is(how: str) -> None:
    body = task(
        "a",
        f'<multiInstanceLoopCharacteristics isSequential="{how}"><extensionElements><zeebe:loopCharacteristics '
        'inputCollection="=items" inputElement="item" outputCollection="got" outputElement="=item + 1"/>'
        "</extensionElements></multiInstanceLoopCharacteristics>",
    )
    case = Case(ENDS + body + flows("in a out"), items=[1, 2, 3])
    case.complete("a")
    case.migrate(ENDS + body + task("more") + flows("in a more out"))
    case.complete("a")
    assert case.complete("a")[-1] == "+more"
    assert case.execution.variables["got"] == [2, 3, 4]
    renamed = body.replace('outputCollection="got"', 'outputCollection="other"')
    halfway = Case(ENDS + body + flows("in a out"), items=[1, 2])
    halfway.complete("a")
    assert "collects results in another way" in halfway.problems(ENDS + renamed + flows("in a out"))[0]
    once = task("a")
    assert "something else" in halfway.problems(ENDS + once + flows("in a out"))[0]


FORK = '<parallelGateway id="f"/><parallelGateway id="j"/>'


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_a_token_at_a_join_keeps_its_way(kind: str) -> None:
    gateways = FORK.replace('<parallelGateway id="j"/>', f'<{kind} id="j"/>')
    old = ENDS + gateways + task("a") + task("b") + flows("in f a j out", "f b j")
    new = ENDS + gateways + task("a") + task("b") + task("c") + flows("in f a j", "f b c j out")
    case = Case(old)
    case.complete("a")
    case.migrate(new)
    assert case.waits == ["b"]
    case.complete("b")
    assert case.waits == ["c"]
    case.complete("c")
    assert case.execution.is_completed


def test_a_way_that_is_gone_has_to_be_named() -> None:
    old = ENDS + FORK + task("a") + task("b") + flows("in f a j out", "f b j")
    new = ENDS + FORK + task("x") + task("b") + flows("in f x j out", "f b j")
    case = Case(old)
    case.complete("a")
    assert "say which way" in case.problems(new)[0]
    case.migrate(new, {"a_j": "x_j"})
    case.complete("b")
    assert case.execution.is_completed


def test_a_join_for_which_nothing_else_comes_goes_on_or_is_told() -> None:
    old = ENDS + FORK + task("a") + task("b") + flows("in f a j out", "f b j")
    straight = ENDS + FORK + task("a") + task("b") + '<endEvent id="o2"/>' + flows("in f a j out", "f b o2")
    case = Case(old)
    case.complete("a")
    case.migrate(straight)
    assert case.waits == ["b"]
    case.complete("b")
    assert case.execution.is_completed
    third = ENDS + FORK + task("a") + task("b") + task("c") + flows("in f a j out", "f b j", "f c j")
    case = Case(old)
    case.complete("a")
    assert "could not go on at 'j'" in case.problems(third)[0]


def test_what_failed_is_tried_again_in_the_new_version() -> None:
    service = extended("serviceTask", "a", '<zeebe:taskDefinition type="x"/>')
    case = Case(ENDS + service + flows("in a out"))
    case.execution.fail(key_of(case.execution, "a"), "It is broken.", {})
    case.migrate(ENDS + service + task("more") + flows("in a more out"))
    (key,) = case.execution.failures()
    case.execution.retry(key, {})
    case.complete("a")
    assert case.waits == ["more"]


def test_a_place_in_a_sub_process_stays_in_it() -> None:
    inner = f'<startEvent id="i"/>{task("b")}<endEvent id="o"/>{flows("i b o")}'
    nested = ENDS + f'<subProcess id="a">{inner}</subProcess>' + flows("in a out")
    flat = ENDS + task("b") + task("a") + flows("in a b out")
    case = Case(nested)
    problems = case.problems(flat)
    assert any("lies inside something else" in problem or "something else" in problem for problem in problems)
    other = ENDS + f'<subProcess id="z">{inner}</subProcess>' + task("more") + flows("in z more out")
    case.migrate(other, {"a": "z"})
    assert case.complete("b") == ["-b", "!o", "-z", "+more"]


COMPENSATED = (
    ENDS + task("a") + task("b")
    + '<intermediateThrowEvent id="undo"><compensateEventDefinition/></intermediateThrowEvent>'
    + '<boundaryEvent id="c" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
    + '<userTask id="u" isForCompensation="true"><extensionElements><zeebe:userTask/><zeebe:assignmentDefinition '
    + 'candidateGroups="staff"/></extensionElements></userTask>'
    + '<association id="as" associationDirection="One" sourceRef="c" targetRef="u"/>' + flows("in a b undo out")
)  # fmt: skip


def test_what_can_be_undone_still_can() -> None:
    case = Case(COMPENSATED)
    case.complete("a")
    renamed = COMPENSATED.replace('id="u"', 'id="v"').replace('targetRef="u"', 'targetRef="v"')
    assert "can be undone" in case.problems(renamed)[0]
    case.migrate(renamed, {"u": "v"})
    case.complete("b")
    assert case.waits == ["v"]
    case.complete("v")
    assert case.execution.is_completed


def test_a_new_event_that_cannot_be_set_up_refuses_the_case() -> None:
    plain = ENDS + task("a") + flows("in a out")
    broken = GUARDED.format(what=HOUR.replace("PT1H", "=missing"), how="")
    assert "cannot be set up" in Case(plain).problems(broken)[0]


def test_a_condition_that_is_true_in_the_new_version_is_seen_at_once() -> None:
    waiting = ENDS + catch("a", "<conditionalEventDefinition><condition>={}</condition></conditionalEventDefinition>")
    case = Case(waiting.replace("{}", "k = &quot;2&quot;") + flows("in a out"))
    assert not case.execution.is_completed
    case.migrate(waiting.replace("{}", "k = &quot;1&quot;") + flows("in a out"))
    assert case.execution.is_completed


# -- several things together --------------------------------------------------------------------------------------


def guarded(boundary: str = "") -> str:
    """A task, perhaps with a boundary event that waits for these together."""
    event = f'<boundaryEvent id="both" attachedToRef="w" parallelMultiple="true">{boundary}</boundaryEvent>'
    end = '<endEvent id="z"/>' + flows("both z")
    return '<startEvent id="s"/>' + task("w") + '<endEvent id="e"/>' + flows("s w e") + (event + end) * bool(boundary)


def test_what_has_come_of_several_things_is_kept() -> None:
    case = Case(guarded(MESSAGE + SIGNAL))
    case.deliver("both")

    case.migrate(guarded(MESSAGE + SIGNAL).replace('id="w"', 'id="v"').replace('"w"', '"v"'), {"w": "v"})

    assert case.waits == ["both", "v"]
    case.deliver("both")
    assert case.execution.is_completed


def test_several_things_together_are_added_and_taken_away() -> None:
    case = Case(guarded())
    case.migrate(guarded(MESSAGE + SIGNAL))
    assert case.waits == ["both", "both", "w"]

    case.migrate(guarded(MESSAGE + HOUR))
    assert case.waits == ["both", "both", "w"]
    case.deliver("both")
    case.trigger("both")
    assert case.execution.is_completed

    case = Case(guarded(MESSAGE + SIGNAL))
    case.migrate(guarded())
    assert case.waits == ["w"]


def test_a_message_that_has_begun_a_case_is_not_waited_for_again() -> None:
    gateway = '<eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>'
    legs = catch("a", MESSAGE) + catch("b", OTHER_MESSAGE) + task("x") + task("y") + flows("g a x", "g b y")
    case = Case(gateway + legs)
    assert case.waits == ["a", "b"]
    case.deliver("a")

    case.migrate(gateway + legs)

    assert case.waits == ["b", "x"]
