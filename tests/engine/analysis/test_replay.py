"""Replay: what a change would have meant for recorded cases, the same with and without what was remembered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine.analysis.recordings import Recording
from engine.analysis.replay import Replay, library_of, recordings_of
from engine.analysis.runs import Answer, Answers
from engine.queries import recorded as records
from tests.engine.analysis import drafts
from tests.simulated.offices import Office
from tests.world import OWNER, World

CASES = 30


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("office")
    world = World(f"sqlite:///{folder}/office.db")
    office = Office(world, Random(7))
    for number in range(CASES):
        office.file(number)
    office.work(14)
    yield world
    world.engine.close()


def recordings(world: World) -> list[Recording]:
    version = world.engine.query(records.newest_version, OWNER, "complaint-handling")
    assert version is not None
    return [each for page in recordings_of(world.engine, OWNER, version, None, 1000) for each in page]


def replayed(world: World, files: drafts.Files, *, memo: bool = True, answers: Answers | None = None) -> Replay:
    replay = Replay(library_of(world.engine, OWNER, files), "complaint-handling", answers, memo=memo)
    replay.add(recordings(world))
    return replay


def test_a_draft_that_changes_nothing_changes_no_case(office: World) -> None:
    report = replayed(office, drafts.unchanged()).tally.report()

    assert report["verdicts"] == {"same": CASES}
    assert report["rows"] == report["findings"] == []
    assert all(before == after for before, after in report["flows"].values())
    assert all(each["before"] == each["after"] for each in report["groups"])
    assert report["hours"]["before"] == report["hours"]["after"]
    assert report["deadlines"]["before"] == report["deadlines"]["after"]


def test_a_new_step_is_told_with_its_work_and_its_time(office: World) -> None:
    answers = Answers(rules={"call-customer": Answer({"called": True}, minutes=90)})
    report = replayed(office, drafts.with_call(), answers=answers).tally.report()

    through = sum(
        any(step.element == "propose" and step.what == "done" for step in each.path) for each in recordings(office)
    )
    assert through > 5
    assert report["verdicts"] == {"changed": through, "same": CASES - through}
    assert {each["values"]["new"] for each in report["findings"]} == {"Call the customer"}
    assert report["findings"][0]["template"] == "After *{before}* comes *{new}*, which did not come before."
    (group,) = [each for each in report["groups"] if each["group"] == "call-centre"]
    assert group["before"]["count"] == 0 and group["after"]["count"] >= through
    assert report["hours"]["after"]["max"] > report["hours"]["before"]["max"]


def test_what_was_never_asked_stops_cases(office: World) -> None:
    report = replayed(office, drafts.with_question()).tally.report()

    assert report["verdicts"]["stuck"] > 5
    finding = report["findings"][0]
    assert finding["verdict"] == "stuck"
    assert finding["template"] == "*{element}* needs {missing}, which was never asked before."
    assert finding["values"]["missing"] == "refundReason"
    assert finding["examples"][0]["reference"].startswith("C-")


@pytest.mark.parametrize(
    "files",
    [drafts.unchanged(), drafts.with_call(), drafts.with_question(), drafts.with_deadline(),
     drafts.with_limit("500", "100")],
    ids=["unchanged", "call", "question", "deadline", "limit"],
)  # fmt: skip
def test_what_is_remembered_makes_no_difference(office: World, files: drafts.Files) -> None:
    remembered, full = replayed(office, files), replayed(office, files, memo=False)

    assert _without_causes(remembered.tally.report()) == _without_causes(full.tally.report())


def _without_causes(report: dict[str, Any]) -> dict[str, Any]:
    return {**report, "rows": [{**row, "cause": None} for row in report["rows"]],
            "findings": [{**each, "cause": None} for each in report["findings"]]}  # fmt: skip
