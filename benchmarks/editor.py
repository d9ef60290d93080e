"""How long the editor of diagrams takes to open a diagram of a hundred steps in a browser that has loaded it before.

    python benchmarks/editor.py [--steps 100] [--times 5]

Starts the demonstration on fresh data and a Chromium beside it, on the same cores. Prints the median and
the worst time from the click until the diagram can be drawn on, and until its problems are told.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.chromium import launched
from tests.served import served

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" \
id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn">
"""


def diagram(steps: int) -> bytes:
    """A process of so many user tasks, one after another, with its drawing in rows of ten."""
    nodes = ["start", *(f"task{number}" for number in range(steps - 2)), "end"]
    elements, shapes = [], []
    for place, node in enumerate(nodes):
        x, y = 160 + place % 10 * 160, 100 + place // 10 * 140
        kind = {"start": "startEvent", "end": "endEvent"}.get(node, "userTask")
        width, height = (100, 80) if kind == "userTask" else (36, 36)
        inside = (
            '<bpmn:extensionElements><zeebe:userTask /><zeebe:assignmentDefinition candidateGroups="intake" />'
            "</bpmn:extensionElements>"
        )
        elements.append(f'<bpmn:{kind} id="{node}" name="{node}">{inside if width > 36 else ""}</bpmn:{kind}>')
        shapes.append(
            f'<bpmndi:BPMNShape id="{node}_di" bpmnElement="{node}"><dc:Bounds x="{x}" y="{y}" width="{width}"'
            f' height="{height}" /></bpmndi:BPMNShape>'
        )
        if place:
            flow, before = f"flow{place}", place - 1
            elements.append(f'<bpmn:sequenceFlow id="{flow}" sourceRef="{nodes[before]}" targetRef="{node}" />')
            shapes.append(
                f'<bpmndi:BPMNEdge id="{flow}_di" bpmnElement="{flow}"><di:waypoint x="{200 + before % 10 * 160}"'
                f' y="{120 + before // 10 * 140}" /><di:waypoint x="{x}" y="{y + 20}" /></bpmndi:BPMNEdge>'
            )
    return (
        f'{HEAD}<bpmn:process id="long" name="Long" isExecutable="true">{"".join(elements)}</bpmn:process>'
        f'<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="p" bpmnElement="long">{"".join(shapes)}'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    ).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--times", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, launched() as browser, served(Path(folder) / "data") as server:
        page = browser.new_context(base_url=server.address, viewport={"width": 1280, "height": 900}).new_page()
        page.goto("/sign-in")
        page.get_by_role("button", name="olga", exact=True).click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto("/projects")
        form = page.locator("form[action$='/projects/new']")
        form.locator("[name=name]").fill("Long")
        form.locator("[name=files]").set_input_files(
            {"name": "long.bpmn", "mimeType": "application/xml", "buffer": diagram(chosen.steps)}
        )
        form.locator("button").click()
        page.wait_for_url(re.compile(r"/projects/\d+$"))
        drawn, told = [], []
        for _ in range(chosen.times + 1):
            began = time.perf_counter()
            page.goto(f"{page.url.split('/files/')[0]}/files/long.bpmn", wait_until="commit")
            page.locator("[data-modeler][data-ready]").wait_for()
            drawn.append(time.perf_counter() - began)
            page.locator("[data-modeler][data-checked]").wait_for()
            told.append(time.perf_counter() - began)
        print(f"first: drawn after {drawn[0]:.2f} s, problems told after {told[0]:.2f} s")
        for what, times in (("drawn", drawn[1:]), ("problems told", told[1:])):
            print(f"again: {what} after {statistics.median(times):.2f} s, at worst {max(times):.2f} s")


if __name__ == "__main__":
    main()
