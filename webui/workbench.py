"""The process owner's pages: what is in force, its versions and files, and putting new files into force."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage

from engine.analysis import comparison
from engine.commands import CheckResources, Deploy, ReinstateDefinition, RetireDefinition
from engine.errors import Invalid
from engine.queries import Permission, comparisons, definitions
from webui.auth import accepts_up_to, requires
from webui.door import ask, do
from webui.language import label

blueprint = Blueprint("workbench", __name__, url_prefix="/processes")

UPLOAD_BYTES = 32 * 1024 * 1024
KINDS = ("process", "form", "decision", "catalogue", "scenario")


@blueprint.get("")
@requires(Permission.DEFINITION_READ)
def index() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else KINDS[0]
    rows = ask(definitions.definitions, kind=kind)
    return render_template("workbench/index.html", kinds=KINDS, kind=kind, rows=rows)


@blueprint.get("/<int:key>")
@requires(Permission.DEFINITION_READ)
def definition(key: int) -> ResponseReturnValue:
    view = ask(definitions.definition, key)
    names = {id: label(element["name"]) for id, element in view.outline.get("elements", {}).items() if element["name"]}
    before = ask(comparisons.version_before, key)
    changes = ask(comparison.of_definitions, before, key, with_used=False).changes if before else ()
    return render_template(
        "workbench/definition.html", view=view, names=names, before=before, changes=changes,
        version=next(row for row in view.versions if row.key == key),
    )  # fmt: skip


@blueprint.get("/<int:key>/file")
@requires(Permission.DEFINITION_READ)
def file(key: int) -> ResponseReturnValue:
    view = ask(definitions.definition, key)
    response = Response(view.content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=view.resource_name)
    return response


@blueprint.get("/deploy")
@requires(Permission.DEFINITION_DEPLOY)
def deploy() -> ResponseReturnValue:
    return render_template("workbench/deploy.html", problems=(), headline="", checked=())


@blueprint.post("/deploy")
@requires(Permission.DEFINITION_DEPLOY)
@accepts_up_to(UPLOAD_BYTES)
def deploy_post() -> ResponseReturnValue:
    uploads = [upload for upload in request.files.getlist("files") if upload.filename]
    resources = tuple(map(_content, uploads))
    if not resources:
        return _problems(gettext("Choose at least one file."), ())
    try:
        if request.form.get("check"):
            problems = do(CheckResources(resources))
            return render_template(
                "workbench/deploy.html", problems=problems, headline="", checked=[name for name, _ in resources]
            )
        deployed = do(Deploy(request.form.get("name", "").strip() or resources[0][0], resources))
    except Invalid as invalid:
        return _problems(gettext("Nothing was put into force. Mend these problems and try again."), invalid.problems)
    count = len(deployed.definitions)
    if not count:
        flash(gettext("Nothing has changed: these files are in force already."), "info")
    else:
        flash(ngettext("%(num)s definition is in force.", "%(num)s definitions are in force.", count), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<int:key>/retire")
@requires(Permission.DEFINITION_DEPLOY)
def retire(key: int) -> ResponseReturnValue:
    view = ask(definitions.definition, key)
    do(ReinstateDefinition(view.definition_id) if view.is_retired else RetireDefinition(view.definition_id))
    return redirect(url_for(".definition", key=key), 303)


def _content(upload: FileStorage) -> tuple[str, bytes]:
    with upload.stream:
        return upload.filename or "", upload.read()


def _problems(headline: str, problems: tuple[object, ...]) -> ResponseReturnValue:
    page = render_template("workbench/deploy.html", problems=problems, headline=headline, checked=())
    return page, 422
