"""What speaks for and against publishing: problems, review, scenarios, replay; and publishing against some of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.analysis.scenarios import results_of
from engine.commands import CheckProject, Deployed, GatherProject, Override, PublishProject
from engine.engine import Engine
from engine.errors import Invalid, Problem
from engine.model import Actor
from engine.queries import replays, workshop

State = Literal["passed", "unsure", "failed"]


@dataclass(frozen=True)
class Gate:
    """One thing that is looked at before a project is published."""

    name: str
    """problems, review, scenarios or replay."""
    state: State
    """Only what has failed keeps a project from being published."""
    says: Problem
    problems: tuple[Problem, ...] = ()
    """What was found, with its places."""
    may_be_overridden: bool = False
    """Whether a reason is enough to publish although it failed."""


def gates(engine: Engine, actor: Actor, project_key: int) -> tuple[Gate, ...]:
    """All gates of a project as it is saved now. Raises NotFound, Forbidden."""
    found = (look(engine, actor, project_key) for look in GATES)
    return tuple(gate for gate in found if gate is not None)


def publish(
    engine: Engine,
    actor: Actor,
    project_key: int,
    note: str,
    label: str = "",
    trial: str | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Deployed:
    """Publish a project; for every gate that failed, `reasons` says why all the same. Raises Invalid."""
    given, overrides = reasons or {}, []
    for gate in gates(engine, actor, project_key):
        if gate.state != "failed" or not gate.may_be_overridden:
            # Those that nothing overrides are looked at again by the command itself, under its lock.
            continue
        if not given.get(gate.name, "").strip():
            raise Invalid(
                "Expected a reason for publishing although '{gate}' speaks against it, but there is none.",
                gate=gate.name, problems=(gate.says,),
            )  # fmt: skip
        overrides.append(Override(gate.name, gate.says.message, given[gate.name]))
    deployed: Deployed = engine.execute(PublishProject(project_key, note, label, trial, tuple(overrides)), actor)
    return deployed


def _problems(engine: Engine, actor: Actor, project_key: int) -> Gate:
    found: tuple[Problem, ...] = engine.execute(CheckProject(project_key), actor)
    errors = [problem for problem in found if problem.severity == "error"]
    if errors:
        return Gate("problems", "failed", Problem("{count} problems have to be mended.", {"count": len(errors)}), found)
    if found:
        return Gate("problems", "passed", Problem("{count} hints, no problems.", {"count": len(found)}), found)
    return Gate("problems", "passed", Problem("No problems."))


_REVIEWS: dict[str, tuple[State, Problem]] = {
    "missing": ("failed", Problem("Somebody else has to approve this change first.")),
    "asked": ("failed", Problem("A review is asked for; nobody has answered yet.")),
    "sent-back": ("failed", Problem("The change was sent back.")),
    "outdated": ("failed", Problem("The change was approved, but something has changed since.")),
    "approved": ("passed", Problem("Somebody else has approved the change as it is.")),
}


def _review(engine: Engine, actor: Actor, project_key: int) -> Gate | None:
    """A gate only where a review is wanted or one was asked for."""
    view = engine.query(workshop.review, actor, project_key)
    if view.state not in _REVIEWS:
        return None
    state, words = _REVIEWS[view.state]
    return Gate("review", state if view.is_wanted or state == "passed" else "unsure", words)


def _replay(engine: Engine, actor: Actor, project_key: int) -> Gate:
    view = engine.query(replays.replay, actor, project_key)
    if view is None:
        return Gate("replay", "unsure", Problem("No recorded cases were replayed on this change."))
    values: dict[str, Any] = {"count": view.cases}
    match view.status:
        case "clean":
            return Gate("replay", "passed", Problem("{count} recorded cases were replayed; none got stuck.", values))
        case "blocked":
            words = Problem("Of {count} recorded cases that were replayed, some get stuck.", values)
            return Gate("replay", "failed", words, may_be_overridden=True)
        case _:
            return Gate("replay", "unsure", Problem("The change is not what recorded cases were replayed on."))


def _scenarios(engine: Engine, actor: Actor, project_key: int) -> Gate | None:
    """A gate only where there are scenarios."""
    files: tuple[tuple[str, bytes], ...] = engine.execute(GatherProject(project_key), actor)
    results = results_of(files)
    if not results:
        return None
    failed = [result for result in results if not result.holds]
    if not failed:
        return Gate("scenarios", "passed", Problem("All {count} scenarios hold.", {"count": len(results)}))
    words = Problem("{failed} of {count} scenarios do not hold.", {"failed": len(failed), "count": len(results)})
    first = tuple(result.problems[0] for result in failed)
    return Gate("scenarios", "failed", words, first, may_be_overridden=True)


GATES: tuple[Callable[[Engine, Actor, int], Gate | None], ...] = (_problems, _review, _scenarios, _replay)
