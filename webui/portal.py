"""The customer's pages: file a case, follow it, answer what is asked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import AnswerPublicly, StartPublicly
from engine.errors import NotFound
from engine.queries import CUSTOMER, public
from webui.auth import public as anybody
from webui.door import engine, now
from webui.language import language, words_of_processes

blueprint = Blueprint("portal", __name__)


@blueprint.get("/service")
@anybody
def index() -> ResponseReturnValue:
    return render_template("portal/index.html", processes=_ask(public.public_processes))


@blueprint.get("/service/<process_id>")
@anybody
def file(process_id: str) -> ResponseReturnValue:
    form = _ask(public.start_form, process_id=process_id, language=language(), now=now(), words=words_of_processes())
    return render_template("portal/file.html", form=form, process_id=process_id)


@blueprint.post("/service/<process_id>")
@anybody
def file_post(process_id: str) -> ResponseReturnValue:
    started = engine().execute(StartPublicly(process_id, _submitted()), CUSTOMER)
    session["filed"] = [started.reference, started.secret]
    address = url_for(".filed")
    return jsonify(location=address) if request.is_json else redirect(address, 303)


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
    try:
        _status(reference, secret)
    except NotFound:
        problem = gettext("This case number and access code do not belong together. Look at the message we sent you.")
        return render_template("portal/enter.html", reference=reference, problem=problem), 422
    return redirect(url_for(".status", reference=reference, secret=secret), 303)


@blueprint.get("/status/<reference>/<secret>")
@anybody
def status(reference: str, secret: str) -> ResponseReturnValue:
    return render_template("portal/status.html", view=_status(reference, secret), secret=secret)


@blueprint.get("/status/<reference>/<secret>/<int:key>")
@anybody
def question(reference: str, secret: str, key: int) -> ResponseReturnValue:
    view = _status(reference, secret)
    form = _ask(
        public.question_form, key=key, reference=view.reference, now=now(), words=words_of_processes()
    )
    return render_template("portal/question.html", view=view, secret=secret, form=form, key=key)


@blueprint.post("/status/<reference>/<secret>/<int:key>")
@anybody
def question_post(reference: str, secret: str, key: int) -> ResponseReturnValue:
    engine().execute(AnswerPublicly(reference, secret, key, _submitted()), CUSTOMER)
    address = url_for(".status", reference=reference, secret=secret, thanks=1)
    return jsonify(location=address) if request.is_json else redirect(address, 303)


def _ask(asked: Any, **kwargs: Any) -> Any:
    """Ask as a customer, whoever is signed in: a member of staff sees here what a customer sees."""
    return engine().query(asked, CUSTOMER, **kwargs)


def _status(reference: str, secret: str) -> public.StatusView:
    view: public.StatusView = _ask(public.status, secret=engine().secret, reference=reference, given=secret)
    return view


def _submitted() -> dict[str, Any]:
    """What was filled in: JSON from the form island, or plain fields where scripts do not run."""
    if request.is_json:
        data = request.get_json()
        if not isinstance(data, dict):
            abort(400)
        return data
    return {name: value for name, value in request.form.items() if name != "csrf_token"}


