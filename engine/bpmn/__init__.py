"""The interpreter of diagrams. It knows no database, no people and no pages."""

from engine.bpmn.case import Decided, Environment
from engine.bpmn.compiler import CompiledProcess, compile
from engine.bpmn.elements import Diagram, ProcessModel
from engine.bpmn.execution import Awaited, Execution
from engine.bpmn.mentions import Mention, references, texts
from engine.bpmn.migration import Migrated, Plan
from engine.bpmn.moving import Moves, Place
from engine.bpmn.parser import parse
from engine.bpmn.rules import check

__all__ = [
    "Awaited",
    "CompiledProcess",
    "Decided",
    "Diagram",
    "Environment",
    "Execution",
    "Mention",
    "Migrated",
    "Moves",
    "Place",
    "Plan",
    "ProcessModel",
    "check",
    "compile",
    "parse",
    "references",
    "texts",
]
