"""The page where a process owner runs the last cases through a change before it is published."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, stream_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from engine import plain
from engine.analysis.draft_steps import DraftSteps, draft_steps
from engine.analysis.replay import USUAL_CASES, USUAL_DAYS, Asked, library_of, replay_project
from engine.analysis.runs import Answer, Answers
from engine.commands import CheckProject
from engine.errors import EngineError, Invalid, Problem
from engine.queries import Permission, projects, recorded, replays
from webui.auth import requires
from webui.door import ask, do, engine, look_no_longer
from webui.language import emphasised, label, message

blueprint = Blueprint("replay", __name__, url_prefix="/projects/<int:key>/replay")

SHOWN = 200
"""So many cases the page shows; the file has all."""
VERDICTS = {
    "stuck": lazy_gettext("gets stuck"),
    "missing": lazy_gettext("lacks an answer"),
    "changed": lazy_gettext("goes another way"),
    "same": lazy_gettext("goes the same way"),
    "left_out": lazy_gettext("left out"),
}
STATES = {"stuck": "incident", "missing": "late", "changed": "soon", "same": "done", "left_out": "paused"}


@blueprint.get("")
@requires(Permission.CASE_READ_ALL)
def index(key: int) -> ResponseReturnValue:
    return _page(key)


@blueprint.post("")
@requires(Permission.DEFINITION_DRAFT)
def run(key: int) -> ResponseReturnValue:
    """Replay, with its progress on the page that is being sent."""
    problems = [problem for problem in do(CheckProject(key)) if problem.severity == "error"]
    if problems:
        return _page(key, problems=problems), 422
    try:
        asked = _asked().checked()
    except EngineError as error:
        return _page(key, wrong=message(error)), 422
    view = ask(projects.project, key)
    # What the frame of the page says is asked before the replay, which reads in transactions of its own.
    page = stream_template("replay/running.html", project=view, steps=stream_with_context(_running(key, asked)))
    return Response(page, mimetype="text/html", headers={"X-Accel-Buffering": "no"})


@blueprint.get("/cases.csv")
@requires(Permission.CASE_READ_ALL)
def cases(key: int) -> ResponseReturnValue:
    """What became of each case that does not go the same way, as a table for a spreadsheet."""
    kept = ask(replays.replay, key)
    if kept is None:
        abort(404)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([gettext("Case"), gettext("Outcome"), gettext("Why"), gettext("Because of")])
    for row in kept.report["rows"]:
        table.writerow([row["reference"], VERDICTS[row["verdict"]], _plain(row), because(row)])
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"replay-{key}.csv")
    return response


def why(row: Mapping[str, Any]) -> Markup:
    """Why a case goes another way or gets stuck, in the reader's language, with the steps emphasised."""
    return Markup(" ").join(emphasised(problem) for problem in _problems(row))


def _plain(row: Mapping[str, Any]) -> str:
    return " ".join(message(problem).replace("*", "") for problem in _problems(row))


def _problems(row: Mapping[str, Any]) -> list[Problem]:
    template, values = row["template"], {name: _named(name, value) for name, value in row["values"].items()}
    found = [Problem(template, values)]
    if row.get("cause"):
        cause, values = row["cause"]
        found.append(Problem(cause, values))
    return found


def because(row: Mapping[str, Any]) -> str:
    """What the condition read that decided."""
    return ", ".join(f"{path} = {plain.dumps(value)}" for path, value in row.get("reads", {}).items())


def _running(key: int, asked: Asked) -> Iterator[dict[str, Any]]:
    """The progress of a replay, and at last where its report is, or why there is none."""
    look_no_longer()
    shown = -1
    try:
        for progress in replay_project(engine(), g.actor, key, asked):
            share = 100 * progress.done // max(progress.total, 1)
            if share > shown:
                shown = share
                yield {"progress": progress, "share": share}
    except EngineError as error:
        yield {"wrong": message(error), "problems": getattr(error, "problems", ())}
    else:
        yield {"address": url_for(".index", key=key)}


def _page(key: int, wrong: str = "", problems: Any = ()) -> str:
    view, kept = ask(projects.project, key), ask(replays.replay, key)
    draft = ask(recorded.draft, key)
    look_no_longer()
    steps, broken = DraftSteps("", {}), ""
    try:
        steps = draft_steps(draft, library_of(engine(), g.actor))
    except Invalid as error:
        broken = message(error)
    content = ask(projects.project_file, key, steps.file).content.decode() if steps.file else ""
    return render_template(
        "replay/index.html", project=view, kept=kept, steps=steps, wrong=wrong or broken, problems=problems,
        is_new=draft.replaced is None, asked=_form(kept), shown=SHOWN, verdicts=VERDICTS, states=STATES, why=why,
        because=because, moment=_moment, diagram=_diagram(steps, kept, content),
    )  # fmt: skip


def _form(kept: replays.ReplayView | None) -> dict[str, Any]:
    """What the form says: as it was sent, or as it was asked last."""
    if request.method == "POST":
        return {"limit": request.form.get("limit", ""), "days": request.form.get("days", "")}
    report = kept.report if kept else {}
    days = report.get("days", USUAL_DAYS)
    return {"limit": report.get("limit", USUAL_CASES), "days": "" if days is None else days}


def _asked() -> Asked:
    """What the form asks for. Raises Invalid."""
    form = request.form
    renamed = {name.removeprefix("was:"): value for name, value in form.items() if name.startswith("was:") and value}
    rules = {
        name.removeprefix("minutes:"): Answer(_answer(form.get(f"answer:{name[8:]}", "")), _number(value or "0"))
        for name, value in form.items()
        if name.startswith("minutes:")
    }
    days = form.get("days", "").strip()
    return Asked(int(_number(form.get("limit") or "0")), int(_number(days)) if days else None, Answers(renamed, rules))


def _answer(text: str) -> dict[str, Any]:
    """Lines of name = value, each value as in JSON or, failing that, a text. Raises Invalid."""
    found: dict[str, Any] = {}
    for line in filter(str.strip, text.splitlines()):
        name, is_there, value = line.partition("=")
        if not is_there or not name.strip().isidentifier():
            raise Invalid("Expected an answer as lines of name = value, but '{line}' is none.", line=line.strip())
        try:
            found[name.strip()] = plain.loads(value.strip())
        except ValueError:
            found[name.strip()] = value.strip()
    return found


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 1_000_000:
        raise Invalid("Expected a number from 0 to 1000000, but '{text}' was given.", text=text)
    return number


def _moment(kept: str | dt.datetime) -> dt.datetime:
    """A time of the report, which is kept as text."""
    return kept if isinstance(kept, dt.datetime) else dt.datetime.fromisoformat(kept)


def _named(name: str, value: Any) -> Any:
    return label(value) if name in ("before", "new", "old") and isinstance(value, str) else value


def _diagram(steps: DraftSteps, kept: replays.ReplayView | None, content: str) -> dict[str, Any] | None:
    """What the viewer draws: the draft, with the flows that more or fewer cases take."""
    if kept is None or not content:
        return None
    flows: dict[str, Any] = kept.report["flows"]
    counts = {flow: flows.get(" ".join(ends), [0, 0]) for flow, ends in steps.flows.items()}
    return {
        "xml": content,
        "more": [flow for flow, (before, after) in counts.items() if after > before],
        "fewer": [flow for flow, (before, after) in counts.items() if after < before],
        "counts": {flow: f"{before} → {after}" for flow, (before, after) in counts.items() if before != after},
        "passed": {flow: 1 for flow, (before, after) in counts.items() if before == after and after},
    }
