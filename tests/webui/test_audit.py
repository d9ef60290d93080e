"""The auditor's pages: the whole log, and the proof that it was not altered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from engine.model.identity import CONSOLE
from tests.webui.browser import Browser, words
from tests.world import World

SignedIn = Callable[[str], Browser]


def alter(office: World, statement: str, **values: object) -> None:
    with office.engine.database.writing() as session:
        session.execute(text(statement), values)


def test_everything_is_told_with_its_event_and_hash(signed_in: SignedIn, office: World) -> None:
    office.start("repair", CONSOLE)
    auditor = signed_in("auditor")
    page = words(auditor.get("/audit"))
    assert "Task “Look at it” was offered to Workshop" in page and "TaskCreated" in page
    assert "The command line" in page and "Some auditor" in page


def test_it_is_chosen_by_person_event_and_day(signed_in: SignedIn, office: World) -> None:
    office.start("repair", CONSOLE)
    auditor = signed_in("auditor")
    assert "Task “Look at it”" not in words(auditor.get("/audit?who=ben"))
    assert "Task “Look at it”" in words(auditor.get("/audit?event=TaskCreated"))
    assert "Task “Look at it”" not in words(auditor.get("/audit?event=TaskClaimed"))
    assert "Task “Look at it”" in words(auditor.get("/audit?since=2026-11-23&until=2026-11-23"))
    assert "Nothing found" in words(auditor.get("/audit?since=2027-01-01"))
    auditor.post("/account/language", {"language": "zh_Hans", "next": "/audit"})
    assert "没有找到" in words(auditor.get("/audit?since=2027-01-01"))


@pytest.mark.parametrize(
    "query",
    ["before=0", "before=-1", f"before={10**30}", "since=yesterday", "until=9999-12-31", "since=0001-01-01",
     "event=<script>alert(1)</script>", "who=<script>alert(1)</script>"],
)  # fmt: skip
def test_absurd_questions_get_a_page(signed_in: SignedIn, office: World, query: str) -> None:
    response = signed_in("auditor").get(f"/audit?{query}")
    assert response.status_code == 200 and "<script>alert" not in response.text


def test_an_untouched_log_holds(signed_in: SignedIn, office: World) -> None:
    assert "No case to verify" in words(signed_in("auditor").get("/audit/verify"))
    key = office.start("repair", CONSOLE).key
    page = words(signed_in("auditor").get(f"/audit/verify?case={key}"))
    assert "1 case verified: every entry follows from the one before it." in page and "holds" in page
    assert "No case to verify" in words(signed_in("auditor").get(f"/audit/verify?case={10**30}"))


def test_the_altered_entry_is_named_in_both_languages(signed_in: SignedIn, office: World) -> None:
    good, bad = office.start("repair", CONSOLE), office.start("repair", CONSOLE)
    alter(office, "UPDATE log_entry SET actor = 'mallory' WHERE stream_key = :key AND position = 3", key=bad.key)
    auditor = signed_in("auditor")
    page = words(auditor.get("/audit/verify"))
    assert "1 case was altered after it was written." in page
    assert "#3: its hash does not fit what it says" in page
    assert page.index(office.instance(bad.key).reference) < page.index(office.instance(good.key).reference)
    auditor.post("/account/language", {"language": "zh_Hans", "next": "/audit"})
    assert "#3：哈希值与内容不符" in words(auditor.get("/audit/verify")).replace("#3: ", "#3：")


def test_a_missing_entry_is_named(signed_in: SignedIn, office: World) -> None:
    key = office.start("repair", CONSOLE).key
    alter(office, "DELETE FROM log_entry WHERE stream_key = :key AND position = 4", key=key)
    page = words(signed_in("auditor").get(f"/audit/verify?case={key}"))
    assert "broken" in page and "#4: the entry that belongs here is missing" in page
