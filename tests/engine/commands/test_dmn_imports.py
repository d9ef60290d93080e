"""Decision models that import others: found in the deployment or in force, bound, and taken along when those change."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.commands import CheckResources, Deploy, Deployed
from engine.errors import Invalid
from engine.model import Definition
from tests.engine.dmn.making import NAMESPACE, data, decision, definitions, literal
from tests.world import OWNER, World, diagram, flow, task

LIMITS = "limits"


def importing(namespace: str, *elements: str, own: str = "claims", location: str = "") -> str:
    """A model that knows another one by the name `shared`."""
    where = f' locationURI="{location}"' if location else ""
    head = f'<import name="shared" namespace="{namespace}" importType="{NAMESPACE}"{where}/>'
    return definitions(head, *elements, namespace=own).decode()


def limits(text: str, namespace: str = LIMITS) -> str:
    return definitions(decision("limit", literal(text)), namespace=namespace).decode()


def needing(name: str, text: str, needs: str = "limits#limit") -> str:
    """A decision that requires one of an imported model."""
    arrow = f'<informationRequirement><requiredDecision href="{needs}"/></informationRequirement>'
    return f'<decision id="{name}" name="{name}"><variable name="{name}"/>{arrow}{literal(text)}</decision>'


CLAIMS = importing(LIMITS, needing("claim", "shared.limit * 2"))
PROCESS = diagram(
    "pay",
    '<start/><bpmn:businessRuleTask id="ask" name="ask"><bpmn:extensionElements>'
    '<zeebe:calledDecision decisionId="claim" resultVariable="answer"/></bpmn:extensionElements>'
    "</bpmn:businessRuleTask>" + task("work") + "<end/>" + flow("start", "ask", "work", "end"),
)


def versions(deployed: Deployed) -> dict[str, int]:
    return {each.id: each.version for each in deployed.definitions}


def answers(world: World) -> list[tuple[int, object]]:
    """Version and result of each decision that was made, oldest first."""
    return [(data["version"], data["result"]) for data in world.data("DecisionEvaluated")]


def refused(world: World, *files: tuple[str, str]) -> list[str]:
    before = world.rows(select(Definition.key))
    with pytest.raises(Invalid) as caught:
        world.deploy(*files)
    assert world.rows(select(Definition.key)) == before
    return [f"{problem.message} ({problem.resource})" for problem in caught.value.problems]


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_import_is_found_among_the_files_in_any_order(world: World, order: slice) -> None:
    files = [("claims.dmn", CLAIMS), ("limits.dmn", limits("100"))][order]
    world.deploy(*files, ("pay.bpmn", PROCESS))
    world.start("pay")
    assert answers(world) == [(1, 200)]


def test_import_is_found_in_force(world: World) -> None:
    world.deploy(("limits.dmn", limits("100")))
    assert versions(world.deploy(("claims.dmn", CLAIMS), ("pay.bpmn", PROCESS))) == {"claim": 1, "pay": 1}
    world.start("pay")
    assert answers(world) == [(1, 200)]
    assert world.do(CheckResources((("claims.dmn", CLAIMS.encode()),)), OWNER) == ()


def test_what_is_imported_by_nobody_and_nowhere_is_refused(world: World) -> None:
    assert refused(world, ("claims.dmn", CLAIMS))[0] == (
        "The model imports 'limits', which is not at hand. (claims.dmn)"
    )


def test_a_changed_import_takes_its_importers_along(world: World) -> None:
    world.deploy(("claims.dmn", CLAIMS), ("limits.dmn", limits("100")), ("pay.bpmn", PROCESS))
    world.start("pay")
    changed = world.deploy(("limits.dmn", limits("300")))
    assert versions(changed) == {"limit": 2, "claim": 2}
    world.start("pay")
    assert answers(world) == [(1, 200), (2, 600)]


def test_an_unchanged_import_makes_no_version(world: World) -> None:
    files = (("claims.dmn", CLAIMS), ("limits.dmn", limits("100")))
    world.deploy(*files)
    assert versions(world.deploy(*files)) == {}
    assert versions(world.deploy(files[1])) == {}
    assert versions(world.deploy(files[0])) == {}


def test_a_version_keeps_the_import_that_it_was_deployed_with(world: World) -> None:
    bound = PROCESS.replace('decisionId="claim"', 'decisionId="claim" bindingType="deployment"')
    world.deploy(("claims.dmn", CLAIMS), ("limits.dmn", limits("100")), ("pay.bpmn", bound))
    world.deploy(("limits.dmn", limits("300")))
    world.start("pay")
    assert answers(world) == [(1, 200)]


def test_importers_of_importers_follow(world: World) -> None:
    total = importing("claims", needing("total", "shared.claim + 1", "claims#claim"), own="totals")
    world.deploy(("totals.dmn", total), ("claims.dmn", CLAIMS), ("limits.dmn", limits("100")))
    process = PROCESS.replace('decisionId="claim"', 'decisionId="total"')
    world.deploy(("pay.bpmn", process))
    assert versions(world.deploy(("limits.dmn", limits("300")))) == {"limit": 2, "claim": 2, "total": 2}
    world.start("pay")
    assert answers(world) == [(2, 601)]


def test_a_change_that_breaks_an_importer_in_force_is_refused(world: World) -> None:
    world.deploy(("claims.dmn", CLAIMS), ("limits.dmn", limits("100")))
    other = definitions(decision("bound", literal("1")), namespace=LIMITS).decode()
    assert refused(world, ("limits.dmn", other)) == [
        "A requirement points to 'limits#limit', which is not in the model. (claims.dmn)"
    ]


def test_circles_are_refused_with_their_files(world: World) -> None:
    back = importing("claims", needing("limit", "shared.claim", "claims#claim"), own=LIMITS)
    sentence = "Models must not import one another in a circle: claims.dmn → limits.dmn → claims.dmn. (limits.dmn)"
    assert sentence in refused(world, ("claims.dmn", CLAIMS), ("limits.dmn", back))
    world.deploy(("claims.dmn", CLAIMS), ("limits.dmn", limits("100")))
    told = refused(world, ("limits.dmn", back))
    assert "in a circle: limits.dmn → claims.dmn → limits.dmn. (claims.dmn)" in " ".join(told)


def test_a_model_that_imports_itself_is_refused(world: World) -> None:
    own = importing("claims", decision("claim", literal("1")))
    assert "in a circle: claims.dmn → claims.dmn." in refused(world, ("claims.dmn", own))[0]


def test_an_import_that_cannot_be_read_is_told_with_its_reason(world: World) -> None:
    broken = limits("100").replace("</decision>", "</decision")
    told = refused(world, ("claims.dmn", CLAIMS), ("limits.dmn", broken))
    assert "The model imports 'limits', which is not at hand. (claims.dmn)" in told
    assert any(each.startswith("The file is not well-formed XML") for each in told)


def test_files_of_the_same_namespace_are_told_apart_by_the_location(world: World) -> None:
    files = (("high.dmn", limits("900")), ("low.dmn", limits("100").replace('id="limit"', 'id="low-limit"')))
    assert refused(world, ("claims.dmn", CLAIMS), *files)[0].startswith(
        "The model imports 'limits', which several files have: high.dmn, low.dmn."
    )
    world.deploy(("claims.dmn", CLAIMS.replace("importType", 'locationURI="./high.dmn" importType')), *files,
                 ("pay.bpmn", PROCESS))  # fmt: skip
    world.start("pay")
    assert answers(world) == [(1, 1800)]


def test_a_model_without_decisions_is_there_to_be_imported(world: World) -> None:
    function = (
        '<businessKnowledgeModel id="double" name="double"><variable name="double"/><encapsulatedLogic>'
        f'<formalParameter name="n"/>{literal("n * FACTOR")}</encapsulatedLogic></businessKnowledgeModel>'
    )
    arrow = '<knowledgeRequirement><requiredKnowledge href="tools#double"/></knowledgeRequirement>'
    claim = (
        f'<decision id="claim" name="claim"><variable name="claim"/>{arrow}{literal("shared.double(21)")}</decision>'
    )
    tools = definitions(function, namespace="tools").decode()
    first = world.deploy(("tools.dmn", tools.replace("FACTOR", "2")))
    assert versions(first) == {"d": 1}
    world.deploy(("claims.dmn", importing("tools", claim)), ("pay.bpmn", PROCESS))
    world.start("pay")
    assert versions(world.deploy(("tools.dmn", tools.replace("FACTOR", "4")))) == {"d": 2, "claim": 2}
    world.start("pay")
    assert answers(world) == [(1, 42), (2, 84)]


def test_a_decision_that_left_its_file_stays_as_it_was(world: World) -> None:
    world.deploy(("claims.dmn", CLAIMS), ("limits.dmn", limits("100")), ("pay.bpmn", PROCESS))
    other = definitions(data("x"), decision("something", literal("1"))).decode()
    assert versions(world.deploy(("claims.dmn", other), ("limits.dmn", limits("300")))) == {"something": 1, "limit": 2}
    world.start("pay")
    assert answers(world) == [(1, 200)]


def test_what_came_into_force_after_the_files_were_read_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deploy(("limits.dmn", limits("100")), ("pay.bpmn", PROCESS.replace('"claim"', '"limit"')))
    with world.engine.database.reading() as session:
        early = Deploy("test", (("claims.dmn", CLAIMS.encode()),)).prepare(session)
    world.deploy(("limits.dmn", limits("300")))
    with monkeypatch.context() as patch:
        patch.setattr(Deploy, "prepare", lambda *_: early)
        world.deploy(("claims.dmn", CLAIMS))
    world.deploy(("pay.bpmn", PROCESS))
    world.start("pay")
    assert answers(world) == [(1, 600)]
