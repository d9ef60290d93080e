"""Diagrams: the travelled path, and the way from an element to the timeline."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.islands.conftest import Server

XML = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:dd="http://www.omg.org/spec/DD/20100524/DI"
  targetNamespace="x">
<process id="p"><startEvent id="start"/><sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
<userTask id="check" name="Check"/></process>
<di:BPMNDiagram id="d"><di:BPMNPlane id="plane" bpmnElement="p">
<di:BPMNShape id="s1" bpmnElement="start"><dc:Bounds x="100" y="100" width="36" height="36"/></di:BPMNShape>
<di:BPMNShape id="s2" bpmnElement="check"><dc:Bounds x="200" y="78" width="100" height="80"/></di:BPMNShape>
<di:BPMNEdge id="e1" bpmnElement="f1"><dd:waypoint x="136" y="118"/><dd:waypoint x="200" y="118"/></di:BPMNEdge>
</di:BPMNPlane></di:BPMNDiagram></definitions>"""
TIMELINE = """<button class="filter" data-filter="people" aria-pressed="true">People</button>
<button class="filter" data-filter-minor aria-pressed="false">Every step</button>
<ol class="timeline"><li data-kind="people" data-element="other"><div>Li Na wrote</div></li>
<li data-kind="path" data-element="check" data-minor hidden><div>Check began</div></li></ol>"""


def show(server: Server, page: Page) -> None:
    content = {
        "xml": XML, "passed": {"start": 1, "f1": 1, "check": 3}, "current": ["check"], "failed": [], "cancelled": [],
        "labels": {"check": "核对"},
    }  # fmt: skip
    figure = f"""<figure class="diagram" data-viewer aria-label="Diagram">
        <script type="application/json">{json.dumps(content)}</script></figure>"""
    page.goto(server.show("viewer", figure + TIMELINE))


def test_draws_the_path_in_the_readers_language(server: Server, page: Page) -> None:
    show(server, page)
    expect(page.locator(".djs-shape.is-current[data-element-id=check]")).to_have_count(1)
    expect(page.locator(".djs-connection.is-passed[data-element-id=f1]")).to_have_count(1)
    expect(page.get_by_text("3×")).to_be_visible()
    expect(page.get_by_text("核对")).to_be_visible()
    expect(page.locator(".bjs-powered-by")).to_be_visible()


def test_a_diagram_without_room_is_fitted_when_it_gets_some(server: Server, page: Page) -> None:
    page.add_init_script("addEventListener('DOMContentLoaded', () => document.querySelector('main').hidden = true)")
    show(server, page)
    expect(page.locator(".djs-shape.is-current[data-element-id=check]")).to_have_count(1)
    page.evaluate("document.querySelector('main').hidden = false")
    expect(page.locator("[data-element-id=check]").first).to_be_in_viewport()


def test_a_click_on_an_element_shows_its_part_of_the_timeline(server: Server, page: Page) -> None:
    show(server, page)
    expect(page.get_by_text("Check began")).to_be_hidden()
    page.locator("[data-element-id=check] .djs-hit").first.click()
    expect(page.get_by_text("Check began")).to_be_visible()
    expect(page.locator("li[data-chosen]")).to_have_count(1)


def test_filters_of_the_timeline(server: Server, page: Page) -> None:
    show(server, page)
    page.get_by_role("button", name="People").click()
    expect(page.get_by_text("Li Na wrote")).to_be_hidden()
    page.get_by_role("button", name="Every step").click()
    expect(page.get_by_text("Check began")).to_be_visible()


def test_a_broken_diagram_says_so(server: Server, page: Page) -> None:
    figure = """<figure class="diagram" data-viewer><script type="application/json">{"xml": "<x/>"}</script></figure>"""
    page.goto(server.show("viewer", figure))
    expect(page.get_by_text("The diagram could not be drawn")).to_be_visible()
