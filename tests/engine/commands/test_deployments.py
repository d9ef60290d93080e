"""Deployments: all or nothing, all problems at once, no version without a change."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.commands import CheckResources, CorrelateMessage, Deploy, ReinstateDefinition, RetireDefinition
from engine.errors import Forbidden, Invalid, Refused
from engine.model import Definition
from engine.model.identity import NOBODY
from tests.world import ANNA, OPERATOR, OWNER, World, diagram, flow, form, service, task

SIMPLE = diagram("simple", "<start/>" + task("work", form="letter") + "<end/>" + flow("start", "work", "end"))
LETTER = form("letter", ("text", "textfield"))
CATALOGUE = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "work"\nmsgstr "工作"\n'


def problems(world: World, *resources: tuple[str, str | bytes]) -> list[str]:
    files = tuple((name, text.encode() if isinstance(text, str) else text) for name, text in resources)
    with pytest.raises(Invalid) as caught:
        world.do(Deploy("test", files), OWNER)
    assert world.rows(select(Definition)) == []
    return [str(problem) for problem in caught.value.problems]


def test_files_are_put_into_force_together(world: World) -> None:
    deployed = world.deploy(("simple.bpmn", SIMPLE), ("letter.form", LETTER), ("zh_Hans.po", CATALOGUE))
    assert {(each.kind, each.id, each.version) for each in deployed.definitions} == {
        ("process", "simple", 1), ("form", "letter", 1), ("catalogue", "zh_Hans", 1),
    }  # fmt: skip
    assert world.story(deployed.key or 0) == ["ResourcesDeployed"]
    (process,) = world.rows(select(Definition).where(Definition.kind == "process"))
    assert process.outline["elements"]["work"] == {"name": "work", "kind": "userTask", "documentation": ""}
    assert process.outline["start_form"] is None


def test_unchanged_files_make_no_new_version(world: World) -> None:
    world.deploy(("simple.bpmn", SIMPLE), ("letter.form", LETTER))
    again = world.deploy(("simple.bpmn", SIMPLE), ("letter.form", LETTER))
    assert (again.key, again.definitions) == (None, ())
    changed = world.deploy(("simple.bpmn", SIMPLE.replace("work", "labour")), ("letter.form", LETTER))
    assert [(each.id, each.version) for each in changed.definitions] == [("simple", 2)]


def test_running_cases_stay_on_their_version_and_new_ones_take_the_newest(world: World) -> None:
    world.deploy(("simple.bpmn", SIMPLE), ("letter.form", LETTER))
    world.start("simple")
    world.deploy(("simple.bpmn", SIMPLE.replace("work", "labour")))
    world.start("simple")
    assert [each.element_id for each in world.tasks()] == ["work", "labour"]


def test_a_form_bound_to_the_deployment_makes_a_new_version_of_its_process(world: World) -> None:
    bound = SIMPLE.replace('formId="letter"', 'formId="letter" bindingType="deployment"')
    world.deploy(("simple.bpmn", bound), ("letter.form", LETTER))
    world.start("simple")
    other = form("letter", ("words", "textfield"))
    changed = world.deploy(("simple.bpmn", bound), ("letter.form", other))
    assert {each.id for each in changed.definitions} == {"simple", "letter"}
    world.start("simple")
    old, new = world.tasks()
    assert old.form_key != new.form_key


def test_all_problems_of_all_files_are_told_at_once(world: World) -> None:
    told = problems(
        world,
        ("broken.bpmn", "<definitions><oh"),
        ("nameless.bpmn", diagram("nowhere", task("work", form="missing") + "<end/>" + flow("work", "end"))),
        ("letter.form", "{"),
        ("rules.dmn", "<x/>"),
        ("words.po", 'msgid "a\n'),
        ("notes.txt", "hello"),
    )
    for name in ("broken.bpmn", "nameless.bpmn", "letter.form", "rules.dmn", "words.po", "notes.txt"):
        assert any(name in problem for problem in told), name
    assert any("'missing'" in problem and "element work" in problem for problem in told)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "DOCTYPE"),
        ("x" * 10_000_000, "larger"),
        ("", ""),
        ('<?xml version="1.0"?><svg/>', ""),
    ],
)
def test_hostile_and_foolish_files_get_one_clear_sentence(world: World, content: str, word: str) -> None:
    (told,) = problems(world, ("odd.bpmn", content))
    assert word in told
    assert len(told) < 300


def test_the_same_thing_twice_is_refused(world: World) -> None:
    assert any("already in a.form" in each for each in problems(world, ("a.form", LETTER), ("b.form", LETTER)))
    assert any("Two files" in each for each in problems(world, ("a.form", LETTER), ("x/a.form", LETTER)))


def test_what_was_deployed_before_may_be_named(world: World) -> None:
    world.deploy(("letter.form", LETTER))
    world.deploy(("simple.bpmn", SIMPLE))
    tagged = SIMPLE.replace('formId="letter"', 'formId="letter" bindingType="versionTag" versionTag="v9"')
    with pytest.raises(Invalid) as caught:
        world.do(Deploy("t", (("simple.bpmn", tagged.encode()),)), OWNER)
    assert "'v9'" in str(caught.value.problems[0])


def test_checking_changes_nothing(world: World) -> None:
    found = world.do(CheckResources((("simple.bpmn", SIMPLE.encode()),)), OWNER)
    assert [problem.rule for problem in found if problem.severity == "error"] == ["names-nothing"]
    assert world.rows(select(Definition)) == []


def test_staff_may_not_deploy(world: World) -> None:
    for actor in (ANNA, OPERATOR, NOBODY):
        with pytest.raises(Forbidden):
            world.do(Deploy("x", ()), actor)


def test_a_retired_process_takes_no_new_cases_until_it_is_reinstated(world: World) -> None:
    begun = diagram(
        "begun",
        '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>'
        + task("work") + "<end/>" + flow("start", "work", "end"),
        outside='<bpmn:message id="M" name="order"/>',
    )  # fmt: skip
    world.deploy(("begun.bpmn", begun))
    assert world.do(CorrelateMessage("order"), OPERATOR).is_new
    world.do(RetireDefinition("begun"), OWNER)
    assert world.subscriptions() == []
    with pytest.raises(Refused, match="retired"):
        world.start("begun")
    with pytest.raises(Refused):
        world.do(RetireDefinition("begun"), OWNER)

    world.do(ReinstateDefinition("begun"), OWNER)

    assert world.do(CorrelateMessage("order"), OPERATOR).is_new
    assert len(world.tasks()) == 2


def test_a_message_starts_the_newest_version_only(world: World) -> None:
    def by_message(name: str) -> str:
        return diagram(
            "begun",
            '<bpmn:startEvent id="start"><bpmn:messageEventDefinition messageRef="M"/></bpmn:startEvent>'
            + task(name) + "<end/>" + flow("start", name, "end"),
            outside='<bpmn:message id="M" name="order"/>',
        )  # fmt: skip

    world.deploy(("begun.bpmn", by_message("old")))
    world.deploy(("begun.bpmn", by_message("new")))
    world.do(CorrelateMessage("order", variables={"size": 3}), OPERATOR)
    assert [each.element_id for each in world.tasks()] == ["new"]
    assert len(world.subscriptions()) == 1


def test_a_service_that_is_not_installed_is_told(world: World) -> None:
    body = "<start/>" + service("post", "casewright:male") + service("mail", "casewright:mail") + "<end/>"
    deployed = world.deploy(("posting.bpmn", diagram("posting", body + flow("start", "post", "mail", "end"))))

    (warning,) = deployed.warnings
    assert (warning.rule, warning.element_id, warning.severity) == ("unknown-service", "post", "warning")
