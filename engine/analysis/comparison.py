"""Two versions of files beside each other: what changed, in sentences, the most important first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from engine import bpmn
from engine.analysis.changes import WEIGHTS, Change, Said, Weight
from engine.analysis.decision_comparison import decision_changes
from engine.analysis.diagram_comparison import diagrams
from engine.analysis.form_comparison import form_changes
from engine.analysis.text_comparison import catalogue_changes, scenario_changes
from engine.dmn.documents import local_name, read_document
from engine.errors import Invalid
from engine.queries.projects import kind_of

Files = Mapping[str, bytes]
KINDS = ("process", "decision", "form", "catalogue", "scenario")
_COMPARED = {
    "form": form_changes,
    "decision": decision_changes,
    "catalogue": catalogue_changes,
    "scenario": scenario_changes,
}


@dataclass(frozen=True)
class FileComparison:
    """A file in two versions; one of them is none when the file is new or gone."""

    name: str
    kind: str
    before: bytes | None
    after: bytes | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Comparison:
    """All that differs."""

    files: tuple[FileComparison, ...]
    """Those that are not the same byte for byte: diagrams first, then tables, forms, texts, scenarios."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """All sentences: behaviour first, then wording, then drawing; in each, by how much they matter."""
        found = [change for file in self.files for change in file.changes]
        return tuple(sorted(found, key=lambda change: (WEIGHTS.index(change.weight), change.importance)))

    @property
    def weight(self) -> Weight | None:
        """What kind of change it is as a whole; none when all is the same."""
        weights = {change.weight for change in self.changes}
        return next((weight for weight in WEIGHTS if weight in weights), None)


def compare(before: Files, after: Files) -> Comparison:
    """What differs between two versions of files, by name. Files that cannot be read are told as such."""
    names = {**names_in(before), **names_in(after)}
    differing = [each for each in {**before, **after} if before.get(each) != after.get(each)]
    files = [_compared(each, before.get(each), after.get(each), names) for each in differing]
    return Comparison(tuple(sorted(files, key=lambda file: (KINDS.index(file.kind), file.name))))


def _compared(
    name: str, before: bytes | None, after: bytes | None, names: Mapping[tuple[str, str], str]
) -> FileComparison:
    kind = kind_of(name) or "scenario"
    changes: tuple[Change, ...]
    if before is None or after is None:
        changes = (_whole_file(name, kind, is_new=before is None),)
    else:
        try:
            changes = (
                diagrams(before, after, name, names) if kind == "process" else _COMPARED[kind](before, after, name)
            )
        except Invalid:
            said = {"file": Said(name)}
            changes = (
                Change(
                    "*{file}* has changed, and one of its versions cannot be read.", said, "behaviour", 0, resource=name
                ),
            )
    return FileComparison(name, kind, before, after, changes)


def _whole_file(name: str, kind: str, *, is_new: bool) -> Change:
    weight: Weight = "wording" if kind in ("catalogue", "scenario") else "behaviour"
    template = "New file: *{file}*." if is_new else "The file *{file}* is no longer there."
    return Change(template, {"file": Said(name)}, weight, 0, "added" if is_new else "removed", name)


def names_in(files: Files) -> dict[tuple[str, str], str]:
    """What the forms, decisions and processes in files are called: (kind, id) → name. Broken files name nothing."""
    found: dict[tuple[str, str], str] = {}
    for file, content in files.items():
        try:
            match kind_of(file):
                case "process":
                    diagram = bpmn.parse(content, file)
                    found.update({("process", each.id): each.name for each in diagram.processes if each.name})
                case "decision":
                    for element in read_document(content, file).iterchildren("{*}*"):
                        if local_name(element) == "decision" and element.get("name"):
                            found["decision", element.get("id", "")] = element.get("name", "")
                case "form":
                    schema = json.loads(content)
                    if isinstance(schema, dict) and isinstance(schema.get("name"), str):
                        found["form", str(schema.get("id"))] = schema["name"]
        except (Invalid, ValueError, RecursionError):
            continue
    return found
