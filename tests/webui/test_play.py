"""A process owner plays a case of a project, steps back, and saves it as a scenario that is run again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from engine.model import LogEntry, ProcessInstance, ProjectFile, Task
from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]
LOOK = "play/step?verb=task&target=look"


@pytest.fixture
def owner(signed_in: SignedIn) -> Browser:
    return signed_in("process-owner")


@pytest.fixture
def project(owner: Browser) -> str:
    return str(owner.post("/projects/open", {"process_id": "repair"}).location)


@pytest.fixture
def begun(owner: Browser, project: str) -> str:
    assert owner.post(f"{project}/play/step?verb=start&target=repair&by=anna", {"json": ""}).status_code == 303
    return project


def test_a_case_is_begun_and_what_waits_is_shown(owner: Browser, project: str) -> None:
    assert "How does the case begin?" in words(owner.get(f"{project}/play"))
    assert "Begin" in words(owner.get(f"{project}/play?process=repair&event="))
    owner.post(f"{project}/play/step?verb=start&target=repair&by=anna")
    page = words(owner.get(f"{project}/play"))

    assert "Look at it Workshop · done by Anna" in page
    assert "Nothing: the case has ended" not in page


def test_tasks_are_done_through_their_real_forms(owner: Browser, begun: str) -> None:
    refused = owner.send(f"{begun}/{LOOK}", {})
    assert refused.status_code == 422
    assert refused.get_json()["problems"][0]["field"] == ["finding"]
    done = owner.send(f"{begun}/{LOOK}", {"finding": "A loose wire"})
    assert done.status_code == 200
    page = words(owner.get(f"{begun}/play"))

    assert "A loose wire" in page and "Mend it" in page
    assert owner.post(f"{begun}/play/step?verb=task&target=mend").status_code == 303
    assert "Nothing: the case has ended." in words(owner.get(f"{begun}/play"))


def test_examples_fill_the_form_on_request(owner: Browser, begun: str) -> None:
    assert "Example: Finding" not in owner.get(f"{begun}/play").text
    assert "Example: Finding" in owner.get(f"{begun}/play?at=task:look&example=1").text


def test_a_step_back_undoes_the_last_step_alone(owner: Browser, begun: str) -> None:
    owner.send(f"{begun}/{LOOK}", {"finding": "A loose wire"})
    owner.post(f"{begun}/play/back")
    page = words(owner.get(f"{begun}/play"))
    assert "Look at it Workshop" in page and "A loose wire" not in page
    owner.post(f"{begun}/play/back")
    assert "How does the case begin?" in words(owner.get(f"{begun}/play"))
    owner.post(f"{begun}/play/back")
    owner.post(f"{begun}/play/restart")
    assert "How does the case begin?" in words(owner.get(f"{begun}/play"))


def test_playing_leaves_no_trace_among_real_cases(owner: Browser, begun: str, office: World) -> None:
    def counted() -> list[int]:
        tables = (LogEntry.key, ProcessInstance.key, Task.key)
        return [office.rows(select(func.count()).select_from(select(key).subquery()))[0] for key in tables]

    before = counted()
    owner.send(f"{begun}/{LOOK}", {"finding": "A loose wire"})
    owner.post(f"{begun}/play/step?verb=wait", {"target": "P30D"})
    owner.get(f"{begun}/play")

    assert counted() == before


def test_a_walk_is_saved_and_run_and_says_what_has_changed(owner: Browser, begun: str, office: World) -> None:
    owner.send(f"{begun}/{LOOK}", {"finding": "A loose wire"})
    owner.post(f"{begun}/play/step?verb=task&target=mend")
    expected = ["status", "path", "groups", "data.finding"]
    saved = owner.post(f"{begun}/play/save", {"name": "As usual", "expect": expected})
    assert saved.location == f"{begun}/scenarios"
    page = words(owner.get(f"{begun}/scenarios"))
    assert "All 1 scenarios hold." in page and "As usual" in page and "100 %" in page
    (text,) = office.rows(select(ProjectFile.content).where(ProjectFile.name.like("%.scenario")))
    assert b'"finding": "A loose wire"' in text and b'"groups"' in text

    diagram = owner.get(f"{begun}/files/repair.bpmn/content").get_data(as_text=True)
    changed = diagram.replace('candidateGroups="workshop"', 'candidateGroups="staff"', 1)
    owner.send(f"{begun}/files/repair.bpmn", {"content": changed, "revision": 1})
    page = words(owner.get(f"{begun}/scenarios"))
    assert "1 of 1 scenarios do not hold any more." in page
    assert "Task 'look' was to be offered to workshop, but it was offered to staff." in page


def test_a_walk_that_no_longer_fits_says_where_it_stops(owner: Browser, begun: str) -> None:
    owner.send(f"{begun}/{LOOK}", {"finding": "A loose wire"})
    owner.post(f"{begun}/play/step?verb=task&target=mend")
    diagram = owner.get(f"{begun}/files/repair.bpmn/content").get_data(as_text=True)
    assert "cannot be done any more" not in words(owner.get(f"{begun}/play?part=99"))
    renamed = diagram.replace('id="mend"', 'id="sew"').replace('"mend"', '"sew"')
    owner.send(f"{begun}/files/repair.bpmn", {"content": renamed, "revision": 1})
    page = words(owner.get(f"{begun}/play"))
    assert "Step 3 cannot be done any more" in page and "but it waits at sew" in page
    assert owner.post(f"{begun}/play/save", {"name": "No"}).status_code == 409
    owner.post(f"{begun}/play/back")
    assert "cannot be done any more" not in words(owner.get(f"{begun}/play"))


def test_files_with_problems_say_so(owner: Browser, project: str) -> None:
    owner.send(f"{project}/files/repair.bpmn", {"content": "<oh", "revision": 1})
    assert "Mend them first" in words(owner.get(f"{project}/play"))
    assert "differs" in words(owner.get(f"{project}/scenarios")) or "No scenario yet" in words(
        owner.get(f"{project}/scenarios")
    )


@pytest.mark.parametrize(
    ("address", "data", "status", "said"),
    [
        ("verb=task&target=nowhere", {}, 422, "but it waits at look"),
        ("verb=fly&target=away", {}, 422, "Step 1 must say exactly one of"),
        ("verb=wait", {"target": "soon"}, 422, "is no duration"),
        ("verb=message&target=gone", {"json": "{"}, 422, "but it waits at look"),
        ("verb=signal&target=go", {"json": "[1]"}, 422, "Expected data as a JSON object"),
        ("verb=signal&target=go", {"json": "{"}, 422, "This is no JSON"),
        ("verb=task&target=look&number=-7", {}, 422, "missing or wrong"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    owner: Browser, begun: str, address: str, data: dict[str, str], status: int, said: str
) -> None:
    response = owner.post(f"{begun}/play/step?{address}", data)

    assert response.status_code == status
    assert said in words(response)
    assert "Look at it Workshop" in words(owner.get(f"{begun}/play"))


def test_the_diagram_is_that_of_the_project(owner: Browser, begun: str) -> None:
    diagram = owner.get(f"{begun}/files/repair.bpmn/content").get_data(as_text=True)
    owner.send(f"{begun}/files/repair.bpmn", {"content": diagram.replace("Mend it", "Sew it"), "revision": 1})

    assert "Sew it" in owner.get(f"{begun}/play/diagrams/repair").text
    assert owner.get(f"{begun}/play/diagrams/other").status_code == 404
