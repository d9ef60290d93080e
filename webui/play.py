"""Playing a case of a project: on the real engine, in a sandbox that reaches nothing outside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import plain
from engine.analysis import scenarios as runs
from engine.analysis.sandbox import PEOPLE, Done, Sandbox
from engine.commands import AddProjectFile, GatherProject, KeepWalk
from engine.errors import EngineError, Invalid, NotFound, Problem
from engine.queries import Permission, definitions, places, projects, public, starting, tasks, waits, walks
from engine.queries.waits import Wait
from engine.scenarios import Scenario, Step, step_of
from webui import new_files
from webui.auth import requires, wants_json
from webui.data_texts import DataReader
from webui.door import ask, do, now
from webui.examples import example
from webui.language import label, message, words_of_processes
from webui.submissions import go_on, submitted
from webui.wording import Sentence, element_namer, sentence

blueprint = Blueprint("play", __name__, url_prefix="/projects/<int:key>/play")
drafts = requires(Permission.DEFINITION_DRAFT)

DURATIONS = ("PT1H", "P1D", "P7D", "P30D")
FILLED = ("start", "task", "message")
"""What is done through a form, where there is one."""


@dataclass(frozen=True)
class Told:
    """A step of the walk with what it led to, in sentences."""

    number: int
    done: Done
    lines: tuple[tuple[Any, Sentence], ...]


@dataclass(frozen=True)
class Walk:
    """What is played: the steps, and when the sandbox began."""

    began_at: dt.datetime
    steps: tuple[Step, ...]


@blueprint.get("")
@drafts
def index(key: int) -> ResponseReturnValue:
    return _page(key)


@blueprint.post("/step")
@drafts
def step(key: int) -> ResponseReturnValue:
    """Do one thing: the address says what, the body with which data."""
    files, walk = do(GatherProject(key)), _walk(key)
    sandbox, _ = runs.played(files, walk.steps, walk.began_at)
    with sandbox:
        try:
            sandbox.play(_asked(sandbox))
        except EngineError as error:
            if wants_json():
                raise
            return _page(key, error), 422
        _keep(key, Walk(walk.began_at, tuple(done.step for done in sandbox.done)))
    return go_on(url_for(".index", key=key))


@blueprint.post("/back")
@drafts
def back(key: int) -> ResponseReturnValue:
    """Undo the last step: the walk is played again without it. A step that cannot be done any more goes first."""
    walk = _walk(key)
    sandbox, error = runs.played(do(GatherProject(key)), walk.steps, walk.began_at)
    with sandbox:
        count = len(sandbox.done) if error is not None else len(walk.steps) - 1
    _keep(key, Walk(walk.began_at, walk.steps[: max(count, 0)]))
    return redirect(url_for(".index", key=key), 303)


@blueprint.post("/restart")
@drafts
def restart(key: int) -> ResponseReturnValue:
    _keep(key, Walk(now(), ()))
    return redirect(url_for(".index", key=key), 303)


@blueprint.post("/save")
@drafts
def save(key: int) -> ResponseReturnValue:
    """Save the walk as a scenario of the project, with what is to be expected of it."""
    name, walk = " ".join(request.form.get("name", "").split()), _walk(key)
    sandbox, error = runs.played(do(GatherProject(key)), walk.steps, walk.began_at)
    with sandbox:
        if error is not None or not sandbox.done:
            abort(409, gettext("This walk cannot be saved, since not all of its steps can be done."))
        happened = runs.expectations(sandbox)
    chosen = set(request.form.getlist("expect"))
    data = {name: value for name, value in happened["data"].items() if f"data.{name}" in chosen}
    expected = {each: value for each, value in happened.items() if each in chosen and value not in ([], {})}
    if data:
        expected["data"] = data
    scenario = Scenario(name, walk.steps, walk.began_at, request.form.get("note", "").strip(), expected)
    try:
        do(AddProjectFile(key, f"{new_files.id_from(name) or 'scenario'}.scenario", scenario.text().encode()))
    except EngineError as wrong:
        return _page(key, wrong), 422
    flash(gettext("Saved. It is run whenever this process is published."), "done")
    return redirect(url_for("scenarios.index", key=key), 303)


@blueprint.get("/diagrams/<process_id>")
@drafts
def diagram(key: int, process_id: str) -> ResponseReturnValue:
    """The diagram of a process as the project has it."""
    with Sandbox(do(GatherProject(key)), _walk(key).began_at) as sandbox:
        outline = sandbox.ask(waits.process_outlines).get(process_id)
        if outline is None:
            raise NotFound("Expected to find process '{process}', but there is none.", process=process_id)
        return Response(sandbox.ask(places.diagram, outline["key"]), mimetype="application/xml")


def _page(key: int, wrong: EngineError | None = None) -> str:
    view, walk = ask(projects.project, key), _walk(key)
    # Stand-ins are nobody who has an account, whatever that one's user name is.
    g.setdefault("names", {}).update({name: name.title() for name in PEOPLE})
    try:
        sandbox, stopped = runs.played(do(GatherProject(key)), walk.steps, walk.began_at)
    except Invalid as invalid:
        errors = [problem for problem in invalid.problems if problem.severity == "error"]
        return render_template("play/broken.html", project=view, problems=errors)
    with sandbox:
        shared = {
            "project": view,
            "wrong": message(wrong) if wrong else "",
            "problems": wrong.problems if wrong else (),
            "stopped": _stopped(stopped, len(sandbox.done)),
        }
        if not sandbox.done:
            return render_template("play/begin.html", **shared, **_beginning(sandbox))
        return render_template("play/walk.html", **shared, **_standing(sandbox))


def _stopped(error: EngineError | None, done: int) -> str:
    if error is None:
        return ""
    return gettext("Step %(number)s cannot be done any more: %(reason)s", number=done + 1, reason=message(error))


def _beginning(sandbox: Sandbox) -> dict[str, Any]:
    """The ways to begin, and the form of the chosen one."""
    outlines = sandbox.ask(waits.process_outlines)
    ways = sandbox.ask(waits.beginnings)
    process_id = request.args.get("process", "")
    chosen = next(
        (way for way in ways if way.process_id == process_id and way.element_id == request.args.get("event", "")), None
    )
    is_public = chosen is not None and outlines[chosen.process_id]["properties"].get("publicStart") == "true"
    by = "customer" if is_public and request.args.get("by") != "staff" else "anna"
    form = None
    if chosen is not None and chosen.form_id and chosen.kind == "none":
        form = sandbox.ask(starting.start_form, chosen.process_id, now=sandbox.now, words=words_of_processes())
    return {"ways": ways, "chosen": chosen, "is_public": is_public, "by": by, "form": form, "data": _example(form)}


def _standing(sandbox: Sandbox) -> dict[str, Any]:
    """Where the case stands: path, what waits, what happened, its data."""
    parts = sandbox.ask(waits.parts)
    shown = min(max(request.args.get("part", 0, type=int), 0), len(parts) - 1)
    part = parts[shown]
    names = {id: label(each["name"]) for id, each in part.outline["elements"].items() if each["name"]}
    waiting = sandbox.ask(waits.waits)
    chosen = _chosen(waiting)
    outlines = {each.key: each.outline for each in parts}
    words = sandbox.ask(definitions.data_words, outlines.values())
    form = _form(sandbox, chosen) if chosen is not None else None
    reader = DataReader(words, label)
    return {
        "parts": parts,
        "shown": shown,
        "part": part,
        "root": parts[0],
        "path": sandbox.ask(places.path, part.key),
        "names": names,
        "waiting": [(wait, _number(waiting, wait), _who(sandbox, wait)) for wait in waiting],
        "chosen": chosen,
        "number": _number(waiting, chosen) if chosen else 1,
        "form": form,
        "data": _example(form),
        "clock": sandbox.now,
        "told": _told(sandbox, outlines, words),
        "variables": [pair for pair in reader.pairs(_said(parts[0].variables))],
        "mails": sandbox.ask(waits.mails),
        "happened": runs.expectations(sandbox),
        "durations": DURATIONS,
        "passed": runs.passed(sandbox).get(part.process_id),
        "reader": reader,
        "asked": plain.dumps(chosen.variables) if chosen and chosen.kind == "service" else "",
    }


def _said(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in variables.items()
        if value not in (None, "", [], {}) and name not in ("initiator", "reference")
    }  # fmt: skip


def _told(sandbox: Sandbox, outlines: Mapping[int, dict[str, Any]], words: Any) -> list[Told]:
    facts = sandbox.story()
    told = []
    for number, done in enumerate(sandbox.done, 1):
        lines = [
            (fact, sentence(fact, label, element_namer(outlines.get(fact.instance_key or 0, {})), words))
            for fact in facts[slice(*done.facts)]
        ]
        told.append(Told(number, done, tuple(line for line in lines if not line[1].is_minor)))
    return told


def _chosen(waiting: Sequence[Wait]) -> Wait | None:
    """What is to be done: what was clicked, or the first task."""
    wanted = request.args.get("at", "")
    number = request.args.get("number", 1, type=int)
    if wanted:
        same = [wait for wait in waiting if f"{wait.kind}:{wait.element_id}" == wanted]
        return same[number - 1] if 0 < number <= len(same) else None
    return next((wait for wait in waiting if wait.kind == "task"), None)


def _number(waiting: Sequence[Wait], wait: Wait) -> int:
    """Which of those that wait at the same element."""
    same = [each for each in waiting if (each.kind, each.element_id) == (wait.kind, wait.element_id)]
    return same.index(wait) + 1


def _who(sandbox: Sandbox, wait: Wait) -> str:
    return sandbox.stand_in(wait).username if wait.kind == "task" else ""


def _form(sandbox: Sandbox, wait: Wait) -> Any:
    """The form by which something is done; none when there is none."""
    words = words_of_processes()
    if wait.kind == "task":
        known = sandbox.task_data(wait)
        return sandbox.ask(tasks.form, wait.key, now=sandbox.now, words=words, variables=known)
    if wait.kind == "message" and wait.form_id:
        return sandbox.ask(public.customer_form, key=wait.key, now=sandbox.now, words=words)[1]
    return None


def _example(form: Any) -> dict[str, Any] | None:
    """Example data, when it is asked for."""
    if form is None or "example" not in request.args:
        return None
    return example(form.schema, form.data, now())


def _asked(sandbox: Sandbox) -> Step:
    """The step that the request asks for. Raises Invalid."""
    verb, target = request.args.get("verb", ""), request.args.get("target", "")
    said: dict[str, Any] = {verb: request.form.get("target", target)}
    for name in ("event", "by"):
        if request.args.get(name):
            said[name] = request.args[name]
    number = request.args.get("number", 1, type=int)
    if number > 1:
        said["number"] = number
    if verb == "message":
        waiting = [wait for wait in sandbox.waiting("message") if wait.element_id == target]
        if not waiting:
            raise NotFound("Expected the case to wait at '{element}', but it waits at {places}.",
                           element=target, places=", ".join(sandbox.places()) or "-")  # fmt: skip
        said[verb] = waiting[min(number, len(waiting)) - 1].name
        alike = [wait for wait in sandbox.waiting("message") if wait.name == said[verb]]
        said["number"] = alike.index(waiting[min(number, len(waiting)) - 1]) + 1
    return step_of(_with_data(sandbox, verb, target, number, said))


def _with_data(sandbox: Sandbox, verb: str, target: str, number: int, said: dict[str, Any]) -> dict[str, Any]:
    if verb in FILLED and "json" not in request.form:
        return {**said, "data": submitted(lambda: _asked_form(sandbox, verb, target, number))}
    if verb == "service":
        outcome = request.form.get("outcome", "answer")
        if outcome in ("fails", "throws"):
            return {**said, outcome: request.form.get("text", "")}
        return {**said, "answer": _json("json")}
    return {**said, "data": _json("json")} if request.form.get("json", "").strip() else said


def _asked_form(sandbox: Sandbox, verb: str, target: str, number: int) -> Any:
    if verb == "start":
        return sandbox.ask(starting.start_form, target, now=sandbox.now, words={})
    same = [wait for wait in sandbox.waiting(verb) if wait.element_id == target]
    return _form(sandbox, same[number - 1]) if 0 < number <= len(same) else None


def _json(field: str) -> dict[str, Any]:
    text = request.form.get(field, "").strip() or "{}"
    try:
        data = plain.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_object(str(error)) from error
    if not isinstance(data, dict):
        raise _no_object("")
    return data


def _no_object(reason: str) -> Invalid:
    problem = Problem("This is no JSON: {reason}.", {"reason": reason})
    return Invalid("Expected data as a JSON object, such as {example}, but this is none.",
                   problems=[problem] if reason else [], example='{"amount": 5}')  # fmt: skip


def _walk(key: int) -> Walk:
    if "walk" not in g:
        kept = ask(walks.walk, key)
        g.walk = Walk(kept.began_at, tuple(map(step_of, kept.steps))) if kept else Walk(_minute(now()), ())
    walk: Walk = g.walk
    return walk


def _minute(at: dt.datetime) -> dt.datetime:
    """Until a walk is kept, its beginning is the same for all requests of a while, and so is the sandbox's image."""
    return at.replace(minute=0, second=0, microsecond=0)


def _keep(key: int, walk: Walk) -> None:
    do(KeepWalk(key, walk.began_at, tuple(step.plain() for step in walk.steps)))
