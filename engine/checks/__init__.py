"""Proves that the database holds together: what the interpreter, the tables and the log say of each case must agree.

It shares nothing with the commands that it checks but the tables and the interpreter's reading of a state, asks in
short snapshots so that work goes on beside it, and never writes.
"""

from engine.checks.acknowledged import Acknowledged
from engine.checks.findings import RULES, Finding
from engine.checks.surveys import Page, survey

__all__ = ["RULES", "Acknowledged", "Finding", "Page", "survey"]
