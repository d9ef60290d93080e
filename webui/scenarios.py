"""The test scenarios of a project: run them, see what differs, and what of the diagrams they pass."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.analysis.scenarios import coverage, results_of
from engine.commands import GatherProject
from engine.queries import Permission, projects
from webui.auth import requires
from webui.door import ask, do

blueprint = Blueprint("scenarios", __name__, url_prefix="/projects/<int:key>/scenarios")


@blueprint.get("")
@requires(Permission.DEFINITION_DRAFT)
def index(key: int) -> ResponseReturnValue:
    """All scenarios of the project, run as it is saved now."""
    results = results_of(do(GatherProject(key)))
    covered = coverage(results)
    shown = covered.get(request.args.get("process", "")) or covered.get(ask(projects.project, key).process_id)
    return render_template(
        "scenarios/index.html",
        project=ask(projects.project, key),
        results=results,
        failed=sum(not result.holds for result in results),
        covered=covered,
        shown=shown or next(iter(covered.values()), None),
        element=request.args.get("element", ""),
    )
