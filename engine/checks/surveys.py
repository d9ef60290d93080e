"""Goes through everything page by page, each in a snapshot of its own, while work goes on beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.checks import strays
from engine.checks.acknowledged import Acknowledged, missing
from engine.checks.findings import Finding
from engine.checks.records import Processes, read_cases
from engine.checks.rules import RULES_OF_CASES
from engine.engine import Engine
from engine.errors import Forbidden
from engine.model import Actor, Permission

CASES_A_PAGE = 50
NOTHING = Acknowledged()


@dataclass(frozen=True)
class Page:
    """What was found since the page before."""

    findings: tuple[Finding, ...]
    cases: int
    """So many were looked at so far."""
    of: int
    """So many there were at the beginning."""


def survey(
    engine: Engine, actor: Actor, *, acknowledged: Acknowledged = NOTHING, page_size: int = CASES_A_PAGE
) -> Iterator[Page]:
    """Check all cases, then what belongs to none. Raises Forbidden."""
    if not actor.may(Permission.LOG_READ):
        raise Forbidden(
            "Expected the permission '{permission}', but you do not have it.", permission=Permission.LOG_READ.value
        )
    processes, after, cases = Processes(), 0, 0
    of = engine.query(strays.number_of_cases, actor)
    while page := engine.query(_cases, actor, processes, after, page_size, engine.clock()):
        after, number, findings = page
        cases += number
        yield Page(findings, cases, of)
    stream = -(2**63)
    while verdicts := engine.query(strays.verdicts, actor, stream):
        stream, findings = verdicts
        yield Page(findings, cases, of)
    yield Page(engine.query(strays.orphans, actor, engine.clock()), cases, of)
    yield Page(engine.query(missing, actor, acknowledged), cases, of)


def _cases(
    session: Session, actor: Actor, processes: Processes, after: int, size: int, now: dt.datetime
) -> tuple[int, int, tuple[Finding, ...]] | None:
    cases = read_cases(session, processes, after, size, now)
    if not cases:
        return None
    found = tuple(finding for case in cases for rule in RULES_OF_CASES for finding in rule(case, now))
    return cases[-1].root.key, len(cases), found
