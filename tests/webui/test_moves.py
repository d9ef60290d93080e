"""The operator's pages for moving cases by hand and to other versions, and for putting processes to rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from engine.commands import StartInstance
from engine.model import Definition
from engine.model.identity import ENGINE
from tests.webui.browser import Browser, words
from tests.world import World, diagram, flow, task

SignedIn = Callable[[str], Browser]
BETTER = diagram(
    "repair",
    "<start/>" + task("check", name="Check it", assignment='candidateGroups="workshop"') + task("mend", name="Mend it")
    + "<end/>" + flow("start", "check", "mend", "end"),
    referencePrefix="R",
)  # fmt: skip


@pytest.fixture
def case(office: World) -> int:
    return int(office.do(StartInstance("repair", start_form=False), ENGINE).key)


def versions(office: World) -> dict[int, int]:
    """Version → key."""
    rows = office.rows(select(Definition).where(Definition.kind == "process"))
    return {row.version: row.key for row in rows}


def due(office: World) -> None:
    while office.run_due():
        pass


def test_an_operator_sees_first_what_would_happen_and_then_moves_the_case(
    signed_in: SignedIn, office: World, case: int
) -> None:
    operator = signed_in("operator")
    assert f'href="/moves/case/{case}"' in operator.get(f"/cases/{case}").text
    answer = operator.get(f"/moves/case/{case}")
    page = words(answer)
    assert "It stops here Look at it" in page and "What would happen" not in page
    assert '<input type="checkbox" name="stop" value="look">' in answer.text
    page = words(operator.get(f"/moves/case/{case}?stop=look&before=mend"))
    assert "“Look at it” is stopped" in page and "“Mend it” begins" in page and "Then it waits at: Mend it" in page
    assert [row.element_id for row in office.tasks()] == ["look"]
    answer = operator.post(f"/moves/case/{case}", {"stop": "look", "before": "mend", "reason": "Seen by phone"})
    assert answer.status_code == 303
    assert [row.element_id for row in office.tasks()] == ["mend"]
    page = words(operator.get(f"/cases/{case}"))
    assert "moved the case by hand: stopped “Look at it”, began “Mend it”. Seen by phone" in page


def test_what_makes_no_sense_is_said_on_the_page(signed_in: SignedIn, office: World, case: int) -> None:
    operator = signed_in("operator")
    assert "nothing would be left in it" in words(operator.get(f"/moves/case/{case}?stop=look"))
    answer = operator.post(f"/moves/case/{case}", {"stop": "look", "before": "mend", "reason": " "})
    assert answer.status_code == 422 and "Expected a reason" in words(answer)
    assert [row.element_id for row in office.tasks()] == ["look"]


def test_running_cases_are_moved_to_another_version(signed_in: SignedIn, office: World, case: int) -> None:
    other = int(office.do(StartInstance("repair", start_form=False), ENGINE).key)
    office.deploy(("repair.bpmn", BETTER))
    old = versions(office)[1]
    operator = signed_in("operator")
    assert f'href="/moves/version/{old}"' in operator.get(f"/processes/{old}").text
    page = words(operator.get(f"/moves/version/{old}"))
    assert "2 open cases: 0 can move as they are, 2 need a mapping, 0 cannot." in page
    assert "The case is at 'Look at it', which the other version does not have" in page
    page = words(operator.get(f"/moves/version/{old}?to=2&map.look=check"))
    assert "2 can move as they are" in page and "Move 2 cases to version 2" in page
    answer = operator.post(f"/moves/version/{old}", {"to": "2", "map.look": "check", "reason": "New law"})
    assert answer.status_code == 303
    batch = answer.location
    assert "0 done, 0 left as they were, 2 to come." in words(operator.get(batch))
    due(office)
    assert "2 done, 0 left as they were, 0 to come." in words(operator.get(batch))
    report = operator.get(f"{batch}/report.csv")
    assert report.headers["Content-Type"].startswith("text/csv") and report.text.count(",done,") == 2
    assert [row.element_id for row in office.tasks()] == ["check", "check"]
    page = words(operator.get(f"/cases/{other}"))
    assert "moved the case from version 1 to version 2: New law" in page


def test_one_case_is_moved_to_another_version(signed_in: SignedIn, office: World, case: int) -> None:
    office.deploy(("repair.bpmn", BETTER))
    old = versions(office)[1]
    operator = signed_in("operator")
    assert "1 need a mapping" in words(operator.get(f"/moves/version/{old}?case={case}"))
    answer = operator.post(f"/moves/version/{old}", {"case": str(case), "to": "2", "reason": "x"})
    assert answer.status_code == 422 and "say where it goes on" in words(answer)
    answer = operator.post(
        f"/moves/version/{old}", {"case": str(case), "to": "2", "map.look": "check", "reason": "x"}
    )
    assert answer.location == f"/cases/{case}"
    assert [row.element_id for row in office.tasks()] == ["check"]


def test_a_process_rests_and_goes_on(signed_in: SignedIn, office: World, case: int) -> None:
    operator, key = signed_in("operator"), versions(office)[1]
    answer = operator.post(f"/moves/process/{key}/rest", {"cases": "1", "reason": "Holidays"})
    assert "/moves/batch/" in (answer.location or "")
    due(office)
    assert "At rest: nothing starts it" in words(operator.get(f"/processes/{key}"))
    assert office.instance(case).status == "suspended"
    assert operator.post(f"/moves/process/{key}/rest", {"reason": "again"}).status_code == 409
    answer = operator.post(f"/moves/process/{key}/go-on")
    assert answer.location == f"/processes/{key}"
    assert office.instance(case).status == "suspended"
    assert "At rest: nothing starts it" not in words(operator.get(f"/processes/{key}"))


def test_the_pages_speak_chinese(signed_in: SignedIn, office: World, case: int) -> None:
    office.deploy(("repair.bpmn", BETTER))
    operator = signed_in("operator")
    assert operator.post("/account/language", {"language": "zh_Hans"}).status_code == 303
    page = words(operator.get(f"/moves/version/{versions(office)[1]}"))
    assert "1 个未结案件" in page and "需要对应关系" in page and "请指定案件从何处继续" in page
    assert "手动移动案件" in words(operator.get(f"/moves/case/{case}"))
