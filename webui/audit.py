"""The auditor's pages: the log across all cases, and the proof that nothing in it was altered."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries import Permission, trace
from webui.auth import requires
from webui.door import ask
from webui.language import label
from webui.wording import sentence

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


@blueprint.get("")
@requires(Permission.LOG_READ)
def index() -> ResponseReturnValue:
    chosen = {
        "who": request.args.get("who", "").strip(),
        "event": request.args.get("event", ""),
        "since": _day(request.args.get("since")),
        "until": _day(request.args.get("until")),
    }
    until = chosen["until"]
    page = ask(
        trace.facts,
        **{**chosen, "until": until + dt.timedelta(days=1) if until else None},
        page=request.args.get("page", 1, type=int),
    )
    lines = [(fact, sentence(fact, label, _place(fact))) for fact in page.facts]
    return render_template("audit/index.html", page=page, lines=lines, chosen=chosen, events=trace.EVENT_NAMES)


@blueprint.get("/verify")
@requires(Permission.LOG_READ)
def verify() -> ResponseReturnValue:
    key = request.args.get("case", type=int)
    found = ask(trace.verdicts, key=key)
    return render_template("audit/verify.html", found=found, bad=[row for row in found if not row.verdict.holds])


def _place(fact: trace.Fact):  # type: ignore[no-untyped-def]
    """The label that the event itself carries, since no diagram is read here."""
    own = label((fact.data or {}).get("label") or "")
    return lambda element_id: (own if element_id == fact.element_id else "") or element_id or ""


def _day(text: str | None) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) if text else None
    except ValueError:
        return None
