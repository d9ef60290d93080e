"""The `casewright` command: serves the pages, and does at a terminal what an installation needs."""

from engine.cli.root import main

__all__ = ["main"]
