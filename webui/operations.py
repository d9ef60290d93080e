"""The operator's pages: incidents, jobs, and the mails that were not sent."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import ResolveIncident, RetryJob
from engine.errors import Invalid
from engine.queries import Permission, operations, standstills
from engine.queries.stranded import stranded
from webui.auth import requires
from webui.door import ask, do, now

blueprint = Blueprint("operations", __name__, url_prefix="/operations")

MOST_DIGITS = 34


@blueprint.get("")
@requires(Permission.JOB_READ)
def index() -> ResponseReturnValue:
    return render_template(
        "operations/index.html",
        standing=ask(operations.standing, now()),
        incidents=ask(operations.incidents),
        jobs=ask(operations.jobs),
        stranded=ask(stranded),
        untaken=ask(standstills.untaken_jobs, now()),
        resting=ask(standstills.long_resting, now()),
        only_waiting=ask(standstills.only_waiting) if "waiting" in request.args else None,
    )


@blueprint.post("/incidents/<int:key>/resolve")
@requires(Permission.INCIDENT_RESOLVE)
def resolve(key: int) -> ResponseReturnValue:
    """Try again, with the values that the operator corrected."""
    do(ResolveIncident(key, _corrected(request.form)))
    flash(gettext("The step was tried again."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/jobs/<int:key>/retry")
@requires(Permission.INCIDENT_RESOLVE)
def retry(key: int) -> ResponseReturnValue:
    do(RetryJob(key))
    flash(gettext("The job will be tried again."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.get("/outbox")
@requires(Permission.OUTBOX_READ)
def outbox() -> ResponseReturnValue:
    return render_template("operations/outbox.html", mails=ask(operations.outbox))


def _corrected(form: Any) -> dict[str, Any]:
    """The one variable that the operator set, read by the kind chosen beside it."""
    name, text, kind = (form.get(part, "").strip() for part in ("name", "value", "kind"))
    if not name:
        return {}
    match kind:
        case "number":
            return {name: _number(text)}
        case "truth":
            return {name: text.lower() in ("true", "yes", "是", "1")}
        case "nothing":
            return {name: None}
        case _:
            return {name: text}


def _number(text: str) -> int | Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise Invalid("Expected a number such as 7.5, but '{text}' is none.", text=text)
    return int(number) if number == number.to_integral_value() else number
