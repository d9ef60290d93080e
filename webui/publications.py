"""What was published: the page after publishing, going back to an earlier version, and versions that are tried out."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import PromoteTrial, ReturnToVersion, WithdrawTrial
from engine.errors import Invalid
from engine.queries import Permission, definitions, publications
from webui.auth import requires
from webui.door import ask, do
from webui.language import message

blueprint = Blueprint("publications", __name__, url_prefix="/publications")


@blueprint.get("/<int:key>")
@requires(Permission.DEFINITION_READ)
def publication(key: int) -> ResponseReturnValue:
    return render_template("publications/publication.html", **_shown(key))


@blueprint.post("/<int:key>/trial")
@requires(Permission.DEFINITION_DEPLOY)
def end_trial(key: int) -> ResponseReturnValue:
    """Make the version that is tried out the one for everybody, or withdraw it."""
    note = request.form.get("note", "")
    match request.form.get("verb"):
        case "promote":
            do(PromoteTrial(key, note))
            flash(gettext("The new version is for everybody now."), "done")
        case "withdraw":
            do(WithdrawTrial(key, note))
            flash(gettext("The new version was withdrawn: new cases begin in the one before."), "done")
        case _:
            abort(400)
    return redirect(url_for(".publication", key=key), 303)


@blueprint.get("/return/<int:definition_key>")
@requires(Permission.DEFINITION_DEPLOY)
def going_back(definition_key: int) -> ResponseReturnValue:
    """What would go back with an earlier version."""
    return _return_page(definition_key)


@blueprint.post("/return/<int:definition_key>")
@requires(Permission.DEFINITION_DEPLOY)
def go_back(definition_key: int) -> ResponseReturnValue:
    try:
        deployed = do(ReturnToVersion(definition_key, request.form.get("note", "")))
    except Invalid as error:
        return _return_page(definition_key, error), 422
    versions = ", ".join(f"{each.name} {each.version}" for each in deployed.definitions)
    flash(gettext("In force again: %(versions)s.", versions=versions), "done")
    return redirect(url_for(".publication", key=deployed.key), 303)


def _shown(key: int) -> dict[str, object]:
    view = ask(publications.publication, key)
    before = view.main.before_key if view.main and view.main.is_in_force else None
    return {
        "publication": view,
        "back": ask(publications.goes_back, before) if before else (),
        "before_key": before,
    }


def _return_page(definition_key: int, error: Invalid | None = None) -> str:
    return render_template(
        "publications/return.html",
        view=ask(definitions.definition, definition_key),
        back=ask(publications.goes_back, definition_key),
        wrong=message(error) if error else "",
        problems=error.problems if error else (),
    )
