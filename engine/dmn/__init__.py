"""Decisions: DMN models read, checked and evaluated with FEEL; knows no database, no BPMN and no page."""

from __future__ import annotations

from engine.dmn.graph import Decision
from engine.dmn.headings import Heading, heading
from engine.dmn.model import DecisionModel
from engine.dmn.reading import Find, parse
from engine.dmn.results import DecisionResult, DecisionTrace, RuleFired

__all__ = [
    "Decision",
    "DecisionModel",
    "DecisionResult",
    "DecisionTrace",
    "Find",
    "Heading",
    "RuleFired",
    "heading",
    "parse",
]
