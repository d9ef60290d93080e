"""What the editor of diagrams asks for beside the file: the engine's profile, what the project holds, a new form."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.analysis import drawing
from engine.commands import AddProjectFile
from engine.queries import Permission, projects, workshop
from webui import new_files
from webui.auth import requires
from webui.door import ask, do
from webui.element_templates import built_in
from webui.language import group, label

blueprint = Blueprint("drawing", __name__, url_prefix="/projects")


def _(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


HOUSE_RULES = {
    "deadlines": _("Every user task has a deadline"),
    "instructions": _("Every user task has instructions"),
    "names": _("Every step and event has a name"),
    "questions": _("Every gateway that decides asks a question"),
    "answers": _("Every way out of it has an answer as its name"),
    "defaults": _("Every such gateway has a default way"),
    "patience": _("Nothing waits for a message for ever"),
}
"""What a house rule asks, as an owner reads it who switches it on."""


_TRANSLATED = ("processes", "forms", "decisions")


def page_data(process_id: str) -> dict[str, Any]:
    """What the page of the editor brings along."""
    set_rules = ask(workshop.settings, process_id)
    brought = {
        "profile": drawing.profile(),
        "choices": _choices(),
        "houseRules": [
            {"name": name, "title": gettext(title), "holds": set_rules.get(f"house-rule:{name}", "off") != "off"}
            for name, title in HOUSE_RULES.items()
        ],
        "templates": [*built_in(), *(row.content for row in ask(workshop.element_templates))],
    }
    return {"drawing": brought, "functions": drawing.functions()}


def _choices() -> dict[str, list[tuple[str, str]]]:
    """What a diagram may name, in the reader's words: (id, name)."""
    offered = ask(projects.choices)
    named = {kind: [(id, label(name)) for id, name in getattr(offered, kind)] for kind in _TRANSLATED}
    return {"users": list(offered.users), "groups": [(id, group(id)) for id, _name in offered.groups], **named}


@blueprint.get("/<int:key>/variables")
@requires(Permission.DEFINITION_READ)
def variables(key: int) -> ResponseReturnValue:
    """The forms, decisions and processes of the project, with what each sets."""
    return jsonify(asdict(ask(drawing.holdings, key)))


@blueprint.post("/<int:key>/forms")
@requires(Permission.DEFINITION_DRAFT)
def add_form(key: int) -> ResponseReturnValue:
    """A new form for a task: JSON {name} → {id, file}."""
    said: Any = request.get_json(silent=True) or {}
    name = said.get("name") if isinstance(said, dict) else None
    if not isinstance(name, str):
        abort(400)
    name = " ".join(name.split())[:120]
    id = _free_id(key, new_files.id_from(name) or "form")
    do(AddProjectFile(key, f"{id}.form", new_files.form(id, name or id)))
    return jsonify(id=id, name=name or id, file=f"{id}.form")


def _free_id(key: int, wished: str) -> str:
    """An id that no form of the project and none in force has."""
    taken = {file.name.removesuffix(".form") for file in ask(projects.project, key).files}
    taken |= {id for id, _name in ask(projects.choices).forms}
    wished = re.sub(r"-+$", "", wished[:60])
    return next(id for id in (wished, *(f"{wished}-{count}" for count in range(2, 10_000))) if id not in taken)
