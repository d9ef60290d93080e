"""The rules of deployment: one small function each, which yields what it finds. They change nothing and run nothing."""

from engine.bpmn.rules.deployment import check

__all__ = ["check"]
