"""One's own account: language and password."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, refresh

from engine.commands.identity import SetLanguage, SetPassword
from engine.errors import Invalid, Refused
from engine.queries import people
from webui.auth import begin_session, public, safe_path, signed_in
from webui.door import ask, do
from webui.language import message, understood
from webui.users import ROLES, problems_by_field

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.post("/language")
@public
def language() -> ResponseReturnValue:
    """Speak another language from now on: in this browser, and wherever the account is used next."""
    if chosen := understood(request.form.get("language")):
        session["language"] = chosen
        if g.actor.key:
            do(SetLanguage(chosen))
        refresh()
    return redirect(safe_path(request.form.get("next") or request.referrer), 303)


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    return _page()


@blueprint.post("/password")
@signed_in
def password() -> ResponseReturnValue:
    new, again = request.form.get("password", ""), request.form.get("again", "")
    if new != again:
        return _page({"again": gettext("This is not the same as the one above. Type the same one twice.")}), 422
    try:
        do(SetPassword(g.actor.username, new, old_password=request.form.get("old", "")))
    except Refused as error:
        return _page({"old_password": message(error)}), 422
    except Invalid as error:
        return _page(problems_by_field(error)), 422
    begin_session(g.actor.key)
    flash(gettext("Your new password holds from now on. Other browsers must sign in again."), "done")
    return redirect(url_for(".index"), 303)


def _page(problems: dict[str, str] | None = None) -> str:
    return render_template(
        "account/index.html",
        problems=problems or {},
        roles=[name for role, (name, _) in ROLES.items() if role in g.actor.roles],
        groups=ask(people.own_groups),
    )
