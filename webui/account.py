"""One's own account: language and password."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, refresh

from engine.commands import SetPassword
from engine.errors import EngineError
from webui.auth import begin_session, public, safe_path, signed_in
from webui.door import do
from webui.language import message, understood

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.post("/language")
@public
def language() -> ResponseReturnValue:
    """Speak another language from now on, in this browser."""
    if chosen := understood(request.form.get("language")):
        session["language"] = chosen
        refresh()
    return redirect(safe_path(request.form.get("next") or request.referrer), 303)


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    return render_template("account/index.html", problem="")


@blueprint.post("/password")
@signed_in
def password() -> ResponseReturnValue:
    new, again = request.form.get("password", ""), request.form.get("again", "")
    if new != again:
        problem = gettext("The two new passwords differ. Type the same one twice.")
        return render_template("account/index.html", problem=problem), 422
    try:
        do(SetPassword(g.actor.username, new, old_password=request.form.get("old", "")))
    except EngineError as error:
        return render_template("account/index.html", problem=message(error)), 422
    begin_session(g.actor.key)
    flash(gettext("Your new password holds from now on. Other browsers where you were signed in must sign in again."), "done")
    return redirect(url_for(".index"), 303)
