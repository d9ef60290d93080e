"""The table of elements in docs/elements.md: what is run, with the story that shows it, and what is refused, and how.

`python -m tests.stories.table` writes it. The tests compare it with what the engine does.
"""

from __future__ import annotations

import ast
import os.path
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from engine.bpmn import check, parse, support
from engine.bpmn.support import ACTIVITIES, Key
from engine.errors import Problem
from tests.engine.bpmn.diagrams import process
from tests.stories.samples import sample
from tests.stories.variants import VARIANTS

STORIES = Path(__file__).parent
PAGE = STORIES.parents[1] / "docs" / "elements.md"
EVERY_ELEMENT = "test_every_element.py"

_LOOPS = {
    "once": "once",
    "parallel": "multi-instance, parallel",
    "sequential": "multi-instance, sequential",
    "standard": "loop",
    "compensation": "for compensation",
}
_BORDER = "message timer signal error escalation conditional compensation cancel multiple parallelMultiple"


@dataclass(frozen=True)
class Grid:
    """Elements of one group: what they are × where they stand."""

    title: str
    corner: str
    columns: dict[str, str]
    rows: dict[str, tuple[Key | None, ...]]
    """Row → the key of each column; None where BPMN has no such element."""


def grids() -> Iterator[Grid]:
    yield Grid(
        "Activities", "activity", _LOOPS,
        {_words(kind): tuple((kind, "none", position) for position in _LOOPS) for kind in ACTIVITIES.split()},
    )  # fmt: skip
    yield Grid(
        "Other nodes", "element", {"once": "in the flow", "instantiating": "at the start of a process"},
        {
            "event sub-process": (("eventSubProcess", "none", "once"), None),
            **{
                f"{name} gateway": ((f"{name}Gateway", "none", "once"), None)
                for name in ("exclusive", "parallel", "inclusive", "complex")
            },
            "event-based gateway": (
                ("eventBasedGateway", "none", "once"),
                ("eventBasedGateway", "none", "instantiating"),
            ),
            "receive task": (("receiveTask", "none", "once"), ("receiveTask", "none", "instantiating")),
        },
    )  # fmt: skip
    yield _events("Start events", "startEvent", {
        "process": ("of a process", "none message timer signal conditional multiple parallelMultiple"),
        "subProcess": ("of a sub-process", "none"),
        "interrupting": (
            "of an event sub-process",
            "message timer signal error escalation conditional compensation multiple parallelMultiple",
        ),
        "nonInterrupting": (
            "of an event sub-process, not interrupting",
            "message timer signal escalation conditional multiple parallelMultiple",
        ),
    })  # fmt: skip
    yield _events("Boundary events", "boundaryEvent", {
        "interrupting": ("interrupting", _BORDER),
        "nonInterrupting": (
            "not interrupting", "message timer signal escalation conditional multiple parallelMultiple"
        ),
    })  # fmt: skip
    yield _between()


def _events(title: str, kind: str, columns: dict[str, tuple[str, str]]) -> Grid:
    triggers = dict.fromkeys(trigger for _, known in columns.values() for trigger in known.split())
    return Grid(
        title, "trigger", {position: label for position, (label, _) in columns.items()},
        {
            _words(trigger): tuple(
                (kind, trigger, position) if trigger in known.split() else None
                for position, (_, known) in columns.items()
            )
            for trigger in triggers
        },
    )  # fmt: skip


def _between() -> Grid:
    """Intermediate and end events."""
    known = {
        "intermediateCatchEvent": ("catching", "message timer signal conditional link multiple parallelMultiple"),
        "intermediateThrowEvent": ("throwing", "none message signal escalation compensation link multiple"),
        "endEvent": ("end", "none message signal error escalation compensation cancel terminate multiple"),
    }
    triggers = dict.fromkeys(trigger for _, each in known.values() for trigger in each.split())
    rows: dict[str, tuple[Key | None, ...]] = {
        _words(trigger): tuple(
            (kind, trigger, "once") if trigger in each.split() else None for kind, (_, each) in known.items()
        )
        for trigger in triggers
    }
    return Grid("Intermediate and end events", "trigger", {kind: label for kind, (label, _) in known.items()}, rows)


@dataclass
class Page:
    """The page while it is written: the sentences of refusals are collected below each grid."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def grid(self, grid: Grid) -> None:
        self.notes = []
        self.lines += ["", f"## {grid.title}", "", _row([grid.corner, *grid.columns.values()])]
        self.lines.append(_row(["---"] * (len(grid.columns) + 1)))
        for name, keys in grid.rows.items():
            self.lines.append(_row([name, *(self.cell(key) for key in keys)]))
        if self.notes:
            self.lines.append("")
            self.lines += [f"{number}. {note}" for number, note in enumerate(self.notes, 1)]

    def cell(self, key: Key | None) -> str:
        if key is None:
            return "·"
        sentences = [problem.message for problem in refusals(key)]
        if not sentences:
            story = story_of(key)
            return f'[executes]({story.link} "{story.test}")'
        sentence = sentences[0]
        if sentence not in self.notes:
            self.notes.append(sentence)
        return f"refused ({self.notes.index(sentence) + 1})"

    def variants(self) -> None:
        self.lines += ["", "## What else a file may say", "", _row(["element or attribute", "what happens"])]
        self.lines.append(_row(["---", "---"]))
        for variant in VARIANTS:
            problems = errors(process(variant.content, variant.roots))
            problems.sort(key=lambda problem: problem.rule not in ("not-read", "not-run"))
            self.lines.append(_row([variant.name, f"refused: {problems[0]}" if problems else variant.meaning]))


def page() -> str:
    """The page as it must be."""
    written = Page()
    for grid in grids():
        written.grid(grid)
    written.variants()
    return HEAD + "\n".join(written.lines) + "\n"


HEAD = """# Elements of BPMN 2.0

Written by `python -m tests.stories.table` from the stories, which are tests: do not edit it by hand. *Executes* leads
to the story that shows it; *refused* gives the sentence that the process owner reads at deployment, with the name or
id of the element (here *n*). Nothing is passed over in silence. A dot is what BPMN does not have.
"""


def refusals(key: Key) -> list[Problem]:
    """What a deployment of such an element is told."""
    return errors(sample(key))


def errors(diagram: object) -> list[Problem]:
    return [problem for problem in check(diagram) if problem.severity == "error"]  # type: ignore[arg-type]


# -- stories ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """A test that walks through a diagram."""

    file: str
    test: str
    diagrams: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    """All that its strings mention, so that the test which looks at an element can be told from those that pass it."""

    @property
    def link(self) -> str:
        return os.path.relpath(STORIES / self.file, PAGE.parent)


def story_of(key: Key) -> Story:
    """The story that best shows an element: in the smallest diagram, else the one that walks through each."""
    found = [
        (len(elements(diagram)), story.file, story.test, story)
        for story in stories()
        for diagram in story.diagrams
        if any(kept == key and element in story.words for element, kept in elements(diagram))
    ]
    if not found:
        return Story(EVERY_ELEMENT, f"test_element_is_run[{'-'.join(key)}]")
    return min(found, key=lambda each: each[:3])[-1]


@cache
def elements(diagram: str) -> tuple[tuple[str, Key], ...]:
    """The elements of a story's diagram, as the table knows them."""
    model = parse((STORIES / f"{diagram}.bpmn").read_bytes(), diagram).processes[0]
    return tuple((node.id, support.support_key(model, node)) for node in model.nodes.values())


@cache
def stories() -> tuple[Story, ...]:
    """All stories, in the order of files and tests."""
    return tuple(story for path in sorted(STORIES.glob("test_*.py")) for story in _stories_of(path))


def _stories_of(path: Path) -> Iterator[Story]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        texts = [
            part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        diagrams = frozenset(text for text in texts if (STORIES / f"{text}.bpmn").is_file())
        if diagrams:
            yield Story(path.name, node.name, diagrams, frozenset(re.findall(r"\w+", " ".join(texts))))


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _words(name: str) -> str:
    """`parallelMultiple` as people say it."""
    name = name.replace("subProcess", "sub-process").replace("SubProcess", " sub-process").replace("adHoc", "ad-hoc")
    return re.sub("[A-Z]", lambda letter: f" {letter[0].lower()}", name)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
