"""The pages on which two versions stand beside each other."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from engine.analysis import comparison
from tests.webui.browser import Browser, words
from tests.webui.test_projects import opened, send
from tests.world import OWNER, World

SignedIn = Callable[[str], Browser]


@pytest.fixture
def owner(signed_in: SignedIn) -> Browser:
    return signed_in("process-owner")


def changed_project(owner: Browser) -> str:
    """A project in which a task has another group, another deadline and another name."""
    address = opened(owner)
    text = owner.get(f"{address}/files/repair.bpmn/content").get_data(as_text=True)
    text = text.replace("PT4H", "PT8H").replace('name="Mend it"', 'name="Repair it"')
    assert send(owner, f"{address}/files/repair.bpmn", {"content": text, "revision": 1}).status_code == 200
    form = owner.get(f"{address}/files/looked.form/content").get_data(as_text=True)
    send(owner, f"{address}/files/looked.form", {"content": form.replace('"Finding"', '"<b>Cause</b>"'), "revision": 1})
    return address


def test_a_project_is_compared_with_what_is_in_force(owner: Browser) -> None:
    page = owner.get(f"{changed_project(owner)}/compare")
    said = words(page)
    assert "The deadline of Look at it is now 8 h instead of 4 h." in said
    assert "Mend it is now called Repair it ." in said
    assert "changes what happens" in said
    assert "The field Finding is now called &lt;b&gt;Cause&lt;/b&gt; ." in said
    assert len(re.findall(r'data-comparison="(before|after)"', page.text)) == 2
    assert re.search(r"<del>.*Finding</del> <ins>.*Cause", page.text, re.DOTALL)


def test_an_unchanged_project_has_nothing_to_tell(owner: Browser) -> None:
    address = opened(owner)
    assert "Nothing: both are the same." in words(owner.get(f"{address}/compare"))
    assert "Nothing: both are the same." in words(owner.get(f"{address}/compare?with=base"))
    assert owner.get(f"{address}/compare?with=nothing").status_code == 404


def test_against_what_it_was_made_from_others_changes_are_not_told(owner: Browser, office: World) -> None:
    address = opened(owner)
    text = owner.get(f"{address}/files/repair.bpmn/content").get_data(as_text=True)
    office.deploy(("repair.bpmn", text.replace("PT4H", "PT2H")))
    assert "is now 4 h instead of 2 h" in words(owner.get(f"{address}/compare"))
    assert "Nothing: both are the same." in words(owner.get(f"{address}/compare?with=base"))


def test_the_sentences_are_there_for_other_pages(owner: Browser, office: World) -> None:
    key = int(changed_project(owner).rsplit("/", 1)[1])
    with office.engine.database.reading() as session:
        found = comparison.summary(session, OWNER, key)
    assert [change.message for change in found] == [
        "The deadline of Look at it is now 8 hours instead of 4 hours.",
        "Mend it is now called Repair it.",
        "The field Finding is now called <b>Cause</b>.",
    ]


def test_published_versions_are_compared_and_told_on_the_definitions_page(owner: Browser) -> None:
    address = changed_project(owner)
    owner.post(f"{address}/publish", {"note": "Four hours were too few.", "label": "autumn"})
    index = owner.get("/processes").text
    (key,) = re.findall(r'href="/processes/(\d+)"', index)
    page = owner.get(f"/processes/{key}")
    said = words(page)
    assert "What changed in this version autumn" in said
    assert "Four hours were too few." in said
    assert "The deadline of Look at it is now 8 h instead of 4 h." in said
    (link,) = set(re.findall(r'href="(/processes/compare\?a=\d+&amp;b=\d+)"', page.text))
    compared = words(owner.get(link.replace("&amp;", "&")))
    assert "version 1 and version 2" in compared
    assert "The field Finding is now called" in compared


def test_versions_of_different_definitions_are_not_compared(owner: Browser) -> None:
    (process,) = re.findall(r'href="/processes/(\d+)"', owner.get("/processes").text)
    (form,) = re.findall(r'href="/processes/(\d+)"', owner.get("/processes?kind=form").text)
    assert owner.get(f"/processes/compare?a={process}&b={form}").status_code == 404
    assert owner.get(f"/processes/compare?a={process}").status_code == 404
    assert owner.get(f"/processes/compare?a={process}&b={process}").status_code == 200


def test_in_chinese(owner: Browser) -> None:
    address = changed_project(owner)
    owner.post("/account/language", {"language": "zh_Hans", "next": "/account"})
    said = words(owner.get(f"{address}/compare"))
    assert "“查看”的期限由4小时改为8小时。" in said.replace(" ", "")


def test_a_broken_file_is_told_as_such(owner: Browser) -> None:
    address = opened(owner)
    send(owner, f"{address}/files/repair.bpmn", {"content": "<broken", "revision": 1})
    said = words(owner.get(f"{address}/compare"))
    assert "repair.bpmn has changed, and one of its versions cannot be read." in said


def test_the_pages_of_review_and_publishing_tell_what_changes(owner: Browser) -> None:
    address = changed_project(owner)
    for page in ("publish", "review"):
        assert "The deadline of Look at it is now 8 h instead of 4 h." in words(owner.get(f"{address}/{page}"))
