"""Start a case: choose a process, fill in its form."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands.instances import StartInstance
from engine.errors import Invalid
from engine.queries import Permission, starting
from webui.auth import may_open, requires, wants_json
from webui.door import ask, do, now
from webui.language import words_of_processes
from webui.submissions import go_on, request_id, submitted, ticket

blueprint = Blueprint("start", __name__, url_prefix="/start")
starts_cases = requires(Permission.CASE_START)


@blueprint.get("")
@starts_cases
def index() -> ResponseReturnValue:
    return render_template("start/index.html", processes=ask(starting.startable))


@blueprint.get("/<process_id>")
@starts_cases
def process(process_id: str) -> ResponseReturnValue:
    return _page(process_id, ticket())


@blueprint.post("/<process_id>")
@starts_cases
def process_post(process_id: str) -> ResponseReturnValue:
    drawn = ticket()
    ask(starting.startable_process, process_id, drawn)
    data = submitted(lambda: ask(starting.start_form, process_id, now=now(), words={}, ticket=drawn))
    try:
        started = do(StartInstance(process_id, data, ticket=drawn, request_id=request_id()))
    except Invalid as error:
        if wants_json():
            raise
        return _page(process_id, drawn, data, error), 422
    flash(gettext("Case %(case)s is on its way.", case=started.reference), "done")
    address = url_for("cases.case", key=started.key) if may_open("cases.case") else url_for("inbox.home")
    return go_on(address)


def _page(
    process_id: str, drawn: int, data: dict[str, Any] | None = None, problem: Invalid | None = None
) -> str:
    process = ask(starting.startable_process, process_id, drawn)
    form = ask(starting.start_form, process_id, now=now(), words=words_of_processes(), ticket=drawn)
    return render_template(
        "start/process.html",
        process=process, form=form, data=data, problem=problem, ticket=drawn, request_id=request_id(new=True),
    )  # fmt: skip
