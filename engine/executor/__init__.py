"""The clockwork: when and where due jobs run. It knows commands and connectors, but no diagram and no page."""

from engine.executor.embedded import EmbeddedExecutor

__all__ = ["EmbeddedExecutor"]
