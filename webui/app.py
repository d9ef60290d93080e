"""The web application: blueprints, error pages, security headers and limits."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, jsonify, render_template, request
from flask.json.provider import JSONProvider
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

from engine import plain
from engine.engine import Engine
from engine.errors import EngineError, Forbidden, Invalid, NotFound, Problem, Refused, Unavailable
from engine.queries import people
from webui import (
    account,
    audit,
    cases,
    comparison,
    drawing,
    inbox,
    moves,
    operations,
    play,
    portal,
    project_work,
    projects,
    publications,
    publishing,
    replay,
    rules,
    scenarios,
    start,
    tasks,
    users,
    workbench,
)
from webui.addresses import IntegerKeyConverter
from webui.assets import init_assets
from webui.auth import init_auth, public, wants_json
from webui.door import ask, look_no_longer
from webui.language import init_language, message
from webui.plain_forms import plain_fields

logger = logging.getLogger(__name__)

KILOBYTE = 1024
PAGES = (
    inbox, tasks, start, cases, moves, workbench, projects, comparison, drawing, play, scenarios, project_work,
    publishing, publications, replay, rules, audit, operations, users, account, portal,
)  # fmt: skip
STATUS: dict[type[EngineError], int] = {NotFound: 404, Forbidden: 403, Refused: 409, Invalid: 422, Unavailable: 503}
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            # bpmn-js, form-js and dmn-js set style attributes
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "frame-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_TITLES = {
    400: lazy_gettext("This page is out of date"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("There is no such page"),
    409: lazy_gettext("Something has changed meanwhile"),
    413: lazy_gettext("This is too large"),
    422: lazy_gettext("Something is not right yet"),
    500: lazy_gettext("Something broke on our side"),
    503: lazy_gettext("The database is out of reach"),
}
_SENTENCES = {
    403: lazy_gettext("Your account does not have the permission for this. Ask your administrator if you need it."),
    404: lazy_gettext("The address may be mistyped, or what was here is gone. Search, or go back to your inbox."),
    405: lazy_gettext("This address cannot be opened like this. Go back and use the button on the page."),
    413: lazy_gettext("What you sent is larger than is taken here. Nothing was saved; shorten it and send it again."),
    500: lazy_gettext(
        "Nothing of what you just sent was saved. Go back and try again; "
        "if it happens again, tell your operator the time at which it happened."
    ),
}


@dataclass(frozen=True)
class Settings:
    """What the pages must know of the installation."""

    secret_key: bytes
    """Signs the session cookies."""
    time_zone: str = "UTC"
    """In which people read times, such as `Europe/Berlin` or `Asia/Shanghai`."""
    is_https: bool = False
    """Reached by HTTPS: cookies are sent over nothing else, and browsers are told to insist."""
    trusted_proxies: int = 0
    """How many proxies of our own stand in front and tell the browser's address."""
    demo_logins: tuple[tuple[str, str, str], ...] = ()
    """Shown on the sign-in page of a demonstration: (user name, password, what for)."""
    session_hours: int = 12
    """So long after the last request one stays signed in."""
    max_request_bytes: int = 512 * KILOBYTE
    """Larger requests are refused, but where a page says that it takes more."""


class PlainJson(JSONProvider):
    """JSON as the whole engine speaks it, with decimal numbers kept."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return plain.dumps(obj)

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return plain.loads(s)


def create_app(engine: Engine, settings: Settings) -> Flask:
    """The pages of an engine that is open."""
    app = Flask(__name__)
    app.extensions["casewright"] = engine
    app.extensions["settings"] = settings
    app.json = PlainJson(app)
    app.url_map.converters["int"] = IntegerKeyConverter
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-casewright" if settings.is_https else "casewright",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(hours=settings.session_hours),
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_request_bytes,
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(settings=settings, plain_fields=plain_fields)
    init_language(app, settings.time_zone)
    comparison.init_comparison(app)
    init_auth(app)
    init_assets(app)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    app.after_request(_add_headers)
    app.teardown_appcontext(look_no_longer)
    app.register_error_handler(EngineError, _refuse)
    app.register_error_handler(HTTPException, _fail)
    app.register_error_handler(Exception, _break)
    app.add_url_rule("/health", "health", public(_health))
    return app


def status_of(error: EngineError) -> int:
    """The HTTP status that tells a kind of error."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


def problem_data(problem: Problem) -> dict[str, Any]:
    """A problem for a script of ours: where it is, and what is wrong in the reader's language."""
    return {
        "message": message(problem),
        "field": list(problem.field),
        "element": problem.element_id,
        "resource": problem.resource,
        "line": problem.line,
        "severity": problem.severity,
        "rule": problem.rule,
    }


def _refuse(error: EngineError) -> ResponseReturnValue:
    status = status_of(error)
    if wants_json():
        return jsonify(message=message(error), problems=[problem_data(each) for each in error.problems]), status
    return _page(status, message(error), error.problems), status


def _fail(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    status = error.code or 500
    said = str(error.description or "") if status == 400 else ""
    text = str(_SENTENCES.get(status, said or error.name))
    if wants_json():
        return jsonify(message=text, problems=[]), status
    return _page(status, said or text), status


def _break(error: Exception) -> ResponseReturnValue:
    logger.exception("request failed", extra={"path": request.path})
    return _fail(InternalServerError())


def _page(status: int, text: str, problems: tuple[Problem, ...] = ()) -> str:
    title = str(_TITLES.get(status, gettext("This did not work")))
    return render_template("errors/error.html", status=status, title=title, text=text, problems=problems)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        # personal data must not lie in a shared computer's cache after signing out
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _health() -> ResponseReturnValue:
    """Whether pages and database answer, for whoever watches the server."""
    ask(people.name, "")
    return {"status": "ok"}
