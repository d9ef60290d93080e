"""Two versions of files beside each other: what changed, in sentences, the most important first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy.orm import Session

from engine import bpmn, forms
from engine.analysis.changes import WEIGHTS, Change, Said, Value, Weight
from engine.analysis.decision_comparison import decision_changes
from engine.analysis.diagram_comparison import diagrams
from engine.analysis.form_comparison import fields, form_changes
from engine.analysis.tables import Grid, grids
from engine.analysis.text_comparison import catalogue_changes, scenario_changes
from engine.dmn.documents import read_document
from engine.errors import Invalid
from engine.model import Actor
from engine.queries import comparisons
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
    labels = {**labels_in(before), **labels_in(after)} if differing else {}
    files = [_compared(each, before.get(each), after.get(each), names) for each in differing]
    files = [replace(file, changes=tuple(_with_labels(change, labels) for change in file.changes)) for file in files]
    return Comparison(tuple(sorted(files, key=lambda file: (KINDS.index(file.kind), file.name))))


def summary(session: Session, actor: Actor, project_key: int) -> tuple[Change, ...]:
    """What a project changes against what is in force, the most important first. Raises NotFound, Forbidden."""
    return of_project(session, actor, project_key).changes


def of_project(session: Session, actor: Actor, project_key: int, against: str = "force") -> Comparison:
    """A project against what is in force, or against what it was made from (`base`). Raises NotFound, Forbidden."""
    sides = comparisons.project_sides(session, actor, project_key, against)
    return compare(sides.before, sides.after)


def of_definitions(
    session: Session, actor: Actor, before_key: int, after_key: int, *, with_used: bool = True
) -> Comparison:
    """Two versions of a definition with, for processes, what they use as it was then. Raises NotFound, Forbidden."""
    sides = comparisons.definition_sides(session, actor, before_key, after_key, with_used=with_used)
    return compare(sides.before, sides.after)


def shown(file: FileComparison) -> tuple[Grid, ...]:
    """A form, table or catalogue in both versions as tables; nothing where one cannot be read."""
    try:
        return grids(file.kind, file.before, file.after, file.name)
    except Invalid:
        return ()


def texts(content: bytes) -> tuple[str, ...]:
    """The texts of a diagram that people read; none where it cannot be read."""
    try:
        return bpmn.texts(bpmn.parse(content, ""))
    except Invalid:
        return ()


def _with_labels(change: Change, labels: Mapping[str, str]) -> Change:
    def known(value: Value) -> Value:
        if not isinstance(value, Said) or value.kind != "expression" or not value.text.startswith("="):
            return value
        return replace(value, names=tuple((each, labels[each]) for each in labels if each in value.text))

    return replace(change, values={name: known(value) for name, value in change.values.items()})


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
    return {key: name for file, content in files.items() for key, name in _names_in_file(file, content)}


def labels_in(files: Files) -> dict[str, str]:
    """What the forms in files call data: variable → label."""
    return {
        key: label
        for file, content in files.items()
        if kind_of(file) == "form"
        for key, label in _labels_in_form(content)
    }


@lru_cache(maxsize=1024)
def _names_in_file(file: str, content: bytes) -> tuple[tuple[tuple[str, str], str], ...]:
    try:
        match kind_of(file):
            case "process":
                diagram = bpmn.parse(content, file)
                return tuple((("process", each.id), each.name) for each in diagram.processes if each.name)
            case "decision":
                elements = read_document(content, file).iterchildren("{*}decision")
                return tuple(
                    (("decision", each.get("id", "")), each.get("name", "")) for each in elements if each.get("name")
                )
            case "form":
                form = forms.parse(content, file)
                # without a name of its own, a form would be called like its first heading, which many share
                return ((("form", form.id), form.name),) if form.schema.get("name") else ()
    except Invalid:
        pass  # what is wrong with it is told where it is compared or checked
    return ()


@lru_cache(maxsize=1024)
def _labels_in_form(content: bytes) -> tuple[tuple[str, str], ...]:
    try:
        form = forms.parse(content, "")
    except Invalid:
        return ()
    components = [component for component, _ in fields(form.schema)]
    return tuple(
        (str(each["key"]), str(each["label"]))
        for each in components
        if each.get("key") and each.get("label") and "{{" not in str(each["label"]) and each["label"][:1] != "="
    )
