"""Two versions beside each other: of a project and what is in force, or of what was published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask.typing import ResponseReturnValue

from engine.analysis import comparison
from engine.analysis.changes import Change
from engine.analysis.comparison import Comparison, FileComparison
from engine.analysis.tables import Grid
from engine.queries import Permission, definitions, projects
from webui.auth import requires
from webui.change_words import SIGNS, WEIGHTS, told, value_told
from webui.door import ask
from webui.language import words_of_processes

blueprint = Blueprint("comparison", __name__)
reads = requires(Permission.DEFINITION_READ)

AGAINST = ("force", "base")


def init_comparison(app: Flask) -> None:
    app.jinja_env.filters.update(said=value_told, told=told)
    app.jinja_env.globals.update(changes_of=changes_of)


def changes_of(project_key: int) -> tuple[Change, ...]:
    """What a project changes against what is in force, for pages that tell it in short."""
    return ask(comparison.summary, project_key)


@dataclass(frozen=True)
class Part:
    """A file of the page: its sentences and, where it can be shown, both versions of it."""

    file: FileComparison
    before: dict[str, Any] | None
    """For a diagram: what its island draws."""
    after: dict[str, Any] | None
    grids: tuple[Grid, ...]
    """For other files: what stands before and after."""


@blueprint.get("/projects/<int:key>/compare")
@reads
def index(key: int) -> ResponseReturnValue:
    """A project against what is in force now, or what it was made from."""
    against = request.args.get("with", AGAINST[0])
    if against not in AGAINST:
        abort(404)
    found = ask(comparison.of_project, key, against)
    return render_template(
        "comparison/project.html", project=ask(projects.project, key), against=against, **_shown(found)
    )


@blueprint.get("/processes/compare")
@reads
def versions() -> ResponseReturnValue:
    """Two versions that were published: `a` before, `b` after."""
    keys = [request.args.get(name, type=int) for name in ("a", "b")]
    if keys[0] is None or keys[1] is None:
        abort(404)
    before, after = (ask(definitions.definition, key) for key in keys)
    found = ask(comparison.of_definitions, before.key, after.key)
    return render_template("comparison/versions.html", before=before, after=after, **_shown(found))


def _shown(found: Comparison) -> dict[str, Any]:
    return {
        "changes": found.changes,
        "weight": found.weight,
        "weights": WEIGHTS,
        "signs": SIGNS,
        "parts": [_part(file) for file in found.files],
    }


def _part(file: FileComparison) -> Part:
    if file.kind == "process":
        return Part(file, _drawn(file.before, file.changes, "before"), _drawn(file.after, file.changes, "after"), ())
    return Part(file, None, None, comparison.shown(file))


def _drawn(content: bytes | None, changes: tuple[Change, ...], side: str) -> dict[str, Any] | None:
    """A diagram with its marks: element → added, removed, changed or moved."""
    if content is None:
        return None
    marks: dict[str, str] = {}
    for change in changes:
        id = change.before_id if side == "before" else change.after_id
        if id and change.weight != "drawing" and marks.get(id) not in ("added", "removed"):
            marks[id] = change.sign if marks.get(id) != "moved" else "moved"
    words = words_of_processes()
    return {
        "xml": content.decode("utf-8", "replace"),
        "marks": marks,
        "words": {text: words[text] for text in comparison.texts(content) if text in words},
    }
