"""What owners ask of every change: reviews and house rules, for one process or for all; and their prepared elements."""

from __future__ import annotations

import json

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.analysis.templates import service_tasks, template_of
from engine.commands import ChangeWorkshopSetting, GatherProject, RemoveElementTemplate, SaveElementTemplate
from engine.errors import Invalid
from engine.queries import Permission, definitions, projects, workshop
from webui import new_files
from webui.auth import accepts_up_to, requires
from webui.door import ask, do
from webui.drawing import HOUSE_RULES
from webui.element_templates import built_in
from webui.language import message

blueprint = Blueprint("rules", __name__, url_prefix="/projects")

TEMPLATE_BYTES = 200_000


@blueprint.get("/rules")
@requires(Permission.DEFINITION_READ)
def index() -> ResponseReturnValue:
    process_id = request.args.get("process", "")
    own = {row.name: row for row in ask(workshop.own_settings) if row.process_id == process_id}
    return render_template(
        "projects/rules.html",
        process_id=process_id,
        processes=ask(definitions.definitions, kind="process"),
        rules=[(name, gettext(title)) for name, title in HOUSE_RULES.items()],
        own=own,
        inherited=ask(workshop.settings) if process_id else {},
    )


@blueprint.post("/rules")
@requires(Permission.DEFINITION_DEPLOY)
def change() -> ResponseReturnValue:
    """Set all that the page shows; what stays empty is left as it is for all processes."""
    process_id = request.form.get("process", "")
    for name, value in request.form.items():
        if name.startswith("set.") and value:
            do(ChangeWorkshopSetting(process_id, name[4:], value))
    flash(gettext("Saved."), "done")
    return redirect(url_for(".index", process=process_id or None), 303)


@blueprint.get("/templates.json")
@requires(Permission.DEFINITION_READ)
def templates_json() -> ResponseReturnValue:
    """All templates that the editor of diagrams offers."""
    return jsonify([*built_in(), *(row.content for row in ask(workshop.element_templates))])


@blueprint.get("/templates")
@requires(Permission.DEFINITION_READ)
def templates() -> ResponseReturnValue:
    return _templates_page()


@blueprint.post("/templates")
@requires(Permission.DEFINITION_DRAFT)
@accepts_up_to(TEMPLATE_BYTES)
def save_template() -> ResponseReturnValue:
    content = request.form.get("content", "")
    try:
        do(SaveElementTemplate(content))
    except Invalid as error:
        return _templates_page(content, message(error)), 422
    flash(gettext("Saved. The editor of diagrams offers it from now on."), "done")
    return redirect(url_for(".templates"), 303)


@blueprint.post("/templates/remove")
@requires(Permission.DEFINITION_DRAFT)
def remove_template() -> ResponseReturnValue:
    do(RemoveElementTemplate(request.form.get("id", "")))
    flash(gettext("Taken away. Diagrams that use it stay as they are."), "done")
    return redirect(url_for(".templates"), 303)


def _templates_page(content: str = "", wrong: str = "") -> str:
    """With a project in the address its service tasks are offered, and with one of them a template made of it."""
    key = request.args.get("project", 0, type=int)
    file, _, element_id = request.args.get("element", "").partition(" ")
    files = do(GatherProject(key)) if key else ()
    if element_id and not content:
        id = new_files.id_from(element_id) or "template"
        content = json.dumps(template_of(files, file, element_id, id), ensure_ascii=False, indent=2)
    return render_template(
        "projects/templates.html",
        rows=ask(workshop.element_templates),
        changes=ask(projects.projects),
        key=key,
        tasks=service_tasks(files),
        element=request.args.get("element", ""),
        content=content,
        wrong=wrong,
    )
