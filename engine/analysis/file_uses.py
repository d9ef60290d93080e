"""Where the files of a project use one another: the steps of its diagrams that show a form or ask a decision."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine import bpmn, dmn, forms
from engine.commands.projects import files_of
from engine.errors import Invalid
from engine.model import Actor
from engine.queries import projects


@dataclass(frozen=True)
class Use:
    """A step of a diagram that names something of another file."""

    resource: str
    element_id: str
    element_name: str


def uses(session: Session, actor: Actor, key: int, name: str) -> tuple[Use, ...]:
    """The steps that use a form or a decision table of the project, in the order of its files. Raises NotFound."""
    found = projects.project_file(session, actor, key, name)
    wanted = {(found.row.kind, id) for id in _ids(found.row.kind, name, found.content)}
    return tuple(
        Use(resource, mention.element_id, model.nodes[mention.element_id].label)
        for resource, content in files_of(session, key)
        if projects.kind_of(resource) == "process"
        for model in _processes(resource, content)
        for mention in bpmn.references(model)
        if (mention.kind, mention.reference.id) in wanted
    )


def _ids(kind: str, name: str, content: bytes) -> tuple[str, ...]:
    try:
        if kind == "form":
            return (forms.parse(content, name).id,)
        return tuple(dmn.parse(content, name).decisions) if kind == "decision" else ()
    except Invalid:
        return ()  # under work; the page says what is wrong with it


def _processes(name: str, content: bytes) -> tuple[bpmn.ProcessModel, ...]:
    try:
        return bpmn.parse(content, name).processes
    except Invalid:
        return ()
