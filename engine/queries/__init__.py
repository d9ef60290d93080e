"""Questions: plain functions that read and never write. What they know of the actor's rights comes with the actor."""

from engine.model.identity import CUSTOMER, NOBODY, Actor, Permission, Role

__all__ = ["CUSTOMER", "NOBODY", "Actor", "Permission", "Role"]
