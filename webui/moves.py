"""The operator's pages for moving cases: by hand, and to another version, one or many, tried out beforehand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import (
    CheckMigration,
    CheckMove,
    FindPlaces,
    MigrateInstance,
    MigrateInstances,
    ModifyInstance,
    ResumeDefinition,
    SuspendDefinition,
)
from engine.errors import EngineError, Forbidden, Invalid, NotFound
from engine.queries import Permission, cases, definitions, migration
from engine.queries import places as placing
from webui.auth import requires
from webui.door import ask, do
from webui.language import label, message
from webui.wording import element_namer, kind_text

blueprint = Blueprint("moves", __name__, url_prefix="/moves")

SHOWN_CASES = 200
RENEWALS = ("timer", "message", "signal", "task")
_NO_PLACE = frozenset({"sequenceFlow", "textAnnotation", "group"})
_NOT_STARTED = frozenset({"boundaryEvent"})


@blueprint.get("/case/<int:key>")
@requires(Permission.CASE_MOVE)
def move(key: int) -> ResponseReturnValue:
    """Choose where a case goes on; with a choice in the address, what would happen then."""
    return _move_page(key, request.args, None)


@blueprint.post("/case/<int:key>")
@requires(Permission.CASE_MOVE)
def move_post(key: int) -> ResponseReturnValue:
    chosen = _chosen(request.form)
    try:
        do(ModifyInstance(key, **chosen, reason=request.form.get("reason", "").strip()))
    except (NotFound, Forbidden):
        raise
    except EngineError as error:
        return _move_page(key, request.form, error), 422
    flash(gettext("The case was moved."), "done")
    return redirect(url_for("cases.case", key=key), 303)


@blueprint.get("/version/<int:key>")
@requires(Permission.CASE_MOVE)
def version(key: int) -> ResponseReturnValue:
    """Move the running cases of a version, or one case, to another version: first what would happen."""
    return _version_page(key, request.args, None)


@blueprint.post("/version/<int:key>")
@requires(Permission.CASE_MOVE)
def version_post(key: int) -> ResponseReturnValue:
    view, form = ask(definitions.definition, key), request.form
    target = form.get("to", 0, type=int)
    plan: dict[str, Any] = {
        "mapping": _mapping(form), "renew": tuple(form.getlist("renew")), "reason": form.get("reason", "").strip(),
    }  # fmt: skip
    case_key = form.get("case", 0, type=int)
    try:
        if case_key:
            do(MigrateInstance(case_key, target, **plan))
            flash(gettext("The case goes on in version %(version)s.", version=target), "done")
            return redirect(url_for("cases.case", key=case_key), 303)
        batch_key = do(MigrateInstances(view.definition_id, view.version, target, **plan))
    except (NotFound, Forbidden):
        raise
    except EngineError as error:
        return _version_page(key, form, error), 422
    return redirect(url_for(".batch", key=batch_key), 303)


@blueprint.get("/batch/<int:key>")
@requires(Permission.CASE_MOVE, Permission.CASE_SUSPEND)
def batch(key: int) -> ResponseReturnValue:
    """How far a batch is, and what came of each case."""
    return render_template("moves/batch.html", batch=ask(migration.batch, key, SHOWN_CASES), shown=SHOWN_CASES)


@blueprint.get("/batch/<int:key>/report.csv")
@requires(Permission.CASE_MOVE, Permission.CASE_SUSPEND)
def report(key: int) -> ResponseReturnValue:
    """What came of each case of a batch, as a table for a spreadsheet."""
    view = ask(migration.batch, key)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([gettext("Case"), gettext("State"), gettext("Why")])
    for row in view.cases:
        why = row.problems or ((row.refusal,) if row.refusal else ())
        sentences = " ".join(message(each) for each in why)
        table.writerow([row.reference, _states()[row.status], sentences])
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"batch-{key}.csv")
    return response


@blueprint.post("/process/<int:key>/rest")
@requires(Permission.CASE_SUSPEND)
def rest(key: int) -> ResponseReturnValue:
    """Put a version of a process to rest, and its cases if wanted."""
    view = ask(definitions.definition, key)
    with_cases, reason = bool(request.form.get("cases")), request.form.get("reason", "").strip()
    batch_key = do(SuspendDefinition(view.definition_id, view.version, with_cases, reason))
    return redirect(_after(key, batch_key), 303)


@blueprint.post("/process/<int:key>/go-on")
@requires(Permission.CASE_SUSPEND)
def go_on(key: int) -> ResponseReturnValue:
    """Let a version of a process go on after a rest, with all its cases that rest."""
    view = ask(definitions.definition, key)
    batch_key = do(ResumeDefinition(view.definition_id, view.version, bool(request.form.get("cases"))))
    return redirect(_after(key, batch_key), 303)


def _after(key: int, batch_key: int | None) -> str:
    return url_for(".batch", key=batch_key) if batch_key else url_for("workbench.definition", key=key)


def _move_page(key: int, chosen: Any, error: EngineError | None) -> str:
    view = ask(cases.case, key)
    part = next(part for part in view.parts if part.key == key)
    outline = ask(placing.outlines, key)[key]
    places = do(FindPlaces(key))
    moves = _chosen(chosen)
    foreseen = None
    if error is None and (moves["stop"] or moves["before"] or moves["after"]):
        try:
            foreseen = do(CheckMove(key, **moves))
        except EngineError as refused:
            error = refused
    elements = _elements(outline)
    return render_template(
        "moves/move.html",
        case=view,
        part=part,
        path=ask(placing.path, key),
        names={id: name for id, name, _ in elements},
        standing=list({place.element_id: place for place in places}.values()),
        name=element_namer(outline),
        starts=[each for each in elements if each[2] not in _NOT_STARTED],
        ends=elements,
        chosen=moves,
        foreseen=foreseen,
        error=error,
    )


def _version_page(key: int, chosen: Any, error: EngineError | None) -> str:
    view = ask(definitions.definition, key)
    versions = ask(migration.running_versions, view.definition_id)
    case_key = chosen.get("case", 0, type=int)
    others = [each for each in versions if each.version != view.version]
    target = chosen.get("to", others[0].version if others else 0, type=int)
    goal = next((each for each in others if each.version == target), None)
    mapping, renew = _mapping(chosen), tuple(chosen.getlist("renew"))
    impact, goal_outline = None, {}
    if goal is not None:
        goal_outline = ask(definitions.definition, goal.definition_key).outline
        keys = (case_key,) if case_key else ()
        try:
            impact = do(
                CheckMigration(view.definition_id, view.version, target, mapping=mapping, renew=renew, keys=keys)
            )
        except Invalid as refused:
            error = error or refused
    asked = list(dict.fromkeys((*(impact.unmapped if impact else ()), *mapping)))
    goal_elements = _elements(goal_outline, ways=True)
    return render_template(
        "moves/version.html",
        view=view,
        others=others,
        goal=goal,
        impact=impact,
        asked=asked,
        mapping=mapping,
        renew=renew,
        renewals=RENEWALS,
        name=element_namer(view.outline),
        options=goal_elements,
        case_key=case_key,
        error=error,
        shown=SHOWN_CASES,
        batches=ask(migration.batches, view.definition_id),
    )


def _chosen(values: Any) -> dict[str, Any]:
    """What a form says is stopped and begins."""
    return {name: tuple(filter(None, values.getlist(name))) for name in ("stop", "before", "after")}


def _mapping(values: Any) -> dict[str, str]:
    """What a form says of where cases go on: fields named `map.` and the element's id."""
    return {name[4:]: value for name, value in values.items() if name.startswith("map.") and value}


def _elements(outline: Mapping[str, Any], *, ways: bool = False) -> list[tuple[str, str, str]]:
    """Id, name and kind of the elements of a diagram, in its order; those without a name by kind and id."""
    found = []
    for id, element in outline.get("elements", {}).items():
        if element["kind"] in _NO_PLACE and not ways:
            continue
        name = label(element["name"]) or f"{kind_text(element['kind'])} ({id})"
        found.append((id, name, element["kind"]))
    return found


def _states() -> dict[str, str]:
    return {"waiting": gettext("to come"), "done": gettext("done"), "refused": gettext("left as it was")}
