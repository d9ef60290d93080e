"""What a diagram looks like: where its shapes, labels and flows lie, and what covers what."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"


@dataclass(frozen=True)
class Box:
    """A rectangle of the canvas."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


@dataclass
class Drawing:
    """The graphical half of a diagram, by element id."""

    shapes: dict[str, Box] = field(default_factory=dict)
    labels: dict[str, Box] = field(default_factory=dict)
    routes: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    attached: set[str] = field(default_factory=set)
    """Boundary events, which lie on their activity by right."""


def read(path: Path) -> Drawing:
    """The drawing in a BPMN file."""
    drawing = Drawing()
    tree = etree.parse(path)
    for shape in tree.iter(f"{DI}BPMNShape"):
        element = shape.get("bpmnElement", "")
        drawing.shapes[element] = _box(shape.find(f"{DC}Bounds"))
        _read_label(drawing, element, shape)
    for edge in tree.iter(f"{DI}BPMNEdge"):
        element = edge.get("bpmnElement", "")
        drawing.routes[element] = [(float(p.get("x", "")), float(p.get("y", ""))) for p in edge.iter(WAYPOINT)]
        _read_label(drawing, element, edge)
    drawing.attached = {e.get("id", "") for e in tree.iter("{*}boundaryEvent")}
    return drawing


def overlaps(drawing: Drawing) -> list[str]:
    """Pairs that cover each other, in words: shapes, labels, and flows that run through either."""
    found = []
    for (one, a), (two, b) in itertools.combinations(drawing.shapes.items(), 2):
        if a.overlaps(b) and not (a.holds(b) or b.holds(a)) and not {one, two} & drawing.attached:
            found.append(f"{one} and {two}")
    for (one, a), (two, b) in itertools.combinations(drawing.labels.items(), 2):
        if a.overlaps(b):
            found.append(f"the labels of {one} and {two}")
    for one, label in drawing.labels.items():
        found += [
            f"the label of {one} and {two}"
            for two, shape in drawing.shapes.items()
            if label.overlaps(shape) and not shape.holds(label)
        ]
        found += [f"the label of {one} and {flow}" for flow in _through(drawing, label)]
    for one, shape in drawing.shapes.items():
        inside = Box(shape.left + 1, shape.top + 1, shape.right - 1, shape.bottom - 1)
        found += [f"{one} and {flow}" for flow in _through(drawing, inside) if not _belongs(drawing, flow, shape)]
    return found


def _through(drawing: Drawing, box: Box) -> list[str]:
    return [
        flow
        for flow, points in drawing.routes.items()
        if any(_segment(p, q).overlaps(box) for p, q in itertools.pairwise(points))
    ]


def _belongs(drawing: Drawing, flow: str, shape: Box) -> bool:
    """A flow may run within a sub-process that holds all of it."""
    return all(shape.left <= x <= shape.right and shape.top <= y <= shape.bottom for x, y in drawing.routes[flow])


def _segment(p: tuple[float, float], q: tuple[float, float]) -> Box:
    """A line as a thin rectangle."""
    return Box(min(p[0], q[0]) - 0.5, min(p[1], q[1]) - 0.5, max(p[0], q[0]) + 0.5, max(p[1], q[1]) + 0.5)


def _read_label(drawing: Drawing, element: str, shape: etree._Element) -> None:
    bounds = shape.find(f"{DI}BPMNLabel/{DC}Bounds")
    if bounds is not None:
        drawing.labels[element] = _box(bounds)


def _box(bounds: etree._Element | None) -> Box:
    if bounds is None:
        raise ValueError("a shape without bounds")
    left, top, width, height = (float(bounds.get(name, "")) for name in ("x", "y", "width", "height"))
    return Box(left, top, left + width, top + height)
