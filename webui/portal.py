"""The customer's pages: file a case, follow it, answer what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)  # fmt: skip
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import AnswerPublicly, StartPublicly
from engine.errors import Invalid, NotFound
from engine.queries import CUSTOMER, public
from webui.auth import accepts_up_to, wants_json
from webui.auth import public as anybody
from webui.door import engine, now
from webui.language import language, words_of_processes
from webui.submissions import go_on, request_id, submitted, ticket
from webui.throttle import Throttle

blueprint = Blueprint("portal", __name__)

MOST_BYTES = 128 * 1024
"""What a customer may send: a long letter, not a book."""


@blueprint.get("/service")
@anybody
def index() -> ResponseReturnValue:
    return render_template("portal/index.html", processes=_ask(public.public_processes))


@blueprint.get("/service/<process_id>")
@anybody
def file(process_id: str) -> ResponseReturnValue:
    return _filing_page(process_id, ticket())


@blueprint.post("/service/<process_id>")
@anybody
@accepts_up_to(MOST_BYTES)
def file_post(process_id: str) -> ResponseReturnValue:
    drawn = ticket()
    data = submitted(lambda: _start_form(process_id, drawn, {}).form)
    try:
        started = engine().execute(StartPublicly(process_id, data, drawn, request_id=request_id()), CUSTOMER)
    except Invalid as error:
        if wants_json():
            raise
        return _filing_page(process_id, drawn, data, error), 422
    session["filed"] = [started.reference, started.secret]
    return go_on(url_for(".filed"))


@blueprint.get("/service/filed")
@anybody
def filed() -> ResponseReturnValue:
    if "filed" not in session:
        return redirect(url_for(".index"))
    reference, secret = session["filed"]
    return render_template("portal/filed.html", view=_status(reference, secret), secret=secret)


@blueprint.get("/status")
@anybody
def enter() -> ResponseReturnValue:
    return render_template("portal/enter.html", reference="", problem="")


@blueprint.post("/status")
@anybody
def enter_post() -> ResponseReturnValue:
    reference = request.form.get("reference", "").strip().upper()
    secret = request.form.get("secret", "").strip().upper()
    _known(reference, secret)
    return redirect(url_for(".status", reference=reference, secret=secret), 303)


@blueprint.get("/status/<reference>/<secret>")
@anybody
def status(reference: str, secret: str) -> ResponseReturnValue:
    return render_template("portal/status.html", view=_known(reference, secret), secret=secret)


@blueprint.get("/status/<reference>/<secret>/<int:key>")
@anybody
def question(reference: str, secret: str, key: int) -> ResponseReturnValue:
    return _question_page(_known(reference, secret), secret, key)


@blueprint.post("/status/<reference>/<secret>/<int:key>")
@anybody
@accepts_up_to(MOST_BYTES)
def question_post(reference: str, secret: str, key: int) -> ResponseReturnValue:
    view = _known(reference, secret)
    data = submitted(lambda: _question_form(view, key, {}).form)
    try:
        engine().execute(AnswerPublicly(view.reference, secret, key, data), CUSTOMER)
    except Invalid as error:
        if wants_json():
            raise
        return _question_page(view, secret, key, data, error), 422
    return go_on(url_for(".status", reference=reference, secret=secret, thanks=1))


def _ask(asked: Any, **kwargs: Any) -> Any:
    """Ask as a customer, whoever is signed in: a member of staff sees here what a customer sees."""
    return engine().query(asked, CUSTOMER, **kwargs)


def _known(reference: str, secret: str) -> public.StatusView:
    """The case of a reference and its code. Otherwise the page that asks for both, which never tells which is wrong."""
    throttle, address = _throttle(), request.remote_addr or ""
    if throttle.is_closed_to(address, now()):
        problem = gettext("There were too many wrong tries from here. Wait a quarter of an hour, then try again.")
        abort(_asking(reference, problem, 429))
    try:
        return _status(reference, secret)
    except NotFound:
        throttle.count(address, now())
        problem = gettext("This case number and access code do not belong together. Look at the message we sent you.")
        abort(_asking(reference, problem, 422 if request.method == "POST" else 404))


def _asking(reference: str, problem: str, status: int) -> Response:
    if wants_json():
        return make_response(jsonify(message=problem, problems=[]), status)
    return make_response(render_template("portal/enter.html", reference=reference, problem=problem), status)


def _throttle() -> Throttle:
    throttle: Throttle = current_app.extensions.setdefault("status_throttle", Throttle())
    return throttle


def _status(reference: str, secret: str) -> public.StatusView:
    view: public.StatusView = _ask(public.status, secret=engine().secret, reference=reference, given=secret)
    return view


def _start_form(process_id: str, drawn: int, words: Mapping[str, str]) -> public.PublicForm:
    form: public.PublicForm = _ask(
        public.start_form, process_id=process_id, language=language(), now=now(), words=words, ticket=drawn
    )
    return form


def _question_form(view: public.StatusView, key: int, words: Mapping[str, str]) -> public.PublicForm:
    form: public.PublicForm = _ask(public.question_form, key=key, reference=view.reference, now=now(), words=words)
    return form


def _filing_page(
    process_id: str, drawn: int, data: dict[str, Any] | None = None, problem: Invalid | None = None
) -> str:
    form = _start_form(process_id, drawn, words_of_processes())
    return render_template(
        "portal/file.html",
        form=form, process_id=process_id, data=data, problem=problem, ticket=drawn, request_id=request_id(new=True),
    )  # fmt: skip


def _question_page(
    view: public.StatusView, secret: str, key: int, data: dict[str, Any] | None = None, problem: Invalid | None = None
) -> str:
    form = _question_form(view, key, words_of_processes())
    return render_template(
        "portal/question.html", view=view, secret=secret, form=form, key=key, data=data, problem=problem
    )
