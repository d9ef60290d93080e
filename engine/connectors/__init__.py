"""The hands: calls to the world. They know no database, no diagram and no case but what the call says."""

from engine.connectors.base import Call, Connector, Connectors, Outcome, ServiceError, ServiceFailed

__all__ = ["Call", "Connector", "Connectors", "Outcome", "ServiceError", "ServiceFailed"]
