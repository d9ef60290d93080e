"""Projects: where process owners change a process with all that belongs to it, before it is put into force."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from flask import Blueprint, Response, abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.commands import (
    AddProjectFile,
    CheckProject,
    CopyProcess,
    DiscardProject,
    KeepProjectFile,
    NoteEditor,
    OpenProject,
    RemoveProjectFile,
    RevertProjectFile,
    SaveProjectFile,
    StartProject,
)
from engine.errors import Invalid, Overtaken, Problem
from engine.queries import Permission, definitions, projects
from webui import drawing, new_files, project_work
from webui.auth import accepts_up_to, requires
from webui.door import ask, do
from webui.language import message, person

blueprint = Blueprint("projects", __name__, url_prefix="/projects")
reads = requires(Permission.DEFINITION_READ)
drafts = requires(Permission.DEFINITION_DRAFT)

FILE_BYTES = 6_000_000
UPLOAD_BYTES = 32 * 1024 * 1024
NEW_FILES = {"form": (new_files.form, ".form"), "decision": (new_files.table, ".dmn"),
             "process": (new_files.diagram, ".bpmn")}  # fmt: skip
EDITORS = {
    "process": "projects/diagram.html",
    "form": "projects/form.html",
    "decision": "projects/table.html",
}
"""The page that edits a kind of file; other kinds are edited as text."""


@blueprint.get("")
@reads
def index() -> ResponseReturnValue:
    is_open = request.args.get("state") != "closed"
    return render_template(
        "projects/index.html",
        rows=ask(projects.projects, is_open=is_open),
        is_open=is_open,
        processes=ask(definitions.definitions, kind="process"),
        process_id=request.args.get("process", ""),
    )


@blueprint.post("/open")
@drafts
def open_process() -> ResponseReturnValue:
    key = do(OpenProject(request.form.get("process_id", ""), request.form.get("name", "")))
    return redirect(url_for(".project", key=key), 303)


@blueprint.post("/new")
@drafts
@accepts_up_to(UPLOAD_BYTES)
def new() -> ResponseReturnValue:
    """A new process: an empty diagram, or files that the owner has."""
    name = request.form.get("name", "").strip()
    process_id = request.form.get("process_id", "").strip() or new_files.id_from(name) or "process"
    files = _uploaded() or ((f"{process_id}.bpmn", new_files.diagram(process_id, name)),)
    if source := request.form.get("copy_of"):
        key = do(CopyProcess(source, process_id, name, bool(request.form.get("with_all"))))
    else:
        key = do(StartProject(process_id, name, files))
    return redirect(url_for(".project", key=key), 303)


@blueprint.get("/<int:key>")
@reads
def project(key: int) -> ResponseReturnValue:
    view = ask(projects.project, key)
    problems = do(CheckProject(key)) if view.is_open and g.actor.may(Permission.DEFINITION_DRAFT) else ()
    return render_template("projects/project.html", project=view, problems=problems)


@blueprint.post("/<int:key>/files")
@drafts
@accepts_up_to(UPLOAD_BYTES)
def add(key: int) -> ResponseReturnValue:
    """A new file of a kind, or files that the owner has; those that are in the project already are replaced."""
    kind, name = request.form.get("kind", ""), request.form.get("name", "").strip()
    if kind in NEW_FILES:
        make, ending = NEW_FILES[kind]
        id = new_files.id_from(name) or kind
        do(AddProjectFile(key, id + ending, make(id, name)))
        return redirect(url_for(".file", key=key, name=id + ending), 303)
    view = ask(projects.project, key)
    revisions = {file.name: file.revision for file in view.files}
    for file_name, content in _uploaded():
        if file_name in revisions:
            do(SaveProjectFile(key, file_name, content, revisions[file_name]))
        else:
            do(AddProjectFile(key, file_name, content))
    return redirect(url_for(".project", key=key), 303)


@blueprint.post("/<int:key>/files/<name>/<verb>")
@drafts
def change_file(key: int, name: str, verb: str) -> ResponseReturnValue:
    match verb:
        case "remove":
            do(RemoveProjectFile(key, name))
        case "put_back":
            do(RemoveProjectFile(key, name, False))
        case "revert":
            do(RevertProjectFile(key, name))
        case "keep":
            do(KeepProjectFile(key, name))
        case _:
            abort(404)
    return redirect(url_for(".project", key=key), 303)


@blueprint.get("/<int:key>/files/<name>")
@reads
def file(key: int, name: str) -> ResponseReturnValue:
    """The editor of a file."""
    view, found = ask(projects.project, key), ask(projects.project_file, key, name)
    text = _text(found.content)
    if found.row.kind == "process":
        brought = drawing.page_data(view.process_id)
    else:
        brought = project_work.page_data(key, name, found.row.kind, text)
    is_text = request.args.get("as") == "text" or brought.get("schema", {}) is None
    template = "projects/text.html" if is_text else EDITORS.get(found.row.kind, "projects/text.html")
    if template == "projects/text.html":
        brought = {"problems": _problems_of(view, name)}
    return render_template(template, project=view, file=found, text=text, **brought)


def _problems_of(view: projects.ProjectView, name: str) -> tuple[Problem, ...]:
    """What publishing would complain about in one file, for those who may change it."""
    if not view.is_open or not g.actor.may(Permission.DEFINITION_DRAFT):
        return ()
    return tuple(each for each in do(CheckProject(view.key)) if each.resource == name)


@blueprint.get("/<int:key>/files/<name>/content")
@reads
def content(key: int, name: str) -> ResponseReturnValue:
    found = ask(projects.project_file, key, name)
    response = Response(found.content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Revision"] = str(found.row.revision)
    return response


@blueprint.post("/<int:key>/files/<name>")
@drafts
@accepts_up_to(FILE_BYTES)
def save(key: int, name: str) -> ResponseReturnValue:
    """Save a file upon a revision: from an editor, as JSON {content, revision}, or from the plain text form."""
    if request.is_json:
        said: Any = request.get_json()
        if not isinstance(said, dict) or not isinstance(said.get("content"), str):
            abort(400)
        try:
            revision = do(SaveProjectFile(key, name, said["content"].encode(), _number(said.get("revision"))))
        except Overtaken as overtaken:
            return jsonify(_overtaken(overtaken)), 409
        return jsonify(revision=revision)
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        do(SaveProjectFile(key, name, text.encode(), _number(request.form.get("revision"))))
    except Overtaken as overtaken:
        view, found = ask(projects.project, key), ask(projects.project_file, key, name)
        page = render_template(
            "projects/text.html", project=view, file=found, text=text, theirs=_text(found.content),
            conflict=message(overtaken),
        )  # fmt: skip
        return page, 409
    flash(gettext("Saved."), "success")
    return redirect(url_for(".file", key=key, name=name), 303)


@blueprint.post("/<int:key>/files/<name>/presence")
@drafts
def presence(key: int, name: str) -> ResponseReturnValue:
    """An editor says that it is open; the answer says who else has the file open."""
    other = do(NoteEditor(key, name))
    return jsonify(other=person(other) if other else None)


@blueprint.post("/<int:key>/check")
@drafts
@accepts_up_to(FILE_BYTES)
def check(key: int) -> ResponseReturnValue:
    """What publishing would complain about, with files as they stand in an editor: JSON {files: {name: content}}.

    Names of house rules in `house_rules` count, too.
    """
    from webui.app import problem_data  # it imports this page

    said: Any = request.get_json(silent=True) or {}
    files = said.get("files", {}) if isinstance(said, dict) else {}
    instead = tuple((name, text.encode()) for name, text in files.items() if isinstance(text, str))
    rules = said.get("house_rules", ()) if isinstance(said, dict) else ()
    chosen = tuple(rule for rule in rules if isinstance(rule, str)) if isinstance(rules, list) else ()
    return jsonify(problems=[problem_data(problem) for problem in do(CheckProject(key, instead, chosen))])


@blueprint.get("/<int:key>/download")
@reads
def download(key: int) -> ResponseReturnValue:
    """All files in one archive."""
    view, archive = ask(projects.project, key), io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for row in view.files:
            if row.state != "removed":
                packed.writestr(row.name, ask(projects.project_file, key, row.name).content)
    response = Response(archive.getvalue(), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"{view.process_id}.zip")
    return response


@blueprint.post("/<int:key>/discard")
@drafts
def discard(key: int) -> ResponseReturnValue:
    do(DiscardProject(key))
    flash(gettext("The change was given up. What is in force has not changed."), "info")
    return redirect(url_for(".index"), 303)


def _uploaded() -> tuple[tuple[str, bytes], ...]:
    """The files that were chosen; archives are unpacked."""
    found: list[tuple[str, bytes]] = []
    for upload in request.files.getlist("files"):
        if not upload.filename:
            continue
        with upload.stream:
            data = upload.read()
        if upload.filename.lower().endswith(".zip"):
            found.extend(_unpacked(data, upload.filename))
        else:
            found.append((upload.filename, data))
    return tuple(found)


def _unpacked(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """The files of an archive, within limits. Raises Invalid."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > 500 or sum(entry.file_size for entry in entries) > UPLOAD_BYTES:
                raise Invalid("Expected an archive of files for a project, but '{file}' is too large.", file=name)
            return [(entry.filename, archive.read(entry)) for entry in entries if projects.kind_of(entry.filename)]
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise Invalid("Expected an archive of files for a project, but '{file}' cannot be read.", file=name) from error


def _overtaken(overtaken: Overtaken) -> dict[str, Any]:
    return {
        "message": message(overtaken),
        "by": overtaken.values.get("user"),
        "revision": overtaken.values.get("revision"),
    }


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        abort(400)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
