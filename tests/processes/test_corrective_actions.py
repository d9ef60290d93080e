"""Corrective actions: plan, do, check after 30 days, act, and again when the check fails."""

from __future__ import annotations

import pytest

from tests.processes.walking import Walk


def planned(walk: Walk | None = None) -> Walk:
    walk = walk or Walk().start(
        "corrective-action", by="chen.yu", problemTitle="Leaking seals", causeDescription="No test.", cause="procedure"
    )
    walk.complete(
        "plan",
        plannedMeasure="Test each seal.",
        responsibleGroup="operations",
        measureDue="2026-12-04",
        indicator="leaks a month",
        indicatorBefore=7,
    )
    return walk


def checked(walk: Walk, effective: str) -> None:
    walk.complete("do", by="li.na", measureDone="Each seal is tested.", measureDoneOn="2026-12-01")
    walk.pass_time(days=29)
    assert walk.tasks() == []
    walk.pass_time(days=1)
    walk.complete("check", by="chen.yu", indicatorAfter=1, effective=effective, checkNote="Counted.")


def test_effective_measure_is_made_lasting() -> None:
    walk = planned()
    assert walk.task("do").candidate_groups == ["operations"]
    checked(walk, "yes")
    walk.complete("act", standardised=["instruction"], standardNote="Instruction 12")

    assert walk.running() == []


def test_measure_without_effect_is_planned_anew() -> None:
    walk = planned()
    checked(walk, "no")

    assert walk.tasks() == ["plan"]
    assert walk.variables("corrective-action")["round"] == 2


def test_who_carried_it_out_does_not_check_it() -> None:
    walk = planned()
    walk.complete("do", by="li.na", measureDone="Each seal is tested.", measureDoneOn="2026-12-01")
    walk.pass_time(days=30)

    with pytest.raises(AssertionError, match="li.na may not do check"):
        walk.complete("check", by="li.na", indicatorAfter=1, effective="yes", checkNote="Counted.")


def test_late_measure_calls_for_help() -> None:
    walk = planned()
    walk.pass_time(days=12)
    assert walk.tasks() == ["do", "help"]
    walk.complete("help", delayMeasure="Two more people.")

    assert walk.tasks() == ["do"]
