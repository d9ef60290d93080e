"""One task: read what is to be done, fill in its form, complete it; or take it, give it back, put it off."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import (
    AddComment, AssignTask, ClaimTask, CompleteTask, OpenForm, ReleaseTask, RescheduleTask, SaveDraft,
)  # fmt: skip
from engine.errors import Invalid
from engine.queries import Permission, people, tasks, work
from webui.auth import requires, safe_path, wants_json
from webui.door import ask, do, now
from webui.language import label, local, moment, words_of_processes
from webui.submissions import go_on, submitted

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")
reads_tasks = requires(Permission.TASK_WORK, Permission.TASK_READ_ALL)
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
    assignee = request.form.get("assignee", "")
    if not assignee:
        abort(400, gettext("Choose the person who is to do it."))
    do(AssignTask(key, assignee))
    flash(gettext("Given to %(name)s.", name=ask(people.name, assignee)))
    return _back(key)


@blueprint.post("/<int:key>/later")
@works_on_tasks
def put_off(key: int) -> ResponseReturnValue:
    """Put a task off until a day, or take it up again; its deadline stays."""
    view = ask(tasks.task, key)
    until = _morning(request.form.get("until", ""))
    do(RescheduleTask(key, due=view.row.due, follow_up=until, priority=view.row.priority))
    if until is None:
        flash(gettext("The task is back among your tasks."))
        return _back(key)
    flash(gettext("Put off until %(time)s. The deadline stays.", time=moment(until)))
    return redirect(safe_path(request.form.get("next")) if request.form.get("next") else _next_address(key), 303)


@blueprint.post("/<int:key>/comment")
@requires(Permission.CASE_COMMENT)
def comment(key: int) -> ResponseReturnValue:
    text = request.form.get("text", "").strip()
    if text:
        do(AddComment(ask(tasks.task, key).row.case_key, text))
    return redirect(url_for(".task", key=key, _anchor="happened"), 303)


@blueprint.post("/<int:key>/draft")
@works_on_tasks
def draft(key: int) -> ResponseReturnValue:
    do(SaveDraft(key, submitted()))
    return jsonify(saved_at=now())


@blueprint.post("/<int:key>/complete")
@works_on_tasks
def complete(key: int) -> ResponseReturnValue:
    variables = submitted()
    try:
        do(CompleteTask(key, variables))
    except Invalid as error:
        if wants_json():
            raise
        return _page(key, data=variables, problem=error), 422
    view = ask(tasks.task, key)
    flash(gettext("Done: %(task)s · %(case)s", task=label(view.row.name), case=view.row.reference), "done")
    address = _next_address(key)
    return go_on(address)


def _page(key: int, data: dict[str, Any] | None = None, problem: Invalid | None = None) -> str:
    view = ask(tasks.task, key)
    if view.may_work and view.form_key:
        do(OpenForm(key))
    form = ask(tasks.form, key, now=now(), words=words_of_processes()) if view.form_key else None
    beside = ask(work.inbox, now=now(), view="mine" if view.row.is_mine else "groups") if view.may_work else None
    return render_template(
        "tasks/task.html",
        task=view,
        form=form,
        data=data,
        problem=problem,
        beside=beside,
        colleagues=ask(people.colleagues) if view.may_assign else (),
        days=_days(),
    )


def _back(key: int) -> ResponseReturnValue:
    """Where the button was pressed: the list, or the task itself."""
    wanted = request.form.get("next")
    return redirect(safe_path(wanted) if wanted else url_for(".task", key=key), 303)


def _next_address(key: int) -> str:
    """The next task of the actor's own; the inbox when there is none."""
    following = ask(work.next_task, now=now(), after=key)
    return url_for(".task", key=following) if following else url_for("inbox.index")


def _morning(day: str) -> dt.datetime | None:
    """Eight in the morning of a day written `2026-11-30`, where the people are; none for no day."""
    if not day:
        return None
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        abort(400, gettext("Choose a day."))
    zone = local(now()).tzinfo
    return dt.datetime.combine(date, dt.time(8), zone).astimezone(dt.UTC)


def _days() -> tuple[tuple[str, dt.date], ...]:
    """The days that a task is usually put off to."""
    today = local(now()).date()
    monday = today + dt.timedelta(days=7 - today.weekday())
    return (
        (gettext("Tomorrow"), today + dt.timedelta(days=1)),
        (gettext("Next Monday"), monday),
        (gettext("In two weeks"), today + dt.timedelta(days=14)),
    )
