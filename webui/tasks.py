"""One task: read what is to be done, fill in its form, complete it; or take it, give it back, put it off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands.instances import AddComment
from engine.commands.tasks import (
    AssignTask,
    ClaimTask,
    CompleteTask,
    OpenForm,
    ReleaseTask,
    RescheduleTask,
    SaveDraft,
)  # fmt: skip
from engine.errors import Invalid, Problem, Refused
from engine.queries import Permission, definitions, people, places, tasks, work
from webui.auth import requires, safe_path, wants_json
from webui.data_texts import value_text
from webui.door import ask, do, now
from webui.inbox import chosen, listed
from webui.language import label, local, message, moment, person, words_of_processes
from webui.submissions import go_on, submitted, submitted_json
from webui.wording import sentence

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
reads_tasks = requires(Permission.TASK_WORK, Permission.TASK_READ_ALL)
NEIGHBOURS = 15
"""How many tasks stand beside the open one; the whole list is one click away, and each costs the page a little."""
works_on_tasks = requires(Permission.TASK_WORK)


@blueprint.get("/<int:key>")
@reads_tasks
def task(key: int) -> ResponseReturnValue:
    return _page(key)


@blueprint.post("/<int:key>/claim")
@works_on_tasks
def claim(key: int) -> ResponseReturnValue:
    do(ClaimTask(key))
    return _back(key)


@blueprint.post("/<int:key>/release")
@works_on_tasks
def release(key: int) -> ResponseReturnValue:
    do(ReleaseTask(key))
    flash(gettext("Given back. Others can take it now."))
    return _back(key)


@blueprint.post("/<int:key>/assign")
@requires(Permission.TASK_ASSIGN)
def assign(key: int) -> ResponseReturnValue:
    username = request.form.get("username", "")
    if not username:
        abort(400, gettext("Choose the person who is to do it."))
    do(AssignTask(key, username))
    flash(gettext("Given to %(name)s.", name=person(username)))
    return _back(key)


@blueprint.post("/<int:key>/later")
@works_on_tasks
def put_off(key: int) -> ResponseReturnValue:
    """Put a task off until a day, or take it up again; its deadline stays."""
    row = ask(tasks.task, key).row
    until = _morning(request.form.get("until", ""))
    do(RescheduleTask(key, due=row.due, follow_up=until, priority=row.priority))
    if until is None:
        flash(gettext("The task is back among your tasks."))
        return _back(key)
    flash(gettext("Put off until %(time)s. The deadline stays.", time=moment(until)))
    return redirect(_next_address(key), 303)


@blueprint.post("/<int:key>/comment")
@requires(Permission.CASE_COMMENT)
def comment(key: int) -> ResponseReturnValue:
    text = request.form.get("text", "").strip()
    if text:
        do(AddComment(ask(tasks.task, key).row.case_key, text))
    return redirect(url_for(".task", key=key, **chosen().arguments, _anchor="happened"), 303)


@blueprint.post("/<int:key>/draft")
@works_on_tasks
def draft(key: int) -> ResponseReturnValue:
    try:
        do(SaveDraft(key, submitted_json()))
    except Refused as error:
        return jsonify(message=_lost(key) or message(error), problems=[]), 409
    return jsonify(saved_at=now())


@blueprint.post("/<int:key>/complete")
@works_on_tasks
def complete(key: int) -> ResponseReturnValue:
    variables = submitted(lambda: ask(tasks.form, key, now=now(), words={}))
    try:
        do(CompleteTask(key, variables))
    except Invalid as error:
        if wants_json():
            raise
        return _page(key, variables, message(error), error.problems), 422
    except Refused as error:
        text = _lost(key) or message(error)
        if wants_json():
            return jsonify(message=text, problems=[]), 409
        return _page(key, variables, text), 409
    if done := ask(work.title, key):
        flash(gettext("Done: %(task)s · %(case)s", task=label(done[0]), case=done[1]), "done")
    return go_on(_next_address(key))


def _page(
    key: int, data: dict[str, Any] | None = None, problem: str = "", problems: Sequence[Problem] = ()
) -> str:
    view = ask(tasks.task, key)
    known = do(OpenForm(key)) if view.may_work and view.form_key else None
    choice = chosen()
    return render_template(
        "tasks/task.html",
        task=view,
        form=ask(tasks.form, key, now=now(), words=words_of_processes(), variables=known),
        data=data,
        problem=problem,
        problems=problems,
        page=listed(choice, NEIGHBOURS),
        choice=choice,
        colleagues=ask(people.colleagues) if view.may_assign else (),
        days=_days(),
        path=ask(places.path, view.instance_key),
        value_text=value_text,
        **_history(view),
    )


def _history(view: tasks.TaskView) -> dict[str, Any]:
    """What happened, in sentences, and the names of the diagram's elements."""
    outlines = ask(places.outlines, view.row.case_key)
    elements = {id: element["name"] for outline in outlines.values() for id, element in outline["elements"].items()}
    words = ask(definitions.data_words, outlines.values())
    told = [
        (fact, sentence(fact, label, lambda id: label(elements.get(id or "", "")), words)) for fact in view.happened
    ]
    return {"told": told, "names": {id: label(name) for id, name in elements.items() if name}}


def _lost(key: int) -> str:
    """What to tell somebody whose task another person completed first; nothing when it was not so."""
    view = ask(tasks.task, key)
    if view.status != "completed" or view.completed_by is None:
        return ""
    return gettext(
        "%(name)s completed this task first, %(time)s. Nothing of yours was sent; what you typed is still here.",
        name=person(view.completed_by), time=moment(view.ended_at),
    )  # fmt: skip


def _back(key: int) -> ResponseReturnValue:
    """Where the button was pressed: the list, or the task itself."""
    wanted = request.form.get("next")
    return redirect(safe_path(wanted) if wanted else url_for(".task", key=key, **chosen().arguments), 303)


def _next_address(key: int) -> str:
    """The next task of the actor's own; the inbox when there is none."""
    following = ask(work.next_task, now=now(), after=key)
    choice = chosen()
    return choice.task_address(following) if following else choice.address()


def _morning(day: str) -> dt.datetime | None:
    """Eight in the morning of a day written `2026-11-30`, where the people are; none for no day."""
    if not day:
        return None
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        abort(400, gettext("Choose a day."))
    return dt.datetime.combine(date, dt.time(8), local(now()).tzinfo).astimezone(dt.UTC)


def _days() -> tuple[tuple[str, dt.date], ...]:
    """The days that a task is usually put off to."""
    today = local(now()).date()
    return (
        (gettext("Tomorrow"), today + dt.timedelta(days=1)),
        (gettext("Next Monday"), today + dt.timedelta(days=7 - today.weekday())),
        (gettext("In two weeks"), today + dt.timedelta(days=14)),
    )
