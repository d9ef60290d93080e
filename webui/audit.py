"""The auditor's pages: the log across all cases, and the proof that nothing in it was altered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.queries import Permission, definitions, places, trace
from webui.addresses import key_of
from webui.auth import requires
from webui.door import ask, now
from webui.language import label, local
from webui.wording import element_namer, sentence, who_text

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
        before=request.args.get("before", type=key_of),
    )
    chosen |= {"since": since, "until": until}
    outlines = ask(places.outlines_seen, {fact.instance_key for fact in page.facts if fact.instance_key})
    words = ask(definitions.data_words, outlines.values())
    lines = [
        (fact, sentence(fact, label, element_namer(outlines.get(fact.instance_key or 0, {})), words))
        for fact in page.facts
    ]
    return render_template(
        "audit/index.html", page=page, lines=lines, chosen=chosen, events=trace.EVENT_NAMES, who_text=who_text,
        is_older="before" in request.args,
    )  # fmt: skip


@blueprint.get("/verify")
@requires(Permission.LOG_READ)
def verify() -> ResponseReturnValue:
    key = request.args.get("case", type=key_of)
    found = ask(trace.verdicts, key=key)
    return render_template("audit/verify.html", found=found, bad=[row for row in found if not row.verdict.holds])


def _day(text: str | None) -> dt.datetime | None:
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return dt.datetime.combine(day, dt.time(), local(now()).tzinfo) if day and 1970 <= day.year < 9999 else None
