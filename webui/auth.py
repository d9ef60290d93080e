"""Who is asking: signing in and out, the session, what each page requires, and protection against forged requests."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)  # fmt: skip
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands.identity import SignIn
from engine.errors import EngineError, Forbidden
from engine.queries import NOBODY, Permission, people
from webui.door import ask, ask_as, do
from webui.language import message

blueprint = Blueprint("auth", __name__)
View = TypeVar("View", bound=Callable[..., Any])
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def public(view: View) -> View:
    """Anybody may open this page."""
    view.access = None  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Whoever is signed in may open this page. So it is, too, for a page that says nothing."""
    view.access = ()  # type: ignore[attr-defined]
    return view


def requires(*any_of: Permission) -> Callable[[View], View]:
    """Only who has one of these permissions may open this page."""

    def mark(view: View) -> View:
        view.access = any_of  # type: ignore[attr-defined]
        return view

    return mark


def accepts_up_to(size_bytes: int) -> Callable[[View], View]:
    """This page takes requests of another size than others do."""

    def mark(view: View) -> View:
        view.max_bytes = size_bytes  # type: ignore[attr-defined]
        return view

    return mark


def access_of(endpoint: str) -> tuple[Permission, ...] | None:
    """The permissions one of which a page requires; empty: any account; none: anybody."""
    access: tuple[Permission, ...] | None = getattr(current_app.view_functions[endpoint], "access", ())
    return access


def may_open(endpoint: str) -> bool:
    """Whether the page exists and the actor may open it."""
    if endpoint not in current_app.view_functions:
        return False
    access = access_of(endpoint)
    return access is None or bool(g.actor.key) and (not access or any(map(g.actor.may, access)))


def init_auth(app: Flask) -> None:
    app.before_request(recognise)
    app.before_request(guard)
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(csrf_token=csrf_token, may_open=may_open, Permission=Permission)


def recognise() -> None:
    """Make the session's account the actor, with the roles it has at this moment."""
    g.actor = NOBODY
    key = session.get("user")
    if key is None:
        return
    account = ask_as(NOBODY, people.account, key)
    if account is None or account.stamp != session.get("stamp"):
        _forget()
        return
    g.actor = account.actor


def guard() -> ResponseReturnValue | None:
    """Let nobody through to a page that he may not open, nor a request that our own pages did not send."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    request.max_content_length = getattr(view, "max_bytes", current_app.config["MAX_CONTENT_LENGTH"])
    access = access_of(request.endpoint)
    if access is not None and not g.actor.key:
        return ask_to_sign_in()
    if request.method not in _SAFE_METHODS:
        check_csrf()
    if access and not any(map(g.actor.may, access)):
        raise Forbidden("Expected the permission '{permission}', but you do not have it.", permission=access[0].value)
    return None


def ask_to_sign_in() -> ResponseReturnValue:
    """Send to the sign-in page and from there back; a script is told so and keeps what was typed."""
    if wants_json():
        back = safe_path(request.referrer)
        text = gettext("You have been signed out. Sign in again; what you typed is kept.")
        return jsonify(message=text, sign_in=url_for("auth.sign_in", next=back)), 401
    back = request.full_path.rstrip("?") if request.method in _SAFE_METHODS else safe_path(request.referrer)
    return redirect(url_for("auth.sign_in", next=None if back == "/" else back), 303)


def csrf_token() -> str:
    """The token of this session that every form and script must send along."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def check_csrf() -> None:
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(given.encode(), str(session.get("csrf", "")).encode() or b"-"):
        abort(400, gettext("This page was open for too long. Load it again, then repeat what you did."))


def wants_json() -> bool:
    """Whether a script asks, rather than a person's browser."""
    accepted = request.accept_mimetypes
    return request.is_json or accepted["application/json"] > accepted["text/html"]


def safe_path(address: str | None) -> str:
    """The path of an address of our own; `/` for anything that would lead elsewhere."""
    if not address:
        return "/"
    parts = urlsplit(address.replace("\\", "/"))
    if parts.netloc and parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//"):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    back = safe_path(request.args.get("next"))
    if g.actor.key:
        return redirect(back)
    return render_template("auth/sign_in.html", next=back, username="", problem="")


@blueprint.post("/sign-in")
@public
def sign_in_post() -> ResponseReturnValue:
    back, username = safe_path(request.form.get("next")), request.form.get("username", "").strip()
    try:
        actor = do(SignIn(username, request.form.get("password", ""), address=request.remote_addr or ""))
    except EngineError as error:
        page = render_template("auth/sign_in.html", next=back, username=username, problem=message(error))
        return page, 422
    begin_session(actor.key)
    return redirect(back, 303)


@blueprint.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    _forget()
    flash(gettext("You are signed out."), "info")
    return redirect(url_for("auth.sign_in"), 303)


def begin_session(user_key: int) -> None:
    """Begin a new session, with nothing of the one before but the language."""
    account = ask(people.account, user_key)
    _forget()
    if account is not None:
        session.permanent = True
        session["user"], session["stamp"] = user_key, account.stamp


def _forget() -> None:
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
