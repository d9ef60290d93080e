"""Cases: the list, and the page on which a case is traced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import AddComment, AnswerForCustomer, CancelInstance, ResumeInstance, SuspendInstance
from engine.queries import Permission, case_lists, cases, definitions, places, public, trace
from webui.auth import requires
from webui.data_texts import DataReader
from webui.door import ask, do, now
from webui.language import label, words_of_processes
from webui.wording import element_namer, sentence

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
reads_cases = requires(Permission.CASE_READ, Permission.CASE_READ_ALL)

STATUSES = ("active", "incident", "suspended", "completed", "cancelled", "all")
_IN_HEAD = frozenset({"initiator", "reference"})
GROUPS = ("people", "decisions", "clocks", "messages", "data", "path", "trouble")


@blueprint.get("")
@reads_cases
def index() -> ResponseReturnValue:
    chosen = {
        "status": request.args.get("status", "active"),
        "process_id": request.args.get("process", ""),
        "search": request.args.get("q", ""),
    }
    page = ask(case_lists.cases, **chosen, page=request.args.get("page", 1, type=int))
    return render_template("cases/index.html", page=page, chosen=chosen, statuses=STATUSES)


@blueprint.get("/<int:key>")
@reads_cases
def case(key: int) -> ResponseReturnValue:
    view = ask(cases.case, key)
    if view.key != key:
        return redirect(url_for(".case", key=view.key, part=key))
    shown = request.args.get("part", view.key, type=int)
    outlines = ask(places.outlines, key)
    part = next((part for part in view.parts if part.key == shown), view.parts[0])
    words = ask(definitions.data_words, outlines.values())
    lines = [
        (fact, sentence(fact, label, element_namer(outlines.get(fact.instance_key or 0, {})), words))
        for fact in ask(trace.timeline, key)
    ]
    return render_template(
        "cases/case.html",
        case=view,
        part=part,
        path=ask(places.path, part.key),
        names={id: label(element["name"]) for id, element in outlines[part.key]["elements"].items() if element["name"]},
        lines=lines,
        groups=GROUPS,
        data=_data(view.variables, DataReader(words, label)),
    )


@blueprint.get("/diagrams/<int:definition_key>")
@requires(Permission.CASE_READ, Permission.CASE_READ_ALL, Permission.DEFINITION_READ)
def diagram(definition_key: int) -> ResponseReturnValue:
    response = Response(ask(places.diagram, definition_key), mimetype="application/xml")
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    return response


@blueprint.post("/<int:key>/comment")
@requires(Permission.CASE_COMMENT)
def comment(key: int) -> ResponseReturnValue:
    do(AddComment(key, request.form.get("text", "").strip()))
    return redirect(url_for(".case", key=key, _anchor="timeline"), 303)


@blueprint.get("/customer/<int:key>")
@requires(Permission.CASE_COMMENT)
def for_customer(key: int) -> ResponseReturnValue:
    """Write down what a customer told by telephone, letter or in person."""
    case_key, form = ask(public.customer_form, key=key, now=now(), words=words_of_processes())
    return render_template("cases/for_customer.html", case_key=case_key, form=form, key=key)


@blueprint.post("/customer/<int:key>")
@requires(Permission.CASE_COMMENT)
def for_customer_post(key: int) -> ResponseReturnValue:
    case_key, _ = ask(public.customer_form, key=key, now=now(), words={})
    do(AnswerForCustomer(key, request.get_json()))
    flash(gettext("Written down."), "done")
    return jsonify(location=url_for(".case", key=case_key))


@blueprint.post("/<int:key>/cancel")
@requires(Permission.CASE_CANCEL)
def cancel(key: int) -> ResponseReturnValue:
    do(CancelInstance(key, request.form.get("reason", "").strip()))
    flash(gettext("The case was ended."), "info")
    return redirect(url_for(".case", key=key), 303)


@blueprint.post("/<int:key>/suspend")
@requires(Permission.CASE_SUSPEND)
def suspend(key: int) -> ResponseReturnValue:
    do(SuspendInstance(key, request.form.get("reason", "").strip()))
    return redirect(url_for(".case", key=key), 303)


@blueprint.post("/<int:key>/resume")
@requires(Permission.CASE_SUSPEND)
def resume(key: int) -> ResponseReturnValue:
    do(ResumeInstance(key))
    return redirect(url_for(".case", key=key), 303)


def _data(variables: Mapping[str, Any], reader: DataReader) -> list[tuple[str, str]]:
    """The data of a case as people read it: in the order of its forms, without what stands in the page's head."""
    order = {name: place for place, name in enumerate(reader.words.labels)}
    names = [name for name, value in variables.items() if value not in (None, "", [], {}) and name not in _IN_HEAD]
    names.sort(key=lambda name: order.get(name, len(order)))
    return list(reader.pairs({name: variables[name] for name in names}))
