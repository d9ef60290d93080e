"""Scenario files: read, run, and what is said when something differs."""

from __future__ import annotations

import pytest

from engine import plain
from engine.analysis.scenarios import coverage, expectations, played, run_scenarios
from engine.errors import Invalid
from engine.scenarios import Scenario, read
from tests.engine.analysis.test_sandbox import ORDER, WALK
from tests.world import MONDAY, World, diagram, task


def scenario(**expected: object) -> tuple[str, bytes]:
    return "good.scenario", Scenario("Good", WALK, MONDAY, expected=expected).text().encode()


def test_a_walk_saved_as_a_scenario_holds_and_reads_back() -> None:
    sandbox, _ = played(ORDER, WALK, MONDAY)
    saved = Scenario("Good", WALK, MONDAY, "As usual", expectations(sandbox))
    (result,) = run_scenarios((*ORDER, ("good.scenario", saved.text().encode())))

    assert read(saved.text().encode()) == saved
    assert result.holds and result.steps == 3
    assert saved.expected["path"] == ["write", "check", "end"]
    assert saved.expected["groups"] == {"write": ["staff"], "check": ["staff"]}
    assert coverage([result])["order"].percent == 100
    assert coverage([result])["order"].missing_flows == ()


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"path": ["write", "call", "check"]},
         "After 'write' the case was to come to 'call', but it went on to check, end."),
        ({"never": ["check"]}, "'check' was to be left out, but the case came to it."),
        ({"groups": {"check": ["quality"]}}, "Task 'check' was to be offered to quality, but it was offered to staff."),
        ({"groups": {"call": "staff"}}, "Task 'call' was to be offered to staff, but there was no such task."),
        ({"status": "active"}, "The case was to be active, but it is completed."),
        ({"ends": ["other"]}, "The case was to end at other, but it ended at end."),
        ({"waits": ["check"]}, "The case was to wait at check, but it waits at -."),
        ({"data": {"words": "Bye"}}, "'words' was to be Bye, but it is Hello."),
        ({"mails": ["Hello"]}, "Mail 1 was to be “Hello”, but it is “-”."),
        ({"cases": 2}, "2 cases were to be there, but there are 1."),
    ],
)  # fmt: skip
def test_what_differs_is_told_in_words(expected: dict[str, object], said: str) -> None:
    (result,) = run_scenarios((*ORDER, scenario(**expected)))

    assert [problem.message for problem in result.problems] == [said]


def test_a_step_that_cannot_be_done_is_the_first_difference() -> None:
    without = diagram("order", "<start/>" + task("write", form="text") + '<end/>'
                      '<bpmn:sequenceFlow id="a" sourceRef="start" targetRef="write"/>'
                      '<bpmn:sequenceFlow id="b" sourceRef="write" targetRef="end"/>')  # fmt: skip
    files = (("order.bpmn", without.encode()), *ORDER[1:], scenario(status="completed"))
    (result,) = run_scenarios(files)

    assert "Step 3 (task check) could not be done: Expected the case to wait at 'check'" in result.problems[0].message
    assert result.problems[0].element_id == "check"


def test_files_that_cannot_be_put_into_force_fail_every_scenario() -> None:
    (result,) = run_scenarios((ORDER[0], scenario()))

    assert not result.holds and all(problem.severity == "error" for problem in result.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "This is no JSON"),
        ("[]", "A scenario is a JSON object."),
        ('{"name": "a", "steps": []}', "The scenario needs 1 to 500 steps."),
        ('{"name": " ", "steps": [{"start": "a"}]}', "The scenario needs a name."),
        ('{"name": "a", "steps": [{"task": "a"}]}', "The first step must start a case."),
        ('{"name": "a", "steps": [{"start": "a", "task": "b"}]}', "Step 1 must say exactly one of"),
        ('{"name": "a", "steps": [{"start": "a"}, {"wait": "soon"}]}', "'soon' is no duration"),
        ('{"name": "a", "steps": [{"start": "a"}, {"wait": "P99999999999D"}]}', "is no duration"),
        ('{"name": "a", "steps": [{"start": 1}]}', "Step 1: 'start' must be text."),
        ('{"name": "a", "steps": [{"start": "a", "data": []}]}', "Step 1: 'data' must be an object."),
        ('{"name": "a", "steps": [{"start": "a", "whom": 1}]}', "Step 1: 'start' takes no 'whom'."),
        ('{"name": "a", "steps": [{"start": "a"}], "clock": "today"}', "'clock' must be a moment"),
        ('{"name": "a", "steps": [{"start": "a"}], "expect": {"paths": []}}', "A scenario cannot expect 'paths'"),
        ('{"name": "a", "steps": [{"start": "a"}], "expect": {"path": [1]}}', "'path' must be a list of texts."),
        ('{"name": "a", "steps": [{"start": "a"}], "expects": {}}', "A scenario has no 'expects'."),
        ('{"name": "a", "steps": [{"start": "a"}, {"service": "a", "answer": {}, "fails": "x"}]}', "only one of them"),
        ("[" * 100_000, "This is no JSON"),
    ],
)
def test_a_broken_scenario_says_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(Invalid) as raised:
        read(text.encode(), "a.scenario")

    assert any(said in problem.message for problem in raised.value.problems)
    assert all(problem.resource == "a.scenario" for problem in raised.value.problems)


def test_scenarios_are_put_into_force_with_their_process(world: World) -> None:
    deployed = world.deploy(*ORDER, scenario(status="completed"))

    assert ("scenario", "good", "Good") in {(each.kind, each.id, each.name) for each in deployed.definitions}


def test_a_scenario_of_hostile_names_is_plain_data() -> None:
    said = plain.dumps({"name": "a", "steps": [{"start": "x" * 5000, "by": "'; DROP TABLE task; --"}]})
    (result,) = run_scenarios((*ORDER, ("bad.scenario", said.encode())))

    assert not result.holds
