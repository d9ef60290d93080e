"""The interpreter of diagrams. It knows no database, no people and no pages."""

from engine.bpmn.elements import Diagram, ProcessModel
from engine.bpmn.parser import parse

__all__ = ["Diagram", "ProcessModel", "parse"]
