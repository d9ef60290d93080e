"""The files of a deployment, read and checked before anything is changed: all problems of all files at once."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.orm import Session

from engine import bpmn, forms, scenarios
from engine.bpmn import Mention
from engine.bpmn.elements import ProcessModel
from engine.commands import imports
from engine.commands.imports import File, Import, Models
from engine.connectors.base import known_services
from engine.errors import Invalid, Problem

MAXIMUM_FILE_BYTES = 5_000_000
MAXIMUM_FILES = 500


@dataclass(frozen=True)
class Found:
    """A definition that a file holds."""

    kind: str
    id: str
    name: str
    resource: str
    version_tag: str | None = None
    outline: dict[str, Any] = field(default_factory=dict)
    model: ProcessModel | None = None
    """Of a process."""
    imports: tuple[Import, ...] = ()
    """Of the decision model that holds it."""
    takes_in: frozenset[str] = frozenset()
    """The files of the same deployment that its decision model imports, directly or by way of others."""

    @property
    def mentions(self) -> tuple[Mention, ...]:
        return bpmn.references(self.model) if self.model is not None else ()


@dataclass
class Reading:
    """What reading the files gave."""

    files: list[File] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    in_force: tuple[imports.Stored, ...] = ()
    """The files with decisions that were in force while these were read."""

    @property
    def is_sound(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)


def read(resources: Sequence[tuple[str, bytes]], session: Session) -> Reading:
    """Read and check files, each for itself and for what they say twice, and the models in force that import them."""
    reading = Reading(in_force=imports.in_force(session))
    if not resources:
        reading.problems.append(Problem("There is no file to deploy."))
    if len(resources) > MAXIMUM_FILES:
        reading.problems.append(Problem("These are more than {limit} files at once.", {"limit": MAXIMUM_FILES}))
        return reading
    for name, content in resources:
        file = File(PurePosixPath(name.replace("\\", "/")).name, content, hashlib.sha256(content).hexdigest())
        if any(file.name == other.name for other in reading.files):
            reading.problems.append(Problem("Two files have this name.", resource=file.name))
            continue
        reading.files.append(file)
    reading.files.extend(imports.taken_along(session, reading.files, reading.in_force))
    models = Models(session, reading.files, reading.in_force)
    # Diagrams add the forms that they hold themselves.
    for file in reading.files:
        _read_file(file, reading, models)
    reading.problems.extend(_twice(reading.found))
    return reading


def _read_file(file: File, reading: Reading, models: Models) -> None:
    readers: tuple[tuple[str, _Reader], ...] = (
        *((ending, partial(_read_diagram, reading)) for ending in _DIAGRAMS),
        (".dmn", partial(_read_decisions, models)),
        *_READERS,
    )
    reader = next((read for ending, read in readers if file.name.lower().endswith(ending)), None)
    if reader is None:
        reading.problems.append(
            Problem(
                "Files of this kind are not known; known are diagrams (.bpmn), decision tables (.dmn), forms (.form),"
                " translations (.po) and test scenarios (.scenario).",
                resource=file.name,
            )
        )
    elif len(file.content) > MAXIMUM_FILE_BYTES:
        reading.problems.append(
            Problem("The file is larger than {limit} bytes.", {"limit": MAXIMUM_FILE_BYTES}, resource=file.name)
        )
    else:
        try:
            found, problems = reader(file)
        except Invalid as invalid:
            found = []
            problems = list(invalid.problems) or [Problem(invalid.template, invalid.values, resource=file.name)]
        reading.found.extend(found)
        reading.problems.extend(problems)


def _read_diagram(reading: Reading, file: File) -> tuple[list[Found], list[Problem]]:
    diagram = bpmn.parse(file.content, file.name)
    found = [
        Found(
            "process",
            model.id,
            model.name or model.id,
            file.name,
            version_tag=model.version_tag,
            outline=_outline(model),
            model=model,
        )
        for model in diagram.processes
        if model.is_executable
    ]
    reading.files.extend(_built_in_forms(diagram))
    return found, [*bpmn.check(diagram), *_unknown_services(diagram)]


def _built_in_forms(diagram: bpmn.Diagram) -> Iterator[File]:
    """The forms that the diagram holds itself, as files."""
    shown = {node.form.id for model in diagram.executable() for node in model.nodes.values() if node.form}
    for form in diagram.forms:
        if form.id in shown:
            yield File(f"{form.id}.form", form.content, hashlib.sha256(form.content).hexdigest())


def _unknown_services(diagram: bpmn.Diagram) -> Iterator[Problem]:
    """Services that a worker elsewhere must do, or whose type is misspelt."""
    known = known_services()
    for model in diagram.executable():
        for node in model.nodes.values():
            if node.service and not node.service.type.startswith("=") and node.service.type not in known | {""}:
                yield Problem(
                    "*{name}* asks for the service '{type}', which is not installed here. The case waits there until a"
                    " worker of your own does it.",
                    {"name": node.label, "type": node.service.type},
                    diagram.resource,
                    node.line,
                    element_id=node.id,
                    severity="warning",
                    rule="unknown-service",
                )


def _read_decisions(models: Models, file: File) -> tuple[list[Found], list[Problem]]:
    """The decisions of a file; a file without any, which is there to be imported, counts as one that has its name."""
    model = models.model(file)
    names = {each.id: each.name or each.id for each in model.decisions.values()}
    if not names:
        names = dict.fromkeys(file.heading.ids, model.name or file.name)
    found = [
        Found(
            "decision",
            each,
            name,
            file.name,
            outline={"namespace": model.namespace},
            imports=tuple(models.imports[file.name]),
            takes_in=frozenset(models.takes_in(file.name)),
        )
        for each, name in names.items()
    ]
    return found, model.check()


def _read_form(file: File) -> tuple[list[Found], list[Problem]]:
    form = forms.parse(file.content, file.name)
    return [Found("form", form.id, form.name or form.id, file.name, form.schema.get("versionTag"))], form.check()


def _read_catalogue(file: File) -> tuple[list[Found], list[Problem]]:
    # Only deployments of a catalogue need it.
    from babel.messages.pofile import PoFileError, read_po

    try:
        read_po(io.BytesIO(file.content), abort_invalid=True)
    except PoFileError as error:
        line = getattr(error, "lineno", None)
        return [], [Problem("This is no gettext catalogue: {reason}.", {"reason": str(error)}, file.name, line)]
    except (UnicodeDecodeError, ValueError, LookupError) as error:
        return [], [Problem("This is no gettext catalogue: {reason}.", {"reason": str(error)}, file.name)]
    name = file.name.removesuffix(".po")
    return [Found("catalogue", name, name, file.name)], []


def _read_scenario(file: File) -> tuple[list[Found], list[Problem]]:
    """A scenario is named by its file; that its process and elements are there is seen when it is run."""
    scenario = scenarios.read(file.content, file.name)
    outline = {"process_id": scenario.process_id, "note": scenario.note, "steps": len(scenario.steps)}
    return [Found("scenario", file.name.removesuffix(".scenario"), scenario.name, file.name, outline=outline)], []


_DIAGRAMS = (".bpmn", ".bpmn2", ".bpmn20.xml")
_Reader = Callable[[File], tuple[list[Found], list[Problem]]]
_READERS: tuple[tuple[str, _Reader], ...] = (
    (".form", _read_form),
    (".po", _read_catalogue),
    (".scenario", _read_scenario),
)


def _outline(model: ProcessModel) -> dict[str, Any]:
    """What pages must know of a process without reading its diagram again."""
    form = model.start_form()
    elements: dict[str, dict[str, str]] = {
        node.id: {"name": node.name, "kind": node.kind, "documentation": node.documentation}
        for node in model.nodes.values()
    }
    for flow in model.flows.values():
        elements[flow.id] = {"name": flow.name, "kind": "sequenceFlow", "documentation": ""}
    return {
        "documentation": model.documentation,
        "properties": dict(model.properties),
        "start_form": form.id if form else None,
        "forms": [mention.reference.id for mention in bpmn.references(model) if mention.kind == "form"],
        "mentions": [
            {"kind": mention.kind, "id": mention.reference.id, "element_id": mention.element_id}
            for mention in bpmn.references(model)
        ],
        "elements": elements,
    }


def _twice(found: Sequence[Found]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Found] = {}
    for each in found:
        other = first.setdefault((each.kind, each.id), each)
        if other is not each:
            yield Problem(
                "The {kind} '{id}' is already in {other}; each is deployed from one file only.",
                {"kind": each.kind, "id": each.id, "other": other.resource},
                resource=each.resource,
                line=each.model.line if each.model else None,
                element_id=each.id,
            )
