"""The auditor's pages: the log across all cases, and the proof that nothing in it was altered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries import Permission, trace
from webui.auth import requires
from webui.door import ask
from webui.language import label
from webui.wording import sentence, who_text

blueprint = Blueprint("audit", __name__, url_prefix="/audit")


@blueprint.get("")
@requires(Permission.LOG_READ)
def index() -> ResponseReturnValue:
    since, until = _day(request.args.get("since")), _day(request.args.get("until"))
    chosen: dict[str, Any] = {"who": request.args.get("who", "").strip(), "event": request.args.get("event", "")}
    page = ask(
        trace.facts,
        **chosen,
        since=since,
        until=until + dt.timedelta(days=1) if until else None,
        page=request.args.get("page", 1, type=int),
    )
    chosen |= {"since": since, "until": until}
    lines = [(fact, sentence(fact, label, _place(fact))) for fact in page.facts]
    return render_template(
        "audit/index.html", page=page, lines=lines, chosen=chosen, events=trace.EVENT_NAMES, who_text=who_text
    )


@blueprint.get("/verify")
@requires(Permission.LOG_READ)
def verify() -> ResponseReturnValue:
    key = request.args.get("case", type=int)
    found = ask(trace.verdicts, key=key)
    return render_template("audit/verify.html", found=found, bad=[row for row in found if not row.verdict.holds])


def _place(fact: trace.Fact) -> Callable[[str | None], str]:
    """The label that the event itself carries, since no diagram is read here."""
    own = label((fact.data or {}).get("label") or "")
    return lambda element_id: (own if element_id == fact.element_id else "") or element_id or ""


def _day(text: str | None) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC) if text else None
    except ValueError:
        return None
