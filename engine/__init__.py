"""Casewright's engine: processes for service and complaint handling, drawn in BPMN, run with a full history."""

__version__ = "0.1.0"
