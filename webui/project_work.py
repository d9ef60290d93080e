"""What the editors of a project ask for beside its files: a form as people see it, a decision tried out, the texts."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.analysis import decision_trials, file_uses, project_texts
from engine.commands import AddProjectFile, SaveProjectFile
from engine.queries import Permission, projects
from webui.auth import accepts_up_to, requires
from webui.door import ask, do, now
from webui.language import message, sentence

blueprint = Blueprint("project_work", __name__, url_prefix="/projects")
reads = requires(Permission.DEFINITION_READ)
drafts = requires(Permission.DEFINITION_DRAFT)

TRIAL_BYTES = 6_000_000
TEXTS_A_PAGE = 60
LANGUAGE = "zh_Hans"
"""The language that texts are translated to; the texts themselves are English."""


def page_data(key: int, name: str, kind: str, text: str) -> dict[str, Any]:
    """What the pages of the editors bring along beside the file."""
    if kind not in ("form", "decision"):
        return {}
    brought: dict[str, Any] = {"used": ask(file_uses.uses, key, name)}
    return brought | {"schema": schema_of(text)} if kind == "form" else brought


def schema_of(text: str) -> dict[str, Any] | None:
    """The schema of a form; none when the text is no JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


@blueprint.get("/<int:key>/files/<name>/preview")
@reads
def preview(key: int, name: str) -> ResponseReturnValue:
    """A form as people see it, for a frame in its editor."""
    found = ask(projects.project_file, key, name)
    schema = schema_of(found.content.decode("utf-8", "replace"))
    if found.row.kind != "form" or schema is None:
        abort(404)
    response = Response(render_template("projects/preview.html", name=name, schema=schema))
    policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    response.headers["Content-Security-Policy"] = policy + "font-src 'self' data:; frame-ancestors 'self'"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@blueprint.post("/<int:key>/files/<name>/try")
@drafts
@accepts_up_to(TRIAL_BYTES)
def try_decision(key: int, name: str) -> ResponseReturnValue:
    """Make a decision with values: JSON {content, decision, values or null} → what it asks and answers."""
    said: Any = request.get_json(silent=True)
    if not isinstance(said, dict) or not isinstance(said.get("content"), str):
        abort(400)
    values = said.get("values")
    typed = {str(each): str(value) for each, value in values.items()} if isinstance(values, dict) else None
    tried = ask(decision_trials.trial, key, name, said["content"].encode(), str(said.get("decision")), typed, now())
    return jsonify(
        asked=[{"name": each.name, "label": each.label, "kind": each.kind} for each in tried.asked],
        value=_as_text(tried.value),
        made=[
            {
                "decision": made.decision_id,
                "name": made.name,
                "value": _as_text(made.value),
                "rules": [{"index": rule.index, "id": rule.id} for rule in made.rules],
            }
            for made in tried.made
        ],
        warnings=[sentence(each.template, each.values) for each in tried.warnings],
        problems=[{"message": message(each), "name": each.field[0]} for each in tried.problems],
    )


@blueprint.get("/<int:key>/texts")
@reads
def texts(key: int) -> ResponseReturnValue:
    """The texts of the project with their translations."""
    found = ask(project_texts.texts, key, LANGUAGE)
    file, is_all = request.args.get("file", ""), request.args.get("show") == "all"
    rows = [row for row in (found.rows if is_all else found.missing) if not file or file in row.files]
    page = max(request.args.get("page", 1, int), 1)
    return render_template(
        "projects/texts.html",
        project=ask(projects.project, key),
        texts=found,
        files=sorted({name for row in found.rows for name in row.files}),
        file=file,
        is_all=is_all,
        rows=rows[(page - 1) * TEXTS_A_PAGE : page * TEXTS_A_PAGE],
        count=len(rows),
        page=page,
        pages=-(-len(rows) // TEXTS_A_PAGE),
        id_of=_id_of,
    )


@blueprint.post("/<int:key>/texts")
@drafts
def save_texts(key: int) -> ResponseReturnValue:
    """Save translations; what stands on the page unchanged is left alone."""
    found = ask(project_texts.texts, key, LANGUAGE)
    changed = {}
    for row in found.rows:
        said = request.form.get(_id_of(row.text))
        words = row.words if said is None else said.replace("\r\n", "\n").strip()
        if words != row.words.strip():
            changed[row.text] = words
    if changed:
        where = {row.text: row.files for row in found.rows}
        content = project_texts.with_words(found.content, LANGUAGE, changed, where)
        if found.catalogue is None:
            name = f"{ask(projects.project, key).process_id}.{LANGUAGE}.po"
            do(AddProjectFile(key, name, content))
        else:
            do(SaveProjectFile(key, found.catalogue.name, content, found.catalogue.revision))
    flash(gettext("Saved."), "success")
    return redirect(f"{url_for('.texts', key=key)}?{request.query_string.decode()}", 303)


def _id_of(text: str) -> str:
    """The name of a text's field on the page."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plainly)


def _plainly(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)
