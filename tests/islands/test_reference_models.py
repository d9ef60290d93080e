"""The reference models of the BPMN interchange working group are drawn whole, where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from tests.islands.conftest import Server

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("CASEWRIGHT_DIAGRAMS", ROOT.parent / "shared" / "diagrams-by-others"))
MODELS = sorted((FOLDER / "miwg" / "Reference").glob("*.bpmn"))
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"

pytestmark = pytest.mark.skipif(not MODELS, reason=f"the reference models are not at {FOLDER}")


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_is_drawn_whole(server: Server, page: Page, path: Path) -> None:
    xml = path.read_bytes()
    content = {"xml": xml.decode("utf-8-sig"), "passed": {}, "current": [], "failed": [], "cancelled": [], "labels": {}}
    script = json.dumps(content).replace("<", "\\u003c")
    figure = f"""<figure class="diagram" data-viewer aria-label="Diagram">
        <script type="application/json">{script}</script></figure>"""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(server.show("viewer", figure))
    expect(page.locator(".djs-shape").first).to_be_attached()
    drawn = page.eval_on_selector_all("[data-element-id]", "all => all.map(each => each.dataset.elementId)")
    assert _to_be_drawn(xml) <= set(drawn)
    assert wrong == []


def _to_be_drawn(xml: bytes) -> set[str]:
    """The elements that have a place on the first sheet; some shapes there belong to none."""
    sheet = next(etree.fromstring(xml).iter(f"{DI}BPMNPlane"))
    shapes = sheet.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")
    return {shape.get("bpmnElement", "").rpartition(":")[2] for shape in shapes} - {""}
