"""Every text of the library that a person reads, taken from the files themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

LIBRARY = Path(__file__).parents[2] / "processes"
FORMS = Path(__file__).parents[2] / "forms"

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"

_NOT_READ = {f"{BPMN}message"}
_FORM_TEXTS = ("label", "description", "text", "dateLabel", "timeLabel")


def all_texts() -> set[str]:
    """The texts of all diagrams, decision tables and forms."""
    found = {text for path in LIBRARY.glob("*.bpmn") for text in _of_diagram(etree.parse(path))}
    found |= {text for path in LIBRARY.glob("*.dmn") for text in _of_decisions(etree.parse(path))}
    found |= {text for path in FORMS.glob("*.form") for text in _of_form(json.loads(path.read_text("utf-8")))}
    return {text for text in found if text}


def places(text: str) -> list[str]:
    """The places in a text where a form puts values."""
    return re.findall(r"\{\{.*?\}\}", text)


def _of_diagram(tree: etree._ElementTree[Any]) -> Iterator[str]:
    for element in tree.iter(f"{BPMN}*"):
        if element.tag not in _NOT_READ:
            yield element.get("name", "")
    for element in tree.iter(f"{BPMN}documentation"):
        yield element.text or ""
    for element in tree.iter(f"{ZEEBE}property"):
        match element.get("name"):
            case str(name) if name in ("action", "stage") or name.startswith("label."):
                yield element.get("value", "")
            case "stages":
                yield from (stage.strip() for stage in element.get("value", "").split(","))


def _of_decisions(tree: etree._ElementTree[Any]) -> Iterator[str]:
    root = tree.getroot()
    yield root.get("name", "")
    for element in root.iter(f"{DMN}decision"):
        yield element.get("name", "")
    for element in root.iter(f"{DMN}description"):
        yield element.text or ""
    for element in root.iter(f"{DMN}input", f"{DMN}output"):
        yield element.get("label", "")


def _of_form(component: dict[str, Any]) -> Iterator[str]:
    for name in _FORM_TEXTS:
        yield component.get(name, "")
    yield component.get("validate", {}).get("patternErrorMessage", "")
    yield from component.get("appearance", {}).values()
    for entry in component.get("values", []) + component.get("columns", []):
        yield entry["label"]
    for inner in component.get("components", []):
        yield from _of_form(inner)
