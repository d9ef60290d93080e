"""Before a change is published: what speaks for and against it, what it means for running cases, and its review."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.analysis import gates
from engine.commands import AskForReview, CheckImpact, GiveReview
from engine.errors import EngineError, Invalid, Overtaken, Refused
from engine.queries import Permission, people, projects, publications, workshop
from webui.auth import may_open, requires
from webui.door import ask, do, engine, look_no_longer, now
from webui.language import message

blueprint = Blueprint("publishing", __name__, url_prefix="/projects")


@blueprint.get("/<int:key>/publish")
@requires(Permission.DEFINITION_DEPLOY)
def publish(key: int) -> ResponseReturnValue:
    return _page(key)


@blueprint.post("/<int:key>/publish")
@requires(Permission.DEFINITION_DEPLOY)
def publish_post(key: int) -> ResponseReturnValue:
    form = request.form
    reasons = {name[7:]: value for name, value in form.items() if name.startswith("reason.")}
    look_no_longer()
    try:
        deployed = gates.publish(
            engine(), g.actor, key, form.get("note", ""), form.get("label", ""), _trial(), reasons
        )
    except (Invalid, Overtaken) as error:
        return _page(key, error), 422
    except Refused as error:
        return _page(key, error), 409
    versions = ", ".join(f"{each.name} {each.version}" for each in deployed.definitions)
    flash(gettext("Published: %(versions)s.", versions=versions), "done")
    published = ask(publications.publication, deployed.key)
    main = published.main
    if form.get("cases") == "move" and main and main.before_key and main.open_before and may_open("moves.version"):
        return redirect(url_for("moves.version", key=main.before_key, to=main.version), 303)
    return redirect(url_for("publications.publication", key=deployed.key), 303)


@blueprint.get("/reviews")
@requires(Permission.DEFINITION_READ)
def reviews() -> ResponseReturnValue:
    """Changes that wait for somebody else's look."""
    return render_template("projects/reviews.html", rows=ask(workshop.waiting_reviews))


@blueprint.get("/<int:key>/review")
@requires(Permission.DEFINITION_READ)
def review(key: int) -> ResponseReturnValue:
    return _review_page(key)


@blueprint.post("/<int:key>/review")
@requires(Permission.DEFINITION_DRAFT)
def review_post(key: int) -> ResponseReturnValue:
    """Ask for a review, or give it."""
    form = request.form
    try:
        match form.get("verb"):
            case "ask":
                do(AskForReview(key, form.get("question", "")))
                flash(gettext("The review is asked for. It waits in the list of reviews."), "done")
            case "approve" | "send-back" as verb:
                review_key = form.get("review", 0, type=int)
                do(GiveReview(review_key, verb == "approve", form.get("digest", ""), form.get("answer", "")))
                flash(gettext("Approved.") if verb == "approve" else gettext("Sent back."), "done")
            case _:
                abort(400)
    except Invalid as error:
        return _review_page(key, message(error)), 422
    return redirect(url_for(".review", key=key), 303)


def _trial() -> str | None:
    match request.form.get("audience", "everybody"):
        case "share":
            return f"percent:{request.form.get('share', '').strip()}"
        case "group":
            return f"group:{request.form.get('group', '')}"
        case _:
            return None


def _page(key: int, error: EngineError | None = None) -> str:
    view = ask(projects.project, key)
    values: dict[str, Any] = {"gates": (), "impacts": (), "proposed": "", "groups": ()}
    if view.is_open:
        look_no_longer()
        values["gates"] = gates.gates(engine(), g.actor, key)
        values["impacts"] = do(CheckImpact(key))
        values["proposed"] = ask(publications.proposed_label, now())
        values["groups"] = sorted(ask(people.group_names).items(), key=lambda pair: pair[1])
    return render_template(
        "projects/publish.html",
        project=view,
        wrong=message(error) if error else "",
        found=error.problems if error else (),
        **values,
    )


def _review_page(key: int, wrong: str = "") -> str:
    return render_template(
        "projects/review.html", project=ask(projects.project, key), review=ask(workshop.review, key), wrong=wrong
    )
