"""The interpreter of diagrams. It knows no database, no people and no pages."""

from engine.bpmn.elements import Diagram, ProcessModel
from engine.bpmn.mentions import Mention, references, texts
from engine.bpmn.parser import parse
from engine.bpmn.rules import check

__all__ = ["Diagram", "Mention", "ProcessModel", "check", "parse", "references", "texts"]
